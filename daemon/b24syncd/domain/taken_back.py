"""Which corrections an undo took back, and which a later one replaced; told by what came and went.

The journal keeps no pairs.

An undo brings back what a correction took away, and takes away what it brought; ids do not count, for what is deleted
comes back under another one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from .corrections import (
    AddBinding,
    AddPoint,
    ChangePoint,
    DeletePoint,
    MoveBinding,
    PointCorrection,
    RemoveBinding,
    SetField,
    SetTaskLinks,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet

    from .corrections import Correction

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Row:
    """One correction of the journal that was made; `undoes` tells that it was an undo that made it."""

    id: int
    correction: Correction
    undoes: bool


@dataclass(frozen=True, slots=True)
class _Effect:
    """A value, a binding or a link that `came`, or went; `where` keeps apart what cannot stand for one another."""

    where: tuple[str, ...]
    what: object
    came: bool

    def reversed(self) -> _Effect:
        return _Effect(self.where, self.what, came=not self.came)


def undos_of(chosen: AbstractSet[int], history: Iterable[Row]) -> frozenset[int]:
    """Return the rows with which undos took back rows of `chosen` alone, and with which later ones took back these.

    `history` is all that was made of one item or activity, oldest first.
    """
    belonging = set(chosen)
    for row_id, owners in _taken_back(history):
        if owners <= belonging:
            belonging.add(row_id)
    return frozenset(belonging - chosen)


def undone_with_others(chosen: AbstractSet[int], history: Iterable[Row]) -> frozenset[int]:
    """Return the rows of `chosen` that an undo took back together with what is not among them, for good.

    Neither they nor that undo can be taken back by themselves: what stood between them is no more.
    """
    belonging = set(chosen)
    together: dict[int, frozenset[int]] = {}
    for row_id, owners in _taken_back(history):
        for owner in owners:
            together.pop(owner, None)
        if owners <= belonging:
            belonging.add(row_id)
        elif row_id not in belonging:
            together[row_id] = owners & chosen
    return frozenset().union(*together.values())


def _taken_back(history: Iterable[Row]) -> Iterator[tuple[int, frozenset[int]]]:
    """Yield the rows of undos, each with the rows that it took back; none of which that cannot be told."""
    standing: list[tuple[_Effect, int]] = []
    for row in history:
        effects = _effects(row.correction)
        if row.undoes and (owners := frozenset(_last_of(standing, effect) for effect in effects) - {0}):
            yield row.id, owners
        standing += [(effect, row.id) for effect in effects]


def replaced(chosen: AbstractSet[int], history: Iterable[Row]) -> frozenset[int]:
    """Return the rows of `chosen` of which a later one, not among them, took away what they had brought, for good.

    What shows it again since is somebody else's. Of contact points that cannot be told: their entries look alike.
    """
    brought: list[tuple[_Effect, int]] = []
    taken: list[tuple[_Effect, tuple[int, int]]] = []
    for row in history:
        for effect in () if isinstance(row.correction, PointCorrection) else _effects(row.correction):
            if effect.came:
                back = _pop(taken, effect.reversed()) if row.undoes else None
                brought.append((effect, row.id if back is None else back[0]))
            elif (owner := _pop(brought, effect.reversed())) is not None:
                taken.append((effect, (owner, row.id)))
    return frozenset(owner for _, (owner, taker) in taken if owner in chosen and taker not in chosen)


def _last_of(standing: list[tuple[_Effect, int]], undoing: _Effect) -> int:
    """Take the last effect out that `undoing` takes back; return the row that it was of, 0 where there is none."""
    return _pop(standing, undoing.reversed()) or 0


def _pop(standing: list[tuple[_Effect, T]], wanted: _Effect) -> T | None:
    """Take the last entry with this effect out, and return what stands beside it."""
    for place in range(len(standing) - 1, -1, -1):
        if standing[place][0] == wanted:
            return standing.pop(place)[1]
    return None


def _effects(correction: Correction) -> tuple[_Effect, ...]:
    gone: list[object] = []
    come: list[object] = []
    where: tuple[str, ...] = ()
    match correction:
        case ChangePoint(kind=kind, before=before, after=after):
            where, gone, come = (kind.value,), [before], [after]
        case DeletePoint(kind=kind, before=before):
            where, gone = (kind.value,), [before]
        case AddPoint(kind=kind, after=after):
            where, come = (kind.value,), [after]
        case MoveBinding(source=source, target=target):
            gone, come = [source], [target]
        case AddBinding(target=target):
            come = [target]
        case RemoveBinding(source=source):
            gone = [source]
        case SetTaskLinks(before=links_before, after=links_after):
            where = ("task",)
            gone, come = [*{*links_before} - {*links_after}], [*{*links_after} - {*links_before}]
        case SetField(field=field, before=value_before, after=value_after):
            where, gone, come = ("field", field), [value_before], [value_after]
    if not isinstance(correction, SetField):  # of a field it is one value, whoever writes it
        where = (correction.job, *where)
    return (*(_Effect(where, one, came=False) for one in gone), *(_Effect(where, one, came=True) for one in come))
