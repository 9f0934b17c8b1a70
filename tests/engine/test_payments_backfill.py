"""A backfill of payment dates: every field is right, in any zone, whichever way it is written; then nothing is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.engine.paying import (
    CLASSIC,
    CODE,
    DAY,
    INSTANT,
    NAME,
    TITLE,
    UNIVERSAL,
    assert_nothing_twice,
    assert_settled,
    commands,
    date_paid,
    day_ago,
    day_of,
    deal,
    made,
    mistakes,
    pay,
    reasons,
    shown,
    typing,
)

from b24syncd.domain.entities import EntityType
from b24syncd.errors import CredentialsRefused, ExitCode, SettingsInvalid, UsageInvalid
from b24syncd.simulator.seeds.payments import generate_payments
from b24syncd.simulator.tables.fields import DEAL, SMART_INVOICE, CustomField, FieldType, SmartType
from b24syncd.simulator.tables.payment_truth import PICKS

if TYPE_CHECKING:
    from tests.engine.paying import MakeWorld

    from b24syncd.simulator.tables.payment_truth import Pick

ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "Atlantic/Azores")
MOSCOW = {"time_zone": "Europe/Moscow", "custom_fields": (DAY,)}


@pytest.mark.every(7)
@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("field", [DAY, INSTANT], ids=["day", "instant"])
@pytest.mark.parametrize("pick", PICKS)
@pytest.mark.parametrize("api", ["universal", "classic"])
async def test_every_field_is_right_and_nothing_is_left_to_write(
    make_world: MakeWorld, zone: str, field: CustomField, pick: Pick, api: str
) -> None:
    world = await make_world(time_zone=zone, custom_fields=(field,))
    generate_payments(world.portal, hash_of(zone, pick), deals=70)
    date_paid(world, api=api, pick=f'"{pick}"')
    summary = await world.backfill()
    assert mistakes(world, pick) == []
    assert_nothing_twice(world)
    assert set(commands(world)) == {UNIVERSAL if api == "universal" else CLASSIC}
    truths = world.portal.payment_truth.values()
    assert summary.counts["failed"] <= len(world.portal.frozen)
    if pick == "fully_paid":
        assert reasons(world)["other_currency"] == sum(pick in truth.reviews for truth in truths)
    await assert_settled(world)


def hash_of(*words: str) -> int:
    """Return a seed that is the same in every process."""
    return sum(map(ord, "".join(words)))


@pytest.mark.parametrize("field_type", ["date", "datetime"])
@pytest.mark.parametrize("api", ["universal", "classic"])
async def test_a_field_is_created_and_filled(make_world: MakeWorld, field_type: str, api: str) -> None:
    world = await make_world(custom_fields=(), time_zone="Europe/Berlin", language="de")
    generate_payments(world.portal, 4, deals=40, obstacles=0.0)
    date_paid(world, api=api, field='"Zahlungsdatum"', field_type=f'"{field_type}"')
    _, plans = await world.preview()
    assert not commands(world)
    assert not world.state.exists()
    await world.backfill()
    (own,) = world.portal.user_fields.of(DEAL)
    assert (own.type, {own.labels[kind][of] for kind in own.labels for of in ("de", "en")} - {""}) == (
        field_type,
        {"Zahlungsdatum"},
    )
    assert mistakes(world, field=own.code) == []
    assert commands(world)["crm.deal.userfield.add"] == 1
    assert sum(len(plan.corrections) for plan in plans) == made(world).total()
    await assert_settled(world)


async def test_a_preview_tells_what_a_walk_does(make_world: MakeWorld) -> None:
    world = await make_world(custom_fields=(DAY,))
    generate_payments(world.portal, 5, deals=120, obstacles=0.0)
    date_paid(world)
    _, plans = await world.preview()
    assert not commands(world)
    assert not world.state.exists()
    await world.backfill()
    assert {correction for plan in plans for correction in plan.corrections} == set(made(world))


async def test_a_field_named_by_its_code(make_world: MakeWorld) -> None:
    same = CustomField(DEAL, "UF_CRM_OTHER", TITLE, FieldType.DATE)
    world = await make_world(custom_fields=(same, DAY))
    one = deal(world)
    paid = pay(world, one)
    date_paid(world, field=f'"{CODE}"')
    await world.backfill()
    assert (shown(world, one), shown(world, one, "ufCrmOther")) == (day_of(world, paid), None)


async def test_a_payment_is_cancelled_or_deleted_between_two_walks(make_world: MakeWorld) -> None:
    world = await make_world(**MOSCOW)
    one, other, third = deal(world), deal(world), deal(world)
    cancelled, deleted = pay(world, one), pay(world, other)
    earlier, later = pay(world, third, days_ago=9), pay(world, third, days_ago=3)
    date_paid(world)
    await world.backfill()
    assert shown(world, third) == day_of(world, later)
    for payment in (cancelled, later):
        world.portal.payments.cancel(payment, "person")
    world.portal.payments.remove(deleted, "person")
    await world.backfill()
    assert [shown(world, each) for each in (one, other, third)] == [None, None, day_of(world, earlier)]
    assert not world.reviews()
    world.portal.payments.pay(cancelled, "person")
    await world.backfill()
    assert shown(world, one) == day_of(world, cancelled)
    await assert_settled(world, repeated=True)


async def test_a_cleared_date_is_kept_where_it_is_not_to_be_cleared(make_world: MakeWorld) -> None:
    world = await make_world(**MOSCOW)
    one = deal(world)
    payment = pay(world, one)
    date_paid(world, clear_when_unpaid="false")
    await world.backfill()
    day = day_of(world, payment)
    world.portal.payments.cancel(payment, "person")
    await world.backfill()
    assert (shown(world, one), not world.reviews()) == (day, True)
    await assert_settled(world)


async def test_a_date_entered_by_hand(make_world: MakeWorld) -> None:
    """Without a payment it stays; with one, it gives way as long as nothing of ours stood there."""
    world = await make_world(**MOSCOW)
    entered = int(world.portal.clock()) - 5 * 86400
    unpaid, paid = (deal(world, **{NAME: entered - entered % 86400}) for _ in range(2))
    payment = pay(world, paid, days_ago=20)
    there = shown(world, unpaid)
    date_paid(world)
    await world.backfill()
    assert (shown(world, unpaid), shown(world, paid)) == (there, day_of(world, payment))
    (review,) = world.reviews()
    assert (review.ref.id, review.reason, review.value, review.suggestion) == (unpaid, "entered_by_hand", there, None)
    await assert_settled(world)


@pytest.mark.parametrize("emptied", [False, True])
async def test_a_date_that_a_person_changes_after_ours(make_world: MakeWorld, emptied: bool) -> None:  # noqa: FBT001
    world = await make_world(**MOSCOW)
    one = deal(world)
    payment = pay(world, one)
    date_paid(world)
    await world.backfill()
    day = "" if emptied else day_ago(world, 40)
    world.portal.person.edit(typing(one, day))
    await world.backfill()
    assert shown(world, one) == (day or None)
    (review,) = world.reviews()
    assert (review.reason, review.value, review.suggestion) == ("entered_by_hand", day, day_of(world, payment))
    world.portal.payments.cancel(payment, "person")  # what they entered stays, whatever the payments say
    await world.backfill()
    assert shown(world, one) == (day or None)
    await assert_settled(world)


async def test_payments_in_another_currency(make_world: MakeWorld) -> None:
    world = await make_world(**MOSCOW)
    one = deal(world)
    own, abroad = pay(world, one, amount=50.0), pay(world, one, amount=50.0, currency="EUR", days_ago=2)
    date_paid(world, pick='"fully_paid"')
    await world.backfill()
    assert shown(world, one) is None
    (review,) = world.reviews()
    assert (review.reason, review.value) == ("other_currency", "paid in EUR, RUB, amount in RUB")
    await assert_settled(world)
    world.portal.payments.cancel(abroad, "person")
    pay(world, one, amount=50.0, days_ago=1)
    await world.backfill()
    assert not world.reviews()
    assert shown(world, one) == day_ago(world, 1)
    assert own.values["paid"] == "Y"


async def test_invoices_and_processes_by_number_and_title(make_world: MakeWorld) -> None:
    fields = (
        DAY,
        CustomField(SMART_INVOICE, "UF_CRM_SMART_INVOICE_1", "Paid on", FieldType.DATETIME),
        CustomField(128, "UF_CRM_1_PAID", TITLE, FieldType.DATE),
        CustomField(130, "UF_CRM_2_PAID", TITLE, FieldType.DATE),
    )
    types = (SmartType(128, 1, "Contracts"), SmartType(130, 2, "Подписки"))
    world = await make_world(custom_fields=fields, smart_types=types, time_zone="Europe/Berlin")
    generate_payments(world.portal, 8, deals=20, invoices=60, processes=60, obstacles=0.0)
    entities = '["deal", "smart_invoice", "type128", "Подписки"]'
    date_paid(world, entities=entities, fields='{ smart_invoice = "Paid on" }')
    await world.backfill()
    for field in fields:
        assert mistakes(world, field=field.code, entity_type_id=field.entity_type_id) == []
    assert {entry.correction.ref.type for entry in world.journal()} == {
        EntityType.DEAL,
        EntityType.SMART_INVOICE,
        EntityType("type128"),
        EntityType("type130"),
    }
    await assert_settled(world)


async def test_no_field_is_made_for_the_sake_of_an_item_that_nobody_pays_for(make_world: MakeWorld) -> None:
    world = await make_world()
    contact = world.add("8 (916) 123-45-67")
    date_paid(world, others=True)
    await world.backfill(only=[f"contact:{contact}"])
    assert world.phones(contact) == ["+79161234567"]
    assert commands(world) == {"crm.item.update": 1}
    with pytest.raises(UsageInvalid, match=f"payment_dates looks at nothing that --only names: contact:{contact}"):
        await world.backfill("payment_dates", only=[f"contact:{contact}"])


async def test_items_that_are_named_or_excluded(make_world: MakeWorld) -> None:
    world = await make_world(**MOSCOW)
    deals = [deal(world) for _ in range(3)]
    for each in deals:
        pay(world, each)
    date_paid(world)
    world.configure(safety__exclude=f'["deal:{deals[2]}"]')
    await world.backfill(only=[f"deal:{deals[0]}"])
    assert [shown(world, each) is not None for each in deals] == [True, False, False]
    await world.backfill()
    assert [shown(world, each) is not None for each in deals] == [True, True, False]


async def test_deals_that_refuse_are_listed_and_left(make_world: MakeWorld) -> None:
    world = await make_world(**MOSCOW)
    deals = [deal(world) for _ in range(60)]
    for each in deals:
        pay(world, each)
    world.portal.frozen.add((DEAL, deals[7]))
    date_paid(world)
    summary = await world.backfill()
    assert (summary.counts["failed"], [entry.ref.id for entry in summary.failed]) == (1, [deals[7]])
    assert [each for each in deals if shown(world, each) is None] == [deals[7]]
    await assert_settled(world)


async def test_the_field_cannot_be_created(make_world: MakeWorld) -> None:
    world = await make_world(custom_fields=(), administrator=False)
    pay(world, deal(world))
    date_paid(world)
    with pytest.raises(CredentialsRefused, match="it takes an administrator") as refused:
        await world.backfill()
    assert refused.value.exit_code is ExitCode.REFUSED
    date_paid(world, create_field="false")
    with pytest.raises(SettingsInvalid) as invalid:
        await world.backfill()
    assert invalid.value.exit_code is ExitCode.USAGE
    assert len(invalid.value.problems) == 1


async def test_a_deal_whose_date_cannot_be_read_is_listed_and_holds_up_no_other(make_world: MakeWorld) -> None:
    """A person writes 31.12.9999 for "without end": no zone can be told for an instant like that."""
    world = await make_world(custom_fields=(INSTANT,))
    odd, *others = [deal(world) for _ in range(4)]
    for one in (odd, *others):
        pay(world, one)
    assert world.portal.person.edit(typing(odd, "9999-12-31"))
    date_paid(world)
    summary = await world.backfill()
    assert (summary.counts["failed"], [entry.ref.id for entry in summary.failed]) == (1, [odd])
    assert all(shown(world, one) is not None for one in others)
    async with world.following():
        await world.rounds()
        later = deal(world)
        payment = pay(world, later)
        assert world.portal.person.edit(typing(odd, "9999-12-30"))
        await world.until(lambda: shown(world, later) == day_of(world, payment))
    assert [entry.ref.id for entry in world.given_up()] == [odd]
    await assert_settled(world)


async def test_a_day_without_end_is_a_day(make_world: MakeWorld) -> None:
    world = await make_world(**MOSCOW)
    one = deal(world)
    assert world.portal.person.edit(typing(one, "9999-12-31"))
    date_paid(world)
    await world.backfill()
    assert [(review.reason, review.value) for review in world.reviews()] == [("entered_by_hand", "9999-12-31")]
