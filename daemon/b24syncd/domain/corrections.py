"""Corrections: single intended changes, each with its before, its after and its inverse.

Those of contact points tell how the text among `before` and `after` was read: the canonical values that it says are
`reads`, empty where that is not known. Undoing goes by them, for rules change.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from .bindings import Binding
from .snapshots import ContactPoint, PointKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from .entities import EntityRef
    from .values import Value


@dataclass(frozen=True, slots=True)
class ChangePoint:
    """Give an existing contact point another value; its value type stays."""

    ref: EntityRef
    job: str
    kind: PointKind
    point_id: int
    value_type: str
    before: str
    after: str
    reads: tuple[str, ...] = field(default=(), compare=False)

    @property
    def text(self) -> str:
        """The one of both values that `reads` is of: what is canonical is one of the values that a text says."""
        return self.before if self.after in self.reads else self.after

    def inverse(self) -> ChangePoint:
        """Return the correction that takes this one back."""
        return replace(self, before=self.after, after=self.before)


@dataclass(frozen=True, slots=True)
class DeletePoint:
    """Delete a contact point whose value is held by another entry of the item."""

    ref: EntityRef
    job: str
    kind: PointKind
    point_id: int
    value_type: str
    before: str
    reads: tuple[str, ...] = field(default=(), compare=False)

    @property
    def text(self) -> str:
        """What `reads` is of."""
        return self.before

    def inverse(self) -> AddPoint:
        """Return the correction that takes this one back (the entry comes back under a new id)."""
        return AddPoint(self.ref, self.job, self.kind, self.value_type, self.before, self.reads)


@dataclass(frozen=True, slots=True)
class AddPoint:
    """Add a contact point; the portal chooses its id."""

    ref: EntityRef
    job: str
    kind: PointKind
    value_type: str
    after: str
    reads: tuple[str, ...] = field(default=(), compare=False)

    @property
    def text(self) -> str:
        """What `reads` is of."""
        return self.after


@dataclass(frozen=True, slots=True)
class MoveBinding:
    """Move an activity (`ref`) from one item to another of the same type, in one step of the portal."""

    ref: EntityRef
    job: str
    source: Binding
    target: Binding

    def inverse(self) -> MoveBinding:
        """Return the correction that takes this one back."""
        return MoveBinding(self.ref, self.job, self.target, self.source)


@dataclass(frozen=True, slots=True)
class AddBinding:
    """Bind an activity (`ref`) to an item as well."""

    ref: EntityRef
    job: str
    target: Binding

    def inverse(self) -> RemoveBinding:
        """Return the correction that takes this one back."""
        return RemoveBinding(self.ref, self.job, self.target)


@dataclass(frozen=True, slots=True)
class RemoveBinding:
    """Take an activity (`ref`) off an item; it stays bound to another, whose binding is proved before.

    `toward` is the item that it is left to, which has to be there; None where it goes for no other's sake.
    """

    ref: EntityRef
    job: str
    source: Binding
    toward: Binding | None = field(default=None, compare=False)

    def inverse(self) -> AddBinding:
        """Return the correction that takes this one back."""
        return AddBinding(self.ref, self.job, self.source)


@dataclass(frozen=True, slots=True)
class SetTaskLinks:
    """Give the task that an activity (`ref`) mirrors another list of CRM items; the mirror's bindings follow it.

    `toward` are linked items that others are left for, which have to be there.
    """

    ref: EntityRef
    job: str
    task_id: int
    before: tuple[str, ...]
    after: tuple[str, ...]
    toward: tuple[Binding, ...] = field(default=(), compare=False)

    def inverse(self) -> SetTaskLinks:
        """Return the correction that takes this one back."""
        return SetTaskLinks(self.ref, self.job, self.task_id, self.after, self.before)


@dataclass(frozen=True, slots=True)
class SetField:
    """Give a field of an item another value; None stands for nothing.

    `restores` tells that the value is a person's, not this program's: one that an earlier write met and overwrote, or
    that a rule only polishes.
    """

    ref: EntityRef
    job: str
    field: str
    before: Value
    after: Value
    restores: bool = False

    def inverse(self) -> SetField:
        """Return the correction that takes this one back."""
        return SetField(self.ref, self.job, self.field, self.after, self.before)


@dataclass(frozen=True, slots=True)
class AddItem:
    """Add an item with these values; until the portal tells it, the id of `ref` is 0.

    `token` is what the item carries, so that reading tells whether it was added. Nothing takes it back: an item that
    people may have worked on since is never deleted.
    """

    ref: EntityRef
    job: str
    token: str
    values: tuple[tuple[str, Value], ...]


PointCorrection = ChangePoint | DeletePoint | AddPoint
BindingCorrection = MoveBinding | AddBinding | RemoveBinding | SetTaskLinks
Correction = PointCorrection | BindingCorrection | SetField | AddItem


def only_points(corrections: Iterable[Correction]) -> tuple[PointCorrection, ...]:
    """Return those corrections that are of contact points."""
    return tuple(correction for correction in corrections if isinstance(correction, PointCorrection))


def only_fields(corrections: Iterable[Correction]) -> tuple[SetField, ...]:
    """Return those corrections that are of fields."""
    return tuple(correction for correction in corrections if isinstance(correction, SetField))


def written_after(written: Mapping[str, Value], corrections: Iterable[Correction]) -> Mapping[str, Value]:
    """Return what this program last wrote into fields, once these corrections are made; a person's value is theirs."""
    return {**written, **{each.field: each.after for each in only_fields(corrections) if not each.restores}}


def replaced_after(replaced: Mapping[str, Value], corrections: Iterable[Correction]) -> Mapping[str, Value]:
    """Return what stood in fields before their last write, once these corrections are made."""
    return {**replaced, **{each.field: each.before for each in only_fields(corrections)}}


def touched(corrections: Iterable[Correction]) -> Iterator[EntityRef]:
    """Yield the items and activities that corrections change; a binding changes both of its ends."""
    for correction in corrections:
        yield correction.ref
        ends: tuple[Binding, ...] = ()
        match correction:
            case MoveBinding():
                ends = (correction.source, correction.target)
            case AddBinding():
                ends = (correction.target,)
            case RemoveBinding():
                ends = (correction.source,)
            case SetTaskLinks():
                codes = {*correction.before} ^ {*correction.after}
                ends = tuple(end for code in codes if (end := Binding.from_short_code(code)) is not None)
        yield from (end.ref for end in ends if end.ref is not None)


def first_step(corrections: tuple[Correction, ...]) -> tuple[Correction, ...]:
    """Return those corrections of one plan that may be written now.

    A binding is removed only in a later batch than the one that binds the activity elsewhere, when that is proved;
    planning what that batch has left asks for the removal again.
    """
    first = tuple(correction for correction in corrections if not isinstance(correction, RemoveBinding))
    return first or corrections


Unit = tuple[str, str]
"""What may be written without the rest of an item's corrections: contact points by their job, a field by its name too.
"""


def unit_of(correction: Correction) -> Unit:
    """Return to which unit of an item's corrections this one belongs."""
    return correction.job, correction.field if isinstance(correction, SetField) else ""


def units_of(corrections: Iterable[Correction]) -> tuple[tuple[Correction, ...], ...]:
    """Return the corrections unit by unit, in their order."""
    units: dict[Unit, list[Correction]] = {}
    for correction in corrections:
        units.setdefault(unit_of(correction), []).append(correction)
    return tuple(map(tuple, units.values()))


PointValues = Counter[tuple[PointKind, str, str]]
"""Contact points as a multiset of (kind, value type, value): what remains comparable when ids are unknown."""


def point_values(points: Iterable[ContactPoint]) -> PointValues:
    """Return the multiset of values that these contact points hold."""
    return Counter((point.kind, point.value_type, point.value) for point in points)


def values_after(points: Iterable[ContactPoint], corrections: Iterable[PointCorrection]) -> PointValues:
    """Return the multiset of values that `points` hold once `corrections` are made.

    A change of an entry that is not there *adds* it, as the portal does
    (docs: tutorials/crm/how-to-edit-crm-objects/how-to-change-email-or-phone.md); a deletion of one has no effect.
    """
    by_id = {point.id: point for point in points}
    added: list[tuple[PointKind, str, str]] = []
    for correction in corrections:
        match correction:
            case ChangePoint():
                by_id[correction.point_id] = ContactPoint(
                    correction.point_id, correction.kind, correction.after, correction.value_type
                )
            case DeletePoint():
                by_id.pop(correction.point_id, None)
            case AddPoint():
                added.append((correction.kind, correction.value_type, correction.after))
    return point_values(by_id.values()) + Counter(added)
