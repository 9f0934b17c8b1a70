"""Reports: their words, and their JSON, which is to the byte what it was when each command made its own."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.unit import reporting
from tests.unit.reporting import CALL, CONTACT, CORRECTIONS, LEAD, LEFT, LEFT_OPEN, NOW, REVIEWS

from b24syncd.cli.findings import ManualOutput, print_manual
from b24syncd.cli.output import json_line
from b24syncd.cli.preview import PlanReport, print_found
from b24syncd.domain.corrections import AddItem, AddPoint, BindingCorrection, ChangePoint, SetField
from b24syncd.domain.decisions import Deciding, Kept
from b24syncd.domain.descriptions import Action, describe
from b24syncd.domain.entities import EntityType
from b24syncd.domain.plans import Plan
from b24syncd.domain.undoing import Undoing, Why
from b24syncd.engine.tally import Tally
from b24syncd.reports.findings import NOT_DECIDED, NOT_TAKEN_BACK, findings_of
from b24syncd.reports.manual_changes import DecisionReport, UndoReport
from b24syncd.reports.naming import Naming
from b24syncd.reports.report import Report, plain
from b24syncd.reports.runs import RunEnd
from b24syncd.reports.summary import Failed, Summary, walk_lines
from b24syncd.reports.wording import ITEMS
from b24syncd.store.database import open_for_writing
from b24syncd.store.runs import RunState

if TYPE_CHECKING:
    from collections.abc import Callable
    from subprocess import CompletedProcess

    Run = Callable[..., CompletedProcess[str]]

RECORDED = Path(__file__).with_name("recorded")
"""What the commands printed before their reports were built once.

Since then the texts of undo were brought to one wording, and a run that a safety limit stopped was told `interrupted`.
`status` tells what a daemon waits for, too, and how it is; limits only when it is asked for them. Previews are told in
groups and by a random sample, files have links, and the JSON of orders became one object.
"""

COUNTED = {"read": 10, "corrected": 4, "corrections": 6, "reviews": 1, "mended": 1}
COUNTED |= {"unverified": 1, "overtaken": 2, "refused": 1, "failed": 1}
DONE = Summary(
    3,
    interrupted=False,
    counts=Tally(COUNTED).as_counts(),
    requests=21,
    refused_types={EntityType.DEAL: "ACCESS_DENIED: no"},
    missing=(LEAD,),
    refused_feeds={"poll/contact": "NOT_FOUND: gone"},
    failed=(Failed(CONTACT, "ERROR_CORE: \x1b no"),),
    open_reviews=5,
    of_no_job=(CALL,),
    resting={"bindings": "no scope"},
)
DRY = Summary(None, interrupted=True, counts=Tally({"read": 10}).as_counts(), requests=1)
STOPPED = Summary(
    4, interrupted=False, counts=Tally(COUNTED).as_counts(), requests=2, stopped="safety.canary = 2: enough"
)
NOTHING = Summary(7, interrupted=False, counts=Tally({}).as_counts(), requests=1)


def recorded(name: str) -> str:
    return (RECORDED / name).read_bytes().decode("utf-8-sig")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "b24syncd.toml"
    text = '[portal]\nregion = "RU"\nwebhook = "https://acme.bitrix24.ru/rest/1/s3cr3tw0rd00/"\n'
    path.write_text(f'{text}[state]\npath = "{tmp_path}/acme.db"\n', encoding="utf-8")
    path.chmod(0o600)

    async def fill() -> None:
        async with open_for_writing(tmp_path / "acme.db") as database:
            await database.write(reporting.fill)

    asyncio.run(fill())
    return path


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (("status", "--json"), "status.json"),
        (("status", "--limits"), "status.txt"),
        (("journal", "--json"), "journal.json"),
        (("journal",), "journal.txt"),
        (("review", "list", "--all", "--json"), "reviews.json"),
        (("review", "list"), "reviews.txt"),
        (("review", "export", "--all"), "reviews.csv"),
    ],
)
def test_reading_commands_print_what_they_printed(
    program: Run, config: Path, command: tuple[str, ...], name: str
) -> None:
    done = program("--config", str(config), *command)
    assert (done.returncode, done.stderr) == (0, "")
    printed = re.sub(r'"seconds": [0-9.]+', '"seconds": 0', done.stdout)  # how long ago, by the clock of this machine
    assert printed.replace(str(config.parent / "acme.db"), "{state}") == recorded(name)


def test_a_preview_prints_and_writes_what_it_did(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "findings.csv"
    with PlanReport(path, sample=5, host="acme.bitrix24.ru") as report:
        report.learn({"deal": {"ufCrmPaid": "Payment date"}})
        for correction in CORRECTIONS:
            report.add(Plan((correction,)))
        for review in (*REVIEWS, *REVIEWS, *REVIEWS):
            report.add(Plan(reviews=(review,)))
    print_found(report.findings.report(DRY), path)
    assert capsys.readouterr().out.replace(str(path), "{file}") == recorded("preview.txt")
    assert path.read_text(encoding="utf-8-sig") == recorded("preview.csv")


def test_an_undo_that_was_interrupted_says_nothing_of_what_it_did_not_look_at() -> None:
    report = UndoReport()
    assert any("still to be taken back" in line for line in report.ending(NOTHING, ()))
    told = list(report.ending(dataclasses.replace(NOTHING, interrupted=True), ()))
    assert not any("still to be taken back" in line for line in told)
    assert told[-1] == "interrupted; the same command goes on from here"


@pytest.mark.parametrize(
    ("name", "summary", "undoing", "holders"),
    [
        ("undo", DONE, Undoing(left=LEFT), (3, 4)),
        ("undo_dry", DRY, Undoing(CORRECTIONS, LEFT), ()),
        ("undo_nothing", NOTHING, Undoing(), ()),
    ],
)
def test_an_undo_tells_what_it_told(  # noqa: PLR0913, PLR0917 # a case and where it goes
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    summary: Summary,
    undoing: Undoing,
    holders: tuple[int, ...],
) -> None:
    report = UndoReport(20, "acme.bitrix24.ru")
    report.add(undoing)
    for suffix in ("json", "txt"):
        file, ending = tmp_path / "left.csv", report.ending(summary, holders)
        output = ManualOutput(file, as_json=suffix == "json")
        print_manual(report, report.result(summary, holders, 6), ending, output)
        assert capsys.readouterr().out == recorded(f"{name}.{suffix}")
        assert file.read_text(encoding="utf-8-sig") == recorded(f"{name}.csv")


@pytest.mark.parametrize(
    ("name", "summary", "deciding", "accepted"),
    [
        ("decided", DONE, Deciding(left=LEFT_OPEN), (1, 2)),
        ("decided_dry", DRY, Deciding(CORRECTIONS, LEFT_OPEN), ()),
        ("decided_stopped", STOPPED, Deciding(), (1,)),
    ],
)
def test_decisions_tell_what_they_told(
    capsys: pytest.CaptureFixture[str], name: str, summary: Summary, deciding: Deciding, accepted: tuple[int, ...]
) -> None:
    report = DecisionReport(5, "acme.bitrix24.ru")
    report.add(deciding)
    for suffix in ("json", "txt"):
        result, ending = report.result(summary, accepted, 6), report.ending(summary, accepted)
        print_manual(report, result, ending, ManualOutput(shown=5, as_json=suffix == "json"))
        assert capsys.readouterr().out == recorded(f"{name}.{suffix}")


def test_walks_tell_how_they_ended() -> None:
    told = "\n".join(line for summary in (DONE, DRY, STOPPED) for line in (*walk_lines(summary, ITEMS), ""))
    assert told.replace("\x1b", "\\x1b") == recorded("backfill.txt")


def test_every_reason_for_leaving_something_has_words() -> None:
    assert set(NOT_TAKEN_BACK) == set(Why)
    assert set(NOT_DECIDED) == set(Kept)


def test_every_state_of_a_run_is_told() -> None:
    assert {state.value for state in RunState} < {end.value for end in RunEnd}


def test_every_action_is_described() -> None:
    added = describe(AddItem(LEAD, "edits", "a1", (("title", "Order"), ("comments", None))))
    assert {describe(correction).action for correction in CORRECTIONS} | {added.action} == set(Action)
    assert added.sentence() == "add an item: title: Order"


def test_reviews_hold_the_texts_that_dismissed_ones_are_known_by() -> None:
    rebindings = [each for each in CORRECTIONS if isinstance(each, BindingCorrection)]
    assert [describe(each).request() for each in rebindings] == [
        "move from lead:7 to deal:8",
        "bind to deal:8",
        "unbind from lead:7",
        "link task 77 with deal:8, own",
    ]
    others = [describe(each).between("⇄") for each in CORRECTIONS if not isinstance(each, BindingCorrection)]
    assert others == [
        "8 (916) 234-56-78 ⇄ +79162345678",
        "=1+1\n\u202eд ⇄ nothing",
        "nothing ⇄ a@b.ru",
        "nothing ⇄ 2026-03-10",
        "2026-01-10 ⇄ 2026-03-10",
        "2026-01-10 ⇄ nothing",
    ]
    back = [describe(each).reversed().between("→") for each in CORRECTIONS if isinstance(each, ChangePoint | AddPoint)]
    assert back == ["+79162345678 → 8 (916) 234-56-78", "a@b.ru → nothing"]


def test_a_field_is_told_by_its_title() -> None:
    corrections = tuple(each for each in CORRECTIONS if isinstance(each, SetField))
    naming = Naming(titles={"deal": {"ufCrmPaid": "Payment date"}})
    told = [naming.named(finding).sentence() for finding in findings_of(Plan(corrections))]
    assert told[0] == "Payment date: empty → 2026-03-10"


@dataclasses.dataclass(frozen=True, slots=True)
class _Nested(Report):
    """A report of everything that JSON is made of."""

    inner: tuple[object, ...]


def test_there_is_one_way_to_json() -> None:
    report = _Nested((CONTACT, Why.GONE, NOW, Path("a/b"), {Why.GONE: [1, None, 2.5]}, Failed(LEAD, None)))
    nested = _Nested((report, True))
    inner = ["contact:42", "gone", "2026-03-01T12:00:00+00:00", "a/b", {"gone": [1, None, 2.5]}]
    expected = {"inner": [{"inner": [*inner, {"ref": "lead:7", "detail": None}]}, True]}
    assert plain(nested) == nested.to_json() == expected
    assert json.loads(json_line(nested.to_json())) == expected
