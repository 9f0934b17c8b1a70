"""Following: polls for changes and corrects them, for as long as the daemon lives."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from b24syncd.errors import OutcomeUnknown, Rejected, RetryLater
from b24syncd.feeders import poll
from b24syncd.observe.logs import get_logger
from b24syncd.portal.commands import Priority
from b24syncd.portal.dates import DateFilter, probe_date_filter
from b24syncd.store import cursors

from .startup import readable_types

if TYPE_CHECKING:
    from collections.abc import Iterable

    import sqlite_utils

    from b24syncd.domain.entities import EntityType

    from .context import RunContext
    from .pipeline import Pipeline
    from .recovery import Recovery
    from .writer import Writer

_LONGEST_PAUSE = 600.0

log = get_logger()


@dataclass(slots=True)
class Follow:
    """The life of the daemon: one round of polling and queue work per interval, until `stop` is set."""

    run: RunContext
    pipeline: Pipeline
    writer: Writer
    recovery: Recovery
    interval_seconds: float
    overlap_seconds: float
    stop: asyncio.Event
    _date_filter: DateFilter | None = None

    async def follow(self) -> None:
        """Work until stopped; an unreachable portal is waited for, refused credentials end it."""
        failures = 0
        while not self.stop.is_set():
            try:
                await self._round()
                failures = 0
            except* (RetryLater, OutcomeUnknown) as group:
                failures += 1
                log.warning("round_failed", failures=failures, detail=str(group.exceptions[0]))
                self.pipeline.forget()
                await self.recovery.take_over()
            pause = min(self.interval_seconds * 2 ** min(failures, 10), max(_LONGEST_PAUSE, self.interval_seconds))
            await self._rest(pause if failures else await self._pause())

    async def _round(self) -> None:
        if self._date_filter is None:
            types = self.run.planner.entity_types
            await self._begin_where_nothing_began(types)
            readable = await readable_types(self.run.client, types, priority=Priority.LIVE)
            self._date_filter = await probe_date_filter(self.run.client, readable.highest_ids)
        for entity_type in self.run.planner.entity_types:
            if self.stop.is_set():
                return
            await self._poll(entity_type, self._date_filter)
        while not self.stop.is_set() and await self.recovery.look_again(priority=Priority.LIVE):
            pass

    async def _poll(self, entity_type: EntityType, date_filter: DateFilter) -> None:
        position = await self.run.database.read(lambda db: cursors.get(db, poll.cursor_name(entity_type)))
        assert position is not None  # noqa: S101 # every type has one from the first round on
        since = poll.instant_of(position) - self.overlap_seconds
        changed = poll.Changed(entity_type, since, date_filter, Priority.LIVE)
        try:
            async for page in poll.poll(self.run.client, self.run.clock, changed):
                self.pipeline.announce(page)
                await self.pipeline.take(page, priority=Priority.LIVE)
                if self.stop.is_set():
                    return
        except Rejected as error:
            # told once at the start; it may be switched on again while the daemon lives
            log.debug("entity_type_refused", entity_type=entity_type.value, detail=str(error))

    async def _begin_where_nothing_began(self, entity_types: Iterable[EntityType]) -> None:
        """Let polling begin at the present, for all types the same, where neither a poll nor a backfill ever began."""
        present = poll.position_at(self.run.client.server_now())
        now = self.run.clock.now()

        def begin(db: sqlite_utils.Database) -> list[str]:
            new = [entity for entity in entity_types if cursors.get(db, poll.cursor_name(entity)) is None]
            for entity_type in new:
                cursors.put(db, poll.cursor_name(entity_type), present, now=now)
            return [entity_type.value for entity_type in new]

        new = await self.run.database.write(begin)
        if new:
            log.info("following_from_now", entity_types=new, hint="no backfill ever ran")

    async def _pause(self) -> float:
        due = await self.recovery.seconds_until_due()
        return self.interval_seconds if due is None else min(self.interval_seconds, max(due, 0.05))

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self.stop.wait()
        except TimeoutError:
            return
