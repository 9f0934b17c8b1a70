"""People who pay, cancel and delete meanwhile; the generated portal, its truth and its judge."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import aiohttp
import pytest

from b24syncd.simulator.judges.payment_due import due
from b24syncd.simulator.judges.payments import payment_mistakes
from b24syncd.simulator.people.person import Action, Habit, PersonEdit, Trigger
from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.probe import probing
from b24syncd.simulator.seeds.payments import generate_payments
from b24syncd.simulator.tables.fields import CONTACT, DEAL, SMART_INVOICE, CustomField, FieldType, SmartType
from b24syncd.simulator.tables.payment_truth import PICKS
from b24syncd.simulator.tables.payments import PAYMENT

if TYPE_CHECKING:
    from b24syncd.simulator.probe import Probe
    from b24syncd.simulator.tables.payment_truth import Pick

EPOCH = 1_700_000_000
DATE, TIME = "UF_CRM_PAID_ON", "UF_CRM_PAID_AT"
FIELDS = (
    CustomField(DEAL, DATE, "Payment date", FieldType.DATE),
    CustomField(DEAL, TIME, "Paid at", FieldType.DATETIME),
    CustomField(SMART_INVOICE, "UF_CRM_SMART_INVOICE_1", "Payment date", FieldType.DATETIME),
)


def portal_of(deals: int = 1, **options: Any) -> Portal:  # noqa: ANN401 - the fields of Options
    """A portal with deals over a hundred, where time stands still."""
    portal = Portal(Options(**{"burst": 100_000, "custom_fields": FIELDS, **options}), clock=lambda: EPOCH)
    for _ in range(deals):
        portal.create(DEAL, {"opportunity": 100.0, "currencyId": "RUB"}, (), "generator", EPOCH - 9000)
    return portal


def edit(action: Action, ref: tuple[int, int] = (DEAL, 1), **more: Any) -> PersonEdit:  # noqa: ANN401 - its fields
    return PersonEdit(action=action, entity_type_id=ref[0], item_id=ref[1], **more)


def dates(portal: Portal) -> list[tuple[str, str | None]]:
    """Return whether and when the deal's payments were paid, in the portal's zone."""
    rows = [(str(one.values["paid"]), one.values.get("datePaid")) for one in portal.payments.of((DEAL, 1))]
    zone = portal.zone
    return [(paid, date and f"{datetime.fromtimestamp(int(date), zone):%m-%d %H:%M}") for paid, date in rows]  # type: ignore[misc] # text or nothing


def test_a_person_pays_cancels_and_deletes_what_a_deal_has() -> None:
    portal = portal_of()
    portal.payments.create((DEAL, 1), 60, "generator")
    assert portal.person.edit(edit(Action.PAY, value="2023-11-01T23:59:59+03:00"))
    assert portal.person.edit(edit(Action.PAY))
    assert dates(portal) == [("Y", "11-01 23:59"), ("Y", "11-15 01:13")]
    new = portal.payments.of((DEAL, 1))[1]
    assert (new.values["sum"], new.values["currency"]) == (100.0, "RUB")
    assert portal.person.edit(edit(Action.UNPAY))
    assert dates(portal) == [("Y", "11-01 23:59"), ("N", "11-15 01:13")]
    assert portal.person.edit(edit(Action.DELETE_PAYMENT))
    assert dates(portal) == [("N", "11-15 01:13")]
    assert portal.person.edit(edit(Action.DELETE_PAYMENT))
    assert not portal.person.edit(edit(Action.DELETE_PAYMENT))
    assert not portal.person.edit(edit(Action.PAY, (DEAL, 99)))
    assert (portal.history.person_edits, portal.table(DEAL).items[1].updated) == (5, EPOCH - 9000)


def test_a_person_corrects_one_payment() -> None:
    portal = portal_of()
    payment = portal.payments.create((DEAL, 1), 60, "generator")
    one = (PAYMENT, payment.id)
    assert portal.person.edit(edit(Action.PAY, one))
    assert not portal.person.edit(edit(Action.PAY, one))
    assert portal.person.edit(edit(Action.SET_FIELD, one, name="datePaid", value="2023-10-01T00:00:00Z"))
    assert dates(portal) == [("Y", "10-01 03:00")]
    assert not portal.person.edit(edit(Action.SET_FIELD, one, name="datePaid", value="nonsense"))
    assert portal.person.edit(edit(Action.SET_FIELD, one, name="sum", value="12.5"))
    assert payment.values["sum"] == 12.5
    assert portal.person.edit(edit(Action.DELETE_ITEM, one))
    assert not portal.person.edit(edit(Action.DELETE_ITEM, one))


async def test_at_exact_moments_and_by_the_clock() -> None:
    portal = portal_of(2)
    first = Trigger(method="crm.item.payment.list", moment="after", entity_type_id=DEAL, item_id=1)
    portal.person.plan(first, edit(Action.PAY))
    portal.person.plan(Trigger(method="crm.item.payment.pay", entity_type_id=PAYMENT, item_id=1), edit(Action.UNPAY))
    portal.person.plan(Trigger(at=EPOCH), edit(Action.SET_FIELD, (DEAL, 2), name="ufCrmPaidOn", value="2023-11-02"))
    async with probing(portal) as probe:
        lists = [await probe.call("crm.item.payment.list", entityTypeId=DEAL, entityId=1) for _ in range(2)]
        assert [len(reply.result) for reply in lists] == [0, 1]
        await probe.call("crm.item.payment.pay", id=1)
        assert [edit.after for edit in portal.history.edits_of(PAYMENT, 1) if edit.name == "paid"] == ["Y", "N", "Y"]
        typed = (await probe.call("crm.item.get", entityTypeId=DEAL, id=2)).result["item"]
        assert typed["ufCrmPaidOn"] == "2023-11-02T03:00:00+03:00"


async def test_at_random() -> None:
    portal = portal_of(20)
    portal.person.take_habit(Habit(seed=3, probability=1.0, near=1.0))
    async with probing(portal) as probe:
        for number in range(100):
            await probe.call("crm.item.payment.list", entityTypeId=DEAL, entityId=number % 20 + 1)
    names = Counter(one.name for edits in portal.history.edits.values() for one in edits)
    assert {"paid", "id", "ufCrmPaidOn", "ufCrmPaidAt"} <= set(names)


@pytest.mark.parametrize(
    ("pick", "second", "review"),
    [("last", 500, False), ("first", 100, False), ("fully_paid", 300, False)],
)
def test_when_a_deal_counts_as_paid(pick: Pick, second: int, review: bool) -> None:  # noqa: FBT001 - a parameter
    portal = portal_of()
    for amount, at in ((40.1, 100), (59.9, 300), (10, 500), (99, None)):
        portal.payments.create((DEAL, 1), amount, "generator", paid=at)
    cancelled = portal.payments.create((DEAL, 1), 100, "generator", paid=50)
    portal.payments.cancel(cancelled, "person")
    found = due(portal, (DEAL, 1), pick)
    assert (found.second, found.review) == (second, review)
    portal.payments.create((DEAL, 1), 1, "generator", currency="EUR", paid=200)
    assert due(portal, (DEAL, 1), pick).review is (pick == "fully_paid")


def test_the_same_seed_makes_the_same_payments() -> None:
    def made(seed: int) -> list[Any]:
        portal = portal_of(0, time_zone="Europe/Berlin")
        generate_payments(portal, seed, deals=50)
        return [(one.id, one.values) for one in portal.payments.table]

    assert made(1) == made(1)
    assert made(1) != made(2)


def test_the_generated_portal_has_every_story() -> None:
    portal = portal_of(
        0, time_zone="Europe/Berlin", smart_types=(SmartType(128, 7, "O"), SmartType(130, 8, "N", payments=False))
    )
    generate_payments(portal, 1, deals=1000, invoices=20, processes=10)
    assert [len(portal.tables[one].items) for one in (DEAL, SMART_INVOICE, 128, 130)] == [1000, 20, 10, 0]
    assert 2300 < len(portal.payments.table.items) < 2700
    truths = portal.payment_truth.values()
    assert len({truth.story for truth in truths}) == 8
    assert 0 < len(portal.frozen) < 30
    assert all(truth.reviews == ({"fully_paid"} if truth.story == "foreign" else set()) for truth in truths)
    paid = [one for one in portal.payments.table if one.values.get("datePaid")]
    assert any(one.values["paid"] == "N" for one in paid)
    zone = ZoneInfo("Europe/Berlin")
    hours = [datetime.fromtimestamp(int(one.values["datePaid"] or 0), zone).strftime("%H:%M") for one in paid]
    assert sum(hour in ("23:59", "00:00") for hour in hours) > 200
    days = Counter(datetime.fromtimestamp(int(one.values["datePaid"] or 0), zone).date().isoformat() for one in paid)
    assert {day for day, count in days.items() if count > 30} == {"2023-03-26", "2023-10-29"}
    assert {datetime.fromtimestamp(one.before, zone).hour for one in truths if one.before and one.ref[0] == DEAL} == {0}


async def set_right(probe: Probe, portal: Portal, field: str, pick: Pick) -> None:
    """Write every date that is due, and clear the others, as a tool without scruples would."""
    for item in list(portal.table(DEAL)):
        second = due(portal, (DEAL, item.id), pick).second
        date = "" if second is None else datetime.fromtimestamp(second, portal.zone).isoformat()
        name = {DATE: "ufCrmPaidOn", TIME: "ufCrmPaidAt"}[field]
        await probe.call("crm.item.update", entityTypeId=DEAL, id=item.id, fields={name: date})


@pytest.mark.parametrize("pick", PICKS)
@pytest.mark.parametrize("field", [DATE, TIME])
async def test_the_judge_knows_what_is_right(field: str, pick: Pick) -> None:
    portal = portal_of(0, time_zone="Europe/Berlin")
    generate_payments(portal, 1, deals=150)
    assert len(payment_mistakes(portal, field, pick)) > 50
    by_hand = {truth.ref for truth in portal.payment_truth.values() if truth.before is not None}
    wanted = {ref for ref in by_hand - portal.frozen if due(portal, ref, pick).second is None}
    async with probing(portal) as probe:
        await set_right(probe, portal, field, pick)
    mistakes = payment_mistakes(portal, field, pick)
    # what a person had entered was not to be cleared; before that, nothing stood in the other field
    expected = {item_id for _, item_id in wanted} if field == DATE else set()
    assert {mistake["id"] for mistake in mistakes} == expected


async def test_what_was_written_goes_with_the_payment() -> None:
    portal = portal_of(3)
    for deal in (1, 2, 3):
        portal.payments.create((DEAL, deal), 100, "generator", paid=EPOCH)
    async with probing(portal) as probe:
        await set_right(probe, portal, DATE, "last")
        portal.person.edit(edit(Action.UNPAY))
        portal.person.edit(edit(Action.SET_FIELD, (DEAL, 2), name="ufCrmPaidOn", value="2020-01-01"))
        query = f"payment_mistakes?field={DATE}"
        (mistake,) = (await probe.control("GET", query))["mistakes"]
        assert mistake == {"entityTypeId": DEAL, "id": 1, "story": None, "is": "2023-11-15", "must_be": [None]}
        assert (await probe.control("GET", f"{query}&keep=1"))["mistakes"] == []
        portal.person.edit(edit(Action.DELETE_PAYMENT, (DEAL, 3)))
        assert [one["id"] for one in payment_mistakes(portal, DATE, "first")] == [1, 3]


async def test_payments_are_asked_for_and_made_over_http() -> None:
    portal = portal_of()
    async with probing(portal) as probe:
        paid = {"entityTypeId": DEAL, "id": 1, "sum": 10, "paid": "2023-11-01T00:30:00+09:00"}
        assert await probe.control("POST", "payments", paid) == {"id": 1}
        assert await probe.control("POST", "payments", {"entityTypeId": DEAL, "id": 1, "sum": 1}) == {"id": 2}
        first, second = (await probe.control("GET", "payments"))["payments"]
        date = "2023-10-31T18:30:00+03:00"
        assert first == {
            "id": 1,
            "owner": [DEAL, 1],
            "order": 1,
            "sum": 10.0,
            "currency": "RUB",
            "paid": True,
            "date": date,
        }
        assert (second["paid"], second["date"]) == (False, None)
        assert len((await probe.control("GET", "payments?id=1"))["payments"]) == 2
        assert (await probe.control("GET", "payments?id=1&entityTypeId=3"))["payments"] == []
        assert (await probe.control("GET", "state"))["payments"] == 2
        edits = {"edits": [{"action": "unpay", "entity_type_id": PAYMENT, "item_id": 1}]}
        assert await probe.control("POST", "person", edits) == {"done": 1}
        for verb, path, body in (
            ("POST", "payments", {"entityTypeId": CONTACT, "id": 1, "sum": 1}),
            ("GET", f"payment_mistakes?field={DATE}&pick=any", None),
        ):
            with pytest.raises(aiohttp.ClientResponseError, match="400"):
                await probe.control(verb, path, body)
