"""Tiny worlds for the fault matrix, in which every command of a job is needed, and one run of the program in them."""

from __future__ import annotations

import asyncio
import signal
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.attack.fault_cells import CUT_SECONDS, TIMEOUT_SECONDS
from tests.engine.paying import date_paid, deal, doing, pay
from tests.engine.rebinding import BY_FIELD, CONVERTED, LINK_FIELD, call, company, item, lead_of, rule, task
from tests.engine.world import World

from b24syncd.cli.backfill import exit_code
from b24syncd.errors import B24SyncError
from b24syncd.simulator.http.server import serve
from b24syncd.simulator.people.person import Action
from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.tables.fields import COMPANY, DEAL, LEAD, CustomField, FieldType, SmartType

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.simulated_time import Simulation

SECONDS = 4000.0
"""More than any run may take."""

FOLLOWED_SECONDS = 600.0
GOES_ON = "goes on"
_PREPARED = ("points in groups", "points of both")
_DEAR, _ROOM = {"crm.item.update": 50.0}, 100.0
"""Operating seconds of an update, and those of a window: after one the other family of methods is used."""

_SMART = SmartType(128, 1, "Deliveries")


@dataclass(frozen=True, slots=True)
class Tiny:
    """A portal of a few items, and the command whose runs are disturbed: a backfill, or the daemon for some minutes."""

    world: World
    follows: bool
    simulated: Simulation
    is_prepared: bool = False
    """Whether a run has to teach first what updates cost."""

    async def run(self) -> str:
        """Run the command; return how it ended, in the words of the table."""
        try:
            return await (self._followed() if self.follows else self._walked())
        except B24SyncError as error:
            return f"exit {int(error.exit_code)} ({type(error).__name__})"

    async def _walked(self) -> str:
        summary = await self.world.backfill(seconds=SECONDS)
        code = int(exit_code(summary))
        told = ["done" if code == 0 else f"exit {code}"]
        if summary.counts["unverified"]:
            told.append("unverified")
        if self.world.reviews():
            told.append("a review")
        return ", ".join(told)

    async def _followed(self) -> str:
        task = asyncio.create_task(self.world.follow(seconds=1e9))
        await asyncio.wait({task}, timeout=FOLLOWED_SECONDS)
        if not task.done():
            assert self.simulated.loop.signal(signal.SIGTERM)
        await task
        return GOES_ON

    async def begin(self) -> None:
        """Let happen what the disturbed run will meet."""
        if self.is_prepared:
            assert await self._walked() == "done"
            for number in range(5):
                self.world.add(f"8 (916) 300-00-0{number}", emails=(f"Anna{number}@Example.COM ",))
        if not self.follows:
            return
        assert await self._walked() == "done"
        paid, unpaid, _ = self.world.portal.table(DEAL).ids
        assert self.world.portal.person.edit(doing(Action.UNPAY, paid))
        assert self.world.portal.person.edit(doing(Action.PAY, unpaid))


@asynccontextmanager
async def tiny(kind: str, folder: Path, simulated: Simulation) -> AsyncIterator[Tiny]:
    """Serve a portal of a few items in which every command of a job is needed."""
    options = Options(
        burst=1e6,
        per_second=1e6,
        request_cut_seconds=CUT_SECONDS,
        cuts_starts=False,
        scopes=("crm", "user_brief", "task", "sale"),
        custom_fields=(LINK_FIELD, CustomField(_SMART.entity_type_id, "UF_CRM_1_DAY", "Payment date", FieldType.DATE)),
        smart_types=(_SMART,),
        costs=_DEAR if kind == "points of both" else {},
        operating_seconds=_ROOM if kind == "points of both" else 480.0,
    )
    portal = Portal(options, clock=simulated.time.of_portal)
    async with serve(portal) as server:
        world = _filled(World(portal, server, folder, clock=simulated.time), kind)
        yield Tiny(world, kind.startswith("following"), simulated, is_prepared=kind in _PREPARED)


def _filled(world: World, kind: str) -> World:
    world.folder.mkdir(parents=True)
    world.configure(
        limits__request_timeout_seconds=TIMEOUT_SECONDS,
        limits__request_cut_seconds=CUT_SECONDS,
        limits__burst=100_000,
        limits__per_second=50_000.0,
        changes__interval_seconds=30,
        changes__overlap_seconds=120,
        portal__api={"points of both": "both"}.get(kind, "classic" if kind.startswith("classic") else "universal"),
    )
    if kind == "points of both":
        world.configure(limits__operating_seconds=_ROOM)
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


def _smart_payments(world: World) -> None:
    one = deal(world, type_id=_SMART.entity_type_id)
    paid = int(world.portal.clock()) - 86400
    world.portal.payments.create((_SMART.entity_type_id, one), 100.0, "generator", currency="RUB", paid=paid)
    date_paid(world, entities=f'["{_SMART.title}"]')


def _followed_payments(world: World) -> None:
    pay(world, deal(world), days_ago=100)
    deal(world)
    pay(world, deal(world), days_ago=50)
    date_paid(world)


def _payments(world: World) -> None:
    for number in range(2):
        pay(world, deal(world), days_ago=100 - number)
    deal(world)
    date_paid(world, api=world.settings.portal.api)


_FILLERS = {
    "start": _start,
    "points": _points,
    "points in groups": _points,
    "points of both": _points,
    "bindings": _bindings,
    "shared points": _shared_points,
    "payments": _payments,
    "smart payments": _smart_payments,
    "following payments": _followed_payments,
}
