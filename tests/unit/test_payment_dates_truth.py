"""The job `payment_dates` against what a made-up portal knows to be true of its deals."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from tests.unit.paying import FIELD, PortalField, made, rules, value

from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.payments import Payment, Payments
from b24syncd.domain.reasons import Reason
from b24syncd.domain.rules import Pick
from b24syncd.domain.snapshots import Snapshot
from b24syncd.jobs.payment_dates import plan
from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.seeds.payments import generate_payments
from b24syncd.simulator.tables.fields import DEAL, CustomField, FieldType
from b24syncd.simulator.tables.values import iso

if TYPE_CHECKING:
    from b24syncd.simulator.tables.model import Item

EPOCH = 1_770_000_000


def portal_of(zone: str, field_type: FieldType) -> Portal:
    field = CustomField(DEAL, "UF_CRM_PAID", "Payment date", field_type)
    portal = Portal(Options(time_zone=zone, custom_fields=(field,)), clock=lambda: EPOCH)
    generate_payments(portal, 1, deals=150)
    return portal


def told(portal: Portal, second: int | None, *, holds_instant: bool) -> str | None:
    """Return how a field shows an instant of the portal's clock."""
    if second is None:
        return None
    text = iso(second, portal.zone)
    return text if holds_instant else text.partition("T")[0]


def as_read(portal: Portal, item: Item, kept_in: PortalField) -> Snapshot:
    """Return a deal as it comes to the planner."""
    ref = (DEAL, item.id)
    payments = (_payment(portal, one) for one in portal.payments.of(ref))
    there = told(portal, portal.payment_truth[ref].before, holds_instant=kept_in.holds_instant)
    amount, currency = Decimal(str(item.values["opportunity"])), str(item.values["currencyId"])
    deal = EntityRef(EntityType.DEAL, item.id)
    paid = Payments(amount, currency, tuple(payments))
    return Snapshot(deal, datetime(2026, 1, 1, tzinfo=UTC), fields={FIELD: value(there)}, payments=paid)


def _payment(portal: Portal, one: Item) -> Payment:
    at = one.values.get("datePaid")
    paid_at = None if at is None else datetime.fromisoformat(iso(int(at), portal.zone))
    is_paid, currency = one.values["paid"] == "Y", str(one.values["currency"])
    return Payment(one.id, is_paid, paid_at, Decimal(str(one.values["sum"])), currency)


@pytest.mark.parametrize("zone", ["Europe/Moscow", "Europe/Berlin", "America/New_York", "Pacific/Auckland"])
@pytest.mark.parametrize("field_type", [FieldType.DATE, FieldType.DATETIME])
def test_every_deal_ends_as_its_payments_say(zone: str, field_type: FieldType) -> None:
    portal = portal_of(zone, field_type)
    kept_in = PortalField(ZoneInfo(zone), field_type is FieldType.DATETIME)
    seen = set()
    for item in portal.table(DEAL):
        truth = portal.payment_truth[DEAL, item.id]
        read = as_read(portal, item, kept_in)
        for pick in Pick:
            planned = plan(read, rules(pick, holds_instant=kept_in.holds_instant))
            end = made(read, planned.corrections, kept_in)
            due = told(portal, truth.dates[pick.value], holds_instant=kept_in.holds_instant)
            reasons = {review.reason for review in planned.reviews}
            assert (Reason.OTHER_CURRENCY in reasons) is (pick.value in truth.reviews)
            if due is None:
                assert planned.corrections == ()
                assert bool(reasons) is (read.fields[FIELD] is not None or pick.value in truth.reviews)
            else:
                assert end.fields[FIELD] == kept_in.kept(value(due))
            seen.add((truth.story, bool(planned.corrections), bool(reasons)))
    assert {story for story, _, _ in seen} >= {"full", "partly", "unpaid", "overpaid", "cancelled", "foreign"}
