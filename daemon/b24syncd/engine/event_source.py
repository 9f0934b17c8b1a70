"""Where a daemon's changes come from: polling alone, or the portal's offline events with polling as the safety net.

A packet is reserved, what it says is made durable, and only then it is cleared; what a process leaves reserved is found
by listing and taken up again. What no event tells is polled as ever, but less often: what the automation of our own
writes changes, edits through ways of the portal that fire none, requests of the portal that died after the save.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Final, Protocol

from b24syncd.domain.conditions import ConditionKind
from b24syncd.errors import OutcomeUnknown, Rejected, RetryLater
from b24syncd.feeders.events import QUEUED, EventFeeds
from b24syncd.observe.logs import get_logger
from b24syncd.portal.offline_events import OfflineEvents, standing
from b24syncd.portal.wire.commands import Priority
from b24syncd.portal.wire.transport_faults import ConnectorRefused
from b24syncd.store import event_queue, queue

from .pulse import EVENTS, poll_of

if TYPE_CHECKING:
    import asyncio

    import sqlite_utils

    from b24syncd.feeders.pages import Feed
    from b24syncd.portal.offline_events import Record

    from .conditions import Conditions
    from .context import WholeRun
    from .pulse import PulseRecorder
    from .writing.lane import Lane

_WHERE: Final = "events"

log = get_logger()


class EventSource(Protocol):
    """Tells a round what to look at."""

    async def take(self) -> None:
        """Take in what the portal tells, before anything is polled."""

    def is_due(self, lane: Lane, feed: Feed) -> bool:
        """Tell whether a feed is to be polled now."""

    def polled(self, feed: Feed) -> None:
        """Take note that a feed was polled to its end."""

    def poll_all(self) -> None:
        """Let everything be polled, for cursors were set back."""


@dataclass(slots=True)
class Polling:
    """Everything is polled in each round; events that were bound before are given back, so that no queue grows."""

    run: WholeRun
    _is_settled: bool = False

    async def take(self) -> None:
        """Give back what is bound, once; where that fails it goes on, and the next start tries again."""
        if self._is_settled:
            return
        self._is_settled = True
        client, database = self.run.client, self.run.database
        client.caller.connector = None
        connector = await database.read(event_queue.bound_connector)
        await database.write(event_queue.tell_nothing)
        if connector is None:
            return
        try:
            found = await standing(client, priority=Priority.LIVE)
            if not found.is_told:
                log.warning("events_not_unbound", detail=found.lack)
                return
            await OfflineEvents(client, connector).unbind(found.of(connector))
        except (Rejected, RetryLater, OutcomeUnknown) as error:
            log.warning("events_not_unbound", detail=str(error))
            return
        finally:
            client.caller.connector = None
        await database.write(lambda db: event_queue.note_bound(db, are_bound=False))
        log.info("events_unbound", events=len(found.of(connector)))

    def is_due(self, lane: Lane, feed: Feed) -> bool:
        """Poll always."""
        del lane, feed
        return True

    def polled(self, feed: Feed) -> None:
        """Take no note."""

    def poll_all(self) -> None:
        """Do nothing: it is."""


@dataclass(slots=True)
class Events:
    """The portal's events, and polling every `poll_seconds`, or in each round where no event tells."""

    run: WholeRun
    lanes: tuple[Lane, ...]
    stop: asyncio.Event
    pulse: PulseRecorder
    conditions: Conditions
    poll_seconds: float
    _feeds: EventFeeds = field(init=False)
    _queue: OfflineEvents | None = None
    _told: frozenset[str] = frozenset()
    _announced: set[str] = field(default_factory=set)
    _polled_at: dict[str, float] = field(default_factory=dict)
    _looked_at: float = float("-inf")
    _look_for_left_at: float = float("inf")

    def __post_init__(self) -> None:
        """Learn which events tell of the feeds."""
        self._feeds = EventFeeds.of(feed for lane in self.lanes for feed in lane.kind.feeds)

    async def take(self) -> None:
        """Take in all that the portal tells; where it refuses, or does not answer, this round polls everything."""
        try:
            if self._now - self._looked_at >= self.poll_seconds:
                await self._look()
            if self._queue is not None:
                with self.pulse.beat(EVENTS):
                    await self._take(self._queue)
        except (Rejected, ConnectorRefused) as error:
            await self._rest(str(error))
        except (RetryLater, OutcomeUnknown) as error:
            # nobody knows what is reserved by now; the portal works on an unanswered request for so long at most
            self.pulse.met(error)
            self._look_for_left_at = self._now + self.run.request_cut_seconds
            self.poll_all()
            log.warning("events_not_told", detail=str(error))

    def is_due(self, lane: Lane, feed: Feed) -> bool:
        """Poll what no event tells of, what one has announced, and each other feed now and then."""
        if self._queue is None or feed.name not in self._told or feed.entity_type in lane.kind.left_types:
            return True
        since = self._now - self._polled_at.get(feed.name, float("-inf"))
        return feed.name in self._announced or since >= self.poll_seconds

    def polled(self, feed: Feed) -> None:
        """Take note that what was announced of a feed was found."""
        self._polled_at[feed.name] = self._now
        self._announced.discard(feed.name)

    def poll_all(self) -> None:
        """Let every feed be due."""
        self._polled_at.clear()

    @property
    def _now(self) -> float:
        return self.run.clock.monotonic()

    async def _look(self) -> None:
        """See whether events can be used, bind those that are missing, and give back what is not wanted any more."""
        client, database = self.run.client, self.run.database
        found = await standing(client, priority=Priority.LIVE)
        if found.lack is not None:
            await self._rest(found.lack)
            return
        connector = await database.write(event_queue.connector)
        events = OfflineEvents(client, connector)
        before, wanted = found.of(connector), self._feeds.events
        await database.write(lambda db: event_queue.note_bound(db, are_bound=True))
        bound, lack = await events.bind(wanted - before)
        if lack is not None:
            await self._rest(lack)
            return
        await events.unbind(before - wanted)
        self.conditions.pass_by(_WHERE)
        if bound:
            self.poll_all()  # what happened before is found by polling
            log.info("events_bound", events=len(bound))
        client.caller.connector = connector
        self._queue, self._told = events, self._feeds.told_by((before & wanted) | bound)
        self._looked_at, self._look_for_left_at = self._now, self._now

    async def _rest(self, lack: str) -> None:
        """Leave everything to polling until it is looked again."""
        self.conditions.meet(_WHERE, ConditionKind.EVENTS_UNAVAILABLE, "", lack)
        self.run.client.caller.connector = None
        self._queue, self._looked_at = None, self._now
        await self.run.database.write(event_queue.tell_nothing)

    async def _take(self, events: OfflineEvents) -> None:
        if self._now >= self._look_for_left_at:
            await self._take_left(events)
        is_full = True
        while is_full and not self.stop.is_set():
            began = self.run.client.server_now()
            packet = await events.reserve()
            is_full = packet.is_full
            await self._keep(packet.records, None if is_full else began)
            if packet.records:
                await events.clear(packet.process_id, packet.records)
        failing = {name for name, state in self.pulse.now().loops.items() if state.failing_since is not None}
        for name in self._told - self._announced:
            if poll_of(name) not in failing:
                self.pulse.succeeded(poll_of(name))

    async def _take_left(self, events: OfflineEvents) -> None:
        """Take up what is reserved, and nobody works on: a process died, or an answer was lost."""
        while (left := await events.reserved()) and not self.stop.is_set():
            log.info("events_taken_up", records=len(left))
            await self._keep(left, None)
            for process_id, records in groupby(sorted(left, key=_process), key=_process):
                await events.clear(process_id, records)
        self._look_for_left_at = float("inf")

    async def _keep(self, records: tuple[Record, ...], until: float | None) -> None:
        """Make durable what records say: what feeds are to be polled for, a new life would poll in any case."""
        left = {entity_type for lane in self.lanes for entity_type in lane.kind.left_types}
        said = self._feeds.announced(records, left)
        self._announced |= said.feeds
        now, told = self.run.clock.now(), self._told - self._announced

        def keep(db: sqlite_utils.Database) -> None:
            queue.announce(db, said.refs, QUEUED, now=now)
            if until is not None:
                event_queue.told_until(db, until, told, now=now)

        if said.refs or until is not None:
            await self.run.database.write(keep)


def _process(record: Record) -> str:
    return record.process_id
