"""Items that people pay for, with what this program wrote into their field before: only the journal knows that."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from b24syncd.domain.payments import PaidSnapshot
from b24syncd.portal.writes import Read

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence

    from b24syncd.domain.entities import EntityRef, EntityType
    from b24syncd.domain.states import AnySnapshot
    from b24syncd.portal.commands import Priority
    from b24syncd.portal.paging import Walker
    from b24syncd.portal.payment_reading import PaidRow
    from b24syncd.portal.payments import PaidItems
    from b24syncd.portal.writes import Write, WriteOutcome


class KnowsWritten(Protocol):
    """Tells what this program last wrote into fields."""

    async def written(self, refs: Collection[EntityRef], field: str) -> Mapping[EntityRef, str | None]:
        """Return what was last written into a field of these items, None where it was cleared; others are left out."""


class PaidSubjects:
    """Reads and writes items with payments; what is read tells what was written before."""

    def __init__(self, items: PaidItems, past: KnowsWritten) -> None:
        """Complete what `items` read by what `past` knows."""
        self._items = items
        self._past = past

    def walk(
        self,
        entity_type: EntityType,
        *,
        priority: Priority,
        conditions: Mapping[str, object] | None = None,
        highest_id: int | None = None,
    ) -> Walker[PaidRow]:
        """Walk the items of one type that meet `conditions`; complete its rows."""
        return self._items.walk(entity_type, priority=priority, conditions=conditions, highest_id=highest_id)

    async def complete(self, rows: Sequence[PaidRow], *, priority: Priority) -> Read:
        """Return the snapshots of a walk's rows, and those whose payments the portal does not show."""
        return await self._known(await self._items.complete(rows, priority=priority))

    async def read(self, refs: Iterable[EntityRef], *, priority: Priority) -> Read:
        """See `Subjects`."""
        return await self._known(await self._items.read(refs, priority=priority))

    async def _known(self, read: Read) -> Read:
        found = [snapshot for snapshot in read.found.values() if isinstance(snapshot, PaidSnapshot)]
        return Read({snapshot.ref: snapshot for snapshot in await self._with_past(found)}, read.refused)

    async def renew(self, snapshots: Sequence[AnySnapshot], *, priority: Priority) -> Read:
        """See `Subjects`. What was written before is kept: nobody else writes."""
        return await self._items.renew(snapshots, priority=priority)

    async def room(self, wanted: int, *, priority: Priority) -> int:
        """See `Subjects`."""
        return await self._items.room(wanted, priority=priority)

    async def write(
        self, writes: Sequence[Write], *, priority: Priority, before_send: Callable[[], Awaitable[None]]
    ) -> tuple[WriteOutcome, ...]:
        """See `Subjects`."""
        return await self._items.write(writes, priority=priority, before_send=before_send)

    async def recall(self, snapshots: Sequence[AnySnapshot]) -> tuple[AnySnapshot, ...]:
        """See `Kind`. An intent that was judged since tells what may have been written."""
        return await self._with_past([snapshot for snapshot in snapshots if isinstance(snapshot, PaidSnapshot)])

    async def _with_past(self, snapshots: Sequence[PaidSnapshot]) -> tuple[PaidSnapshot, ...]:
        by_field: defaultdict[str, list[EntityRef]] = defaultdict(list)
        for snapshot in snapshots:
            by_field[snapshot.state.name].append(snapshot.ref)
        written: dict[EntityRef, str] = {}
        for field, refs in by_field.items():
            known = await self._past.written(refs, field)
            written |= {ref: value or "" for ref, value in known.items()}
        return tuple(replace(snapshot, written=written.get(snapshot.ref)) for snapshot in snapshots)
