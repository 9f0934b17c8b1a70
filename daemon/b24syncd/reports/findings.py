"""Findings: what a preview would do, what changes do that a person asked for, and what they leave, a line each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from b24syncd.domain.corrections import AddPoint, ChangePoint, DeletePoint
from b24syncd.domain.decisions import Kept
from b24syncd.domain.descriptions import Action, Description, describe
from b24syncd.domain.snapshots import PointKind
from b24syncd.domain.undoing import Why

from .report import Report

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from b24syncd.domain.corrections import Correction
    from b24syncd.domain.decisions import LeftOpen
    from b24syncd.domain.entities import EntityRef
    from b24syncd.domain.plans import Plan, Review
    from b24syncd.domain.undoing import NotUndone

REVIEW = "review"
"""The action of what a person is asked about."""
LEAVE = "leave"
"""The action of what stays as it is."""

_DUPLICATE = "duplicate"
_IN_FILES = {"action": "kind"}

NOT_TAKEN_BACK: Mapping[str, str] = {
    Why.CHANGED: "changed since",
    Why.GONE: "gone",
    Why.ONLY_THERE: "stands nowhere else",
    Why.ADDED_ITEM: "an item that was added is not deleted",
    Why.NOT_CONFIGURED: "its field is not configured",
    Why.REFUSED: "refused by the portal",
    Why.EXCLUDED: "excluded",
}
NOT_DECIDED: Mapping[str, str] = {
    Kept.CHANGED: "changed since",
    Kept.GONE: "gone",
    Kept.STALE: "read otherwise by today's rules",
    Kept.EXCLUDED: "excluded",
    Kept.NOT_CONFIGURED: "the job is off",
    Kept.REFUSED: "refused by the portal",
    Kept.NOT_WRITTEN: "not written",
}


@dataclass(frozen=True, slots=True)
class Finding(Report):
    """What is done to an entry, a binding, the links of a task or a field; `point` is the slot of a `Description`.

    `field_title` is what people call a field, and `url` the address of the item's card, once a `Naming` told them.
    """

    item: EntityRef
    job: str
    action: str
    point: int | str | None
    before: str | None
    after: str | None
    field_title: str = ""
    url: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON and files have it: as texts, which are empty where there is nothing."""
        return {name: "" if value is None else str(value) for name, value in Report.to_json(self).items()}

    @classmethod
    def csv_columns(cls) -> tuple[str, ...]:
        """Return the columns of files: there, a field stands by its title where an entry has its id."""
        return tuple(_IN_FILES.get(name, name) for name in cls._told_in_files())

    def csv_row(self) -> tuple[str, ...]:
        """Return it as files have it."""
        told = {**self.to_json(), **({"point": self.field_title} if self.field_title else {})}
        return tuple(told[name] for name in self._told_in_files())

    @classmethod
    def _told_in_files(cls) -> tuple[str, ...]:
        names = [name for name in cls.columns() if name not in {"item", "title", "field_title", "url"}]
        return ("item", *(["title"] if "title" in cls.columns() else []), *names, "url")

    @property
    def description(self) -> Description:
        """What is done, in words."""
        return Description(Action(self.action), self.point, self.before, self.after)

    def sentence(self) -> str:
        """Return it in words."""
        return self.description.sentence(self._title)

    @property
    def told_field(self) -> str:
        """The title of the field that is set, its name where no title is known; empty for anything else."""
        return self._title(str(self.point)) if self.action == Action.SET_FIELD else ""

    @property
    def why_not(self) -> str:
        """Why it is not done: the reason of a review, or of what is left; empty for what is done."""
        return ""

    def _title(self, name: str) -> str:
        return self.field_title or name


@dataclass(frozen=True, slots=True)
class PlanFinding(Finding):
    """What a plan would do, or asks about: for which `reason`, with which suggestion.

    `title` is what people call the item, as far as that was read.
    """

    reason: str = ""
    suggestion: str | None = None
    title: str = ""

    @property
    def why_not(self) -> str:
        """The reason of a review."""
        return self.reason if self.action == REVIEW else ""

    def sentence(self) -> str:
        """Return it in words."""
        if self.action == REVIEW:
            perhaps = f", perhaps {self.suggestion!r}" if self.suggestion else ""
            return f"review {self.before!r}: {self.reason}{perhaps}"
        return Finding.sentence(self) + (", a duplicate" if self.reason == _DUPLICATE else "")


@dataclass(frozen=True, slots=True)
class ManualFinding(Finding):
    """What is done because a person asked for it, or left, and then `why`."""

    why: Why | Kept | None = None

    @property
    def why_not(self) -> str:
        """Why it is left."""
        return self.why or ""

    def sentence(self) -> str:
        """Return it in words."""
        if self.why is None:
            return Finding.sentence(self)
        whys = NOT_TAKEN_BACK if isinstance(self.why, Why) else NOT_DECIDED
        values = " → ".join(repr(value) for value in (self.before, self.after) if value)
        return f"leave {values}: {whys[self.why]}"


def findings_of(plan: Plan) -> Iterator[PlanFinding]:
    """Yield what a plan would do to an item, and what it asks about."""
    for correction in plan.corrections:
        start = _start(correction)
        reason = _DUPLICATE if isinstance(correction, DeletePoint) else ""
        yield PlanFinding(*start, reason=reason, title=plan.title)
    for review in plan.reviews:
        yield _of_review(review, plan.title)


def numbers_read(correction: Correction) -> tuple[str, ...]:
    """Return the phone numbers that were read for a correction."""
    match correction:
        case ChangePoint(kind=PointKind.PHONE, after=number) | AddPoint(kind=PointKind.PHONE, after=number):
            return (number,)
        case DeletePoint(kind=PointKind.PHONE, reads=numbers):
            return numbers
        case _:
            return ()


def done(correction: Correction) -> ManualFinding:
    """Return what a change does that a person asked for."""
    return ManualFinding(*_start(correction))


def left(one: NotUndone) -> ManualFinding:
    """Return what an undo leaves."""
    item, job, _, point, before, after = _start(one.correction)
    return ManualFinding(item, job, LEAVE, point, before, after, why=one.why)


def left_open(one: LeftOpen) -> ManualFinding:
    """Return which decision is left."""
    decision = one.decision
    point = decision.point_id or None
    return ManualFinding(decision.ref, decision.job, LEAVE, point, decision.value, decision.becomes, why=one.why)


def _start(correction: Correction) -> tuple[EntityRef, str, str, int | str | None, str | None, str | None]:
    told = describe(correction)
    return correction.ref, correction.job, told.action, told.slot, told.before, told.after


def _of_review(review: Review, title: str) -> PlanFinding:
    start = (review.ref, review.job, REVIEW, review.point_id, review.value, None)
    return PlanFinding(*start, reason=review.reason, suggestion=review.suggestion, title=title)
