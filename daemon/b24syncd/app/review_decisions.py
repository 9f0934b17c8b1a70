"""What a person may decide of reviews, as far as the rules and the state alone tell it."""

from __future__ import annotations

from collections import Counter
from enum import Enum
from typing import TYPE_CHECKING

from b24syncd.domain.bindings import Binding
from b24syncd.domain.decisions import Decision, Kept
from b24syncd.domain.moves import SOURCES, Move
from b24syncd.domain.reasons import Reason
from b24syncd.errors import UsageInvalid
from b24syncd.jobs import payment_dates
from b24syncd.jobs.bindings import planner as bindings
from b24syncd.jobs.catalogue import reader_of
from b24syncd.jobs.decisions import WRITTEN, why_left
from b24syncd.reports.typed_values import TypedValue

if TYPE_CHECKING:
    from collections.abc import Sequence

    from b24syncd.jobs.reading import PointReader
    from b24syncd.settings import Settings
    from b24syncd.store.stored_reviews import StoredReview

_LONGEST_VALUE = 250
"""Characters of a contact point in the portal's table."""

_OF_SOURCES = frozenset({Reason.NO_TARGET, Reason.SEVERAL_TARGETS, Reason.TOO_MANY_MATCHES, Reason.MISSING_TARGET})
"""The reasons of reviews that name the item which activities should leave."""


class Hindrance(Enum):
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
    others: Counter[Hindrance] = Counter()
    for review in found:
        start = (review.id, review.ref, review.job, review.point_id, review.value)
        decision = Decision(*start, review.suggestion or "")
        hindrance = hindrance_of(settings, review, decision)
        if hindrance is None:
            decisions.append(decision)
        elif by_number:
            message = f"review {review.id} {hindrance.value[0].format(review.id)}"
            raise UsageInvalid(message)
        else:
            others[hindrance] += 1
    more = " more" if decisions else ""
    told = {hindrance: hindrance.value[number > 1] for hindrance, number in others.items()}
    return decisions, [f"{number}{more} {told[hindrance].format('ID')}" for hindrance, number in others.most_common()]


def hindrance_of(settings: Settings, review: StoredReview, decision: Decision) -> Hindrance | None:
    """Return why the suggestion of a review cannot be written; None where it can."""
    if review.job == bindings.NAME:
        return Hindrance.OF_BINDINGS
    if review.suggestion is None:
        return Hindrance.NO_SUGGESTION
    if review.job not in WRITTEN or review.job not in settings.enabled:
        return Hindrance.OFF
    rules = settings.jobs.get(review.job)
    match None if rules is None else why_left(decision, rules):
        case None:
            return None
        case Kept.STALE:
            return Hindrance.STALE
        case _:
            return Hindrance.OFF


def given(settings: Settings, review: StoredReview, value: str, *, as_is: bool) -> Decision:
    """Return the decision to write a value that a person gives; raise `UsageInvalid` for one that is not certain."""
    reader = _reader(settings, review)
    _require_certain(review, value.strip(), reader, as_is=as_is)
    start = (review.id, review.ref, review.job, review.point_id, review.value)
    return Decision(*start, value.strip(), is_suggestion=False, to_the_letter=as_is)


def _reader(settings: Settings, review: StoredReview) -> PointReader:
    """Return how the values of a review are read; raise `UsageInvalid` where none can be typed."""
    rules = settings.jobs.get(review.job)
    if review.job == payment_dates.NAME:
        message = f"review {review.id} is of a date: enter it in the portal, or accept what is suggested"
        raise UsageInvalid(message)
    reader = reader_of(review.job, rules)
    if reader is None or rules is None or review.ref.type not in rules.entities:
        message = f"review {review.id} is of the job {review.job}, which is off, or not for {review.ref.type.value}s"
        raise UsageInvalid(message)
    return reader


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


def takes_values(settings: Settings, review: StoredReview) -> bool:
    """Tell whether a person may type a value for a review at all."""
    if review.job == bindings.NAME:
        return review.reason in _OF_SOURCES and review.ref.type in SOURCES.values()
    rules = settings.jobs.get(review.job)
    return rules is not None and reader_of(review.job, rules) is not None and review.ref.type in rules.entities


def typed(settings: Settings, review: StoredReview, text: str) -> TypedValue:
    """Return what would be saved of a value that a person types for a review, and why not, as its planner reads it."""
    value = text.strip()
    if review.job == bindings.NAME:
        try:
            return TypedValue((str(move_of(review, value).target),))
        except UsageInvalid as error:
            return TypedValue(problem=str(error))
    try:
        reader = _reader(settings, review)
    except UsageInvalid as error:
        return TypedValue(problem=str(error))
    reading = reader.read_all(value)
    if reading.values:
        return TypedValue(reading.values)
    reason = None if reading.reason is None else reading.reason.value
    try:
        _require_certain(review, value, reader, as_is=True)
    except UsageInvalid as error:
        return TypedValue((), reason, reading.suggestion, problem=str(error))
    return TypedValue((), reason, reading.suggestion, may_be_as_is=True)
