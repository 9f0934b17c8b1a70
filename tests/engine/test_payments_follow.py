"""The daemon and payment dates: paying, cancelling and deleting show, and unchanged deals are not asked again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.engine.paying import (
    CLASSIC,
    DAY,
    PAYMENTS,
    SHOP,
    UNIVERSAL,
    assert_settled,
    assert_unbroken,
    commands,
    date_paid,
    day_ago,
    day_of,
    deal,
    doing,
    mistakes,
    pay,
    rounds,
    shown,
    typing,
)
from tests.variants import some

from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.people.person import Action, Habit, PersonEdit, Trigger
from b24syncd.simulator.seeds.payments import generate_payments
from b24syncd.simulator.tables.fields import DEAL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.engine.paying import MakeWorld
    from tests.engine.world import World

MOSCOW = {"time_zone": "Europe/Moscow", "custom_fields": (DAY,)}
UPDATES = {"universal": UNIVERSAL, "classic": CLASSIC}
WITH_SHOP = {**MOSCOW, **SHOP}
NO_SWEEP = {"changes__sweep_hours": 0}


async def paid(
    make_world: MakeWorld, options: Mapping[str, object] = MOSCOW, *, api: str = "universal"
) -> tuple[World, int]:
    """Return a portal whose only paid deal shows its date, and that deal."""
    world = await make_world(**options)
    one = deal(world)
    pay(world, one)
    date_paid(world, api=api)
    await world.backfill()
    assert shown(world, one)
    found = world.portal.find(DEAL, one)
    assert found is not None
    world.portal.table(DEAL).touch(found, int(world.portal.clock()) - 3600)  # no poll meets it for that write
    return world, one


@pytest.mark.parametrize("api", ["universal", "classic"])
async def test_paying_shows_within_one_interval_where_the_shop_may_be_seen(make_world: MakeWorld, api: str) -> None:
    world, one = await paid(make_world, WITH_SHOP, api=api)
    world.configure(**NO_SWEEP)
    async with world.following():
        await rounds(world, 1)
        assert world.portal.person.edit(doing(Action.PAY, one))
        await rounds(world, 2)
        assert shown(world, one) == day_ago(world, 0)
    await assert_settled(world, repeated=True)


async def test_cancelling_and_deleting_show_within_one_interval_as_well(make_world: MakeWorld) -> None:
    world, one = await paid(make_world, WITH_SHOP)
    other = deal(world)
    earlier = pay(world, other, days_ago=20)
    pay(world, other, days_ago=5)
    await world.backfill()
    world.configure(**NO_SWEEP)
    async with world.following():
        await rounds(world, 1)
        assert world.portal.person.edit(doing(Action.UNPAY, one))
        assert world.portal.person.edit(doing(Action.DELETE_PAYMENT, other))
        await rounds(world, 2)
        assert (shown(world, one), shown(world, other)) == (None, day_of(world, earlier))
    await assert_settled(world, repeated=True)


@pytest.mark.parametrize("action", [Action.PAY, Action.UNPAY, Action.DELETE_PAYMENT])
async def test_without_the_shop_it_shows_within_one_sweep(make_world: MakeWorld, action: Action) -> None:
    world, one = await paid(make_world)
    before = shown(world, one)
    world.portal.table(DEAL).touch(world.portal.table(DEAL).items[one], int(world.portal.clock()) - 86400)
    world.configure(**NO_SWEEP)
    async with world.following():
        await rounds(world, 1)
        assert world.portal.person.edit(doing(action, one))
        await rounds(world, 3)
        assert shown(world, one) == before
    world.configure(changes__sweep_hours=1 / 3600)
    async with world.following():
        await world.until(lambda: shown(world, one) != before)
    assert mistakes(world) == []
    assert_unbroken(world, repeated=True)


@pytest.mark.parametrize("api", ["universal", "classic"])
async def test_a_deal_that_changes_is_looked_at_within_one_interval(make_world: MakeWorld, api: str) -> None:
    world, one = await paid(make_world, api=api)
    world.configure(**NO_SWEEP)
    async with world.following():
        await rounds(world, 1)
        world.portal.person.edit(doing(Action.UNPAY, one))
        world.portal.person.edit(
            PersonEdit(action=Action.SET_FIELD, entity_type_id=DEAL, item_id=one, name="title", value="Another")
        )
        await rounds(world, 2)
        assert shown(world, one) is None
    assert_unbroken(world)


async def test_a_date_that_a_person_enters_while_it_follows_stays(make_world: MakeWorld) -> None:
    world, one = await paid(make_world, WITH_SHOP)
    async with world.following():
        await rounds(world, 1)
        world.portal.person.edit(typing(one, day_ago(world, 40)))
        await world.until(world.reviews)
        await rounds(world, 2)
    assert shown(world, one) == day_ago(world, 40)
    assert [review.reason for review in world.reviews()] == ["entered_by_hand"]
    await assert_settled(world)


async def test_deals_that_did_not_change_are_not_asked_again(make_world: MakeWorld) -> None:
    """Polls overlap; what they meet twice is known by its time of change."""
    world = await make_world(**MOSCOW)
    date_paid(world)
    await world.backfill()
    world.configure(changes__overlap_seconds=3600, **NO_SWEEP)
    for _ in range(70):
        pay(world, deal(world))
    for item in world.portal.table(DEAL):
        world.portal.table(DEAL).touch(item, int(world.portal.clock()) - 60)
    asked = world.portal.history.commands
    async with world.following():
        await world.until(lambda: commands(world).total() >= 70)
        await rounds(world, 8)  # their own writes have come back, and are over
        known = world.portal.clock() + 3
        await world.until(lambda: world.portal.clock() > known)
        await rounds(world, 2)
        before = asked[PAYMENTS]
        await rounds(world, 5)
        assert asked[PAYMENTS] == before
        world.portal.person.edit(
            PersonEdit(action=Action.SET_FIELD, entity_type_id=DEAL, item_id=3, name="title", value="Another")
        )
        await rounds(world, 2)
        assert asked[PAYMENTS] > before
    assert mistakes(world) == []


@pytest.mark.parametrize("day", ["", "2040-01-15T10:00:00+03:00"], ids=["now", "far ahead"])
async def test_what_the_shop_told_once_is_not_asked_again(make_world: MakeWorld, day: str) -> None:
    """A payment stays in its list as long as polls overlap, one that is dated ahead for good."""
    world, one = await paid(make_world, WITH_SHOP)
    world.configure(changes__overlap_seconds=3600, **NO_SWEEP)
    asked = world.portal.history.commands
    async with world.following():
        await rounds(world, 1)
        assert world.portal.person.edit(doing(Action.PAY, one, day))
        over = world.portal.clock() + 4
        await world.until(lambda: world.portal.clock() > over)
        await rounds(world, 2)
        assert shown(world, one) == (day.partition("T")[0] or day_ago(world, 0))
        before = asked[PAYMENTS]
        await rounds(world, 5)
        assert asked[PAYMENTS] == before
        assert world.portal.person.edit(doing(Action.UNPAY, one))
        await rounds(world, 2)
        assert asked[PAYMENTS] > before
    assert mistakes(world) == []
    assert_unbroken(world, repeated=True)


async def test_the_shop_is_not_asked_where_it_may_not_be_seen(make_world: MakeWorld) -> None:
    world, _ = await paid(make_world)
    asked = world.portal.history.commands
    async with world.following():
        await rounds(world, 2)
        before = asked["scope"]
        await rounds(world, 4)
    assert (asked["sale.payment.list"], asked["crm.orderentity.list"], asked["scope"]) == (0, 0, before)


@pytest.mark.parametrize("seed", some(range(2)))
async def test_restarts_faults_and_random_payers(make_world: MakeWorld, seed: int) -> None:
    """A person pays, cancels, deletes and types at random; a last sweep makes all of it right."""
    world = await make_world(**WITH_SHOP)
    generate_payments(world.portal, seed, deals=60)
    date_paid(world)
    await world.backfill()
    world.configure(changes__sweep_hours=2 / 3600)
    for kind in (Kind.RESET, Kind.HTML):
        for when in ("before", "after"):
            world.portal.faults.add(Fault(kind=kind, when=when, times=None, probability=0.02))
    for part in range(3):
        world.portal.person.take_habit(Habit(seed=10 * seed + part, probability=0.1))
        async with world.following() as task:
            await rounds(world, 5)
            assert not task.done()
    world.portal.person.take_habit(None)
    world.portal.faults.clear()
    async with world.following():
        await rounds(world, 2)
        await world.until(lambda: not world.waiting() and mistakes(world) == [], seconds=30)
    await world.backfill()
    assert mistakes(world) == []
    await assert_settled(world, repeated=True)


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("api", ["universal", "classic"])
async def test_a_date_typed_around_a_write_survives(make_world: MakeWorld, moment: str, api: str) -> None:
    """Between snapshot and witness it is met, and comes back; after the write it is the last word anyway."""
    world = await make_world(**MOSCOW)
    world.configure(limits__witness_seconds=0)
    deals = [deal(world) for _ in range(3)]
    for each in deals:
        pay(world, each)
    date_paid(world, api=api)
    method = {"before": {"universal": "crm.item.get", "classic": "crm.deal.get"}, "after": UPDATES}[moment][api]
    day = day_ago(world, 77)
    trigger = Trigger(method=method, moment=moment, entity_type_id=DEAL, item_id=deals[1])
    world.portal.person.plan(trigger, typing(deals[1], day))
    await world.backfill()
    assert world.portal.history.person_edits == 1
    assert shown(world, deals[1]) == day
    await world.backfill()
    assert shown(world, deals[1]) == day
    assert [(review.ref.id, review.value) for review in world.reviews()] == [(deals[1], day)]
    await assert_settled(world, repeated=True)


@pytest.mark.parametrize("api", ["universal", "classic"])
@pytest.mark.parametrize("kind", [Kind.RESET, Kind.CUT])
async def test_a_date_typed_after_a_write_whose_answer_was_lost(make_world: MakeWorld, api: str, kind: Kind) -> None:
    world = await make_world(**MOSCOW)
    one = deal(world)
    pay(world, one)
    date_paid(world, api=api)
    world.portal.faults.add(Fault(kind=kind, when="after", match=UPDATES[api], commands=2))
    day = day_ago(world, 77)
    trigger = Trigger(method=UPDATES[api], moment="after", entity_type_id=DEAL, item_id=one)
    world.portal.person.plan(trigger, typing(one, day))
    await world.backfill()
    assert shown(world, one) == day
    assert [review.value for review in world.reviews()] == [day]
    await assert_settled(world, repeated=True)
