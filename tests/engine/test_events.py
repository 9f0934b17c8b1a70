"""Following by the portal's events: what they bring, what is left to polling, what faults and deaths leave behind."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.engine.conftest import edit
from tests.engine.paying import DAY, SHOP, date_paid, day_of, deal, shown
from tests.engine.rebinding import CONVERTED, WITH_TASKS, bound, call, company, lead_of, rule
from tests.engine.scripting import Watcher
from tests.engine.test_bindings_follow import converting

from b24syncd import app
from b24syncd.domain.conditions import ConditionKind
from b24syncd.portal.offline_events import PACKET
from b24syncd.reports.health import read_until
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.people.person import Action, Trigger
from b24syncd.simulator.tables.fields import COMPANY, DEAL
from b24syncd.simulator.tables.model import PointChange
from b24syncd.simulator.tables.offline_events import CONNECTOR, FEATURES, OFFLINE
from b24syncd.store import conditions
from b24syncd.store.reading import open_for_reading

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.engine.conftest import World

    from b24syncd.simulator.methods.calls import Call

    MakeWorld = Callable[..., Coroutine[None, None, World]]

MESSY, CLEAN = "8 (916) 123-45-67", "+79161234567"
SELDOM = 10_000
"""Seconds between polls, in which nothing that a test sees is found by polling."""


@pytest.fixture
async def told(make_world: MakeWorld) -> World:
    """A portal that tells events, and a daemon that follows by them."""
    world = await make_world(webhook_is_application=True)
    world.configure(changes__source="events", changes__poll_seconds=SELDOM, changes__sweep_hours=0)
    return world


def polls(world: World) -> int:
    return world.portal.history.commands["crm.item.list"]


async def idle(world: World, times: int = 3) -> None:
    """Wait until the daemon has asked for events so many times more, and found none."""
    asked = world.portal.history.commands["event.offline.get"]
    await world.until(lambda: world.portal.history.commands["event.offline.get"] > asked + times)


async def test_a_persons_edit_is_met_by_its_event_without_a_poll(told: World) -> None:
    items = [told.add(CLEAN) for _ in range(3)]
    async with told.following():
        await idle(told)
        listed = polls(told)
        told.portal.person.edit(edit(Action.CHANGE, items[0], value=MESSY))
        await told.until(lambda: told.phones(items[0]) == [CLEAN])
        await idle(told)
        assert polls(told) == listed + 1  # of the item by its id
    assert told.portal.offline_events.records == []
    assert not told.waiting()


def unseen(world: World, item: int, value: str) -> None:
    """Let a person change a phone so that the item's time of change tells nothing: only the event does."""
    assert world.portal.person.edit(world.change(item, value, canonical=(CLEAN,), late=90 * 86400.0))


async def settled(world: World, *items: int) -> None:
    """Wait until all is as it should be, and the portal keeps nothing for us."""
    await world.until(lambda: all(world.phones(item) == [CLEAN] for item in items))
    await world.until(lambda: not world.portal.offline_events.records)
    await world.until(lambda: not world.waiting() and world.outcomes()["intent"] == 0)


def unavailable(world: World) -> list[str]:
    with open_for_reading(world.state) as db:
        standing = conditions.standing(db)
    return [one.detail for one in standing if one.kind is ConditionKind.EVENTS_UNAVAILABLE]


async def test_own_writes_are_no_events_and_what_they_set_off_is_left_to_polling(told: World) -> None:
    item, company = told.add(CLEAN), told.add(CLEAN, type_id=COMPANY)
    told.configure(changes__poll_seconds=60, changes__interval_seconds=5)

    def set_off(_number: int, call: Call) -> None:
        """Do what a robot of the portal does in the request of our own write."""
        found = told.portal.find(COMPANY, company)
        if call.method == "crm.item.update" and found is not None and told.phones(company, COMPANY) == [CLEAN]:
            told.portal.change(found, {}, [PointChange(next(iter(found.points)), "PHONE", "WORK", MESSY)], "api")

    async with told.following():
        await idle(told)
        watcher = Watcher(set_off)
        told.portal.watchers.append(watcher)
        unseen(told, item, MESSY)
        await told.until(lambda: told.phones(company, COMPANY) == [MESSY])
        told.portal.watchers.remove(watcher)
        began = told.clock.monotonic()
        await settled(told, item)
        assert told.phones(company, COMPANY) == [MESSY]  # nobody was told
        await told.until(lambda: told.phones(company, COMPANY) == [CLEAN], seconds=1e4)
        assert told.clock.monotonic() - began > 30
    told.assert_right()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("method", ["event.offline.get", "event.offline.clear", "event.bind", "crm.item.update"])
async def test_a_lost_answer_loses_no_event(told: World, method: str, when: str) -> None:
    items = [told.add(CLEAN) for _ in range(3)]
    if method == "event.bind":
        told.portal.faults.add(Fault(kind=Kind.RESET, match=method, when=when))
    async with told.following():
        await idle(told)
        told.portal.faults.add(Fault(kind=Kind.RESET, match=method, when=when))
        for item in items:
            unseen(told, item, MESSY)
        await settled(told, *items)
    told.assert_right(repeated=True)


async def test_a_death_at_any_moment_loses_no_event(told: World) -> None:
    """The daemon dies at each command after the edits, one life after the other."""
    async with told.following():
        await idle(told)
    for number in range(1, 9):
        item = told.add(CLEAN)
        unseen(told, item, MESSY)
        async with told.following() as life:
            with told.at_command(number, life.cancel), suppress(asyncio.CancelledError):
                await life
        async with told.following():
            await settled(told, item)
    told.assert_right(repeated=True)


async def test_what_is_in_the_queue_is_durable_before_the_portal_forgets_it(told: World) -> None:
    item = told.add(CLEAN)
    waiting: list[int] = []
    watcher = Watcher(lambda _, call: waiting.append(told.waiting()) if call.method == "event.offline.clear" else None)
    async with told.following():
        await idle(told)
        told.portal.watchers.append(watcher)
        unseen(told, item, MESSY)
        await settled(told, item)
    assert waiting == [1]


async def test_more_than_a_packet_holds_and_items_that_are_gone(told: World) -> None:
    items = [told.add(CLEAN) for _ in range(PACKET + 20)]
    async with told.following():
        await idle(told)
        for item in items:
            unseen(told, item, MESSY)
        for item in items[:10]:
            told.portal.person.edit(edit(Action.DELETE_ITEM, item))
        await settled(told, *items[10:])
    assert told.given_up() == []
    told.assert_right()


async def test_a_person_who_edits_while_we_write_is_met_by_the_event_of_that(told: World) -> None:
    item = told.add(CLEAN)
    async with told.following():
        await idle(told)
        later = told.change(item, "8 903 222-33-44", canonical=("+79032223344",), late=90 * 86400.0)
        told.portal.person.plan(Trigger(method="crm.item.update", moment="after"), later)
        unseen(told, item, MESSY)
        await told.until(lambda: told.phones(item) == ["+79032223344"])
    told.assert_right()


@pytest.mark.parametrize("lack", ["webhook", "administrator", OFFLINE, CONNECTOR, "installation"])
async def test_where_no_events_are_told_all_is_polled_until_they_are(make_world: MakeWorld, lack: str) -> None:
    options = {"webhook_is_application": lack != "webhook", "administrator": lack != "administrator"}
    world = await make_world(**options)
    events = world.portal.offline_events
    events.without.update({lack} & set(FEATURES))
    events.unfinished.update({"simulated.application"} if lack == "installation" else ())
    world.configure(changes__source="events", changes__poll_seconds=60, changes__sweep_hours=0)
    world.configure(changes__interval_seconds=5)
    item = world.add(CLEAN)
    async with world.following():
        await world.rounds(1)
        world.portal.person.edit(world.change(item, MESSY))
        await world.until(lambda: world.phones(item) == [CLEAN])
        await world.rounds(1)
        assert len(unavailable(world)) == 1
        assert world.portal.history.commands["event.offline.get"] == 0
        events.without.clear()
        events.unfinished.clear()
        if lack not in ("webhook", "administrator"):  # which the portal does not give by itself
            await world.until(lambda: not unavailable(world), seconds=1e4)
            await idle(world)


async def test_a_plan_that_lapses_while_it_follows(told: World) -> None:
    items = [told.add(CLEAN) for _ in range(2)]
    async with told.following():
        await idle(told)
        taken = Watcher(
            lambda _, call: (
                told.portal.offline_events.without.update(FEATURES) if call.method == "crm.item.list" else None
            )
        )
        told.portal.watchers.append(taken)  # between the reading of an item and its write
        unseen(told, items[0], MESSY)
        await told.until(lambda: told.phones(items[0]) == [CLEAN])
        told.portal.person.edit(told.change(items[1], MESSY))
        await told.until(lambda: told.phones(items[1]) == [CLEAN])
        await told.until(lambda: unavailable(told))
    assert told.given_up() == []
    told.assert_right()


async def test_back_to_polling_the_portal_keeps_no_events_any_more(told: World) -> None:
    item = told.add(CLEAN)
    async with told.following():
        await idle(told)
    assert len(told.portal.offline_events.bound) == 9
    told.configure(changes__source="polling")
    told.portal.person.edit(told.change(item, MESSY))
    async with told.following():
        await told.until(lambda: told.phones(item) == [CLEAN])
        await told.rounds(1)
    assert told.portal.offline_events.bound == []
    asked = told.portal.history.commands["event.get"]
    async with told.following():
        await told.rounds(1)
    assert told.portal.history.commands["event.get"] == asked


@pytest.mark.parametrize("lack", ["webhook", "plan", "room"])
async def test_what_could_not_be_unbound_is_not_forgotten(told: World, lack: str) -> None:
    async with told.following():
        await idle(told)
    told.configure(changes__source="polling")
    options, events = told.portal.options, told.portal.offline_events
    told.portal.options = replace(options, webhook_is_application=lack != "webhook")
    events.without.update([CONNECTOR] if lack == "plan" else [])
    if lack == "room":
        told.portal.faults.add(Fault(kind=Kind.ERROR_503, match="event.unbind"))
    async with told.following():
        await told.rounds(1)
    assert events.bound
    told.portal.options = options
    events.without.clear()
    async with told.following():
        await told.rounds(1)
    assert not events.bound


async def test_a_type_of_which_a_job_rests_is_polled(told: World) -> None:
    item = told.add(CLEAN, emails=["who@example.com"])
    async with told.following():
        await idle(told)
        await app.pause(told.settings, "emails")
        told.portal.person.edit(told.change(item, MESSY))
        await told.until(lambda: told.phones(item) == [CLEAN])
        assert not told.waiting()


async def test_lag_is_that_of_the_events(told: World) -> None:
    told.configure(changes__interval_seconds=30)
    async with told.following():
        await idle(told, 6)
        with open_for_reading(told.state) as db:
            until = read_until(db)
        assert set(until) == {"contact", "company", "lead"}
        assert all(abs(one.timestamp() - told.portal.clock()) < 31 for one in until.values())


async def test_activities_by_their_events_and_those_of_items_that_change(make_world: MakeWorld) -> None:
    world = await make_world(**WITH_TASKS, webhook_is_application=True)
    world.configure(changes__source="events", changes__poll_seconds=SELDOM, changes__sweep_hours=0)
    target = company(world)
    lead, later = lead_of(world, target), lead_of(world, target, stage="NEW")
    old = call(world, later)
    world.rebind_by(rule(where=CONVERTED))
    async with world.following():
        await idle(world)
        mail = world.portal.activities.create({"typeId": 4, "providerId": "CRM_EMAIL"}, [lead], "person").id
        await world.until(lambda: bound(world, mail) == {target})
        assert world.portal.person.edit(converting(later))
        await world.until(lambda: bound(world, old) == {target})
        await idle(world)
    assert world.portal.offline_events.records == []
    assert world.portal.history.breaches == []


async def test_a_payment_by_its_event(make_world: MakeWorld) -> None:
    world = await make_world(**SHOP, custom_fields=(DAY,), webhook_is_application=True)
    world.configure(changes__source="events", changes__poll_seconds=SELDOM, changes__sweep_hours=0)
    one = deal(world)
    date_paid(world)
    async with world.following():
        await idle(world)
        payment = world.portal.payments.create((DEAL, one), 100.0, "person", paid=int(world.portal.clock()))
        await world.until(lambda: shown(world, one) == day_of(world, payment))
