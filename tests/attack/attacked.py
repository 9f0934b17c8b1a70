"""A world per job whose portal can be reached through a liar only, and what an undisturbed run writes into it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from tests.attack.liar import Liar, lying
from tests.engine.paying import CODE, date_paid
from tests.engine.rebinding import CONVERTED, rule
from tests.engine.world import World

from b24syncd.simulator.http.server import serve
from b24syncd.simulator.judges.items import lost_values, mistakes
from b24syncd.simulator.judges.payments import payment_mistakes
from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.seeds.activities import generate_activities
from b24syncd.simulator.seeds.items import generate
from b24syncd.simulator.seeds.payments import generate_payments

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.simulated_time import SimulatedTime
KINDS = ("points", "classic points", "bindings", "shared points", "payments", "classic payments")
Wrote = frozenset[tuple[int, int, str, str | None]]


@asynccontextmanager
async def attacked(kind: str, seed: int, folder: Path, time: SimulatedTime) -> AsyncIterator[tuple[World, Liar]]:
    """Serve a small portal in which a job has work; the same seed gives the same portal."""
    scopes = ("crm", "user_brief", "task", "sale")
    portal = Portal(Options(burst=1e6, per_second=1e6, scopes=scopes, cuts_starts=False), clock=time.of_portal)
    async with serve(portal) as server, lying(server.url + "/") as liar:
        world = World(portal, server, folder, clock=time)
        world.configure(portal__webhook=server.webhook_url.replace(server.url + "/", liar.url))
        world.configure(limits__request_timeout_seconds=70, limits__request_cut_seconds=60)
        world.configure(limits__burst=100_000, limits__per_second=50_000.0)
        _fill(world, kind, seed)
        yield world, liar


def _fill(world: World, kind: str, seed: int) -> None:
    world.folder.mkdir(parents=True)
    api = "classic" if kind.startswith("classic") else "universal"
    match kind.removeprefix("classic "):
        case "points":
            generate(world.portal, seed, contacts=14, companies=6, leads=5)
            world.configure(portal__api=api)
        case "bindings":
            generate_activities(world.portal, seed, converted=4, activities=3)
            world.rebind_by(rule("converted", where=CONVERTED))
        case "shared points":
            generate_activities(world.portal, seed, duplicated=4, activities=3)
            world.rebind_by(rule("shared", to="same_contact_point:company", where='{ stageId = "NEW" }'))
        case "payments":
            generate_payments(world.portal, seed, deals=12, obstacles=0.0)
            date_paid(world, api=api)
            world.configure(portal__api=api)


def wrote(world: World) -> Wrote:
    """Return every value that came through REST."""
    edits = world.portal.history.by_api()
    return frozenset((edit.entity_type_id, edit.item_id, edit.name, edit.after) for edit in edits)


def held(world: World) -> dict[str, object]:
    """Return all that jobs may change in the portal."""
    portal = world.portal
    return {
        "points": {
            (item.entity_type_id, item.id): sorted((point.type_id, point.value) for point in item.points.values())
            for table in portal.tables.values()
            for item in table.items.values()
        },
        "bindings": {number: sorted(row.bindings) for number, row in portal.activities.rows.items()},
        "links": {number: sorted(row.links) for number, row in portal.tasks.rows.items()},
        "fields": sorted(field.upper for table in portal.tables.values() for field in table.fields),
    }


async def undisturbed(kind: str, seed: int, folder: Path, time: SimulatedTime) -> tuple[Wrote, dict[str, object]]:
    """Return what a run writes that nothing disturbs, and what the portal holds afterwards."""
    async with attacked(kind, seed, folder, time) as (world, _):
        await world.backfill()
        assert_unharmed(world, kind)
        return wrote(world), held(world)


def assert_unharmed(world: World, kind: str) -> None:
    """Hold that nothing was lost, and that all is as the truth wants it."""
    portal = world.portal
    assert portal.history.breaches == []
    assert portal.history.limit_errors == {}
    assert lost_values(portal) == []
    if kind.endswith("points") and "shared" not in kind:
        assert mistakes(portal) == []
    if kind.endswith("payments"):
        assert payment_mistakes(portal, CODE, "last") == []
