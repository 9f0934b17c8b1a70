"""Two jobs on one item: the phones of contacts, and a job for tests that trims a custom field of theirs."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.engine.scripting import Watcher
from tests.engine.world import CONTACT

from b24syncd.app.runs import Execution, RunWork, run_to_end, unshown
from b24syncd.assembly import beginning_of, lanes_of
from b24syncd.domain.corrections import SetField
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.plans import Plan, Review
from b24syncd.domain.reasons import Reason
from b24syncd.domain.rules import EmailRules
from b24syncd.domain.snapshots import Parts, Snapshot
from b24syncd.engine.kinds import AtPortal, Work, kinds_for
from b24syncd.engine.planning import Guard
from b24syncd.engine.runs import begin, begin_asked
from b24syncd.engine.safety import Safety
from b24syncd.engine.selection import settling_only
from b24syncd.engine.tally import Tally
from b24syncd.engine.undo import Undo, UndoPlanner
from b24syncd.jobs.catalogue import Job, jobs_for
from b24syncd.jobs.contact_values import says
from b24syncd.portal.words.vocabulary import Api, Vocabulary
from b24syncd.session import holding
from b24syncd.simulator.tables.fields import CustomField
from b24syncd.simulator.tables.model import PointChange
from b24syncd.store import holds
from b24syncd.store.history import Filter
from b24syncd.store.runs import RunKind

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tests.engine.world import World

    from b24syncd.app import Summary
    from b24syncd.domain.states import AnySnapshot
    from b24syncd.domain.values import Value
    from b24syncd.engine.subjects import Kind
    from b24syncd.engine.writing.lane import Lane
    from b24syncd.session import Session
    from b24syncd.simulator.methods.calls import Call

NOTE = CustomField(CONTACT, "UF_CRM_NOTE", "Note")
NAME = "ufCrmNote"
RAW, RIGHT = "8 916 123-45-67", "+79161234567"
UNTRIMMED, TRIMMED, ASKED_ABOUT = "  calls back ", "calls back", "?"
NAMES = ("ufCrmNote", "UF_CRM_NOTE")


@dataclass(frozen=True)
class TextField:
    """A text, as a portal keeps it."""

    name: str = NAME
    upper_name: str = NOTE.code
    title: str = NOTE.title

    def parse(self, answered: object) -> Value:
        return str(answered) if answered else None

    def sent(self, value: Value) -> object:
        return value or ""

    has_one_form = True

    def as_classic(self, entity_type: EntityType) -> TextField:  # noqa: ARG002 # a custom field has one code
        return self


def _trimmed(snapshot: AnySnapshot) -> Plan:
    assert isinstance(snapshot, Snapshot)
    there = snapshot.fields[NAME]
    if there == ASKED_ABOUT:
        return Plan(reviews=(Review(snapshot.ref, "notes", 0, ASKED_ABOUT, Reason.ENTERED_BY_HAND),))
    if not isinstance(there, str) or there == there.strip():
        return Plan()
    return Plan((SetField(snapshot.ref, "notes", NAME, there, there.strip() or None),))


NOTES = Job(
    "notes",
    EmailRules(entities=(EntityType.CONTACT,)),  # only their types are asked for
    _trimmed,
    lambda _: Parts(fields=frozenset({NAME})),
)


def contact(world: World, phone: str = RAW, note: str = UNTRIMMED, *emails: str) -> int:
    """Add a contact that nobody changed for a long time."""
    points = [PointChange(None, "PHONE", "WORK", phone), *(PointChange(None, "EMAIL", "WORK", one) for one in emails)]
    return world.portal.create(CONTACT, {NAME: note}, points, "generator", int(world.portal.clock()) - 86400).id


def note_of(world: World, item_id: int) -> str | None:
    item = world.portal.find(CONTACT, item_id)
    assert item is not None
    value = item.value(NAME)
    return None if value is None else str(value)


def kinds_of(session: Session, *names: str) -> tuple[Kind, ...]:
    settings = session.settings
    phones = jobs_for({name: settings.jobs[name] for name in ("phones", "emails") if name in names})
    jobs = (*phones, *((NOTES,) if "notes" in names else ()))
    portal = AtPortal(session.client, Vocabulary(Api(settings.portal.api)), session.memory, session.judge, 24.0)
    types = frozenset({EntityType.CONTACT})
    left_out = {name: types for name in ("phones", "notes") if name not in names}
    guard = Guard(())
    return kinds_for(portal, Work(jobs, guard, {EntityType.CONTACT: (TextField(),)}, left_out=left_out))


async def backfill(world: World, *names: str) -> Summary:
    """Walk all contacts with these jobs, by default with both."""
    async with holding(world.settings, world.clock) as session:
        kinds = kinds_of(session, *(names or ("phones", "notes")))
        rules = {job.name: job.rules for kind in kinds for job in kind.planner.jobs}
        beginning = beginning_of(world.settings, rules, session.client, kinds)
        run = await session.database.write(lambda db: begin(db, RunKind.BACKFILL, beginning))
        standing = await session.database.read(holds.standing)
        for kind in kinds:
            for hold in standing:
                kind.planner.hold(hold)
        execution, safety = Execution(unshown), Safety(Tally(run.counts))
        return await run_to_end(session, run, RunWork(kinds, lambda walk: walk.walk(None)), execution, safety=safety)


async def undo(world: World, run_id: int | None) -> Undo:
    """Take back what a run did."""
    async with holding(world.settings, world.clock) as session:
        planner = UndoPlanner(Guard(()), says(world.settings.jobs, world.settings.portal.region))
        kinds = tuple(settling_only(kinds_of(session, "phones", "notes"), planner))
        server_now, now = session.client.server_now(), session.client.clock.now()
        run = await session.database.write(
            lambda db: begin_asked(db, RunKind.UNDO, ["phones", "notes"], server_now=server_now, now=now)
        )
        work = Undo(planner, Filter(run_id=run_id))
        await run_to_end(session, run, RunWork(kinds, work.undo), Execution(unshown), safety=Safety(Tally(run.counts)))
        return work


@asynccontextmanager
async def lane_of(world: World) -> AsyncIterator[Lane]:
    """Give the lane of items, for those who hand it pages themselves."""
    async with holding(world.settings, world.clock) as session:
        kinds = kinds_of(session, "phones", "notes")
        rules = {job.name: job.rules for kind in kinds for job in kind.planner.jobs}
        beginning = beginning_of(world.settings, rules, session.client, kinds)
        run = await session.database.write(lambda db: begin(db, RunKind.BACKFILL, beginning))
        _, (items, _) = lanes_of(session, run, Safety(Tally(run.counts)), kinds)
        yield items


def ref(item_id: int) -> EntityRef:
    return EntityRef(EntityType.CONTACT, item_id)


def writes_field(call: Call) -> bool:
    """Tell whether a command writes the note."""
    sent = call.parameters.get("fields")
    return call.method.endswith(".update") and isinstance(sent, dict) and any(name in sent for name in NAMES)


def writes_points(call: Call) -> bool:
    """Tell whether a command writes phones."""
    sent = call.parameters.get("fields")
    return call.method.endswith(".update") and isinstance(sent, dict) and ("fm" in sent or "PHONE" in sent)


def before_the_first_witness(world: World, act: Callable[[], object]) -> None:
    """Let something be done right before the first item is read by itself."""
    done: list[object] = []

    def watch(_number: int, call: Call) -> None:
        if call.method.endswith(".get") and not done:
            done.append(True)
            act()

    world.portal.watchers.append(Watcher(watch))


def updates(world: World) -> int:
    return world.portal.history.commands["crm.item.update"] + world.portal.history.commands["crm.contact.update"]
