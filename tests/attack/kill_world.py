"""A portal in which every job has work, and what must be true of it after runs that were killed."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from tests.engine.rebinding import CONVERTED, rule
from tests.engine.world import World

from b24syncd.domain.entities import EntityType
from b24syncd.errors import StateUnusable
from b24syncd.simulator.http.server import serve
from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.seeds.activities import generate_activities
from b24syncd.simulator.seeds.items import generate
from b24syncd.simulator.seeds.payments import generate_payments
from b24syncd.simulator.tables.tasks import TASK
from b24syncd.store import journal
from b24syncd.store.reading import open_for_reading

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

CUT_SECONDS = 1.5
TIMEOUT_SECONDS = 60.0
"""These pass in truth: on a busy machine a batch takes its time, and must neither be cut nor given up for that."""

TIGHT_SECONDS, UPDATE_SECONDS = 2.0, 0.25
"""With both families: in a window the universal one has room for seven updates, so that the other is used as well.

It passes in truth, too: what waits for it waits for a second or two, not for the ten minutes of a real window. The
portal itself allows more, for on a busy machine a second is no measure.
"""

SCOPES = ("crm", "user_brief", "task", "sale")
Made = Counter[tuple[str, str, str | None, str | None]]


@dataclass
class _Clock:
    """Stands still while a portal is filled, so that two of them are the same."""

    stands_at: float | None = field(default_factory=time.time)

    def __call__(self) -> float:
        return time.time() if self.stands_at is None else self.stands_at


@asynccontextmanager
async def served(seed: int, folder: Path, *, api: str, stands_at: float) -> AsyncIterator[World]:
    """Serve a small portal; the same seed and instant give the same one. The field for payment dates is missing."""
    clock = _Clock(stands_at)
    options = Options(burst=1e6, per_second=1e6, request_cut_seconds=CUT_SECONDS, scopes=SCOPES, custom_fields=())
    options = replace(options, cuts_starts=False)  # a second is long where all is scaled down
    if api == "both":
        options = replace(options, operating_window_seconds=TIGHT_SECONDS, costs={"crm.item.update": UPDATE_SECONDS})
    portal = Portal(options, clock=clock)
    generate(portal, seed, contacts=14, companies=4, leads=5)
    generate_activities(portal, seed, converted=5, split=8, activities=3, obstacles=0.0)
    generate_payments(portal, seed, deals=14, obstacles=0.0)
    clock.stands_at = None
    async with serve(portal) as server:
        yield _configured(World(portal, server, folder), api)


def _configured(world: World, api: str) -> World:
    """Let all jobs be enabled."""
    world.folder.mkdir(parents=True)
    world.configure(portal__api=api, limits__burst=100_000, limits__per_second=50_000.0)
    world.configure(limits__request_cut_seconds=CUT_SECONDS, limits__request_timeout_seconds=TIMEOUT_SECONDS)
    if api == "both":
        world.configure(limits__operating_seconds=TIGHT_SECONDS, limits__operating_window_seconds=TIGHT_SECONDS)
    world.file = world.folder / "b24syncd.toml"
    jobs = "[jobs.payment_dates]\nenabled = true\n[jobs.bindings]\ninclude_tasks = true\n"
    world.file.write_text(jobs + rule("converted", where=CONVERTED) + _field_rules(api), encoding="utf-8")
    return world


def _field_rules(api: str) -> str:
    """Return rules for fields of the items that other jobs are for, too: one update for all of them."""
    posts, remarks = ("POST", "ADDITIONAL_INFO") if api == "classic" else ("post", "additionalInfo")
    told = (("contact", posts, "Менеджер"), ("deal", remarks, "Без скидки"))
    return "".join(
        f'[[jobs.fields.rules]]\nname = "{field}"\nentity = "{entity}"\nfield = "{field}"\ndefault = "{value}"\n'
        for entity, field, value in told
    )


def write_moves(world: World) -> str:
    """Write the list of moves that the split of leads asks for; return its name."""
    moves = [
        f"lead:{truth.source[1]},lead:{truth.targets['lead'][1]},{truth.activity_id}"
        for truth in world.portal.binding_truth
        if truth.story == "split" and truth.targets
    ]
    path = world.folder / "moves.csv"
    path.write_text("\n".join(["from,to,activity", *moves]), encoding="utf-8")
    return path.name


def held(world: World) -> dict[str, object]:
    """Return all that the portal shows; entries without their ids, for one that comes back has another."""
    portal = world.portal
    items = [item for table in portal.tables.values() for item in table.items.values()]
    return {
        "points": {
            (item.entity_type_id, item.id): sorted((one.type_id, one.value_type, one.value) for one in points)
            for item in items
            if (points := item.points.values())
        },
        "fields": {(item.entity_type_id, item.id): _lasting(item.values) for item in items},
        "bindings": {number: sorted(row.bindings) for number, row in portal.activities.rows.items()},
        "links": {number: sorted(row.links) for number, row in portal.tasks.rows.items()},
        "custom": sorted(one.upper for table in portal.tables.values() for one in table.fields if one.custom),
    }


def _lasting(values: dict[str, Any]) -> dict[str, Any]:
    """Return the fields without when somebody moved the item to its stage: people do so at another moment each time."""
    return {name: value for name, value in values.items() if name != "movedTime"}


def open_intents(world: World) -> dict[tuple[str, str], tuple[int, int]]:
    """Return what stands open in the journal: batch and item, and the item as the portal names it."""
    try:
        with open_for_reading(world.state) as db:
            return {
                (one.batch, str(one.intent.ref)): (one.intent.ref.type.type_id, one.intent.ref.id)
                for one in journal.open_intents(db)
            }
    except StateUnusable as error:
        if "nothing has run yet" not in str(error):  # it may be killed before there are any tables
            raise
        return {}


def made(world: World) -> Made:
    """Count the corrections that the journal tells as made, without the ids of entries."""
    return Counter(
        (type(entry.correction).__name__, str(entry.correction.ref), entry.before, entry.after)
        for entry in world.journal()
        if entry.outcome.value in {"done", "unverified"}
    )


def assert_journal_fits(world: World) -> None:
    """Hold that every edit which the portal counts is in the journal, once, and that nothing is left open."""
    told: Counter[tuple[int, int, str | None, str | None]] = Counter()
    for (kind, ref, before, after), number in made(world).items():
        name, _, item_id = ref.partition(":")
        values = (before, after) if kind.endswith("Point") else (None, None)
        told[EntityType(name).type_id, int(item_id), *values] += number
    edits = Counter(
        (edit.entity_type_id, edit.item_id, *((edit.before, edit.after) if edit.point_id else (None, None)))
        for edit in world.portal.history.by_api()
        if edit.entity_type_id != TASK  # told of the activity that mirrors it
    )
    assert told == edits
    assert open_intents(world) == {}


def assert_unharmed(world: World) -> None:
    """Hold that nothing was written in vain, no binding was lost or overwritten, and no limit was met."""
    history = world.portal.history
    assert history.breaches == []
    assert (history.empty_saves, history.binding_overlaps, history.limit_errors) == (0, 0, {})
    secret = world.portal.options.secret.encode()
    assert [path.name for path in world.state.parent.iterdir() if secret in path.read_bytes()] == []
