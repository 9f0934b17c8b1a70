"""What a person asks for item by item: what taking back and writing their decisions have in common."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from b24syncd.portal.commands import Priority

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Sequence

    from b24syncd.domain.entities import EntityRef
    from b24syncd.portal.writes import Read

    from .planning import Planner
    from .subjects import Kind, Subjects

MOST_PASSES = 6
"""The first one writes, the next ones look whether anything is left to be written."""

_PAGE = 50


def settling_only(kinds: Iterable[Kind], planner: Planner) -> Iterator[Kind]:
    """Yield kinds as orders of a person need them: without feeds, planned by `planner`, the queue left to the jobs."""
    for kind in kinds:
        yield replace(kind, planner=planner, feeds=(), pages_under_way=1, only_settles=True)


def of_kind(refs: Iterable[EntityRef], kind: Kind) -> tuple[EntityRef, ...]:
    """Return the items, or the activities, of one kind, in the order of ids."""
    return tuple(sorted((ref for ref in refs if ref.type in kind.types), key=_by_type_and_id))


def of_no_kind(refs: Iterable[EntityRef], kinds: Iterable[Kind]) -> tuple[EntityRef, ...]:
    """Return those of none of these kinds, because the configuration does not tell of them any more."""
    known = {entity_type for kind in kinds for entity_type in kind.types}
    return tuple(ref for ref in refs if ref.type not in known)


async def read_some(subjects: Subjects, refs: Sequence[EntityRef]) -> AsyncIterator[tuple[Sequence[EntityRef], Read]]:
    """Read items or activities, some at a time: which were asked for, and what was read of them."""
    for first in range(0, len(refs), _PAGE):
        some = refs[first : first + _PAGE]
        yield some, await subjects.read(some, priority=Priority.BACKFILL)


def _by_type_and_id(ref: EntityRef) -> tuple[str, int]:
    return ref.type.value, ref.id
