"""Undoing corrections of contact points.

The journal does not know the ids of entries that were added: they are found by their value. An added entry goes again
only where nothing is lost by it: the text that it was split off is back, or its value stands in another entry. A
deleted duplicate returns as a new entry, unless what it repeated is gone meanwhile: then somebody wanted it gone. So
it is with a text that said several values.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from .corrections import AddPoint, ChangePoint, DeletePoint
from .undoing import Left, Undoing, Why

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from collections.abc import Set as AbstractSet

    from .corrections import Correction, PointCorrection
    from .entities import EntityRef
    from .snapshots import ContactPoint, PointKind
    from .undoing import Made

    Says = Callable[[PointKind, str], AbstractSet[str]]
    """Tells which canonical values a raw one says; none where it cannot be read."""


def undo_points(points: Sequence[ContactPoint], made: Iterable[Made], says: Says) -> Undoing:
    """Return what brings the entries back as they were before `made`, which are in their order."""
    undoing = _PointsUndoing(points, says)
    effects = _effects(made)
    for effect in effects:
        if effect.origin is not None and effect.now is not None:
            undoing.change_back(effect, effects)
    for effect in sorted(effects, key=lambda effect: effect.point_id or 0):
        if effect.origin is not None and effect.now is None:
            undoing.bring_back(effect)
    for effect in effects:
        if effect.origin is None and effect.now is not None:
            undoing.take_away(effect, effects)
    return Undoing(tuple(undoing.corrections), tuple(undoing.left))


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
    batches: set[str]
    is_back: bool = False

    def as_one(self) -> PointCorrection:
        """Return the chain as one correction."""
        match self.origin, self.now, self.point_id:
            case str(origin), str(now), int(point_id):
                return ChangePoint(self.ref, self.job, self.kind, point_id, self.value_type, origin, now)
            case str(origin), None, int(point_id):
                return DeletePoint(self.ref, self.job, self.kind, point_id, self.value_type, origin)
            case _:
                return AddPoint(self.ref, self.job, self.kind, self.value_type, self.now or "")


def _effects(made: Iterable[Made]) -> list[_Effect]:
    effects: list[_Effect] = []
    for each in made:
        match each.correction:
            case ChangePoint(point_id=point_id, before=before, after=after) as change:
                known = _live(effects, change.kind, point_id, before)
                if known is None:
                    effects.append(_effect(change, each.batch, point_id, before, after))
                else:
                    known.point_id, known.now = point_id, after
                    known.batches.add(each.batch)
            case DeletePoint(point_id=point_id, before=before) as deletion:
                known = _live(effects, deletion.kind, point_id, before)
                if known is None:
                    effects.append(_effect(deletion, each.batch, point_id, before, None))
                elif known.origin is None:
                    effects.remove(known)
                else:
                    known.now = None
                    known.batches.add(each.batch)
            case AddPoint(after=after) as addition:
                returned = next(
                    (old for old in effects if (old.kind, old.origin, old.now) == (addition.kind, after, None)), None
                )
                if returned is None:
                    effects.append(_effect(addition, each.batch, None, None, after))
                else:
                    effects.remove(returned)
            case _:
                continue
    return [effect for effect in effects if effect.origin != effect.now]


def _effect(
    correction: PointCorrection, batch: str, point_id: int | None, origin: str | None, now: str | None
) -> _Effect:
    start = (correction.ref, correction.job, correction.kind, correction.value_type)
    return _Effect(*start, point_id, origin, now, {batch})


def _live(effects: Iterable[_Effect], kind: PointKind, point_id: int, value: str) -> _Effect | None:
    """Return what was done to the entry that now is met with `value`; an added one has no id until it is met."""
    live = [effect for effect in effects if (effect.kind, effect.now) == (kind, value)]
    same = (effect for effect in live if effect.point_id == point_id)
    return next(same, next((effect for effect in live if effect.point_id is None), None))


@dataclass(slots=True)
class _PointsUndoing:
    """Collects corrections; `then` are the entries as they will be."""

    points: Sequence[ContactPoint]
    says: Says
    corrections: list[Correction] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    then: dict[int, ContactPoint] = field(init=False)
    _taken: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.then = {point.id: point for point in self.points}

    def change_back(self, effect: _Effect, effects: Iterable[_Effect]) -> None:
        """Give a changed entry its former value, unless that says besides what somebody wanted gone."""
        assert effect.point_id is not None  # noqa: S101 # entries that were not added have ids
        assert effect.origin is not None  # noqa: S101 # see above
        assert effect.now is not None  # noqa: S101 # it was not deleted
        point = self.then.get(effect.point_id)
        self._taken.add(effect.point_id)
        wanted_gone = self._parted_from(effect, effects) - self._said(effect.kind, self.points)
        if point is None or (point.value == effect.now and wanted_gone):
            self.left.append(Left(effect.as_one(), Why.GONE))
        elif point.value == effect.now:
            self.then[point.id] = replace(point, value=effect.origin)
            start = (effect.ref, effect.job, effect.kind, point.id, point.value_type)
            self.corrections.append(ChangePoint(*start, effect.now, effect.origin))
            effect.is_back = True
        elif point.value == effect.origin:
            effect.is_back = True
        else:
            self.left.append(Left(effect.as_one(), Why.CHANGED))

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
            effect.is_back = True
            return
        wanted = self.says(effect.kind, effect.origin)
        if not wanted <= self._said(effect.kind, (*self.points, *self.then.values())):
            self.left.append(Left(effect.as_one(), Why.GONE))
            return
        effect.is_back = True
        self.corrections.append(AddPoint(effect.ref, effect.job, effect.kind, effect.value_type, effect.origin))

    def take_away(self, effect: _Effect, effects: Iterable[_Effect]) -> None:
        """Delete an added entry again: the newest that shows its value."""
        found = [
            point
            for point in self.points
            if (point.kind, point.value) == (effect.kind, effect.now)
            and point.id not in self._taken
            and effect.point_id in {None, point.id}
        ]
        if not found:
            return
        point = max(found, key=lambda point: (point.value_type == effect.value_type, point.id))
        others = [other for other in self.then.values() if other.id != point.id and other.kind is point.kind]
        together = [
            other
            for other in effects
            if other.origin is not None and other.kind is effect.kind and other.batches & effect.batches
        ]
        says = self.says(point.kind, point.value)
        stands_elsewhere = point.value in {other.value for other in others} or (
            says and says <= self._said(point.kind, others)
        )
        if not stands_elsewhere and not (together and all(other.is_back for other in together)):
            self.left.append(Left(effect.as_one(), Why.ONLY_THERE))
            return
        self._taken.add(point.id)
        del self.then[point.id]
        start = (effect.ref, effect.job, point.kind, point.id, point.value_type)
        self.corrections.append(DeletePoint(*start, point.value))

    def _parted_from(self, effect: _Effect, effects: Iterable[_Effect]) -> AbstractSet[str]:
        """Return what a text said besides what was made of it: it was split off, or stood in another entry already.

        Where the text is read otherwise today, only what was added together with the change is known.
        """
        said = self.says(effect.kind, effect.origin or "")
        if effect.now in said:
            return said - {effect.now}
        added = (other for other in effects if other.origin is None and other.batches & effect.batches)
        return {other.now for other in added if other.now is not None} & said

    def _said(self, kind: PointKind, points: Iterable[ContactPoint]) -> AbstractSet[str]:
        return {said for point in points if point.kind is kind for said in self.says(kind, point.value)}
