"""Payments and orders, as docs api-reference/crm/universal/payment/ and api-reference/sale/payment/ describe them."""

from __future__ import annotations

from typing import Any

import pytest

from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.probe import Probe, probing
from b24syncd.simulator.tables.fields import CONTACT, DEAL, LEAD, SMART_INVOICE, SmartType

EPOCH = 1_700_000_000
"""2023-11-15T01:13:20+03:00"""
NOW = "2023-11-15T01:13:20+03:00"
SCOPES = ("crm", "user_brief", "sale")
ORDERS, NOTES = 128, 130
SMART = (SmartType(ORDERS, 7, "Заказы"), SmartType(NOTES, 8, "Notes", payments=False))


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.now = float(EPOCH)

    def __call__(self) -> float:
        return self.now


def portal_of(**options: Any) -> Portal:  # noqa: ANN401 - the fields of Options
    """A portal with three deals and one item of each other type."""
    portal = Portal(Options(**{"burst": 1000, "scopes": SCOPES, "smart_types": SMART, **options}), clock=Clock())
    for type_id in (DEAL, DEAL, DEAL, LEAD, CONTACT, SMART_INVOICE, ORDERS, NOTES):
        portal.create(type_id, {"opportunity": 100.0, "currencyId": "RUB"}, (), "generator", EPOCH - 9000)
    return portal


async def payments(probe: Probe, item_id: int = 1, type_id: int = DEAL, **more: object) -> Any:  # noqa: ANN401 - any
    return (await probe.call("crm.item.payment.list", entityId=item_id, entityTypeId=type_id, **more)).result


async def sale(probe: Probe, **more: object) -> Any:  # noqa: ANN401 - the body of an answer
    return (await probe.call("sale.payment.list", **more)).body


async def ids(probe: Probe, **conditions: object) -> list[int]:
    return [row["id"] for row in (await sale(probe, filter=conditions))["result"]["payments"]]


async def test_an_item_has_its_payments() -> None:
    portal = portal_of()
    portal.payments.create((DEAL, 1), 15, "generator", paid=EPOCH - 3600)
    portal.payments.create((DEAL, 1), 7.5, "generator")
    portal.payments.create((DEAL, 2), 1, "generator", currency="EUR")
    async with probing(portal) as probe:
        first, second = await payments(probe)
        assert first == {
            "id": 1,
            "accountNumber": "1/1",
            "paid": "Y",
            "datePaid": "2023-11-15T00:13:20+03:00",
            "empPaidId": 1,
            "paySystemId": 6,
            "sum": 15,
            "currency": "RUB",
            "paySystemName": "Cash",
        }
        assert (second["paid"], second["datePaid"], second["empPaidId"], second["sum"]) == ("N", None, None, 7.5)
        assert second["accountNumber"] == "1/2"
        assert (await probe.call("crm.item.payment.get", id=2)).result == second
        assert [row["currency"] for row in await payments(probe, 2)] == ["EUR"]
        assert (await payments(probe, 3), await payments(probe, 99)) == ([], [])


@pytest.mark.parametrize(("type_id", "known"), [(SMART_INVOICE, 1), (ORDERS, 1), (NOTES, 0), (CONTACT, 0)])
async def test_a_type_without_payments_has_none_and_says_nothing(type_id: int, known: int) -> None:
    portal = portal_of()
    portal.payments.create((type_id, 1), 15, "generator")
    async with probing(portal) as probe:
        assert len(await payments(probe, 1, type_id)) == known


async def test_a_list_is_filtered_ordered_and_never_paged() -> None:
    portal = portal_of()
    for number in range(60):
        portal.payments.create((DEAL, 1), number, "generator", paid=EPOCH - number if number % 2 else None)
    async with probing(portal) as probe:
        assert len(await payments(probe)) == 60
        assert len(await payments(probe, filter={"paid": "Y"})) == 30
        assert [row["id"] for row in await payments(probe, filter={"PAID": "Y"}) if row["paid"] == "N"] == []
        early = await payments(probe, filter={"@id": [2, 4, 60]}, order={"datePaid": "ASC"})
        assert [row["id"] for row in early] == [60, 4, 2]
        for name in ("nope", ">DATE_PAID"):
            reply = await probe.call(
                "crm.item.payment.list", entityId=1, entityTypeId=DEAL, filter={name: "2023-01-01"}
            )
            assert (reply.status, reply.body["error"]) == (400, "0")
            assert reply.body["error_description"].startswith("Unknown field definition")


@pytest.mark.parametrize(
    ("method", "parameters", "code", "description"),
    [
        ("list", {}, "100", "Could not find value for parameter {entityId}"),
        ("list", {"entityId": 1}, "100", "Could not find value for parameter {entityTypeId}"),
        ("list", {"entityId": "x"}, "100", "Invalid value {x} to match with parameter {entityId}."),
        ("list", {"entityId": 1, "entityTypeId": 2, "filter": "x"}, "100", "Invalid value {x} to match with parameter"),
        ("list", {"entityId": 2, "entityTypeId": 2}, "ACCESS_DENIED", "Access denied"),
        ("list", {"entityId": 1, "entityTypeId": 777}, "ACCESS_DENIED", "Access denied"),
        ("list", {"entityId": 0, "entityTypeId": 2}, "ACCESS_DENIED", "Access denied"),
        ("list", {"entityId": 1, "entityTypeId": 2, "filter": {"nope": 1}}, "0", "Unknown field definition"),
        ("get", {}, "100", "Could not find value for parameter {id}"),
        ("get", {"id": 9}, "0", "Payment has not been found"),
        ("pay", {"id": 9}, "0", "Payment has not been found"),
        ("pay", {"id": 2}, "ACCESS_DENIED", "Access denied"),
        ("unpay", {"id": 3}, "ACCESS_DENIED", "Access denied"),
    ],
)
async def test_what_is_refused(method: str, parameters: dict[str, Any], code: str, description: str) -> None:
    """php: controller/item/payment.php - only the right to an item is asked for, never the item."""
    portal = portal_of()
    for deal in (1, 2, 3):
        portal.payments.create((DEAL, deal), 1, "generator")
    portal.hidden.add((DEAL, 2))
    portal.frozen.add((DEAL, 3))
    async with probing(portal) as probe:
        reply = await probe.call(f"crm.item.payment.{method}", **parameters)
        assert (reply.status, reply.body["error"]) == (400, code)
        assert reply.body["error_description"].startswith(description)


async def test_paying_and_cancelling_touch_the_payment_alone() -> None:
    portal = portal_of()
    portal.payments.create((DEAL, 1), 15, "generator")
    async with probing(portal) as probe:
        for method, paid, date in (("pay", "Y", NOW), ("unpay", "N", NOW), ("unpay", "N", NOW)):
            assert (await probe.call(f"crm.item.payment.{method}", id=1)).result is True
            (row,) = await payments(probe)
            # what was cancelled keeps the date at which it had been paid
            assert (row["paid"], row["datePaid"]) == (paid, date)
        portal.clock.now += 60  # type: ignore[attr-defined] # the clock of this test
        for _ in range(2):
            await probe.call("crm.item.payment.pay", id=1)
            (row,) = await payments(probe)
            assert (row["paid"], row["datePaid"]) == ("Y", "2023-11-15T01:14:20+03:00")
            portal.clock.now += 60  # type: ignore[attr-defined] # the clock of this test
        item = (await probe.call("crm.item.get", entityTypeId=DEAL, id=1)).result["item"]
        assert item["updatedTime"] == "2023-11-14T22:43:20+03:00"
        changed = await probe.call("crm.item.list", entityTypeId=DEAL, filter={">updatedTime": NOW})
        assert (changed.result["items"], portal.history.saves) == ([], 3)
        assert {edit.who for edit in portal.history.edits_of(1001, 1)} == {"api"}


async def test_fifty_lists_fit_into_a_batch() -> None:
    portal = portal_of()
    portal.payments.create((DEAL, 1), 15, "generator", paid=EPOCH)
    async with probing(portal) as probe:
        lists = {f"d{n}": f"crm.item.payment.list?entityTypeId=2&entityId={n % 3 + 1}" for n in range(50)}
        result = (await probe.batch(lists))["result"]
        assert [len(result[f"d{n}"]) for n in range(4)] == [1, 0, 0, 1]


async def test_all_payments_of_the_shop() -> None:
    portal = portal_of()
    for number in range(120):
        paid = EPOCH - 60 * number if number % 4 else None
        portal.payments.create((DEAL, number % 3 + 1), number, "generator", paid=paid)
    portal.payments.cancel(portal.payments.table.items[2], "person")
    async with probing(portal) as probe:
        body = await sale(probe)
        first = body["result"]["payments"][0]
        assert list(first) == sorted(first)
        assert (len(first), first["id1c"], first["orderId"], first["priceCod"]) == (44, "", 1, "0.000000")
        assert (body["total"], body["next"], len(body["result"]["payments"])) == (120, 50, 50)
        assert (await sale(probe, start=100))["result"]["payments"][-1]["id"] == 120
        uncounted = await sale(probe, start=-1)
        assert (len(uncounted["result"]["payments"]), "total" in uncounted, "next" in uncounted) == (50, False, False)
        since = {">=datePaid": "2023-11-15T01:03:20+03:00"}
        # what was paid and then cancelled is found by its date, too
        assert await ids(probe, **since) == [2, 3, 4, 6, 7, 8, 10, 11]
        assert await ids(probe, **since, paid="Y") == [3, 4, 6, 7, 8, 10, 11]
        between = {">=datePaid": "2023-11-14T22:03:20Z", "<date_paid": "2023-11-15 01:12:20"}
        assert await ids(probe, **between) == [3, 4, 6, 7, 8, 10, 11]
        rows = await sale(probe, select=["id", "sum"], order={"sum": "desc"}, filter={"@orderId": [3]})
        assert rows["result"]["payments"][:2] == [{"id": 120, "sum": 119}, {"id": 117, "sum": 116}]
        # names in upper case are none, and what is unknown is dropped: the whole table comes
        for name in (">=DATE_PAID", "nope"):
            assert (await sale(probe, filter={name: "2030-01-01"}, order={name: "desc"}))["total"] == 120


async def test_some_portals_take_every_time_for_their_own() -> None:
    portal = portal_of(sale_offsets=False)
    portal.payments.create((DEAL, 1), 1, "generator", paid=EPOCH)
    async with probing(portal) as probe:
        assert await ids(probe, **{">=datePaid": "2023-11-14T23:13:20+01:00"}) == [1]
        assert await ids(probe, **{"=datePaid": "2023-11-14T22:13:20Z"}) == []
        assert await ids(probe, **{"@datePaid": ["2023-11-15T01:13:20+09:00"]}) == [1]
        assert len(await payments(probe, filter={"=datePaid": NOW})) == 1


async def test_the_shop_is_for_administrators_with_the_scope() -> None:
    async with probing(portal_of(scopes=("crm",))) as probe:
        assert (await sale(probe))["error"] == "insufficient_scope"
        assert (await probe.call("crm.orderentity.list")).result == {"orderEntity": []}
    async with probing(portal_of(administrator=False)) as probe:
        denied = {"error": "200040300010", "error_description": "Access Denied"}
        assert await sale(probe) == denied
        assert (await probe.call("crm.orderentity.list")).body == denied
        assert (await probe.call("profile")).result["ADMIN"] is False
        assert await payments(probe) == []
    async with probing(portal_of()) as probe:
        assert (await sale(probe, filter="x"))["error"] == "100"


async def test_orders_lead_to_their_items() -> None:
    portal = portal_of()
    for ref, currency in (((DEAL, 1), "RUB"), ((DEAL, 1), "EUR"), ((DEAL, 1), "RUB"), ((ORDERS, 1), "RUB")):
        portal.payments.create(ref, 1, "generator", currency=currency)
    portal.payments.create((DEAL, 2), 1, "generator", order=portal.payments.order((DEAL, 2)))
    async with probing(portal) as probe:
        body = (await probe.call("crm.orderentity.list", order={"orderId": "asc"})).body
        assert body["total"] == 4
        assert body["result"]["orderEntity"] == [
            {"orderId": 1, "ownerId": 1, "ownerTypeId": DEAL},
            {"orderId": 2, "ownerId": 1, "ownerTypeId": DEAL},
            {"orderId": 3, "ownerId": 1, "ownerTypeId": ORDERS},
            {"orderId": 4, "ownerId": 2, "ownerTypeId": DEAL},
        ]
        some = await probe.call("crm.orderentity.list", filter={"@orderId": [2, 4]}, select=["ownerId"], start=-1)
        assert some.body["result"] == {"orderEntity": [{"ownerId": 1}, {"ownerId": 2}]}
        portal.delete(portal.table(DEAL).items[1], "person")
        left = (await probe.call("crm.orderentity.list")).result["orderEntity"]
        assert [row["orderId"] for row in left] == [3, 4]
        # the payments of a deal that is gone stay in the shop, and nobody's
        assert ((await sale(probe))["total"], await payments(probe)) == (5, [])
        assert (await probe.call("crm.item.payment.pay", id=1)).result is True
