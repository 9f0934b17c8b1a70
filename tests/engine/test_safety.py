"""Safety limits: a run stops, says why in one sentence, and goes on only when a person says so."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing, suppress
from typing import TYPE_CHECKING

import pytest
from tests.engine.paying import CODE, DAY, TITLE, date_paid, deal, pay, reasons
from tests.engine.paying import shown as day_shown
from tests.engine.rebinding import CONVERTED, call, company, lead_of, listed, rule
from tests.engine.scripting import edit

from b24syncd.errors import CredentialsRefused, ExitCode, SafetyStop
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.people.edits import Action, Trigger
from b24syncd.simulator.tables.fields import DEAL
from b24syncd.simulator.tables.user_fields import LABELS, every_language
from b24syncd.store import approvals
from b24syncd.store.reading import open_for_reading

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.engine.world import World

    from b24syncd.app import Summary

    MakeWorld = Callable[..., Coroutine[None, None, World]]

MESSY = "8 (495) 123-45-67"


def corrected(world: World) -> int:
    return world.portal.history.saves


def stop_of(summary: Summary) -> str:
    """Return why a run stopped; nothing of it was interrupted, and nothing is left open."""
    assert summary.stopped is not None
    assert not summary.interrupted
    return summary.stopped


def noted_stop(world: World) -> str | None:
    with open_for_reading(world.state) as db:
        return next(iter(approvals.stops(db).values()), None)


def forget_the_journal(world: World) -> None:
    with closing(sqlite3.connect(world.state)) as db:
        db.execute("DELETE FROM journal")
        db.commit()


@pytest.mark.parametrize("workers", [1, 4])
async def test_the_canary_stops_after_so_many_corrections_until_a_person_looked(world: World, workers: int) -> None:
    world.configure(safety__canary=7, limits__in_flight=workers + 1)
    for _ in range(30):
        world.add(MESSY)
    assert stop_of(await world.backfill()).startswith("safety.canary = 7")
    assert corrected(world) == 7
    assert world.outcomes() == {"done": 7}
    assert stop_of(await world.backfill()).startswith("safety.canary = 7")
    assert corrected(world) == 7
    assert str(noted_stop(world)).startswith("safety.canary = 7")
    summary = await world.backfill(goes_on=True)
    assert noted_stop(world) is None
    assert (summary.stopped, corrected(world)) == (None, 30)
    await world.assert_settled()


async def test_the_canary_counts_whatever_commands_made_with_the_same_rules(world: World) -> None:
    world.configure(safety__canary=5)
    items = [world.add(MESSY) for _ in range(30)]
    assert stop_of(await world.backfill(limit=20)).startswith("safety.canary = 5")
    assert stop_of(await world.backfill()).startswith("safety.canary = 5")
    assert stop_of(await world.backfill(limit=20)).startswith("safety.canary = 5")
    assert world.portal.person.edit(world.change(items[0], MESSY))
    with pytest.raises(SafetyStop, match=r"safety.canary = 5"):
        await world.follow()
    assert corrected(world) == 5


async def test_what_was_made_before_there_was_a_canary_does_not_count(world: World) -> None:
    world.add(MESSY, "8 495 123-45-67")
    await world.backfill()
    world.configure(safety__canary=3)
    for _ in range(9):
        world.add(MESSY)
    assert stop_of(await world.backfill()).startswith("safety.canary = 3")
    assert corrected(world) == 1 + 3


async def test_each_limit_is_approved_by_itself(world: World) -> None:
    world.configure(safety__canary=5, safety__max_changed_share=0.3)
    for _ in range(60):
        world.add(MESSY)
    assert stop_of(await world.backfill()).startswith("safety.max_changed_share = 0.3")
    assert stop_of(await world.backfill(goes_on=True)).startswith("safety.canary = 5")
    assert corrected(world) == 5
    assert (await world.backfill(goes_on=True)).stopped is None
    assert corrected(world) == 60


@pytest.mark.parametrize("before", [0, 7])
async def test_a_journal_that_was_emptied_lets_no_canary_be_passed(world: World, before: int) -> None:
    for _ in range(before):
        world.add(MESSY)
    await world.backfill()
    world.configure(safety__canary=3)
    for _ in range(9):
        world.add(MESSY)
    assert stop_of(await world.backfill(limit=9 + before)).startswith("safety.canary = 3")
    for _ in range(2):
        forget_the_journal(world)
        assert stop_of(await world.backfill()).startswith("safety.canary = 3")
    assert corrected(world) == before + 3


async def test_a_canary_that_begins_with_a_journal_that_is_emptied_counts_from_then(world: World) -> None:
    for _ in range(7):
        world.add(MESSY)
    await world.backfill()
    world.configure(safety__canary=3)
    await world.backfill()
    forget_the_journal(world)
    for _ in range(9):
        world.add(MESSY)
    for _ in range(2):
        assert stop_of(await world.backfill()).startswith("safety.canary = 3")
    assert corrected(world) == 7 + 3


async def test_what_stopped_other_rules_is_not_what_a_person_looked_at(world: World) -> None:
    world.configure(safety__canary=5, safety__max_changed_share=0.3)
    for _ in range(60):
        world.add(MESSY)
    assert stop_of(await world.backfill()).startswith("safety.max_changed_share = 0.3")
    assert stop_of(await world.backfill("phones")).startswith("safety.max_changed_share = 0.3")
    assert stop_of(await world.backfill(goes_on=True)).startswith("safety.canary = 5")
    assert corrected(world) == 5


async def test_who_looked_at_a_field_did_not_look_at_the_corrections(make_world: MakeWorld) -> None:
    world = await make_world(custom_fields=(DAY,))
    world.configure(safety__canary=3)
    pay(world, deal(world))
    date_paid(world)
    await world.backfill()
    for _ in range(9):
        pay(world, deal(world))
    lose_field(world, "gone")
    with pytest.raises(SafetyStop, match="payment_dates"):
        await world.backfill()
    assert stop_of(await world.backfill(goes_on=True)).startswith("safety.canary = 3")


async def test_what_a_killed_run_left_open_counts_for_the_canary(world: World) -> None:
    world.configure(safety__canary=4)
    for _ in range(12):
        world.add(MESSY)
    world.portal.faults.add(Fault(kind=Kind.HANG, when="after", match="crm.item.update", nth=2))
    backfill = asyncio.create_task(world.backfill())
    await world.until(lambda: corrected(world) > 1)
    backfill.cancel()
    with suppress(asyncio.CancelledError):
        await backfill
    assert world.outcomes()["intent"] > 0
    assert stop_of(await world.backfill()).startswith("safety.canary = 4")
    assert corrected(world) <= 4
    await world.backfill(goes_on=True)
    assert corrected(world) == 12


async def test_what_a_person_approved_holds_for_these_rules_and_no_others(world: World) -> None:
    world.configure(safety__canary=1)
    for _ in range(3):
        world.add(MESSY)
    await world.backfill(goes_on=True)
    for _ in range(3):
        world.add(MESSY)
    assert (await world.backfill()).stopped is None
    for _ in range(3):
        world.add(MESSY)
    world.configure(jobs__emails__enabled="false")
    assert stop_of(await world.backfill()).startswith("safety.canary = 1")


async def test_fewer_corrections_than_the_canary_are_no_reason_to_stop(world: World) -> None:
    world.configure(safety__canary=7)
    for _ in range(7):
        world.add(MESSY)
    assert (await world.backfill()).stopped is None
    await world.assert_settled()


async def test_the_canary_stops_the_daemon_as_well(world: World) -> None:
    world.configure(safety__canary=2)
    items = [world.add("+74951234567") for _ in range(5)]
    await world.backfill()
    world.configure(changes__interval_seconds=0.05)
    for item in items:
        assert world.portal.person.edit(world.change(item, "8 (495) 765-43-21"))
    with pytest.raises(SafetyStop, match=r"safety.canary = 2: .* --continue"):
        await world.follow()
    assert corrected(world) == 2
    assert world.outcomes() == {"done": 2}


async def test_repairs_that_are_owed_to_a_person_are_sent_in_spite_of_the_canary(world: World) -> None:
    world.configure(safety__canary=1)
    item = world.add(MESSY)
    moment = Trigger(method="crm.item.get", entity_type_id=3, item_id=item)
    world.portal.person.plan(moment, world.change(item, "8 (495) 765-43-21"))
    await world.backfill()
    assert world.phones(item) == ["+74957654321"]


async def test_repairs_are_sent_though_another_worker_met_the_limit_meanwhile(world: World) -> None:
    world.configure(safety__canary=1, limits__in_flight=4)
    items = [world.add(MESSY) for _ in range(5)]
    moment = Trigger(method="crm.item.get", entity_type_id=3, item_id=items[0])
    world.portal.person.plan(moment, world.change(items[0], "8 (495) 765-43-21"))
    assert stop_of(await world.backfill()).startswith("safety.canary = 1")
    assert world.phones(items[0]) == ["+74957654321"]
    assert world.outcomes()["intent"] == 0
    assert [world.phones(item) for item in items[1:]] == [[MESSY]] * 4


async def test_too_large_a_share_stops_before_anything_of_the_page_is_written(world: World) -> None:
    world.configure(safety__max_changed_share=0.3)
    for number in range(100):
        world.add(MESSY if number % 2 else "+74951234567")
    stopped = stop_of(await world.backfill())
    assert stopped.startswith("safety.max_changed_share = 0.3: 50 of 100 items would be changed")
    assert corrected(world) == 0
    assert (await world.backfill(goes_on=True)).stopped is None
    assert corrected(world) == 50


async def test_a_share_that_is_too_large_is_so_again_and_again(world: World) -> None:
    world.configure(safety__max_changed_share=0.1)
    for number in range(900):
        world.add(MESSY if 100 <= number < 200 else "+74951234567")
    told = {stop_of(await world.backfill()) for _ in range(4)}
    assert len(told) == 1
    world.configure(safety__max_changed_share=0.11)
    assert stop_of(await world.backfill()).startswith("safety.max_changed_share = 0.11: 100 of")
    world.configure(safety__max_changed_share=0.1)
    assert corrected(world) == 0
    summary = await world.backfill(goes_on=True)
    assert (summary.stopped, corrected(world)) == (None, 100)


async def test_a_small_share_is_no_reason_to_stop(world: World) -> None:
    world.configure(safety__max_changed_share=0.3)
    for number in range(100):
        world.add(MESSY if number % 4 == 0 else "+74951234567")
    assert (await world.backfill()).stopped is None
    await world.assert_settled()


async def test_of_few_items_no_share_is_told(world: World) -> None:
    world.configure(safety__max_changed_share=0.3)
    for _ in range(12):
        world.add(MESSY)
    assert (await world.backfill()).stopped is None


async def test_a_type_that_lists_nothing_any_more_stops_before_its_reviews_are_closed(world: World) -> None:
    items = [world.add("call me") for _ in range(3)]
    await world.backfill()
    open_before = world.reviews()
    assert len(open_before) == 3
    for item in items:
        world.portal.person.edit(edit(Action.DELETE_ITEM, item))
    stopped = stop_of(await world.backfill())
    assert "lists no contact any more" in stopped
    assert world.reviews() == open_before
    with pytest.raises(SafetyStop, match="lists no contact any more"):
        await world.follow()
    assert (await world.backfill(goes_on=True)).stopped is None
    assert world.reviews() == []
    assert (await world.backfill()).stopped is None


@pytest.mark.parametrize(("code", "description"), [("ACCESS_DENIED", "Access denied"), ("", "Access denied.")])
async def test_access_that_is_denied_again_and_again_stops(world: World, code: str, description: str) -> None:
    for _ in range(60):
        world.add(MESSY)
    denied = Fault(kind=Kind.COMMAND_ERROR, match="crm.item.update", times=None, code=code, description=description)
    world.portal.faults.add(denied)
    assert "denied access to 20 items in a row" in stop_of(await world.backfill())
    assert world.portal.history.commands["crm.item.update"] < 60
    assert world.outcomes()["intent"] == 0
    world.portal.faults.clear()
    await world.backfill()
    assert world.portal.history.repeated_writes() == []
    await world.assert_settled()


async def test_a_webhook_that_is_refused_in_the_middle_ends_the_run_and_spoils_no_item(world: World) -> None:
    for _ in range(60):
        world.add(MESSY)
    lost = Fault(kind=Kind.COMMAND_ERROR, match="crm.item.update", nth=10, times=None, code="insufficient_scope")
    world.portal.faults.add(lost)
    with pytest.raises(CredentialsRefused, match="lacks a permission"):
        await world.backfill()
    assert set(world.outcomes()) <= {"done", "not_sent", "intent"}
    assert world.given_up() == []
    saves = world.portal.history.saves
    world.portal.faults.clear()
    await world.backfill()
    assert world.portal.history.saves == 60 > saves
    await world.assert_settled()


async def test_items_that_are_denied_here_and_there_are_only_listed(world: World) -> None:
    items = [world.add(MESSY) for _ in range(60)]
    world.portal.frozen |= {(3, item) for item in items if item % 2}
    summary = await world.backfill()
    assert (summary.stopped, summary.counts["failed"]) == (None, 30)


@pytest.mark.parametrize("what", ["gone", "retyped"])
@pytest.mark.parametrize("create", ["true", "false"])
async def test_a_field_that_was_written_into_is_not_replaced_by_another_one(
    make_world: MakeWorld, what: str, create: str
) -> None:
    world = await make_world(custom_fields=(DAY,))
    one = deal(world)
    pay(world, one)
    date_paid(world, create_field=create)
    await world.backfill()
    lose_field(world, what)
    with pytest.raises(SafetyStop, match=TITLE) as stopped:
        await world.backfill()
    assert "--continue" in str(stopped.value)
    assert "\n" not in str(stopped.value)
    assert stopped.value.exit_code == ExitCode.SAFETY_STOP
    assert not [method for method in world.portal.history.commands if method.endswith("userfield.add")]


def lose_field(world: World, what: str) -> None:
    """Take the field away, and perhaps put another one of that title in its place."""
    own = world.portal.user_fields.find(DEAL, CODE)
    assert own is not None
    world.portal.user_fields.delete(own)
    if what == "retyped":
        labels = {label: every_language(TITLE, "") for label in LABELS}
        world.portal.user_fields.add(DEAL, CODE, "string", {}, labels)


async def test_a_field_that_goes_during_a_walk_stops_it(make_world: MakeWorld) -> None:
    world = await make_world(custom_fields=(DAY,))
    deals = [deal(world) for _ in range(120)]
    for one in deals:
        pay(world, one)
    date_paid(world)
    world.configure(limits__in_flight=2)

    with world.at_command(30, lambda: lose_field(world, "gone")):
        summary = await world.backfill()
    assert "payment_dates relies on" in stop_of(summary)
    assert world.outcomes()["intent"] == 0
    assert [day_shown(world, one) for one in deals[-1:]] == [None]


async def test_another_title_in_the_settings_is_another_field(make_world: MakeWorld) -> None:
    world = await make_world(custom_fields=(DAY,))
    one = deal(world)
    pay(world, one)
    date_paid(world)
    await world.backfill()
    date_paid(world, field='"Paid on"')
    assert (await world.backfill()).stopped is None
    assert reasons(world) == {}


async def test_the_canary_of_a_list_of_moves(make_world: MakeWorld) -> None:
    world = await make_world()
    world.rebind_by(rule(where=CONVERTED))
    world.configure(safety__canary=2, safety__max_changed_share=0.01)
    target = company(world)
    lead = lead_of(world, target)
    for _ in range(6):
        call(world, lead)
    for _ in range(2):
        assert stop_of(await world.rebind(listed((lead, target)))).startswith("safety.canary = 2")
        assert world.outcomes() == {"done": 2}
    assert world.portal.history.breaches == []
