"""The orders of the shop, as docs api-reference/sale/order/sale-order-list.md describe their list."""

from __future__ import annotations

from typing import Any

import pytest

from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.probe import Probe, probing
from b24syncd.simulator.tables.fields import DEAL

EPOCH = 1_700_000_000
"""2023-11-15T01:13:20+03:00"""


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.now = float(EPOCH)

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def portal(clock: Clock) -> Portal:
    """A portal with three deals."""
    made = Portal(Options(burst=1000, scopes=("crm", "sale")), clock=clock)
    for _ in range(3):
        made.create(DEAL, {}, (), "generator", EPOCH - 9000)
    return made


async def orders(probe: Probe, **more: object) -> Any:  # noqa: ANN401 - the body of an answer
    return (await probe.call("sale.order.list", **more)).body


async def saved(probe: Probe, since: str) -> list[int]:
    return [row["id"] for row in (await orders(probe, filter={">=dateUpdate": since}))["result"]["orders"]]


async def test_an_order_tells_when_it_was_saved(portal: Portal, clock: Clock) -> None:
    payments = [portal.payments.create((DEAL, number), 1, "person") for number in (1, 2, 3)]
    async with probing(portal) as probe:
        (row,) = (await orders(probe, filter={"id": 1}))["result"]["orders"]
        now = "2023-11-15T01:13:20+03:00"
        assert (row["id"], row["dateInsert"], row["dateUpdate"]) == (1, now, now)
        assert (len(row), row["currency"], row["statusId"], row["price"], row["dateLock"]) == (43, "RUB", "N", 0, None)
        # paying, cancelling, correcting and deleting save the order (php: modules/sale/lib/orderbase.php)
        later = "2023-11-15T01:13:21+03:00"
        assert await saved(probe, later) == []
        for number, method in ((1, "pay"), (2, "pay"), (1, "unpay")):
            clock.now += 60
            assert (await probe.call(f"crm.item.payment.{method}", id=payments[number - 1].id)).result is True
        assert await saved(probe, later) == [1, 2]
        assert await saved(probe, "2023-11-15T01:16:20+03:00") == [1]
        clock.now += 60
        portal.payments.remove(payments[1], "person")
        assert await saved(probe, "2023-11-15T01:17:20+03:00") == [2]
        clock.now += 60
        portal.payments.change(payments[2], {"comments": "by bank"}, "person")
        assert await saved(probe, "2023-11-15T01:18:20+03:00") == [3]
        # what changes nothing saves nothing
        clock.now += 60
        await probe.call("crm.item.payment.unpay", id=payments[0].id)
        assert await saved(probe, "2023-11-15T01:19:20+03:00") == []


async def test_orders_are_filtered_ordered_and_paged(portal: Portal) -> None:
    for number in range(120):
        ref = (DEAL, number % 3 + 1)
        portal.payments.create(ref, 1, "generator", paid=EPOCH - number, order=portal.payments.order(ref))
    async with probing(portal) as probe:
        body = await orders(probe)
        assert (body["total"], body["next"], len(body["result"]["orders"])) == (120, 50, 50)
        assert (await orders(probe, start=100))["result"]["orders"][-1]["id"] == 120
        uncounted = await orders(probe, start=-1, filter={">id": 118}, select=["id"])
        assert uncounted["result"] == {"orders": [{"id": 119}, {"id": 120}]}
        assert "total" not in uncounted
        descending = await orders(probe, order={"id": "desc"}, filter={"@id": [7, 9]}, select=["id"])
        assert [row["id"] for row in descending["result"]["orders"]] == [9, 7]
        assert await saved(probe, "2023-11-15T01:13:18+03:00") == [1, 2, 3]
        # names in upper case are none, and what is unknown is dropped: the whole table comes
        for name in (">=DATE_UPDATE", "nope"):
            assert (await orders(probe, filter={name: "2030-01-01"}, order={name: "desc"}))["total"] == 120


async def test_orders_are_for_administrators_with_the_scope() -> None:
    async with probing(Portal(Options(scopes=("crm",)))) as probe:
        assert (await orders(probe))["error"] == "insufficient_scope"
    async with probing(Portal(Options(scopes=("crm", "sale"), administrator=False))) as probe:
        assert await orders(probe) == {"error": "200040300010", "error_description": "Access Denied"}
