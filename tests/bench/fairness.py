"""What people change while a backfill goes on: how long until it is corrected, and what that costs the backfill.

In simulated time, with the real limits of the cloud, over contacts that the portal makes as they are read.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from tests.bench.report import Table
from tests.engine.simulated_world import worlds
from tests.simulated_time import simulation

from b24syncd.simulator.seeds.made_items import make_contacts
from b24syncd.store.lock import socket_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.engine.world import World
    from tests.simulated_time import SimulatedTime

INTERVAL, ITEMS, WRONG = 30.0, 20_000, 0.4
CLOUD = {"burst": 50, "per_second": 2.0, "operating_seconds": 480, "operating_window_seconds": 600}
UPDATE = "crm.item.update"
DEAR = {UPDATE: 0.2, "crm.item.get": 0.01, "crm.item.list": 0.05}
QUICK = {UPDATE: 0.005, "crm.item.get": 0.002, "crm.item.list": 0.02}
RIGHT, RAW, CANONICAL = "+7495", "8 (916) 234-56-78", "+79162345678"


@dataclass(frozen=True, slots=True)
class _Case:
    """A portal where commands take so long, and an edit every so many seconds, or none."""

    name: str
    costs: Mapping[str, float]
    every: float | None = None


CASES = (
    _Case("0.2 s per update, by itself", DEAR),
    _Case("0.2 s per update, an edit every 5 s", DEAR, 5.0),
    _Case("0.2 s per update, an edit every 2 s", DEAR, 2.0),
    _Case("a portal that answers at once, by itself", QUICK),
    _Case("a portal that answers at once, an edit every 2 s", QUICK, 2.0),
)


def measure() -> Table:
    """Return how long edits wait until they are corrected while a backfill goes on, and how long that takes."""
    table = Table(
        f"A backfill of {ITEMS} contacts at full share, and people's edits meanwhile, looked for every"
        f" {INTERVAL:.0f} s, in simulated time",
        ("", "backfill s", "edits", "median s", "99 % within s", "longest s", "refused", "requests"),
    )
    for case in CASES:
        table.add(case.name, *_row(case))
    return table


def _row(case: _Case) -> tuple[object, ...]:
    async def run(time: SimulatedTime, folder: Path) -> tuple[object, ...]:
        async with worlds(folder, time) as make:
            world = await make(costs=case.costs, real_time=True, request_cut_seconds=60, **CLOUD)
            world.configure(**{f"limits__{name}": value for name, value in CLOUD.items()})
            world.configure(limits__request_timeout_seconds=70, limits__request_cut_seconds=60)
            world.configure(changes__interval_seconds=INTERVAL, changes__overlap_seconds=120)
            make_contacts(world.portal, ITEMS, wrong=WRONG)
            seconds, waited = await (_beside(world, time, case.every) if case.every else _alone(world, time))
            history = world.portal.history
            told = (_at(waited, 0.5), _at(waited, 0.99), _at(waited, 1.0))
            return f"{seconds:.0f}", len(waited), *told, sum(history.limit_errors.values()), history.requests.total()

    with TemporaryDirectory() as folder, simulation() as made:
        found: tuple[object, ...] = made.run(run(made.time, Path(folder)))
    return found


def _at(waited: list[float], part: float) -> str:
    return f"{sorted(waited)[min(len(waited) - 1, int(len(waited) * part))]:.1f}" if waited else ""


async def _alone(world: World, time: SimulatedTime) -> tuple[float, list[float]]:
    began = time.elapsed
    await world.backfill(seconds=1e9)
    return time.elapsed - began, []


async def _beside(world: World, time: SimulatedTime, every: float) -> tuple[float, list[float]]:
    """Return how long a backfill takes that a daemon carries out, and how long each edit meanwhile waits."""
    edited: dict[str, float] = {}
    async with world.following():
        await world.until(lambda: world.state.exists() and socket_of(world.state) is not None, seconds=1e9)
        await asyncio.sleep(INTERVAL - 5)  # what a start takes of the requests has drained, and a round is at hand
        began = time.elapsed
        backfill = asyncio.create_task(world.backfill(seconds=1e9))
        people = asyncio.create_task(_edit(world, every, edited))
        await backfill
        seconds = time.elapsed - began
        people.cancel()
        await asyncio.sleep(3 * INTERVAL)
    corrected: dict[str, float] = {}
    for entry in world.journal():
        ref = str(entry.correction.ref)
        if ref in edited and entry.settled_at is not None and entry.settled_at.timestamp() >= edited[ref]:
            corrected.setdefault(ref, entry.settled_at.timestamp())
    return seconds, [corrected.get(ref, float("inf")) - at for ref, at in edited.items()]


async def _edit(world: World, every: float, edited: dict[str, float]) -> None:
    """Let people give contacts another phone, now and then, each once; note when."""
    rng, contacts = Random(1), world.portal.table(3).items  # noqa: S311 # which ones is the same in every run
    while True:
        await asyncio.sleep(rng.uniform(0.5, 1.5) * every)
        item = rng.randrange(1, ITEMS + 1)
        first = next((point.value for point in contacts[item].points.values()), "")
        if f"contact:{item}" not in edited and first.startswith(RIGHT):
            world.portal.person.edit(world.change(item, RAW, canonical=(CANONICAL,)))
            edited[f"contact:{item}"] = world.portal.clock()
