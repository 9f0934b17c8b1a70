"""How soon changes are corrected and what following costs, by polling and by events, in simulated time."""

from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from tests.bench.report import Table
from tests.engine.simulated_world import worlds
from tests.simulated_time import simulated

from b24syncd.simulator.tables.fields import COMPANY, CONTACT, LEAD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.engine.world import World
    from tests.simulated_time import SimulatedTime

WARM = 300.0
STRETCH = 1800.0
"""Seconds without an edit, and as many with some."""
PER_HOUR = 3600.0 / STRETCH
EACH = 10
"""So many items of each type are edited."""

WAYS = (("polling", 30), ("polling", 5), ("events", 30), ("events", 5))
_MESSY, _CLEAN = "8 (916) 123-45-67", "+79161234567"
_NEVER = 10_000.0


def measure() -> Iterator[Table]:
    """Compare both sources at two intervals, without any edits and with one a minute."""
    table = Table(
        "Following: requests an hour, and seconds from a person's edit to its correction",
        ("source", "interval", "requests, no edits", "requests, 60 edits an hour", "median", "longest"),
    )
    for source, interval in WAYS:
        idle, busy, waits = simulated(_Stretch(source, interval))
        table.add(source, f"{interval} s", idle, busy, f"{median(waits):.1f} s", f"{max(waits):.1f} s")
    table.note("leads, contacts and companies, for phones and e-mails; after the first five minutes")
    yield table


class _Stretch:
    """A stretch of a daemon's life without edits, and one with."""

    def __init__(self, source: str, interval: float) -> None:
        self.source, self.interval = source, interval
        self.rng = Random(1)  # noqa: S311 # the same for all

    async def __call__(self, time: SimulatedTime) -> tuple[int, int, list[float]]:
        with TemporaryDirectory() as folder:
            async with worlds(Path(folder), time) as make:
                return await self._lived(await make(webhook_is_application=True))

    async def _lived(self, world: World) -> tuple[int, int, list[float]]:
        world.configure(changes__source=self.source, changes__interval_seconds=self.interval, changes__sweep_hours=0)
        world.configure(changes__overlap_seconds=120, limits__burst=50, limits__per_second=2.0)
        items = [(kind, world.add(_CLEAN, type_id=kind)) for kind in (CONTACT, COMPANY, LEAD) for _ in range(EACH)]
        async with world.following():
            await asyncio.sleep(WARM)
            before = world.portal.history.requests.total()
            await asyncio.sleep(STRETCH)
            between = world.portal.history.requests.total()
            waits = await self._edit(world, items)
            after = world.portal.history.requests.total()
        return round((between - before) * PER_HOUR), round((after - between) * PER_HOUR), waits

    async def _edit(self, world: World, items: list[tuple[int, int]]) -> list[float]:
        """Let a person edit at random moments; return how long each edit waited for its correction."""
        self.rng.shuffle(items)
        moments = sorted(self.rng.uniform(0, STRETCH - 120) for _ in items)
        began = world.clock.monotonic()
        edited: dict[tuple[int, int], float] = {}
        for moment, (type_id, item_id) in zip(moments, items, strict=True):
            await asyncio.sleep(began + moment - world.clock.monotonic())
            edited[type_id, item_id] = world.portal.clock()
            assert world.portal.person.edit(world.change(item_id, _MESSY, entity_type_id=type_id, canonical=(_CLEAN,)))
        await asyncio.sleep(began + STRETCH - world.clock.monotonic())
        own = {(one.entity_type_id, one.item_id): one.at for one in world.portal.history.by_api()}
        return [own.get(key, at + _NEVER) - at for key, at in edited.items()]
