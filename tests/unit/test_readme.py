"""What the documents tell in tables is what the program does."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from b24syncd.app.doctor.examining import LOOKS
from b24syncd.domain.corrections import AddPoint, ChangePoint
from b24syncd.domain.decisions import Kept
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.reasons import Reason
from b24syncd.domain.rules import EmailRules, PhoneRules
from b24syncd.domain.snapshots import ContactPoint, PointKind, Snapshot
from b24syncd.engine.safety import STOPPED
from b24syncd.errors import ExitCode
from b24syncd.jobs.emails import planner as emails
from b24syncd.jobs.phones import planner as phones
from b24syncd.store.journal import Outcome

if TYPE_CHECKING:
    from b24syncd.domain.plans import Plan

ROOT = Path(__file__).parents[2]
CODE = re.compile(r"`([^`]+)`")


def rows(document: str, header: str) -> list[list[str]]:
    """Return the cells of every table that begins with this header."""
    found: list[list[str]] = []
    is_inside = False
    for line in (ROOT / document).read_text(encoding="utf-8").splitlines():
        if line.startswith(f"| {header} |"):
            is_inside = True
        elif not line.startswith("|"):
            is_inside = False
        elif is_inside and not line.startswith("|---"):
            found.append([cell.strip() for cell in line.strip("|").split("|")])
    assert found
    return found


def planned(value: str, *, region: str = "RU", split: bool = True) -> Plan:
    """Plan a contact whose only entry holds a value."""
    kind = PointKind.EMAIL if "@" in value or "почт" in value else PointKind.PHONE
    point = ContactPoint(1, kind, value, "WORK")
    snapshot = Snapshot(EntityRef(EntityType.CONTACT, 1), datetime(2026, 1, 1, tzinfo=UTC), (point,))
    if kind is PointKind.EMAIL:
        return emails.plan(snapshot, EmailRules(split=split))
    return phones.plan(snapshot, PhoneRules(region=region, split=split))


@pytest.mark.parametrize(
    ("before", "after"), rows("README.md", "before | after") + rows("docs/reading.md", "before | after")
)
def test_what_is_told_of_values_is_planned(before: str, after: str) -> None:
    plan = planned(before.strip("`"))
    told = CODE.findall(after)
    if after.startswith("stays"):
        [review] = plan.reviews
        assert plan.corrections == ()
        assert [review.reason.value, review.suggestion] == told
    else:
        assert [step.after for step in plan.corrections if isinstance(step, ChangePoint | AddPoint)] == told


REVIEWS = rows("docs/reviews.md", "reason | for example | what it says | what to do")


@pytest.mark.parametrize(("reason", "example"), [row[:2] for row in REVIEWS])
def test_an_example_of_a_review_gives_this_review(reason: str, example: str) -> None:
    value, *how = CODE.findall(example)
    region = how[0] if how and "region" in example else "RU"
    plan = planned(value, region=region, split="split = false" not in how)
    assert [f"`{review.reason.value}`" for review in plan.reviews] == [reason]
    assert plan.corrections == ()


def test_every_reason_is_told() -> None:
    told = REVIEWS + rows("docs/reviews.md", "reason | what it says | what to do")
    assert {row[0].strip("`") for row in told} == {reason.value for reason in Reason}


def test_every_cause_for_leaving_a_decision_is_told() -> None:
    told = rows("docs/reviews.md", "why | what it means")
    assert [row[0].strip("`") for row in told] == [why.value for why in Kept]


def test_every_exit_code_is_told() -> None:
    assert [row[0] for row in rows("docs/operations.md", "code | meaning")] == [str(code.value) for code in ExitCode]


def test_every_check_of_an_examination_is_told_in_its_order() -> None:
    told = rows("docs/doctor.md", "check | what is looked at | where it is a failure, the exit code")
    assert [row[0].strip("`") for row in told] == [look.name for look in LOOKS]


def test_every_outcome_is_told() -> None:
    assert {row[0].strip("`") for row in rows("docs/commands.md", "outcome | meaning")} == set(Outcome)


def linked() -> list[tuple[str, str]]:
    """Return every relative link of every document."""
    found = []
    for document in [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        targets = re.findall(r"\]\(([^)\s]+)\)", document.read_text(encoding="utf-8"))
        found += [(str(document.relative_to(ROOT)), target) for target in targets if "://" not in target]
    return found


def anchors(document: Path) -> set[str]:
    """Return what a document's headings can be linked by."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def leads_somewhere(document: str, target: str) -> bool:
    name, _, anchor = target.partition("#")
    path = (ROOT / document).parent / name if name else ROOT / document
    return path.exists() and (not anchor or anchor in anchors(path))


def test_a_link_leads_somewhere() -> None:
    assert len(linked()) > 100
    assert [link for link in linked() if not leads_somewhere(*link)] == []


@pytest.mark.parametrize("document", sorted((ROOT / "docs").rglob("*.md")), ids=lambda path: path.name)
def test_a_module_that_is_named_exists(document: Path) -> None:
    named = re.findall(r"`((?:domain|engine|feeders|jobs|portal|store)/\w+\.py)`", document.read_text(encoding="utf-8"))
    assert [name for name in named if not (ROOT / "daemon" / "b24syncd" / name).exists()] == []


def test_every_event_of_the_logs_is_told() -> None:
    called = re.compile(r'(?:\blog\.(\w+)|digest\.add|\blevel)\(\s*"(\w+)"')
    sources = [path for path in (ROOT / "daemon").rglob("*.py") if "simulator" not in path.parts]
    found = {match.groups() for path in sources for match in called.finditer(path.read_text(encoding="utf-8"))}
    levels = {"exception": "error", None: "warning"}
    events = {(event, levels.get(level, level)) for level, event in found} | {(STOPPED, "error")}
    told = rows("docs/logs.md", "event | level | meaning")
    assert [(row[0].strip("`"), row[1]) for row in told] == sorted(events, key=lambda event: event[0])
