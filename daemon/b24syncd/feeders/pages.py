"""Pages: what feeders hand to the pipeline."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol, TypeVar

from b24syncd.portal.writes import NOTHING_READ, Read

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from b24syncd.domain.entities import EntityRef, EntityType
    from b24syncd.domain.states import AnySnapshot
    from b24syncd.errors import Rejected
    from b24syncd.portal.wire.commands import Priority

Position = dict[str, object]
"""How far a feeder has read: a JSON object that only its feeder understands."""


@dataclass(frozen=True, slots=True)
class CursorMove:
    """Where a cursor stands once everything up to and including the page is settled."""

    name: str
    position: Position


@dataclass(frozen=True, slots=True)
class Span:
    """A range of ids of one entity type, which of them were there, and when it was asked for.

    What is remembered of the others has had its time: everything, or with a `job` and a `point_id` only the reviews
    that these two name.
    """

    entity_type: EntityType
    ids: range
    present: tuple[int, ...]
    asked_at: datetime
    job: str | None = None
    point_id: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Snapshots that are planned, applied and settled as one unit, and the move of their cursor, if they have one.

    `covers` names further items whose reviews these snapshots tell completely, together with those of the pages before
    that say that it `goes_on`; `refused` are met, but not read. One that `looks_again` brings what was met before.
    `ids` tells for how many of a walk's ids it stands: several pages may share those of one step.
    """

    snapshots: tuple[AnySnapshot, ...]
    move: CursorMove | None = None
    span: Span | None = None
    covers: tuple[EntityRef, ...] = ()
    refused: Mapping[EntityRef, Rejected] = field(default_factory=dict)
    goes_on: bool = False
    looks_again: bool = False
    ids: float = 0.0


T = TypeVar("T")

PageRead = Callable[[], Awaitable["Read"]]
"""Reads a page of a stretch when it is its turn: snapshots that are read ahead grow old."""


async def one_by_one() -> int:
    """Return that each reading is a page of its own."""
    return 1


@dataclass(frozen=True, slots=True)
class Stretch:
    """What one step of a walk in the order of ids brings, page by page; `last_id` is where the next one goes on.

    `present` are the ids that were met, of the type that is walked; `asked_at` is set where they were read ahead.
    `together` is asked whenever a page is to be read: it may wait until that can be worked on, and tells how many
    readings it is.
    """

    reads: tuple[PageRead, ...]
    last_id: int
    is_last: bool
    present: tuple[int, ...]
    covers: tuple[EntityRef, ...] = ()
    together: Callable[[], Awaitable[int]] = one_by_one
    asked_at: datetime | None = None

    async def pages(self, move: CursorMove | None, span: Span | None = None, *, after: int = 0) -> AsyncIterator[Page]:
        """Yield the pages; the last one moves the cursor, and tells what the whole stretch tells.

        The ids behind `after` are shared by them.
        """
        ids = max(0, self.last_id - after) / max(1, len(self.reads))
        unread, left = False, list(self.reads)
        while True:
            number = min(len(left), await self.together()) if left else 0
            read = await _read_all(left[:number])
            del left[:number]
            unread = unread or bool(read.refused)
            if not left:
                break
            yield Page(tuple(read.found.values()), refused=read.refused, goes_on=True, ids=number * ids)
        # what could not be read might ask for reviews of the items
        covers = () if unread else self.covers
        yield Page(tuple(read.found.values()), move, span, covers, read.refused, ids=number * ids)


async def _read_all(reads: Iterable[PageRead]) -> Read:
    """Read one after the other, as one."""
    whole = NOTHING_READ
    for read_page in reads:
        read = await read_page()
        whole = Read({**whole.found, **read.found}, {**whole.refused, **read.refused})
    return whole


def batched(rows: Sequence[T], number: int) -> Iterator[Sequence[T]]:
    """Yield so many rows at a time."""
    return (rows[first : first + number] for first in range(0, len(rows), number))


class Walk(Protocol):
    """A walk in the order of ids."""

    async def after(self, last_id: int) -> Stretch:
        """Read what follows an id; raise `Rejected` when the portal refuses."""


class Feed(Protocol):
    """A source of pages: everything once by id (`scan`), or what changed since an instant (`changed`).

    Its `name` is unique, and part of the names of its cursors. `entity_type` is the type whose ids it walks; one
    that `scans` nothing only follows changes.
    """

    @property
    def name(self) -> str:
        """The name that tells this feed from others."""

    @property
    def entity_type(self) -> EntityType:
        """The type whose ids are walked."""

    @property
    def scans(self) -> bool:
        """Whether it takes part in a backfill."""

    @property
    def needs_sweep(self) -> bool:
        """Whether changes alone cannot tell what is to be looked at."""

    @property
    def reviews_of(self) -> tuple[str, int] | None:
        """The job and the point id of the item's reviews that this feed alone tells; None where a planner tells all."""

    def scan(
        self, position: Position | None, *, highest_id: int | None = None, priority: Priority = ...
    ) -> AsyncIterator[Page]:
        """Yield everything after a backfill's position."""

    def changed(self, since: float, *, priority: Priority, up_to_id: int | None = None) -> AsyncIterator[Page]:
        """Yield what changed since an instant of the portal's clock (unix seconds), perhaps only ids up to one."""


async def again(pages: AsyncIterator[Page]) -> AsyncIterator[Page]:
    """Yield pages of what was walked before."""
    async for page in pages:
        yield replace(page, looks_again=True)
