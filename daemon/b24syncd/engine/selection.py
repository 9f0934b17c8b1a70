"""What a person asks for item by item: what taking back and writing their decisions have in common."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from b24syncd.portal.wire.commands import Priority
from b24syncd.store.history import open_items

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence

    from b24syncd.domain.entities import EntityRef
    from b24syncd.domain.states import AnySnapshot
    from b24syncd.portal.writes import Read

    from .backfill import Backfill
    from .planning import Planner
    from .subjects import Kind, Subjects

T = TypeVar("T")

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


@asynccontextmanager
async def claiming(walk: Backfill, refs: Iterable[EntityRef]) -> AsyncIterator[None]:
    """Have these items for a walk that claims what it works with, whatever else goes on; judge first what is open."""
    claim = walk.run.claim
    assert claim is not None  # noqa: S101 # its command says so
    async with claim.of(refs):
        for lane in walk.lanes:
            await lane.recovery.take_over()
        await walk.settle()
        yield
        claim.note_open(await walk.run.database.read(open_items))


async def read_some(
    subjects: Subjects, refs: Sequence[EntityRef], *, priority: Priority = Priority.BACKFILL
) -> AsyncIterator[tuple[Sequence[EntityRef], Read]]:
    """Read items or activities, some at a time: which were asked for, and what was read of them."""
    for first in range(0, len(refs), _PAGE):
        some = refs[first : first + _PAGE]
        yield some, await subjects.read(some, priority=priority)


async def read_each(
    subjects: Subjects,
    refs: Sequence[EntityRef],
    of_read: Callable[[AnySnapshot], T],
    of_unread: Callable[[EntityRef, bool], T],
    *,
    priority: Priority = Priority.BACKFILL,
) -> AsyncIterator[tuple[tuple[AnySnapshot, ...], dict[EntityRef, T]]]:
    """Read items or activities, some at a time, with what is to be done with each.

    For those that are gone, or refused, `of_unread` tells it by whether they are refused.
    """
    async for some, read in read_some(subjects, refs, priority=priority):
        found = tuple(read.found.values())
        told = {snapshot.ref: of_read(snapshot) for snapshot in found}
        told |= {ref: of_unread(ref, ref in read.refused) for ref in some if ref not in told}
        yield found, told


def _by_type_and_id(ref: EntityRef) -> tuple[str, int]:
    return ref.type.value, ref.id
