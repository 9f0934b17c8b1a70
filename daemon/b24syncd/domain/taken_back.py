"""Which corrections an undo took back; the journal keeps no pairs, so they are told by what came and went.

An undo brings back what a correction took away, and takes away what it brought; ids do not count, for what is deleted
comes back under another one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .corrections import (
    AddBinding,
    AddPoint,
    ChangePoint,
    DeletePoint,
    MoveBinding,
    RemoveBinding,
    SetField,
    SetTaskLinks,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

    from .corrections import Correction


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
    """Return the rows with which undos took back rows of `chosen`, and with which later ones took back these.

    `history` is all that was made of one item or activity, oldest first.
    """
    belonging = set(chosen)
    standing: list[tuple[_Effect, int]] = []
    for row in history:
        effects = _effects(row.correction)
        if row.undoes and not belonging.isdisjoint([_last_of(standing, effect) for effect in effects]):
            belonging.add(row.id)
        standing += [(effect, row.id) for effect in effects]
    return frozenset(belonging - chosen)


def _last_of(standing: list[tuple[_Effect, int]], undoing: _Effect) -> int:
    """Take the last effect out that `undoing` takes back; return the row that it was of, 0 where there is none."""
    wanted = undoing.reversed()
    for place in range(len(standing) - 1, -1, -1):
        if standing[place][0] == wanted:
            return standing.pop(place)[1]
    return 0


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
    where = (correction.job, *where)
    return (*(_Effect(where, one, came=False) for one in gone), *(_Effect(where, one, came=True) for one in come))
