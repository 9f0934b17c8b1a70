"""Rebinding under request limits, in simulated time: where the requests go, beside those that the promises ask for."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from tests.bench.activities import RULES, fewest
from tests.bench.cost import PAGE
from tests.bench.portal_process import Made, fill, left
from tests.bench.report import Table
from tests.engine.simulated_world import worlds
from tests.simulated_time import simulation

from b24syncd.domain.reasons import Reason

if TYPE_CHECKING:
    from tests.simulated_time import SimulatedTime

    from b24syncd.simulator.methods.calls import Call, PointsRead

LISTS = "crm.activity.binding.list"
WRITES = ("crm.activity.binding.add", "crm.activity.binding.delete", "crm.activity.binding.move", "tasks.task.update")
HEAD = (
    "",
    "activities",
    "rebound",
    "requests",
    "owed",
    "ratio",
    "what leads to them",
    "readings",
    "batches",
    "commands in a batch",
    "proofs",
    "read again",
    "seconds",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Leads whose activities go to their companies, what of them refuses, and the limits."""

    title: str
    leads: int
    obstacles: float = 0.0
    burst: int = 50
    per_second: int = 2
    change: float = 0.0


CASES = (
    Case(title="as side by side: 12 at once, 8 a second", leads=250, burst=12, per_second=8),
    Case(title="the cloud's limits, 5 ms each", leads=300, change=0.005),
    Case(title="the same, 4 % refuse", leads=300, change=0.005, obstacles=0.04),
)


@dataclass(slots=True)
class Counted:
    """What a backfill took."""

    activities: int
    rebound: int
    refused: int
    seconds: float
    requests: list[Counter[str]]


@dataclass(slots=True)
class ByRequest:
    """Sorts commands by their requests, which run side by side; one of the portal's watchers."""

    found: dict[int, tuple[PointsRead, Counter[str]]] = field(default_factory=dict)

    def before(self, call: Call) -> None:
        shared = call.points_read  # by all commands of a request
        self.found.setdefault(id(shared), (shared, Counter()))[1][call.method] += 1

    def after(self, _call: Call) -> None:
        """Look away."""


def measure() -> Table:
    """Return the requests of each case by what they are for."""
    table = Table("Activities, in simulated time: requests, and what they are for", HEAD)
    for case in CASES:
        table.add(case.title, *_row(case))
    return table


def _row(case: Case) -> tuple[object, ...]:
    with TemporaryDirectory() as folder, simulation() as made:
        counted: Counted = made.run(_count(case, made.time, Path(folder)))
    commands = sum(counted.requests, Counter[str]())
    writes = sum(commands[name] for name in WRITES)
    kinds = Counter(_kind(one) for one in counted.requests)
    batches = [one for one in counted.requests if _kind(one) == "batch"]
    owed = fewest(2 * -(-case.leads // PAGE), counted.activities, commands, counted.refused)
    return (
        counted.activities,
        counted.rebound,
        len(counted.requests),
        owed,
        f"{len(counted.requests) / owed:.2f}",
        kinds["else"],
        kinds["reading"],
        kinds["batch"],
        f"{sum(map(Counter.total, batches)) / len(batches):.1f}",
        commands["crm.item.get"],
        commands[LISTS] - writes - counted.activities,
        f"{counted.seconds:.0f}",
    )


def _kind(commands: Counter[str]) -> str:
    if any(commands[name] for name in WRITES):
        return "batch"
    return "reading" if commands[LISTS] else "else"


async def _count(case: Case, time: SimulatedTime, folder: Path) -> Counted:
    async with worlds(folder, time) as make:
        costs = dict.fromkeys((LISTS, *WRITES[:2]), case.change)
        limits = {"burst": case.burst, "per_second": case.per_second}
        world = await make(costs=costs, real_time=True, scopes=("crm", "user_brief", "task"), **limits)
        made = Made(converted=case.leads, obstacles=case.obstacles)
        fill(world.portal, made)
        wanted, watcher = left(world.portal, made), ByRequest()
        world.portal.watchers.append(watcher)
        world.file = folder / "bench.toml"
        world.file.write_text(RULES, encoding="utf-8")
        world.configure(limits__burst=case.burst, limits__per_second=case.per_second)
        began = time.elapsed
        await world.backfill("bindings")
        rebound = wanted - left(world.portal, made)
        refused = sum(one.reason == Reason.REFUSED for one in world.reviews())
        requests = [commands for _, commands in watcher.found.values()]
        return Counted(len(world.portal.activities.rows), rebound, refused, time.elapsed - began, requests)
