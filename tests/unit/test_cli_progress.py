"""How far a command is, as it is drawn: nothing is cut at any width, and what matters most is there."""

from __future__ import annotations

import json
import re
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.terminals import Stderr

from b24syncd.cli.progress import described, duration, fields_of, shown, waited_for
from b24syncd.engine.how_far import HowFar
from b24syncd.observe.logs import configure_logs, get_logger

if TYPE_CHECKING:
    from pathlib import Path

CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
UNTIL = datetime(2026, 3, 2, 14, 32, 10, tzinfo=UTC)
WAITING = HowFar(
    "walking",
    0.4387,
    7830.4,
    "operating time of crm.item.update",
    UNTIL,
    3.25,
    12345,
    120,
    88,
    {"read": 12345, "corrected": 4321, "reviews": 210},
)

log = get_logger()


class Standing:
    """What has come so far, and no further."""

    def __init__(self, far: HowFar) -> None:
        self.far = far

    def now(self) -> HowFar:
        return self.far


@given(
    st.builds(
        HowFar,
        phase=st.sampled_from(["walking", "settling", "looking at changes"]),
        share=st.floats(0, 1),
        eta_seconds=st.none() | st.floats(0, 1e8),
        waiting_for=st.none() | st.text(max_size=90),
        waiting_until=st.none() | st.just(UNTIL),
        rate=st.none() | st.floats(0, 1e5),
        settled=st.integers(0, 10**8),
    ),
    st.integers(4, 250),
)
def test_it_fits_any_width(far: HowFar, width: int) -> None:
    told = described(far, width)
    assert len(told) <= width
    assert told.startswith(f"{int(far.percent)}%")


def test_what_is_least_important_is_left_out_first() -> None:
    assert described(WAITING, 79) == "43%, ETA 2:10:30, 12345 items (3/s), 4321 corrected, 210 to review"
    assert described(WAITING, 60) == "43%, ETA 2:10:30, 12345 items (3/s), 4321 corrected"
    assert described(WAITING, 30) == "43%, ETA 2:10:30, 12345 items"
    assert described(WAITING, 10) == "43%"
    assert described(replace(WAITING, settled=1), 25) == "43%, ETA 2:10:30, 1 item"


def test_a_preview_never_says_that_anything_was_corrected() -> None:
    preview = replace(WAITING, is_preview=True)
    assert described(preview, 79) == "43%, ETA 2:10:30, 12345 items (3/s), 4321 to correct, 210 to review"
    assert {name: fields_of(preview).get(name) for name in ("to_correct", "corrected")} == {
        "to_correct": 4321,
        "corrected": None,
    }


def test_what_is_waited_for_is_a_line_of_its_own() -> None:
    line = f"waiting for operating time of crm.item.update until {UNTIL.astimezone():%H:%M:%S}"
    assert waited_for(WAITING, 79) == [line]
    assert " ".join(waited_for(WAITING, 40)) == line
    assert waited_for(replace(WAITING, waiting_for="request limit", waiting_until=None), 79) == []


@pytest.mark.parametrize(
    ("seconds", "told"), [(0, "0:00"), (59.6, "1:00"), (3599, "59:59"), (3600, "1:00:00"), (90061, "1 d 1 h")]
)
def test_a_duration_is_told_as_clocks_show_it(seconds: float, told: str) -> None:
    assert duration(seconds) == told


@pytest.mark.parametrize("columns", [80, 200])
async def test_a_bar_and_log_lines_on_a_terminal_do_not_tear_each_other(
    columns: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    terminal = Stderr(is_terminal=True)
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("TERM", "xterm-256color")
    with (tmp_path / "out").open("w") as output, redirect_stdout(output), redirect_stderr(terminal):
        configure_logs()  # stderr alone decides
        async with shown(Standing(WAITING)):
            log.info("corrected", items=25)  # the bar tells it
            log.warning("refused", items=3, refs=["contact:1", "contact:2", "contact:3"], detail="ACCESS_DENIED")
    lines = [CONTROL.sub("", line) for line in re.split(r"[\r\n]+", terminal.getvalue())]
    (warning,) = [line for line in lines if "refused" in line]
    drawn = {line.strip(" ━╸╺") for line in lines if line not in {warning, ""}}
    room = columns - len("^C") - 1  # a Ctrl-C is shown behind it, and moves it to no other line
    assert drawn <= {"", *(text for text in (described(WAITING, room), *waited_for(WAITING, room)))}
    assert len(drawn - {""}) == 2
    assert max(len(line) for line in lines if line != warning) <= room
    assert any("━" in line for line in lines)
    assert re.fullmatch(
        r"\d\d:\d\d:\d\d \[warning\] refused +detail=ACCESS_DENIED items=3 refs='contact:1, contact:2, contact:3' *",
        warning,
    )


async def test_elsewhere_the_same_is_a_line_of_json() -> None:
    stderr = Stderr(is_terminal=False)
    with redirect_stderr(stderr):
        configure_logs()
        async with shown(Standing(WAITING)):
            pass
    (line,) = stderr.getvalue().splitlines()
    told = json.loads(line)
    assert told.pop("at").endswith("Z")
    assert told == {"event": "progress", "level": "info", **fields_of(WAITING)}
    assert (told["percent"], told["eta_seconds"], told["rate"]) == (43.8, 7830, 3.2)
    assert datetime.fromisoformat(told["waiting_until"]) - UNTIL == timedelta()
