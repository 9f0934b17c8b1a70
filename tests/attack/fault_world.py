"""What becomes of a tiny world that a single fault disturbs."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.attack.fault_cells import SENT, cells
from tests.attack.kill_world import Made, assert_journal_fits, held, made
from tests.attack.tiny_worlds import GOES_ON, SECONDS, tiny
from tests.simulated_time import simulation

from b24syncd.simulator.faults import Fault, Kind

if TYPE_CHECKING:
    from pathlib import Path

    from tests.attack.fault_cells import Cell, Key
    from tests.simulated_time import Simulation

WELL = {"done", "done, unverified", GOES_ON}
RIGHT = ("at once", "after one more run", "after two more runs")
MOST_RUNS = len(RIGHT) - 1
A_DAY = 25 * 3600.0


@dataclass(frozen=True, slots=True)
class Found:
    """What a cell did to a run, and how far the portal was set right afterwards."""

    ended: str
    right: str


@dataclass(frozen=True, slots=True)
class End:
    """What an undisturbed run leaves, by the portal and by the journal."""

    held: dict[str, object]
    made: Made


def every_cell(world: str, folder: Path, *, part: int = 0, parts: int = 1, nth: int = 1) -> dict[Key, Found]:
    """Try the cells of a world, or one part of them, each with the `nth` command of its kind."""
    with simulation() as simulated:
        end: End = simulated.run(_undisturbed(world, folder / "undisturbed", simulated))
    found: dict[Key, Found] = {}
    for number, cell in list(enumerate(cells(world)))[part::parts]:
        with simulation() as simulated:
            one: Found | None = simulated.run(_disturbed(cell, end, folder / str(number), nth, simulated))
        if one is not None:
            found[cell.key] = one
    return found


async def _undisturbed(kind: str, folder: Path, simulated: Simulation) -> End:
    """Return what a run leaves that nothing disturbs; it sends no command that the matrix does not know."""
    async with tiny(kind, folder, simulated) as one:
        await one.begin()
        assert await one.run() in WELL
        world = one.world
        assert_journal_fits(world)
        known = {_without_type(sent.method) for sent in SENT}
        unknown = {_without_type(method) for method in world.portal.history.commands} - known
        assert not unknown, unknown
        return End(held(world), made(world))


def _without_type(method: str) -> str:
    """Return a method as it is called for all types: the classic ones have one for each."""
    return re.sub(r"^crm\.(lead|deal|contact|company)\.", "crm.TYPE.", method)


async def _disturbed(cell: Cell, end: End, folder: Path, nth: int, simulated: Simulation) -> Found | None:
    """Let a fault strike one run, and clean ones follow; hold that these leave what an undisturbed one leaves.

    Returns nothing where there are fewer commands of the kind, so that it never struck.
    """
    async with tiny(cell.sent.world, folder, simulated) as one:
        await one.begin()
        world = one.world
        if cell.sent.method == "server.time":  # asked only where the scopes are not told
            never = Fault(kind=Kind.COMMAND_ERROR, match="scope", times=None, code="ERROR_METHOD_NOT_FOUND")
            world.portal.faults.add(never)
        world.portal.faults.add(cell.fault(nth))
        ended = await one.run()
        if nth > 1 and not world.portal.history.faults[cell.trouble.kind.value]:
            return None
        assert world.portal.history.faults[cell.trouble.kind.value], cell
        world.portal.faults.clear()
        runs, is_later, again = 0, False, ended
        while (held(world), made(world)) != (end.held, end.made):
            assert not is_later, (cell, ended, set(made(world)) ^ set(end.made))
            is_later = runs == MOST_RUNS
            if is_later:
                await asyncio.sleep(A_DAY)
            again = await one.run()
            runs += 1
        assert runs == 0 or again in WELL, (cell, ended, again)
        assert_journal_fits(world)
        history = world.portal.history
        assert (history.repeated_writes(), history.breaches, history.empty_saves) == ([], [], 0)
        saves = history.saves
        await world.backfill(seconds=SECONDS)
        assert (history.saves, world.waiting()) == (saves, 0)
        return Found(ended, "a day later" if is_later else RIGHT[runs])
