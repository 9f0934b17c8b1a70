"""Activities as the client reads and writes them, against the simulated portal."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from b24syncd.clock import SystemClock
from b24syncd.domain.activities import ActivitySnapshot, Bound, Source
from b24syncd.domain.bindings import Binding
from b24syncd.domain.corrections import AddBinding, Correction, MoveBinding, RemoveBinding, SetTaskLinks
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.snapshots import Snapshot
from b24syncd.errors import OutcomeUnknown, Rejected
from b24syncd.portal.activities.subjects import Activities
from b24syncd.portal.activities.target_proofs import TARGET_GONE
from b24syncd.portal.client import PortalClient
from b24syncd.portal.pace.backoff import Backoff
from b24syncd.portal.pace.limits import Limits, VolatileMemory
from b24syncd.portal.wire.commands import Deferred, Priority, Refused, Unknown
from b24syncd.portal.writes import NotApplicable, NotTried, Write, WriteOutcome, Written
from b24syncd.settings.webhook import parse_webhook
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.http.server import serve
from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.tables.activity_fields import ACTIVITY
from b24syncd.simulator.tables.fields import COMPANY, CONTACT, DEAL, LEAD
from b24syncd.simulator.tables.tasks import TASK

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection

    from b24syncd.simulator.methods.calls import Call

LIVE = Priority.LIVE
ROOMY = Limits(burst=10_000, per_second=2000.0, backoff=Backoff(0.01, 0.05, 0.3, 0.2))


class Leads:
    """All leads are sources without any offer; keeps what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[Binding] = []

    async def of(self, bindings: Collection[Binding], *, priority: Priority) -> dict[Binding, Source]:
        assert priority is LIVE
        self.asked.extend(sorted(bindings))
        return {binding: Source(binding, ()) for binding in bindings if binding.type_id == LEAD}


def portal_of(
    leads: int = 3, companies: int = 3, scopes: tuple[str, ...] = ("crm", "task"), *, checks_owners: bool = False
) -> Portal:
    portal = Portal(Options(burst=10_000, per_second=2000.0, scopes=scopes, checks_owners=checks_owners))
    for type_id, number in ((LEAD, leads), (COMPANY, companies), (CONTACT, 1), (DEAL, 1)):
        for _ in range(number):
            portal.create(type_id, {"title": "One of them"}, [], "generator")
    return portal


def call(portal: Portal, *bindings: tuple[int, int]) -> int:
    values: dict[str, Any] = {
        "typeId": 2,
        "providerId": "VOXIMPLANT_CALL",
        "subject": "Call",
        "direction": 1,
        "completed": "Y",
    }
    return portal.activities.create(values, bindings, "generator").id


@asynccontextmanager
async def connected(portal: Portal, sources: Leads | None = None) -> AsyncIterator[Activities]:
    async with serve(portal) as server:
        webhook = parse_webhook(server.webhook_url, "portal.webhook")
        random = Random(1)  # noqa: S311 # has to be repeatable
        clock = SystemClock()
        async with PortalClient(webhook, ROOMY, clock=clock, random=random, memory=VolatileMemory()) as client:
            yield Activities(client, clock, sources or Leads())


def ref(activity_id: int) -> EntityRef:
    return EntityRef(EntityType.ACTIVITY, activity_id)


async def snapshot_of(activities: Activities, activity_id: int) -> ActivitySnapshot:
    found = (await activities.read([ref(activity_id)], priority=LIVE)).found[ref(activity_id)]
    assert isinstance(found, ActivitySnapshot)
    return found


async def write(activities: Activities, *writes: tuple[ActivitySnapshot, Correction]) -> tuple[WriteOutcome, ...]:
    async def leave() -> None:
        """Leave."""

    return await activities.write(
        [Write(snapshot, (correction,)) for snapshot, correction in writes], priority=LIVE, before_send=leave
    )


async def write_each(activities: Activities, *writes: tuple[ActivitySnapshot, Correction]) -> tuple[WriteOutcome, ...]:
    """Send each in a batch of its own, for the first failure of a batch ends it."""
    return tuple([outcome for one in writes for outcome in await write(activities, one)])


def add(activity_id: int, type_id: int, item_id: int) -> AddBinding:
    return AddBinding(ref(activity_id), "bindings", Binding(type_id, item_id))


def remove(activity_id: int, type_id: int, item_id: int) -> RemoveBinding:
    return RemoveBinding(ref(activity_id), "bindings", Binding(type_id, item_id))


def move(activity_id: int, source: int, target: int) -> MoveBinding:
    return MoveBinding(ref(activity_id), "bindings", Binding(LEAD, source), Binding(LEAD, target))


def activity(state: object) -> ActivitySnapshot:
    assert isinstance(state, ActivitySnapshot)
    return state


def bindings_of(state: Any) -> list[str]:  # noqa: ANN401 # of either end of a write
    assert isinstance(state, ActivitySnapshot)
    return [str(binding) for binding in state.state.bindings]


async def test_an_activity_is_read_with_its_bindings_and_sources() -> None:
    portal = portal_of()
    first = call(portal, (LEAD, 1), (COMPANY, 2))
    leads = Leads()
    async with connected(portal, leads) as activities:
        read = await activities.read([ref(first), ref(99)], priority=LIVE)
    assert read.found.keys() == {ref(first)}
    assert not read.refused
    found = read.found[ref(first)]
    assert isinstance(found, ActivitySnapshot)
    assert found.state == Bound((Binding(LEAD, 1), Binding(COMPANY, 2)))
    assert [str(source.binding) for source in found.sources] == ["lead:1"]
    assert found.activity.provider == "VOXIMPLANT_CALL"
    assert (found.activity.type_id, found.activity.direction, found.activity.completed) == (2, 1, True)
    assert found.activity.task_id is None
    assert found.activity.created_at == found.updated_at
    assert found.updated_at.timestamp() == portal.activities.rows[first].updated
    assert portal.history.requests == {"crm.activity.list": 1, "crm.activity.binding.list": 1}


async def test_all_activities_of_items_are_read_once_each_over_all_pages() -> None:
    portal = portal_of(leads=60)
    bound = [call(portal, (LEAD, 1), (LEAD, 2), (COMPANY, 1)) for _ in range(70)]
    bound += [call(portal, (LEAD, lead)) for lead in range(1, 61)]
    call(portal, (COMPANY, 1))
    leads = Leads()
    async with connected(portal, leads) as activities:
        sources = {Binding(LEAD, lead): Source(Binding(LEAD, lead), ()) for lead in range(1, 61)}
        found = list((await activities.bound_to(sources, priority=LIVE)).found.values())
    assert [snapshot.ref.id for snapshot in found] == bound
    assert [str(source.binding) for source in activity(found[0]).sources] == ["lead:1", "lead:2"]
    assert leads.asked == [Binding(COMPANY, 1)]


async def test_of_no_items_there_are_no_activities() -> None:
    portal = portal_of()
    call(portal, (LEAD, 1))
    async with connected(portal) as activities:
        assert (await activities.bound_to({}, priority=LIVE)).found == {}
        assert (await activities.read([], priority=LIVE)).found == {}
    assert not portal.history.requests


async def test_what_changed_is_walked_and_completed() -> None:
    portal = portal_of()
    for lead in (1, 2, 3):
        call(portal, (LEAD, lead))
    async with connected(portal) as activities:
        walker = activities.changed("2020-01-01T00:00:00+00:00", priority=LIVE)
        stretch = await walker.after(0)
        assert stretch.is_last
        found = (await activities.complete(stretch.rows, priority=LIVE)).found.values()
        assert [bindings_of(snapshot) for snapshot in found] == [["lead:1"], ["lead:2"], ["lead:3"]]
        later = await activities.changed("2099-01-01T00:00:00+00:00", priority=LIVE).after(0)
        assert later.rows == ()
        up_to = activities.changed("2020-01-01T00:00:00+00:00", priority=LIVE, up_to_id=2)
        assert [row.ref.id for row in (await up_to.after(0)).rows] == [1, 2]


async def test_long_walks_are_chained() -> None:
    portal = portal_of()
    for _ in range(430):
        call(portal, (LEAD, 1))
    async with connected(portal) as activities:
        walker = activities.changed("2020-01-01T00:00:00+00:00", priority=LIVE)
        met: list[int] = []
        is_last = False
        while not is_last:
            stretch = await walker.after(met[-1] if met else 0)
            met.extend(row.ref.id for row in stretch.rows)
            is_last = stretch.is_last
    assert met == list(range(1, 431))
    assert sum(portal.history.requests.values()) <= 5


async def test_bindings_are_read_again_and_the_rest_is_kept() -> None:
    portal = portal_of()
    first, second = call(portal, (LEAD, 1)), call(portal, (LEAD, 2))
    async with connected(portal) as activities:
        before = [await snapshot_of(activities, first), await snapshot_of(activities, second)]
        portal.activities.rebind(portal.activities.rows[first], [(LEAD, 3)], "person")
        portal.activities.remove(portal.activities.rows[second], "person")
        renewed = (await activities.renew(before, priority=LIVE)).found
    assert renewed.keys() == {ref(first)}
    assert bindings_of(renewed[ref(first)]) == ["lead:3"]
    assert activity(renewed[ref(first)]).sources == before[0].sources
    assert renewed[ref(first)].read_at > before[0].read_at


async def test_bindings_are_added_removed_and_moved_each_with_its_witness() -> None:
    portal = portal_of()
    one, two, three = call(portal, (LEAD, 1)), call(portal, (LEAD, 1), (COMPANY, 1)), call(portal, (LEAD, 1))
    async with connected(portal) as activities:
        read = [await snapshot_of(activities, activity_id) for activity_id in (one, two, three)]
        corrections: tuple[Correction, ...] = (add(one, COMPANY, 2), remove(two, LEAD, 1), move(three, 1, 2))
        outcomes = await write(activities, *zip(read, corrections, strict=True))
        assert portal.history.requests["batch"] == 1
        after = [await snapshot_of(activities, activity_id) for activity_id in (one, two, three)]
    ends = []
    for outcome, snapshot, now in zip(outcomes, read, after, strict=True):
        assert isinstance(outcome, Written)
        assert outcome.witness == snapshot
        assert isinstance(outcome.after, ActivitySnapshot)
        assert outcome.after.state == now.state
        ends.append(bindings_of(outcome.after))
    assert ends == [["lead:1", "company:2"], ["company:1"], ["lead:2"]]


async def test_what_the_bindings_do_not_allow_is_to_be_looked_at_again_and_the_others_are_done() -> None:
    portal = portal_of()
    ids = [call(portal, (LEAD, 1)) for _ in range(4)]
    async with connected(portal) as activities:
        read = [await snapshot_of(activities, activity_id) for activity_id in ids]
        corrections: tuple[Correction, ...] = (
            add(ids[0], LEAD, 1),
            remove(ids[1], LEAD, 2),
            remove(ids[2], LEAD, 1),
            add(ids[3], COMPANY, 1),
        )
        outcomes = await write_each(activities, *zip(read, corrections, strict=True))
    assert outcomes[:3] == (
        NotApplicable("ACTIVITY_IS_ALREADY_BOUND"),
        NotApplicable("BINDING_NOT_FOUND"),
        NotApplicable("LAST_BINDING_CANNOT_BE_DELETED"),
    )
    assert isinstance(outcomes[3], Written)


async def test_what_move_says_when_things_changed() -> None:
    portal = portal_of()
    one, two = call(portal, (LEAD, 3)), call(portal, (LEAD, 1), (LEAD, 2))
    async with connected(portal) as activities:
        read = [await snapshot_of(activities, activity_id) for activity_id in (one, two)]
        outcomes = await write_each(activities, (read[0], move(one, 1, 2)), (read[1], move(two, 1, 2)))
    assert outcomes == (NotApplicable("BINDING_NOT_FOUND"), NotApplicable("ACTIVITY_IS_ALREADY_BOUND"))


async def test_what_is_refused() -> None:
    portal = portal_of(checks_owners=True)
    ids = [call(portal, (LEAD, 1)) for _ in range(4)]
    async with connected(portal) as activities:
        read = [await snapshot_of(activities, activity_id) for activity_id in ids]
        portal.frozen.add((ACTIVITY, ids[0]))
        portal.activities.remove(portal.activities.rows[ids[3]], "person")
        corrections: tuple[Correction, ...] = (
            add(ids[0], COMPANY, 1),
            add(ids[1], CONTACT, 1),
            move(ids[2], 1, 1),
            add(ids[3], COMPANY, 1),
        )
        portal.hidden.add((CONTACT, 1))
        outcomes = await write_each(activities, *zip(read, corrections, strict=True))
    codes = [outcome.code for outcome in outcomes if isinstance(outcome, Refused)]
    assert codes == [
        "ACCESS_DENIED",
        "ACCESS_DENIED",
        "SOURCE_AND_TARGET_ENTITY_ID_ARE_EQUAL_ERROR",
        "NOT_FOUND",
    ]
    assert portal.history.by_api() == []


async def test_the_witness_tells_what_a_person_did_meanwhile() -> None:
    portal = portal_of()
    one = call(portal, (LEAD, 1))
    async with connected(portal) as activities:
        read = await snapshot_of(activities, one)
        portal.activities.rebind(portal.activities.rows[one], [(LEAD, 1), (CONTACT, 1)], "person")
        (outcome,) = await write(activities, (read, add(one, COMPANY, 1)))
    assert isinstance(outcome, Written)
    assert bindings_of(outcome.witness) == ["lead:1", "contact:1"]
    assert bindings_of(outcome.after) == ["lead:1", "contact:1", "company:1"]


def fails(method: str, activity_id: int) -> Fault:
    def of_one(command: Call) -> bool:
        return command.method == method and str(command.parameters.get("activityId")) == str(activity_id)

    return Fault(kind=Kind.COMMAND_ERROR, match=of_one)


async def test_an_uncertain_answer_is_unknown_and_without_a_witness_nothing_is_written() -> None:
    portal = portal_of()
    ids = [call(portal, (LEAD, 1)) for _ in range(3)]
    async with connected(portal) as activities:
        read = [await snapshot_of(activities, activity_id) for activity_id in ids]
        portal.faults.add(fails("crm.activity.binding.add", ids[0]))
        portal.faults.add(fails("crm.activity.binding.list", ids[1]))
        outcomes = await write_each(activities, *((one, add(one.ref.id, COMPANY, 1)) for one in read))
    assert [type(outcome) for outcome in outcomes] == [Unknown, NotTried, Written]


async def test_a_blocked_method_defers_the_writes_and_nothing_is_done() -> None:
    portal = portal_of()
    one = call(portal, (LEAD, 1))
    async with connected(portal) as activities:
        read = await snapshot_of(activities, one)
        portal.faults.add(Fault(kind=Kind.ERROR_429, match="crm.activity.binding.add"))
        (outcome,) = await write(activities, (read, add(one, COMPANY, 1)))
    assert isinstance(outcome, Deferred)
    assert portal.history.by_api() == []


async def test_a_lost_answer_is_told() -> None:
    portal = portal_of()
    one = call(portal, (LEAD, 1))
    async with connected(portal) as activities:
        read = await snapshot_of(activities, one)
        portal.faults.add(Fault(kind=Kind.RESET, when="after", match="crm.activity.binding.add"))
        with pytest.raises(OutcomeUnknown):
            await write(activities, (read, add(one, COMPANY, 1)))
        assert bindings_of(await snapshot_of(activities, one)) == ["lead:1", "company:1"]


async def test_several_corrections_of_one_activity_go_in_order_and_a_part_is_unknown() -> None:
    portal = portal_of(checks_owners=True)
    one, two = call(portal, (LEAD, 1)), call(portal, (LEAD, 1))

    async def leave() -> None:
        """Leave."""

    async with connected(portal) as activities:
        read = [await snapshot_of(activities, activity_id) for activity_id in (one, two)]
        writes = [
            Write(read[0], (add(one, COMPANY, 1), add(one, COMPANY, 2))),
            Write(read[1], (add(two, COMPANY, 1), add(two, COMPANY, 1))),
        ]
        outcomes = await activities.write(writes, priority=LIVE, before_send=leave)
    assert isinstance(outcomes[0], Written)
    assert bindings_of(outcomes[0].after) == ["lead:1", "company:1", "company:2"]
    assert outcomes[1] == Unknown("only a part of the write was done")


async def test_writes_that_do_not_fit_into_a_batch_are_deferred() -> None:
    portal = portal_of()
    ids = [call(portal, (LEAD, 1)) for _ in range(30)]
    async with connected(portal) as activities:
        read = (await activities.read(map(ref, ids), priority=LIVE)).found
        snapshots = [read[ref(activity_id)] for activity_id in ids]

        async def leave() -> None:
            """Leave."""

        writes = [Write(one, (add(one.ref.id, COMPANY, 1),)) for one in snapshots]
        outcomes = await activities.write(writes, priority=LIVE, before_send=leave)
        assert [type(outcome) for outcome in outcomes] == [Written] * 24 + [Deferred] * 6
        assert portal.history.commands["crm.item.get"] == 1  # they share the target and its proof


async def test_a_batch_is_filled_by_what_each_write_takes() -> None:
    portal = portal_of(companies=31)
    ids = [call(portal, (LEAD, 1)) for _ in range(30)]
    async with connected(portal) as activities:
        read = (await activities.read(map(ref, ids), priority=LIVE)).found
        snapshots = [read[ref(activity_id)] for activity_id in ids]

        async def leave() -> None:
            """Leave."""

        large = Write(snapshots[0], tuple(add(ids[0], COMPANY, number) for number in (1, 2, 3)))
        small = [Write(one, (add(one.ref.id, COMPANY, 1),)) for one in snapshots]
        apart = [Write(one, (add(one.ref.id, COMPANY, number),)) for number, one in enumerate(snapshots, 1)]
        outcomes = await activities.write([large, *small[1:]], priority=LIVE, before_send=leave)
        assert [type(outcome) for outcome in outcomes] == [Written] * 22 + [Deferred] * 8
        assert await activities.room([large, *small], priority=LIVE) == 22
        assert await activities.room(small, priority=LIVE) == 24
        assert await activities.room(apart, priority=LIVE) == 16  # each with a proof of its own


TO_GONE = (
    (add, (COMPANY, 99)),
    (move, (1, 99)),
)


@pytest.mark.parametrize(("correct", "ends"), TO_GONE)
async def test_nothing_is_bound_to_what_is_gone_and_nothing_left_for_it(correct: Any, ends: tuple[int, int]) -> None:  # noqa: ANN401 # either of two functions
    """php: an administrator may bind to any id (modules/crm/lib/controller/activity/binding.php `canEdit`)."""
    portal = portal_of()
    ids = [call(portal, (LEAD, 1)) for _ in range(4)]
    async with connected(portal) as activities:
        read = [await snapshot_of(activities, activity_id) for activity_id in ids]
        first, *gone, last = (one.ref.id for one in read)
        corrections = (add(first, COMPANY, 1), *(correct(one, *ends) for one in gone), add(last, COMPANY, 2))
        outcomes = await write(activities, *zip(read, corrections, strict=True))
        assert isinstance(outcomes[0], Written)
        # no second request finds out the same of another activity
        assert outcomes[1:3] == (NotApplicable(TARGET_GONE),) * 2
        assert isinstance(outcomes[3], Deferred)
    assert [portal.activities.rows[one].bindings for one in gone] == [[(LEAD, 1)]] * 2


async def test_what_an_activity_is_left_to_is_proved_as_well() -> None:
    portal = portal_of()
    one = call(portal, (LEAD, 1), (COMPANY, 99))
    async with connected(portal) as activities:
        read = await snapshot_of(activities, one)
        left = RemoveBinding(ref(one), "bindings", Binding(LEAD, 1), toward=Binding(COMPANY, 99))
        assert await write(activities, (read, left)) == (NotApplicable(TARGET_GONE),)
    assert portal.activities.rows[one].bindings == [(LEAD, 1), (COMPANY, 99)]


@pytest.mark.parametrize("after", [("L_2", "CO_99"), ("CO_99",)])
async def test_a_task_is_linked_with_nothing_that_is_gone(after: tuple[str, ...]) -> None:
    portal = portal_of()
    made = portal.tasks.create({"title": "A task", "responsibleId": 1, "createdBy": 1}, [(LEAD, 1)], "generator")
    mirror = portal.activities.by_task[made.id]
    async with connected(portal) as activities:
        read = await snapshot_of(activities, mirror)
        links = SetTaskLinks(ref(mirror), "bindings", made.id, ("L_1",), after)
        assert await write(activities, (read, links)) == (NotApplicable(TARGET_GONE),)
        staying = replace(links, after=("L_1",), toward=(Binding(COMPANY, 99),))
        assert await write(activities, (read, staying)) == (NotApplicable(TARGET_GONE),)
    assert portal.tasks.rows[made.id].links == [(LEAD, 1)]


async def test_a_proof_that_fails_for_the_moment_puts_the_write_off() -> None:
    portal = portal_of()
    one = call(portal, (LEAD, 1))
    async with connected(portal) as activities:
        read = await snapshot_of(activities, one)
        portal.faults.add(Fault(kind=Kind.COMMAND_ERROR, match="crm.item.get"))
        (outcome,) = await write(activities, (read, add(one, COMPANY, 1)))
        assert isinstance(outcome, NotTried)
    assert portal.history.by_api() == []


async def remove_all_but_one(activities: Activities, activity_id: int) -> WriteOutcome:
    async def leave() -> None:
        """Leave."""

    read = await snapshot_of(activities, activity_id)
    corrections = tuple(remove(activity_id, LEAD, binding.id) for binding in read.state.bindings[1:])
    (outcome,) = await activities.write([Write(read, corrections)], priority=LIVE, before_send=leave)
    return outcome


async def test_an_activity_on_very_many_items_takes_more_than_one_batch() -> None:
    portal = portal_of(leads=80)
    one = call(portal, *((LEAD, lead) for lead in range(1, 81)))
    async with connected(portal) as activities:
        outcome = await remove_all_but_one(activities, one)
    assert isinstance(outcome, Written)
    assert bindings_of(outcome.after) == ["lead:1"]
    assert portal.activities.rows[one].bindings == [(LEAD, 1)]
    assert portal.history.requests["batch"] == 2


async def test_of_more_than_one_batch_the_second_answer_may_be_lost() -> None:
    portal = portal_of(leads=80)
    one = call(portal, *((LEAD, lead) for lead in range(1, 81)))
    async with connected(portal) as activities:
        portal.faults.add(Fault(kind=Kind.RESET, when="after", match="crm.activity.binding.delete", nth=2))
        assert isinstance(await remove_all_but_one(activities, one), Unknown)


async def test_only_activities_are_written() -> None:
    portal = portal_of()
    one = call(portal, (LEAD, 1))
    async with connected(portal) as activities:
        read = await snapshot_of(activities, one)
        item = Snapshot(ref(one), read.updated_at, ())

        async def leave() -> None:
            """Leave."""

        with pytest.raises(TypeError, match="no activity"):
            await activities.write([Write(item, (add(one, COMPANY, 1),))], priority=LIVE, before_send=leave)


def task_for(portal: Portal, *links: tuple[int, int], old: bool = False) -> tuple[int, int]:
    task = portal.tasks.create({"title": "Call back", "responsibleId": 1}, links, "generator", old_mirror=old)
    return task.id, portal.activities.by_task[task.id]


@pytest.mark.parametrize("old", [False, True])
async def test_the_links_of_a_mirrored_task_are_read_and_written(*, old: bool) -> None:
    portal = portal_of()
    task_id, mirror = task_for(portal, (LEAD, 1), (CONTACT, 1), old=old)
    async with connected(portal) as activities:
        read = await snapshot_of(activities, mirror)
        assert read.activity.task_id == task_id
        assert read.state.task_links == ("L_1", "C_1")
        links = SetTaskLinks(ref(mirror), "bindings", task_id, ("L_1", "C_1"), ("CO_1", "C_1"))
        (outcome,) = await write(activities, (read, links))
        now = await snapshot_of(activities, mirror)
    assert isinstance(outcome, Written)
    assert outcome.witness == read
    assert isinstance(outcome.after, ActivitySnapshot)
    assert outcome.after.state.task_links == ("CO_1", "C_1") == now.state.task_links
    assert set(bindings_of(now)) == {"company:1", "contact:1"}


async def test_a_task_that_refuses_or_is_not_shown() -> None:
    portal = portal_of()
    (first, one), (_, two) = task_for(portal, (LEAD, 1)), task_for(portal, (LEAD, 1))
    async with connected(portal) as activities:
        read = await snapshot_of(activities, one)
        portal.frozen.add((TASK, first))
        links = SetTaskLinks(ref(one), "bindings", first, ("L_1",), ("CO_1",))
        (outcome,) = await write(activities, (read, links))
        assert outcome == Refused("0", "Action on the task is not allowed (internal error)")
        portal.frozen.clear()
        portal.faults.add(Fault(kind=Kind.COMMAND_ERROR, match="tasks.task.get", nth=2))
        (outcome,) = await write(activities, (read, links))
        assert outcome == Unknown("the links of a task were written but the task was not shown")
        del portal.tasks.rows[portal.activities.rows[two].task_id]
        portal.tasks.table.remove(portal.tasks.table.items[portal.activities.rows[two].task_id])
        assert (await snapshot_of(activities, two)).state.task_links is None


async def test_without_the_scope_no_links_are_known_and_that_is_asked_once() -> None:
    portal = portal_of(scopes=("crm",))
    (_, one), (_, two) = task_for(portal, (LEAD, 1)), task_for(portal, (LEAD, 2))
    async with connected(portal) as activities:
        for mirror in (one, two):
            assert (await snapshot_of(activities, mirror)).state.task_links is None
    assert portal.history.commands["scope"] == 1
    assert not portal.history.commands["tasks.task.list"]


async def test_a_portal_that_refuses_activities() -> None:
    portal = portal_of()
    one = call(portal, (LEAD, 1))
    async with connected(portal) as activities:
        portal.faults.add(Fault(kind=Kind.COMMAND_ERROR, match="crm.activity.list", times=2, code="ACCESS_DENIED"))
        assert (await activities.read([ref(one)], priority=LIVE)).refused.keys() == {ref(one)}
        with pytest.raises(Rejected, match="ACCESS_DENIED"):
            await activities.bound_to({Binding(LEAD, 1): Source(Binding(LEAD, 1), ())}, priority=LIVE)
        portal.faults.add(Fault(kind=Kind.COMMAND_ERROR, match="crm.activity.binding.list", code="ACCESS_DENIED"))
        read = await activities.read([ref(one)], priority=LIVE)
        assert not read.found
        assert read.refused.keys() == {ref(one)}
