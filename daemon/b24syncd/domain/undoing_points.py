"""Undoing corrections of contact points.

The journal does not know the ids of entries that were added: they are found by their value. An added entry goes again
only where nothing is lost by it: its value stands in another entry. A deleted duplicate returns as a new entry, unless
what it repeated is gone meanwhile: then somebody wanted it gone. So it is with a text that said several values.

What a text says is what was read in it when it was corrected; of other values, what is read by the rules of today.
Whatever the journal tells, no value may vanish that the item says: what would let one vanish is left as it is.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .corrections import AddPoint, ChangePoint, DeletePoint, only_points
from .settling import points_after
from .snapshots import TYPE_OF_NONE
from .undoing import NotUndone, Undoing, Why

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from collections.abc import Set as AbstractSet

    from .corrections import Correction, PointCorrection
    from .entities import EntityRef
    from .snapshots import ContactPoint, PointKind

    Says = Callable[[PointKind, str], AbstractSet[str]]
    """Tells which canonical values a raw one says; none where it cannot be read."""


def undo_points(points: Sequence[ContactPoint] | None, made: Iterable[Correction], says: Says) -> Undoing:
    """Return what brings the entries back as they were before `made`, which are in their order.

    Where `points` were not read, nothing is, for the configuration does not tell of them any more.
    """
    corrections = only_points(made)
    if points is None:
        return Undoing(left=tuple(NotUndone(correction, Why.NOT_CONFIGURED) for correction in corrections))
    history = _History(corrections)
    undoing = _PointsUndoing(points, _as_read(corrections, says), history.originals)
    undoing.left += [NotUndone(effect.as_one(), Why.CHANGED) for effect in history.broken]
    effects = [effect for effect in history.effects if effect.origin != effect.now]
    for effect in effects:
        if effect.origin is not None and effect.now is not None:
            undoing.change_back(effect)
    for effect in sorted(effects, key=lambda effect: effect.point_id or 0):
        if effect.origin is not None and effect.now is None:
            undoing.bring_back(effect)
    for effect in effects:
        if effect.origin is None and effect.now is not None:
            undoing.take_away(effect)
    undoing.keep_all_values()
    return Undoing(tuple(undoing.corrections), tuple(undoing.left))


def _as_read(corrections: Iterable[PointCorrection], says: Says) -> Says:
    """Return what tells how texts were read when they were corrected, and else asks `says`.

    What was canonical by rules of then, and was itself corrected by those of later, stands for what became of it.
    """
    known: defaultdict[tuple[PointKind, str], set[str]] = defaultdict(set)
    for correction in corrections:
        known[correction.kind, correction.text].update(correction.reads)
    canonical = {(correction.kind, value) for correction in corrections for value in correction.reads}

    def read(kind: PointKind, value: str, *, above: AbstractSet[str] = frozenset()) -> AbstractSet[str]:
        said = set(known.get((kind, value)) or ({value} if (kind, value) in canonical else says(kind, value)))
        later = {one for one in said - above - {value} if known.get((kind, one))}
        return (said - later).union(*(read(kind, one, above=above | {value}) for one in later))

    return read


@dataclass(slots=True)
class _Effect:
    """What corrections did to one entry, all in all: `origin` is None for an added one, `now` for a deleted one."""

    ref: EntityRef
    job: str
    kind: PointKind
    value_type: str
    point_id: int | None
    origin: str | None
    now: str | None

    def as_one(self) -> PointCorrection:
        """Return the chain as one correction."""
        match self.origin, self.now, self.point_id:
            case str(origin), str(now), int(point_id):
                return ChangePoint(self.ref, self.job, self.kind, point_id, self.value_type, origin, now)
            case str(origin), None, int(point_id):
                return DeletePoint(self.ref, self.job, self.kind, point_id, self.value_type, origin)
            case _:
                return AddPoint(self.ref, self.job, self.kind, self.value_type, self.now or "")


class _History:
    """The effects of corrections that are in their order.

    `broken` are chains in the middle of which a person gave the entry another value: what they made of it is theirs.
    `originals` are the ids of entries that were there before the first of the corrections.
    """

    def __init__(self, corrections: Iterable[PointCorrection]) -> None:
        self.effects: list[_Effect] = []
        self.broken: list[_Effect] = []
        self.originals: set[int] = set()
        for correction in corrections:
            match correction:
                case ChangePoint(point_id=point_id, before=before, after=after):
                    self._went_on(correction, point_id, before, after)
                case DeletePoint(point_id=point_id, before=before):
                    self._went_on(correction, point_id, before, None)
                case AddPoint():
                    self._added(correction)

    def _went_on(self, correction: PointCorrection, point_id: int, before: str, now: str | None) -> None:
        known = self._met(correction.kind, point_id, before)
        if known is None:
            for effect in [each for each in self.effects if each.point_id == point_id and each.now is not None]:
                self.effects.remove(effect)
                self.broken.append(effect)
            self.effects.append(_effect(correction, point_id, before, now))
            self.originals.add(point_id)
        elif known.origin is None and now is None:
            self.effects.remove(known)
        else:
            known.point_id, known.now = point_id, now

    def _added(self, addition: AddPoint) -> None:
        returned = next((old for old in self.effects if (old.kind, old.origin, old.now) == _gone(addition)), None)
        if returned is None:
            self.effects.append(_effect(addition, None, None, addition.after))
        else:
            self.effects.remove(returned)

    def _met(self, kind: PointKind, point_id: int, value: str) -> _Effect | None:
        """Return what was last done to the entry that now is met with `value`; an added one has no id until then."""
        live = [effect for effect in reversed(self.effects) if (effect.kind, effect.now) == (kind, value)]
        same = (effect for effect in live if effect.point_id == point_id)
        return next(same, next((effect for effect in live if effect.point_id is None), None))


def _effect(correction: PointCorrection, point_id: int | None, origin: str | None, now: str | None) -> _Effect:
    return _Effect(correction.ref, correction.job, correction.kind, correction.value_type, point_id, origin, now)


def _gone(addition: AddPoint) -> tuple[PointKind, str, None]:
    return addition.kind, addition.after, None


@dataclass(slots=True)
class _PointsUndoing:
    """Collects corrections; no entry is corrected by two of them."""

    points: Sequence[ContactPoint]
    says: Says
    originals: AbstractSet[int]
    corrections: list[PointCorrection] = field(default_factory=list)
    left: list[NotUndone] = field(default_factory=list)
    _taken: set[int] = field(default_factory=set)

    @property
    def then(self) -> tuple[ContactPoint, ...]:
        """The entries as they will be."""
        return points_after(self.points, self.corrections)

    def change_back(self, effect: _Effect) -> None:
        """Give a changed entry its former value, unless that says besides what somebody wanted gone."""
        assert effect.point_id is not None  # noqa: S101 # entries that were not added have ids
        assert effect.origin is not None  # noqa: S101 # see above
        assert effect.now is not None  # noqa: S101 # it was not deleted
        point = next((point for point in self.points if point.id == effect.point_id), None)
        self._taken.add(effect.point_id)
        if point is None or (point.value == effect.now and self._wanted_gone(effect.kind, effect.origin, effect.now)):
            self.left.append(NotUndone(effect.as_one(), Why.GONE))
        elif point.value == effect.now:
            start = (effect.ref, effect.job, effect.kind, point.id, point.value_type)
            reads = self._reads(effect.kind, effect.origin, effect.now)
            self.corrections.append(ChangePoint(*start, effect.now, effect.origin, reads))
        elif point.value != effect.origin:
            self.left.append(NotUndone(effect.as_one(), Why.CHANGED))

    def bring_back(self, effect: _Effect) -> None:
        """Add a deleted entry again; one that is back has a higher id than it had."""
        assert effect.origin is not None  # noqa: S101 # it was deleted
        back = next(
            (
                point.id
                for point in self.points
                if (point.kind, point.value) == (effect.kind, effect.origin)
                and point.id > (effect.point_id or 0)
                and point.id not in self._taken
            ),
            None,
        )
        if back is not None:
            self._taken.add(back)
            return
        wanted = self.says(effect.kind, effect.origin)
        if not wanted <= self._said(effect.kind, (*self.points, *self.then)):
            self.left.append(NotUndone(effect.as_one(), Why.GONE))
            return
        start = (effect.ref, effect.job, effect.kind, effect.value_type or TYPE_OF_NONE)
        self.corrections.append(AddPoint(*start, effect.origin, tuple(sorted(wanted))))

    def take_away(self, effect: _Effect) -> None:
        """Delete an added entry again: the newest that shows its value."""
        found = [
            point
            for point in self.points
            if (point.kind, point.value) == (effect.kind, effect.now)
            and point.id not in self._taken
            and (point.id not in self.originals if effect.point_id is None else point.id == effect.point_id)
        ]
        if not found:
            return
        point = max(found, key=lambda point: (point.value_type == effect.value_type, point.id))
        if point.value_type != effect.value_type:
            self.left.append(NotUndone(effect.as_one(), Why.CHANGED))
            return
        others = [other for other in self.then if other.id != point.id and other.kind is point.kind]
        says = self.says(point.kind, point.value)
        if point.value not in {other.value for other in others} and not (
            says and says <= self._said(point.kind, others)
        ):
            self.left.append(NotUndone(effect.as_one(), Why.ONLY_THERE))
            return
        self._taken.add(point.id)
        start = (effect.ref, effect.job, point.kind, point.id, point.value_type)
        self.corrections.append(DeletePoint(*start, point.value, tuple(sorted(says))))

    def keep_all_values(self) -> None:
        """Leave out what would take a value away that the item says."""
        while lost := self._values(self.points) - self._values(self.then):
            spoils = [
                correction
                for correction in self.corrections
                if not isinstance(correction, AddPoint)
                and not lost.isdisjoint(self._values_of(correction.kind, correction.before))
            ]
            if not spoils:
                return
            self.corrections.remove(spoils[-1])
            self.left.append(NotUndone(spoils[-1].inverse(), Why.ONLY_THERE))

    def _wanted_gone(self, kind: PointKind, text: str, now: str) -> bool:
        """Tell whether somebody took away what a text said besides what was made of it, wherever that stood."""
        said = self.says(kind, text)
        return now in said and not said - {now} <= self._said(kind, self.points)

    def _reads(self, kind: PointKind, origin: str, now: str) -> tuple[str, ...]:
        """Return what the one of both values says of which the other is a canonical form; nothing where none is."""
        both = ((origin, now), (now, origin))
        return next((tuple(sorted(said)) for text, one in both if one in (said := self.says(kind, text))), ())

    def _said(self, kind: PointKind, points: Iterable[ContactPoint]) -> AbstractSet[str]:
        return {said for point in points if point.kind is kind for said in self.says(kind, point.value)}

    def _values(self, points: Iterable[ContactPoint]) -> AbstractSet[tuple[PointKind, str]]:
        return {value for point in points for value in self._values_of(point.kind, point.value)}

    def _values_of(self, kind: PointKind, text: str) -> AbstractSet[tuple[PointKind, str]]:
        return {(kind, value) for value in self.says(kind, text)}
