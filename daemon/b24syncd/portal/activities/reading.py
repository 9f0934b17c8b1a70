"""Reading activities: by id, by what they are bound to, by what changed; always with their bindings and sources."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from b24syncd.domain.activities import ActivitySnapshot, Bound
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.past import NO_PAST
from b24syncd.portal.before import NothingBefore
from b24syncd.portal.item_rows import UNREADABLE, unreadable
from b24syncd.portal.paging import PAGE_SIZE, Listing, Walker
from b24syncd.portal.wire.commands import Answered, Command, Refused
from b24syncd.portal.wire.faults import is_gone
from b24syncd.portal.wire.replies import UnexpectedReply
from b24syncd.portal.writes import Read

from .replies import ACTIVITY_FIELDS, ActivityRow, parse_activities, parse_bindings
from .tasks import Tasks, links_of_tasks
from .writing import read_bindings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from b24syncd.clock import Clock
    from b24syncd.domain.activities import Source
    from b24syncd.domain.bindings import Binding
    from b24syncd.domain.states import AnySnapshot
    from b24syncd.errors import Rejected
    from b24syncd.portal.before import KnowsBefore
    from b24syncd.portal.client import PortalClient
    from b24syncd.portal.wire.commands import Priority

ACTIVITIES = Listing("crm.activity.list", {"select": list(ACTIVITY_FIELDS)}, "ID", "", parse_activities)
"""All activities, by id."""

_ITEMS_A_COMMAND = 5
"""Few, for the pages of different commands are read together and those of one command one after another."""

_LONGEST_STRETCH = 10
"""Pages in a stretch of activities: the bindings of each are read by a command of their own, and must not grow old."""


_NONE_KNOWN: Mapping[Binding, Source] = MappingProxyType({})


class KnowsSources(Protocol):
    """Tells which items' activities any rule is for, and where they may go."""

    async def of(self, bindings: Collection[Binding], *, priority: Priority) -> Mapping[Binding, Source]:
        """Return those of the bindings that are sources, with the offers of all rules that they meet."""


class ActivityReader:
    """Reads activities."""

    def __init__(
        self, client: PortalClient, clock: Clock, sources: KnowsSources, before: KnowsBefore | None = None
    ) -> None:
        """Speak through `client`; `clock` stamps the snapshots, `sources` and what was done `before` complete them."""
        self._client = client
        self._clock = clock
        self._sources = sources
        self._before = NothingBefore() if before is None else before
        self._tasks = Tasks(client)

    @property
    def lack(self) -> str | None:
        """What was taken from the webhook, so that tasks are not read any more."""
        return self._tasks.lack

    def changed(
        self, since: str, *, priority: Priority, up_to_id: int | None = None, highest_id: int | None = None
    ) -> Walker[ActivityRow]:
        """Walk the activities that changed since an instant, written as the portal's filters understand it."""
        conditions: dict[str, object] = {">=LAST_UPDATED": since}
        if up_to_id is not None:
            conditions["<=ID"] = up_to_id
        return Walker(
            self._client,
            ACTIVITIES,
            priority=priority,
            conditions=conditions,
            highest_id=highest_id,
            longest=_LONGEST_STRETCH,
        )

    async def rows_bound_to(self, sources: Mapping[Binding, Source], *, priority: Priority) -> tuple[ActivityRow, ...]:
        """List all activities of these items; their bindings are still to be read.

        Those of the same few items are neighbours: what these are sent to is then proved once for many of them.
        """
        wanted = sorted(sources)
        chunks = [wanted[first : first + _ITEMS_A_COMMAND] for first in range(0, len(wanted), _ITEMS_A_COMMAND)]
        reached = dict.fromkeys(range(len(chunks)), 0)
        found: list[dict[EntityRef, ActivityRow]] = [{} for _ in chunks]
        while reached:
            commands = [_bound_page(chunks[index], last_id) for index, last_id in reached.items()]
            outcomes = await self._client.read(commands, priority=priority)
            for (index, last_id), outcome in zip(tuple(reached.items()), outcomes, strict=True):
                if isinstance(outcome, Refused):
                    raise outcome.rejected
                if not isinstance(outcome, Answered) or not isinstance(outcome.result, list):
                    message = "the answer to crm.activity.list is no list"
                    raise UnexpectedReply(message)
                page = parse_activities(outcome.result)
                _check_order(page, last_id)
                found[index] |= {row.ref: row for row in page}
                if len(outcome.result) < PAGE_SIZE:
                    del reached[index]
                else:
                    reached[index] = page[-1].ref.id
        return tuple({ref: row for of_chunk in found for ref, row in of_chunk.items()}.values())

    async def complete(
        self, rows: Sequence[ActivityRow], known: Mapping[Binding, Source] = _NONE_KNOWN, *, priority: Priority
    ) -> Read:
        """Read what rows do not tell: bindings, sources but those that are `known`, links of tasks.

        What is gone is left out.
        """
        return await self._complete(rows, known, priority)

    async def bound_to(self, sources: Mapping[Binding, Source], *, priority: Priority) -> Read:
        """Read all activities of these items at once."""
        return await self.complete(await self.rows_bound_to(sources, priority=priority), sources, priority=priority)

    async def read(self, refs: Iterable[EntityRef], *, priority: Priority) -> Read:
        """Read activities by id; the portal leaves out those that are gone or that this user may not read."""
        ids = sorted({ref.id for ref in refs})
        chunks = [ids[first : first + PAGE_SIZE] for first in range(0, len(ids), PAGE_SIZE)]
        commands = [ACTIVITIES.page({"@ID": chunk}, 0) for chunk in chunks]
        rows: list[ActivityRow] = []
        refused: dict[EntityRef, Rejected] = {}
        for outcome, chunk in zip(await self._client.read(commands, priority=priority), chunks, strict=True):
            if isinstance(outcome, Answered):
                rows.extend(parse_activities(outcome.result))
            elif isinstance(outcome, Refused):
                refused |= {EntityRef(EntityType.ACTIVITY, one): outcome.rejected for one in chunk}
        read = await self._complete(rows, {}, priority)
        return Read(read.found, {**refused, **read.refused})

    async def renew(self, snapshots: Sequence[AnySnapshot], *, priority: Priority) -> Read:
        """Read the bindings and the links of tasks again, with what was done since; everything else is kept.

        What is gone is left out.
        """
        recalled = await self.recall(snapshots)  # before the bindings, as ever
        known = {snapshot.ref: snapshot for snapshot in recalled}
        tasks = {ref: snapshot.activity.task_id for ref, snapshot in known.items()}
        states, refused, read_at = await self._states(tasks, priority)
        return Read({ref: replace(known[ref], state=state, read_at=read_at) for ref, state in states.items()}, refused)

    def forgo(self, fields: Collection[tuple[EntityType, str]], points: Collection[EntityType]) -> None:
        """Leave nothing out: activities have neither."""

    async def recall(self, snapshots: Sequence[AnySnapshot]) -> tuple[ActivitySnapshot, ...]:
        """Return snapshots with their pasts as they are now: an intent that was judged since was no person's."""
        pasts = await self._before.pasts([snapshot.ref for snapshot in snapshots])
        return tuple(
            replace(snapshot, past=pasts.get(snapshot.ref, NO_PAST))
            for snapshot in snapshots
            if isinstance(snapshot, ActivitySnapshot)
        )

    async def _complete(self, rows: Sequence[ActivityRow], known: Mapping[Binding, Source], priority: Priority) -> Read:
        pasts = await self._before.pasts(
            [row.ref for row in rows]
        )  # before the bindings: what is done meanwhile was not met
        states, refused, read_at = await self._states({row.ref: row.activity.task_id for row in rows}, priority)
        others = {binding for state in states.values() for binding in state.bindings} - known.keys()
        sources = {**(await self._sources.of(others, priority=priority) if others else {}), **known}
        found = [
            ActivitySnapshot(
                ref=row.ref,
                updated_at=row.updated_at,
                activity=row.activity,
                state=states[row.ref],
                sources=tuple(sources[binding] for binding in states[row.ref].bindings if binding in sources),
                past=pasts.get(row.ref, NO_PAST),
                read_at=read_at,
            )
            for row in rows
            if row.ref in states
        ]
        return Read({snapshot.ref: snapshot for snapshot in sorted(found, key=_first_source)}, refused)

    async def _states(
        self, tasks: Mapping[EntityRef, int | None], priority: Priority
    ) -> tuple[dict[EntityRef, Bound], dict[EntityRef, Rejected], float]:
        """Read what activities hang on, given with the tasks that they mirror; tell also when that was asked for."""
        asked = await self._tasks.commands([task_id for task_id in tasks.values() if task_id], priority=priority)
        read_at = self._clock.monotonic()
        outcomes = await self._client.read([*asked, *map(read_bindings, tasks)], priority=priority)
        self._tasks.note(outcomes[: len(asked)])
        links, unread = links_of_tasks(asked, outcomes[: len(asked)])
        states: dict[EntityRef, Bound] = {}
        refused: dict[EntityRef, Rejected] = {}
        for (ref, task_id), outcome in zip(tasks.items(), outcomes[len(asked) :], strict=True):
            if task_id is not None and task_id in unread:
                refused[ref] = unread[task_id]
            elif isinstance(outcome, Answered):
                try:
                    states[ref] = Bound(parse_bindings(outcome.result), links.get(task_id) if task_id else None)
                except UnexpectedReply as error:  # which holds up no other
                    refused[ref] = unreadable(error)
            elif isinstance(outcome, Refused) and not is_gone(outcome.code):
                refused[ref] = outcome.rejected
        if len(refused) > 1 and not states and all(one.code == UNREADABLE for one in refused.values()):
            message = f"the bindings of none of {len(refused)} activities can be read: {next(iter(refused.values()))}"
            raise UnexpectedReply(message)
        return states, refused, read_at


def _bound_page(bindings: Sequence[Binding], last_id: int) -> Command:
    pairs = [{"OWNER_TYPE_ID": binding.type_id, "OWNER_ID": binding.id} for binding in bindings]
    return ACTIVITIES.page({"BINDINGS": pairs}, last_id)


def _first_source(snapshot: ActivitySnapshot) -> tuple[Binding, ...]:
    """Return what brings those together that share a target: its proof is then good for all in their batch."""
    return tuple(source.binding for source in snapshot.sources[:1])


def _check_order(page: Sequence[ActivityRow], last_id: int) -> None:
    """Refuse a page whose ids do not ascend: one walked on from would not end, or leave some out."""
    for row in page:
        if row.ref.id <= last_id:
            message = "crm.activity.list answered ids out of order"
            raise UnexpectedReply(message)
        last_id = row.ref.id
