"""Logs: their forms, their levels, and what is never in them."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import os
import re
import warnings
from typing import TYPE_CHECKING, Any

import pytest
import structlog

from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.observe.digest import Digest
from b24syncd.observe.events import folded
from b24syncd.observe.journal import with_priority
from b24syncd.observe.logs import Format, Level, configure_logs, get_logger, redacted, some_of
from b24syncd.observe.redaction import PERSONAL_FIELDS, Redaction, brief

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SECRET = "s3cr3tw0rd00"
PHONE = "+74951234567"

log = get_logger()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def logged(
    action: Callable[[], object], form: Format = "json", level: Level = "info", stream: io.StringIO | None = None
) -> str:
    stream = io.StringIO() if stream is None else stream
    configure_logs(form, level, secrets=[SECRET], stream=stream)
    action()
    return stream.getvalue()


def event(action: Callable[[], object], level: Level = "info") -> dict[str, Any]:
    (line,) = logged(action, level=level).splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


def failing(text: str) -> None:
    try:
        dict[str, str]()[text]
    except KeyError as error:
        message = f"cannot go on with {text}"
        raise ValueError(message) from error


def failure(text: str) -> Callable[[], None]:
    def action() -> None:
        try:
            failing(text)
        except ValueError:
            log.exception("failed", ref="contact:42")

    return action


def test_an_event_is_a_line_of_json_with_level_and_time() -> None:
    found = event(lambda: log.info("corrected", ref=EntityRef(EntityType.CONTACT, 42), job="phones", count=3))
    at = found.pop("at")
    assert at.endswith("Z")
    assert found == {"event": "corrected", "level": "info", "ref": "contact:42", "job": "phones", "count": 3}


def test_on_a_terminal_an_event_is_words_and_elsewhere_it_is_json() -> None:
    assert "ref" in logged(lambda: log.info("corrected", ref=1), form="auto", stream=Terminal())
    assert json.loads(logged(lambda: log.info("corrected", ref=1), form="auto"))["ref"] == 1
    assert json.loads(logged(lambda: log.info("corrected"), form="json", stream=Terminal()))
    assert "corrected" in logged(lambda: log.info("corrected", ref=1), form="console")
    assert "ref=1" in logged(lambda: log.info("corrected", ref=1), form="console")


def test_a_line_on_a_terminal_has_one_time_and_in_the_journal_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def talk() -> None:
        log.warning("refused", **some_of(["contact:1", "contact:2", "contact:3", "contact:4"]))

    told = r"\[warning\] refused items=4 refs='contact:1, contact:2, contact:3'\n"
    monkeypatch.setenv("NO_COLOR", "1")
    assert re.fullmatch(r"\d\d:\d\d:\d\d " + told, logged(talk, form="auto", stream=Terminal()))
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d " + told, logged(talk, form="console"))
    with (tmp_path / "journal").open("w+", encoding="utf-8") as journal:
        about = os.fstat(journal.fileno())
        monkeypatch.setenv("JOURNAL_STREAM", f"{about.st_dev}:{about.st_ino}")
        configure_logs("console", stream=journal)
        talk()
        journal.seek(0)
        assert re.fullmatch(f"<4>{told}", journal.read())


def test_the_journal_has_a_priority_at_the_beginning_of_each_line() -> None:
    levels = (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL)
    assert [with_priority("told", level) for level in levels] == [f"<{number}>told" for number in (7, 6, 4, 3, 2)]
    assert with_priority("failed\nTraceback", logging.ERROR) == "<3>failed\n<3>Traceback"


def test_no_word_of_a_line_is_broken_on_a_terminal_and_colours_take_no_room() -> None:
    words = [f"name{number}=\x1b[35m{number}\x1b[0m" for number in range(30)]
    parts = list(folded(" ".join(words), 60))
    bare = [re.sub(r"\x1b\[\d+m", "", part) for part in parts]
    assert " ".join(part.strip() for part in parts).split(" ") == words
    assert all(50 < len(part) <= 60 for part in bare[:-1])
    assert [part[:2] == "  " for part in bare] == [False, *[True] * (len(bare) - 1)]
    assert list(folded("x" * 90, 60)) == ["x" * 90]


def test_who_asks_for_more_on_the_command_line_hears_of_ours_and_of_nobodys_data() -> None:
    stream = io.StringIO()
    configure_logs("json", "debug", stream=stream, personal=False)
    get_logger().debug("outside")  # of this module, which is not ours
    logging.getLogger("b24syncd.engine").debug("ours")
    logging.getLogger("aiohttp.client").debug("theirs")
    log.warning("reviewed", value=PHONE)
    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == ["ours", "reviewed"]
    assert PHONE not in stream.getvalue()


def test_many_of_one_kind_are_one_line_with_a_count() -> None:
    now = 0.0

    def talk() -> None:
        nonlocal now
        digest = Digest(lambda: now)
        for number in range(40):
            digest.add("refused", f"contact:{number}", "ACCESS_DENIED")
        digest.add("refused", "lead:1", "gone")
        digest.tell()
        digest.tell()
        digest.add("refused", "lead:2", "gone")
        now = 61.0
        digest.add("refused", "lead:3", "gone")  # the first one waits for long

    told = [json.loads(line) for line in logged(talk).splitlines()]
    assert [(one["detail"], one["items"], one["refs"]) for one in told] == [
        ("ACCESS_DENIED", 40, ["contact:0", "contact:1", "contact:2"]),
        ("gone", 1, ["lead:1"]),
        ("gone", 2, ["lead:2", "lead:3"]),
    ]


def test_nothing_below_the_level_is_logged() -> None:
    def talk() -> None:
        log.debug("a")
        log.info("b")
        log.warning("c")
        logging.getLogger("x").info("d")
        logging.getLogger("x").error("e")

    assert [json.loads(line)["event"] for line in logged(talk, level="warning").splitlines()] == ["c", "e"]


def test_the_library_s_logs_and_warnings_take_the_same_way() -> None:
    found = event(lambda: logging.getLogger("aiohttp.client").warning("slow %s", "answer"))
    assert (found["event"], found["logger"], found["level"]) == ("slow answer", "aiohttp.client", "warning")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        assert "odd" in event(lambda: warnings.warn("odd", stacklevel=1), level="debug")["event"]


def test_chatty_libraries_are_heard_at_debug_level_only() -> None:
    assert logged(lambda: logging.getLogger("aiohttp.access").info("GET /")) == ""
    assert "GET /" in logged(lambda: logging.getLogger("aiohttp.access").info("GET /"), level="debug")


def test_configured_twice_an_event_is_still_one_line() -> None:
    configure_logs("json", "info", stream=io.StringIO())
    assert len(logged(lambda: log.info("once")).splitlines()) == 1


@pytest.mark.parametrize("form", ["json", "console"])
@pytest.mark.parametrize("level", ["info", "debug"])
@pytest.mark.parametrize(
    "action",
    [
        lambda: log.error(SECRET),
        lambda: log.error("x", url=f"https://h/rest/1/{SECRET}/profile"),
        lambda: log.error("x", deep={"a": [{"b": (f"<{SECRET}>", {SECRET})}], SECRET: SECRET.encode()}),
        lambda: log.error("x", error=ValueError(SECRET)),
        lambda: logging.getLogger("aiohttp").error("no answer from %s", SECRET),
        lambda: log.error("x", url="https://h/rest/1/another0secret/profile"),
        failure(SECRET),
    ],
)
def test_no_secret_is_ever_logged(action: Callable[[], object], form: Format, level: Level) -> None:
    said = logged(action, form=form, level=level)
    assert said
    assert SECRET not in said
    assert "another0secret" not in said


def test_above_debug_level_no_event_carries_what_people_wrote() -> None:
    personal = dict.fromkeys(PERSONAL_FIELDS, PHONE)
    assert PHONE not in logged(lambda: log.warning("reviewed", ref="contact:42", **personal))
    assert event(lambda: log.warning("reviewed", **personal), level="debug").items() >= personal.items()


def test_above_debug_level_an_exception_is_told_by_class_and_place() -> None:
    found = event(failure(PHONE))
    assert "ValueError in unit/test_observe_logs.py" in found["exception"]
    assert "from KeyError in unit/test_observe_logs.py" in found["exception"]
    assert PHONE not in json.dumps(found)


def test_at_debug_level_an_exception_is_told_in_full() -> None:
    told = event(failure(PHONE), level="debug")["exception"]
    assert "Traceback" in told
    assert PHONE in told


def test_an_exception_may_be_given_as_a_value_or_not_at_all() -> None:
    assert event(lambda: log.error("x", exc_info=ValueError(PHONE)))["exception"] == "ValueError"
    assert "exception" not in event(lambda: log.error("x", exc_info=None))


async def test_what_a_lost_task_says_does_not_quote_people() -> None:
    stream = io.StringIO()
    configure_logs("json", "info", stream=stream)

    async def lost() -> None:
        raise ValueError(PHONE)

    task = asyncio.create_task(lost())
    await asyncio.wait([task])
    del task
    assert "Task exception was never retrieved" in stream.getvalue()
    assert PHONE not in stream.getvalue()


def test_a_log_that_cannot_be_written_is_lost_quietly(capsys: pytest.CaptureFixture[str]) -> None:
    class Full(io.StringIO):
        def write(self, _text: str, /) -> int:
            message = "no space left"
            raise OSError(message)

    logged(lambda: log.error("x", note=SECRET), stream=Full())
    assert capsys.readouterr().err == ""


def test_bound_context_is_part_of_an_event() -> None:
    def talk() -> None:
        with structlog.contextvars.bound_contextvars(run=7):
            log.info("begun")

    assert event(talk)["run"] == 7


def test_a_line_for_people_can_be_redacted_by_the_same_secrets() -> None:
    configure_logs("json", secrets=[SECRET], stream=io.StringIO())
    assert redacted(f"no answer from {SECRET}") == "no answer from ***"


def test_an_empty_secret_hides_nothing() -> None:
    assert Redaction([""]).text("plain") == "plain"


def test_of_two_secrets_the_longer_goes_first() -> None:
    assert Redaction(["abc", "abcdef"]).text("abcdef abc") == "*** ***"


def test_causes_in_a_circle_are_told_once() -> None:
    first, second = ValueError("a"), KeyError("b")
    first.__cause__, second.__cause__ = second, first
    assert brief(first) == "ValueError, from KeyError"


def test_a_cause_that_was_suppressed_is_not_told() -> None:
    error = ValueError("a")
    error.__context__, error.__suppress_context__ = KeyError("b"), True
    assert brief(error) == "ValueError"
