"""`b24syncd review accept` and `review edit`: what a person decides is written, many at once if they like."""

from __future__ import annotations

from collections import Counter
from enum import Enum
from typing import TYPE_CHECKING

from b24syncd.domain.bindings import Binding
from b24syncd.domain.decisions import Deciding, Decision, Kept
from b24syncd.domain.moves import SOURCES, Move
from b24syncd.domain.reasons import Reason
from b24syncd.errors import ExitCode, UsageInvalid
from b24syncd.jobs import bindings, payment_dates
from b24syncd.jobs.catalogue import reader_of
from b24syncd.jobs.decisions import WRITTEN, why_left
from b24syncd.reports.manual_changes import DecisionReport
from b24syncd.reports.wording import counted

from .backfill import exit_code
from .findings import ManualOutput, print_manual
from .progress import shown
from .stopping import run_stoppable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from b24syncd.jobs.reading import PointReader
    from b24syncd.settings import Settings
    from b24syncd.store.reviews import StoredReview

_LONGEST_VALUE = 250
"""Characters of a contact point in the portal's table."""

_SHOWN = 5
"""Findings that are told: what is shown before them, and what they came to, is to stay on the terminal."""

_OF_SOURCES = frozenset({Reason.NO_TARGET, Reason.SEVERAL_TARGETS, Reason.TOO_MANY_MATCHES, Reason.MISSING_TARGET})
"""The reasons of reviews that name the item which activities should leave."""


class _Hindrance(Enum):
    """Why a review cannot be accepted, as it is told of one and of several."""

    OF_BINDINGS = (
        "names activities: `b24syncd review edit {} TYPE:ID` moves those of its item",
        "name activities: `b24syncd review edit ID TYPE:ID` moves those of an item",
    )
    NO_SUGGESTION = (
        "suggests nothing: `b24syncd review edit {} VALUE` writes a value",
        "suggest nothing: `b24syncd review edit ID VALUE` writes a value",
    )
    OFF = ("is of a job that is off", "are of a job that is off")
    STALE = (
        "is read otherwise by today's rules: the next backfill looks at it anew",
        "are read otherwise by today's rules: the next backfill looks at them anew",
    )


def suggested(
    settings: Settings, found: Sequence[StoredReview], *, by_number: bool
) -> tuple[list[Decision], list[str]]:
    """Return what accepts these reviews, and lines about those that cannot be accepted.

    Raises `UsageInvalid` for such a one that was named by its number.
    """
    decisions: list[Decision] = []
    others: Counter[_Hindrance] = Counter()
    for review in found:
        start = (review.id, review.ref, review.job, review.point_id, review.value)
        decision = Decision(*start, review.suggestion or "")
        hindrance = _hindrance(settings, review, decision)
        if hindrance is None:
            decisions.append(decision)
        elif by_number:
            message = f"review {review.id} {hindrance.value[0].format(review.id)}"
            raise UsageInvalid(message)
        else:
            others[hindrance] += 1
    told = {hindrance: hindrance.value[number > 1] for hindrance, number in others.items()}
    return decisions, [f"{number} more {told[hindrance].format('ID')}" for hindrance, number in others.most_common()]


def _hindrance(settings: Settings, review: StoredReview, decision: Decision) -> _Hindrance | None:
    if review.job == bindings.NAME:
        return _Hindrance.OF_BINDINGS
    if review.suggestion is None:
        return _Hindrance.NO_SUGGESTION
    if review.job not in WRITTEN or review.job not in settings.enabled:
        return _Hindrance.OFF
    rules = settings.jobs.get(review.job)
    match None if rules is None else why_left(decision, rules):
        case None:
            return None
        case Kept.STALE:
            return _Hindrance.STALE
        case _:
            return _Hindrance.OFF


def given(settings: Settings, review: StoredReview, value: str, *, as_is: bool) -> Decision:
    """Return the decision to write a value that a person gives; raise `UsageInvalid` for one that is not certain."""
    rules = settings.jobs.get(review.job)
    if review.job == payment_dates.NAME:
        message = f"review {review.id} is of a date: enter it in the portal, or accept what is suggested"
        raise UsageInvalid(message)
    reader = reader_of(review.job, rules)
    if reader is None or rules is None or review.ref.type not in rules.entities:
        message = f"review {review.id} is of the job {review.job}, which is off, or not for {review.ref.type.value}s"
        raise UsageInvalid(message)
    _require_certain(review, value.strip(), reader, as_is=as_is)
    start = (review.id, review.ref, review.job, review.point_id, review.value)
    return Decision(*start, value.strip(), is_suggestion=False, to_the_letter=as_is)


def _require_certain(review: StoredReview, value: str, reader: PointReader, *, as_is: bool) -> None:
    reading = reader.read_all(value)
    if reading.values:
        return
    if not value or len(value) > _LONGEST_VALUE:
        message = f"a value has 1 to {_LONGEST_VALUE} characters; what is to go is deleted in the portal"
    elif not as_is:
        perhaps = f", perhaps {reading.suggestion!r}" if reading.suggestion else ""
        message = f"{value!r} is not certain either: {reading.reason}{perhaps}; --as-is writes it to the letter"
    elif value == review.value:
        message = f"it stands there already; `b24syncd review dismiss {review.id}` puts on record that it stays"
    else:
        return
    raise UsageInvalid(message)


def move_of(review: StoredReview, target: str) -> Move:
    """Return the move of all activities of the item that a review is of; raise `UsageInvalid` where it is of none."""
    if review.reason not in _OF_SOURCES or review.ref.type not in SOURCES.values():
        message = f"review {review.id} is of one activity: bind it in the portal, or by `b24syncd rebind --map`"
        raise UsageInvalid(message)
    try:
        return Move(review.id, Binding.of(review.ref), Binding.parse(target))
    except ValueError as error:
        raise UsageInvalid(str(error)) from None


def carry_out(
    settings: Settings, decisions: Sequence[Decision], *, dry_run: bool, csv_file: Path | None, as_json: bool
) -> ExitCode:
    """Write what was decided, or tell what would be written; return how it ended."""
    from b24syncd import app  # noqa: PLC0415  # takes long, and is for deciding only

    report = DecisionReport(_SHOWN, settings.portal.webhook.host)
    accepted: tuple[int, ...] = ()
    if dry_run:
        summary = run_stoppable(app.preview_decisions(settings, decisions, shown, report.add, knows=report.learn))
    else:
        decided = run_stoppable(app.decide(settings, decisions, shown))
        summary, accepted = decided.summary, decided.accepted
        report.add(Deciding(left=decided.left))
    code = exit_code(summary)
    code = ExitCode.SOME_FAILED if code is ExitCode.DONE and report.left else code
    result, ending = report.result(summary, accepted, code), report.ending(summary, accepted)
    print_manual(report, result, ending, ManualOutput(csv_file, shown=_SHOWN, as_json=as_json))
    return code


def question(decisions: Sequence[Decision]) -> str:
    """Return what a person is asked before it is done."""
    return f"Write {counted(len(decisions), 'correction')}"
