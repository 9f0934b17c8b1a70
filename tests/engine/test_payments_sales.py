"""The daemon and the lists of the shop: whatever is done to a payment shows in its item at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs
from tests.engine.paying import (
    DAY,
    SHOP,
    assert_settled,
    date_paid,
    day_ago,
    deal,
    doing,
    mistakes,
    pay,
    rounds,
    shown,
)

from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.people.person import Action, PersonEdit
from b24syncd.simulator.tables.fields import DEAL, SMART_INVOICE, CustomField, FieldType
from b24syncd.simulator.tables.payments import PAYMENT
from b24syncd.simulator.tables.values import iso

if TYPE_CHECKING:
    from tests.engine.paying import MakeWorld
    from tests.engine.world import World

INVOICE = CustomField(SMART_INVOICE, "UF_CRM_SMART_INVOICE_1", "Payment date", FieldType.DATE)
MOSCOW = {"time_zone": "Europe/Moscow", "custom_fields": (DAY, INVOICE)}


async def followed(make_world: MakeWorld, deals: int, **options: object) -> tuple[World, list[int]]:
    """Return a portal with deals that were paid ten days ago, and show it; nothing changed for an hour."""
    world = await make_world(**MOSCOW | SHOP | options)
    made = [deal(world) for _ in range(deals)]
    for one in made:
        pay(world, one)
    date_paid(world, entities='["deal", "smart_invoice"]')
    await world.backfill()
    for item in world.portal.table(DEAL):
        world.portal.table(DEAL).touch(item, int(world.portal.clock()) - 3600)
    world.configure(changes__sweep_hours=0)
    return world, made


def correcting(world: World, deal_id: int, days_ago: float) -> PersonEdit:
    """Return a person's correcting of the date of a deal's only payment."""
    (payment,) = world.portal.payments.of((DEAL, deal_id))
    value = iso(int(world.portal.clock() - days_ago * 86400), world.portal.zone)
    return PersonEdit(action=Action.SET_FIELD, entity_type_id=PAYMENT, item_id=payment.id, name="datePaid", value=value)


@pytest.mark.parametrize("sale_offsets", [True, False])
async def test_whatever_is_done_to_payments_shows_within_one_interval(
    make_world: MakeWorld,
    sale_offsets: bool,  # noqa: FBT001 # a parameter of a test
) -> None:
    world, (more, cancelled, deleted, corrected, untouched) = await followed(make_world, 5, sale_offsets=sale_offsets)
    invoice = deal(world, type_id=SMART_INVOICE)
    world.portal.table(SMART_INVOICE).touch(
        world.portal.table(SMART_INVOICE).items[invoice], int(world.portal.clock()) - 3600
    )
    async with world.following():
        await rounds(world, 2, types=2)
        person = world.portal.person
        assert person.edit(doing(Action.PAY, more))
        assert person.edit(doing(Action.UNPAY, cancelled))
        assert person.edit(doing(Action.DELETE_PAYMENT, deleted))
        assert person.edit(correcting(world, corrected, 3))
        assert person.edit(PersonEdit(action=Action.PAY, entity_type_id=SMART_INVOICE, item_id=invoice))
        await rounds(world, 2, types=2)
        assert [shown(world, one) for one in (more, cancelled, deleted, corrected, untouched)] == [
            day_ago(world, 0),
            None,
            None,
            day_ago(world, 3),
            day_ago(world, 10),
        ]
        assert mistakes(world) == []
        assert mistakes(world, field=INVOICE.code, entity_type_id=SMART_INVOICE) == []
        assert world.portal.history.edits_of(SMART_INVOICE, invoice)[-1].who == "api"
    await assert_settled(world, repeated=True)


async def test_where_orders_may_not_be_listed_the_sweep_finds_what_is_cancelled(make_world: MakeWorld) -> None:
    world, (more, cancelled) = await followed(make_world, 2)
    refused = Fault(kind=Kind.COMMAND_ERROR, match="sale.order.list", code="200040300010", times=None)
    world.portal.faults.add(refused)
    with capture_logs() as logs:
        async with world.following():
            await rounds(world, 1, types=2)
            assert world.portal.person.edit(doing(Action.UNPAY, cancelled))
            assert world.portal.person.edit(doing(Action.PAY, more))
            await rounds(world, 2, types=2)
            assert (shown(world, more), shown(world, cancelled)) == (day_ago(world, 0), day_ago(world, 10))
    (detail,) = [row["detail"] for row in logs if row["event"] == "payments_seen_late"]
    assert "payments that are cancelled or deleted are seen by the next backfill" in detail
    world.configure(changes__sweep_hours=1 / 3600)
    async with world.following():
        await world.until(lambda: shown(world, cancelled) is None)
