"""Tiny worlds for the fault matrix, and what becomes of one that a single fault disturbs."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.attack.fault_cells import CUT_SECONDS, SENT, TIMEOUT_SECONDS, cells
from tests.attack.kill_world import Made, assert_journal_fits, held, made
from tests.engine.paying import date_paid, deal, pay
from tests.engine.rebinding import BY_FIELD, CONVERTED, LINK_FIELD, call, company, item, lead_of, rule, task
from tests.engine.world import World
from tests.simulated_time import simulation

from b24syncd.cli.backfill import exit_code
from b24syncd.errors import B24SyncError
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.fields import COMPANY, DEAL, LEAD
from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.server import serve

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.attack.fault_cells import Cell, Key
    from tests.simulated_time import Simulation

SECONDS = 4000.0
"""More than any run may take."""

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


@asynccontextmanager
async def tiny(kind: str, folder: Path, simulated: Simulation) -> AsyncIterator[World]:
    """Serve a portal of a few items in which every command of a job is needed."""
    options = Options(
        burst=1e6,
        per_second=1e6,
        request_cut_seconds=CUT_SECONDS,
        scopes=("crm", "user_brief", "task", "sale"),
        custom_fields=(LINK_FIELD,),
    )
    portal = Portal(options, clock=simulated.time.of_portal)
    async with serve(portal) as server:
        yield _filled(World(portal, server, folder, clock=simulated.time), kind)


def _filled(world: World, kind: str) -> World:
    world.folder.mkdir(parents=True)
    world.configure(
        limits__request_timeout_seconds=TIMEOUT_SECONDS,
        limits__request_cut_seconds=CUT_SECONDS,
        limits__burst=100_000,
        limits__per_second=50_000.0,
        portal__api="classic" if kind.startswith("classic") else "universal",
    )
    _FILLERS[kind.removeprefix("classic ")](world)
    return world


def _start(world: World) -> None:
    world.configure(jobs__phones__entities="contact", jobs__emails__entities="contact")
    world.add("8 (916) 200-00-00")


def _points(world: World) -> None:
    _start(world)
    world.add("8 (916) 200-00-01", emails=("Anna@Example.COM ",))


def _bindings(world: World) -> None:
    world.rebind_by(rule("converted", where=CONVERTED), rule("twins", to=BY_FIELD, where='{ stageId = "NEW" }'))
    stranger, twin = item(world, DEAL, title="A stranger"), lead_of(world, stage="IN_PROCESS")
    lead, other = lead_of(world, company(world)), lead_of(world, twin, stage="NEW")
    call(world, lead)
    call(world, lead, stranger)
    call(world, other)
    task(world, lead, stranger)


def _shared_points(world: World) -> None:
    world.rebind_by(rule("shared", to="same_contact_point:company", where='{ stageId = "JUNK" }'))
    world.add("+79161112233", type_id=COMPANY)
    duplicate = world.add("+79161112233", type_id=LEAD)
    world.portal.tables[LEAD].items[duplicate].values.update(title="Once more", stageId="JUNK")
    call(world, (LEAD, duplicate))


def _payments(world: World) -> None:
    for number in range(2):
        pay(world, deal(world), days_ago=100 - number)
    deal(world)
    date_paid(world, api=world.settings.portal.api)


_FILLERS = {
    "start": _start,
    "points": _points,
    "bindings": _bindings,
    "shared points": _shared_points,
    "payments": _payments,
}


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
    async with tiny(kind, folder, simulated) as world:
        summary = await world.backfill(seconds=SECONDS)
        assert exit_code(summary) == 0
        assert_journal_fits(world)
        known = {_without_type(sent.method) for sent in SENT}
        assert {_without_type(method) for method in world.portal.history.commands} <= known
        return End(held(world), made(world))


def _without_type(method: str) -> str:
    """Return a method as it is called for all types: the classic ones have one for each."""
    return re.sub(r"^crm\.(lead|deal|contact|company)\.", "crm.TYPE.", method)


async def _disturbed(cell: Cell, end: End, folder: Path, nth: int, simulated: Simulation) -> Found | None:
    """Let a fault strike one run, and clean ones follow; hold that these leave what an undisturbed one leaves.

    Returns nothing where there are fewer commands of the kind, so that it never struck.
    """
    async with tiny(cell.sent.world, folder, simulated) as world:
        if cell.sent.method == "server.time":  # asked only where the scopes are not told
            never = Fault(kind=Kind.COMMAND_ERROR, match="scope", times=None, code="ERROR_METHOD_NOT_FOUND")
            world.portal.faults.add(never)
        world.portal.faults.add(cell.fault(nth))
        ended = await _ended(world)
        if nth > 1 and not world.portal.history.faults[cell.trouble.kind.value]:
            return None
        assert world.portal.history.faults[cell.trouble.kind.value]
        world.portal.faults.clear()
        runs, is_later, again = 0, False, "done"
        while (held(world), made(world)) != (end.held, end.made):
            assert not is_later, (cell, ended, set(made(world)) ^ set(end.made))
            is_later = runs == MOST_RUNS
            if is_later:
                await asyncio.sleep(A_DAY)
            again = await _ended(world)
            runs += 1
        assert again in {"done", "done, unverified"}, (cell, ended, again)
        assert_journal_fits(world)
        history = world.portal.history
        assert (history.repeated_writes(), history.breaches, history.empty_saves) == ([], [], 0)
        saves = history.saves
        await world.backfill(seconds=SECONDS)
        assert (history.saves, world.waiting()) == (saves, 0)
        return Found(ended, "a day later" if is_later else RIGHT[runs])


async def _ended(world: World) -> str:
    try:
        summary = await world.backfill(seconds=SECONDS)
    except B24SyncError as error:
        return f"exit {int(error.exit_code)} ({type(error).__name__})"
    code = int(exit_code(summary))
    told = ["done" if code == 0 else f"exit {code}"]
    if summary.counts["unverified"]:
        told.append("unverified")
    if world.reviews():
        told.append("a review")
    return ", ".join(told)
