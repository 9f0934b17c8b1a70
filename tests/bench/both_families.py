"""Both families of methods beside one, where operating time binds: in simulated time, nothing scaled."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from tests.bench.operating import COSTS as UNIVERSAL
from tests.bench.operating import LIMIT, SHARE, WINDOW
from tests.bench.report import Table
from tests.engine.simulated_world import worlds
from tests.simulated_time import simulation

from b24syncd.simulator.tables.fields import COMPANY, CONTACT, LEAD

if TYPE_CHECKING:
    from tests.simulated_time import SimulatedTime

NAMES = {CONTACT: "contact", LEAD: "lead", COMPANY: "company"}
UPDATE = "crm.item.update"
CLASSIC = {f"crm.{name}.{verb}": UNIVERSAL[f"crm.item.{verb}"] for name in NAMES.values() for verb in ("update", "get")}
COSTS = {**UNIVERSAL, **CLASSIC}
WINDOWS = 2.5
"""As many windows does each budget take with both families; without them the one budget takes all of it."""


def measure() -> Table:
    """Return how long the same backfills take with one family and with both, and what was refused."""
    table = Table(
        f"Both families of methods: {LIMIT:.0f} s of each method in {WINDOW:.0f} s, {COSTS[UPDATE]} s per update,"
        " in simulated time",
        ("", "in_flight", "updates", "universal s", "both s", "ratio", "budgets", "refused"),
    )
    for types, several in (((CONTACT,), (4,)), (tuple(NAMES), (4, 6))):
        budgets = 1 + len(types)
        each = int(budgets * WINDOWS * LIMIT * SHARE / COSTS[UPDATE] / len(types))
        alone, refused = _walked("universal", types, each, several[0])
        for in_flight in several:
            both, refused_too = _walked("both", types, each, in_flight)
            numbers = (f"{alone:.0f}", f"{both:.0f}", f"{both / alone:.3f}", budgets, refused + refused_too)
            table.add(", ".join(NAMES[one] for one in types), in_flight, each * len(types), *numbers)
    return table


def _walked(api: str, types: tuple[int, ...], each: int, in_flight: int) -> tuple[float, int]:
    """Return the seconds that a backfill takes, and how many commands were refused for the limit."""

    async def run(time: SimulatedTime, folder: Path) -> tuple[float, int]:
        async with worlds(folder, time) as make:
            world = await make(costs=COSTS, real_time=True, request_cut_seconds=60)
            world.configure(portal__api=api, limits__in_flight=in_flight)
            for type_id in types:
                for _ in range(each):
                    world.add("8 (916) 234-56-78", type_id=type_id)
            began = time.elapsed
            await world.backfill(seconds=1e9)
            return time.elapsed - began, sum(world.portal.history.limit_errors.values())

    with TemporaryDirectory() as folder, simulation() as made:
        found: tuple[float, int] = made.run(run(made.time, Path(folder)))
    return found
