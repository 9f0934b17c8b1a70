"""The watch: what rounds cannot tell while they wait, looked at every few seconds for as long as the daemon lives."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from b24syncd.domain.conditions import ConditionKind
from b24syncd.errors import StateUnavailable
from b24syncd.store import conditions, disk, queue
from b24syncd.store.queue import QueueState
from b24syncd.task_group import Tasks

from .pulse import ROUNDS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from .conditions import Conditions
    from .context import WholeRun
    from .pulse import PulseRecorder

_EVERY_SECONDS = 10.0
_FOREIGN_FOR_SECONDS = 300.0
"""So long after a request that was refused for others' sake they are told of."""

_FOREIGN_SHARE = 0.5
"""Of a method's operating time; less of it leaves enough for us."""

_GROWTH: Final = 50
_SAMPLES: Final = 6


def is_growing(waiting: Sequence[int]) -> bool:
    """Tell whether a queue grows, by how much waited in it lately: never less than before, and much more in all."""
    if len(waiting) < _SAMPLES:
        return False
    never_less = all(earlier <= later for earlier, later in pairwise(waiting))
    return never_less and waiting[-1] - waiting[0] >= _GROWTH


@dataclass(slots=True)
class Watch:
    """Takes note of a portal that is away, of others on this address, of a queue that grows, and of a full disk."""

    run: WholeRun
    conditions: Conditions
    pulse: PulseRecorder
    _waiting: deque[int] = field(default_factory=lambda: deque(maxlen=_SAMPLES))

    @asynccontextmanager
    async def keeping(self) -> AsyncIterator[None]:
        """Look again and again for as long as the context lasts."""

        async def repeat() -> None:
            waits = self.run.client.waits
            with waits.running("watch"):
                while True:
                    await asyncio.sleep(_EVERY_SECONDS)
                    await self.look()
                    waits.sign()

        async with Tasks() as group:
            task = group.create_task(repeat())
            try:
                yield
            finally:
                task.cancel()

    async def look(self) -> None:
        """Look once, and put on record what stands; nothing of that ends the daemon."""
        self._look_at_portal()
        self._look_at_others()
        try:
            counts, recorded = await self.run.database.read(lambda db: (queue.counts(db), conditions.standing(db)))
            self._look_at_queue(counts)
            self._look_at_disk()
            await self.conditions.store_beside(recorded)
        except StateUnavailable as error:
            self._meet("disk", ConditionKind.DISK_FULL, str(error))

    def _look_at_portal(self) -> None:
        """Take a portal for away from the first request that found none, or hangs, or since rounds fail."""
        signs, failing = self.run.client.signs, self.pulse.now().loop(ROUNDS)
        fault = signs.fault or signs.silence
        if fault is not None:
            self._meet("portal", ConditionKind.PORTAL_AWAY, fault.detail, since=fault.since)
        elif failing.failing_since is not None:
            self._meet("portal", ConditionKind.PORTAL_AWAY, str(failing.detail), since=failing.failing_since)
        else:
            self.conditions.pass_by("portal")

    def _look_at_others(self) -> None:
        signs, now = self.run.client.signs, self.run.clock.monotonic()
        if signs.foreign_at is not None and now - signs.foreign_at < _FOREIGN_FOR_SECONDS:
            told = f"the portal refused {signs.foreign} requests because others on this address sent too many"
            self._meet("request limit", ConditionKind.FOREIGN_REQUESTS, told)
        else:
            self.conditions.pass_by("request limit")
        foreign = signs.foreign_operating()
        if foreign is not None and foreign.seconds >= _FOREIGN_SHARE * foreign.limit:
            spent = f"{foreign.seconds:.0f} s of {foreign.limit:.0f} s of {foreign.method}"
            told = f"other programs on this address spent {spent}"
            self._meet("operating limit", ConditionKind.OPERATING_LIMIT, told)
        else:
            self.conditions.pass_by("operating limit")

    def _look_at_queue(self, counts: Mapping[QueueState, int]) -> None:
        self._waiting.append(counts.get(QueueState.WAITING, 0))
        if is_growing(self._waiting):
            told = f"{self._waiting[-1]} items wait to be looked at again, {self._waiting[0]} a minute ago"
            self._meet("queue", ConditionKind.QUEUE_GROWING, told)
        elif len(self._waiting) == _SAMPLES and self._waiting[-1] <= self._waiting[0]:
            self.conditions.pass_by("queue")

    def _look_at_disk(self) -> None:
        short_of = disk.lack_at(self.run.database.path)
        if short_of is None:
            self.conditions.pass_by("disk")
        else:
            self._meet("disk", ConditionKind.DISK_FULL, short_of)

    def _meet(self, where: str, kind: ConditionKind, detail: str, *, since: float | None = None) -> None:
        clock = self.run.clock
        moment = None if since is None else clock.now() - timedelta(seconds=clock.monotonic() - since)
        self.conditions.meet(where, kind, "", detail, since=moment)
