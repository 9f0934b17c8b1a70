"""Payments of the shop, as the client follows them in the simulated portal."""

from __future__ import annotations

from contextlib import asynccontextmanager
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from b24syncd.clock import SystemClock
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.portal.backoff import Backoff
from b24syncd.portal.client import PortalClient
from b24syncd.portal.commands import Priority
from b24syncd.portal.limits import Limits, VolatileMemory
from b24syncd.portal.sales import Sales
from b24syncd.settings.webhook import parse_webhook
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.fields import DEAL, SMART_INVOICE
from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.server import serve

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

LIVE = Priority.LIVE
NOW = 1_700_000_000
ROOMY = Limits(burst=10_000, per_second=2000.0, backoff=Backoff(0.01, 0.05, 0.3, 0.2))


def portal_of(**options: Any) -> Portal:  # noqa: ANN401 - the fields of Options
    known = {"burst": 10_000, "per_second": 2000.0, "scopes": ("crm", "sale"), **options}
    portal = Portal(Options(**known), clock=lambda: NOW)
    for type_id in (DEAL, DEAL, DEAL, SMART_INVOICE):
        portal.create(type_id, {}, (), "generator")
    return portal


@asynccontextmanager
async def connected(portal: Portal) -> AsyncIterator[Sales]:
    async with serve(portal) as server:
        webhook = parse_webhook(server.webhook_url, "portal.webhook")
        random = Random(1)  # noqa: S311 # has to be repeatable
        async with PortalClient(webhook, ROOMY, clock=SystemClock(), random=random, memory=VolatileMemory()) as client:
            yield Sales(client)


def deals(*numbers: int) -> tuple[EntityRef, ...]:
    return tuple(EntityRef(EntityType.DEAL, number) for number in numbers)


@pytest.mark.parametrize("sale_offsets", [True, False])
@pytest.mark.parametrize("time_zone", ["Europe/Moscow", "America/New_York", "Asia/Kolkata"])
async def test_items_that_were_paid_for_are_told(time_zone: str, sale_offsets: bool) -> None:  # noqa: FBT001 - a case
    portal = portal_of(time_zone=time_zone, sale_offsets=sale_offsets)
    portal.payments.create((DEAL, 1), 1, "generator", paid=NOW - 100)
    portal.payments.create((DEAL, 2), 1, "generator", paid=NOW - 50)
    portal.payments.create((DEAL, 2), 1, "generator", paid=NOW)
    portal.payments.create((DEAL, 3), 1, "generator")
    portal.payments.create((SMART_INVOICE, 1), 1, "generator", paid=NOW)
    invoice = EntityRef(EntityType.SMART_INVOICE, 1)
    async with connected(portal) as sales:
        assert await sales.paid_since(NOW - 100, priority=LIVE) == (*deals(1, 2), invoice)
        assert await sales.paid_since(NOW - 99.5, priority=LIVE) == (*deals(1, 2), invoice)
        assert await sales.paid_since(NOW - 98.0, priority=LIVE) == (*deals(2), invoice)
        assert await sales.paid_since(NOW + 1, priority=LIVE) == ()
        portal.payments.cancel(portal.payments.of((DEAL, 1))[0], "person")
        # the date stays where it was, but the order tells that it was saved
        assert await sales.paid_since(NOW - 98, priority=LIVE) == (*deals(1, 2), invoice)
        portal.delete(portal.table(DEAL).items[2], "person")
        assert await sales.paid_since(NOW - 98, priority=LIVE) == (*deals(1), invoice)
    assert portal.history.commands["scope"] == 1


async def test_many_payments_take_many_pages() -> None:
    portal = portal_of()
    for number in range(4, 134):
        portal.create(DEAL, {}, (), "generator")
        for _ in range(2):
            portal.payments.create((DEAL, number), 1, "generator", paid=NOW)
    async with connected(portal) as sales:
        assert await sales.paid_since(NOW - 1, priority=LIVE) == deals(*range(4, 134))
    assert portal.history.commands["sale.payment.list"] == 6
    assert portal.history.commands["crm.orderentity.list"] == 3


@pytest.mark.parametrize(
    ("options", "commands"),
    [
        ({"scopes": ("crm",)}, {"scope": 1}),
        ({"administrator": False}, {"scope": 1, "server.time": 1, "sale.payment.list": 1, "sale.order.list": 1}),
    ],
)
async def test_what_is_not_permitted_is_told_once(
    options: dict[str, Any], commands: dict[str, int], capsys: pytest.CaptureFixture[str]
) -> None:
    portal = portal_of(**options)
    async with connected(portal) as sales:
        for _ in range(3):
            assert await sales.paid_since(NOW, priority=LIVE) is None
    assert dict(portal.history.commands) == commands
    assert "".join(capsys.readouterr()).count("payments_not_followed") == 1


async def test_orders_that_may_not_be_read_end_it() -> None:
    portal = portal_of()
    portal.payments.create((DEAL, 1), 1, "generator", paid=NOW)
    async with connected(portal) as sales:
        portal.faults.add(Fault(kind=Kind.COMMAND_ERROR, match="crm.orderentity.list", code="200040300010"))
        for _ in range(2):
            assert await sales.paid_since(NOW, priority=LIVE) is None
    assert portal.history.commands["crm.orderentity.list"] == 1


async def test_a_portal_that_does_not_list_its_orders_is_followed_in_part(capsys: pytest.CaptureFixture[str]) -> None:
    portal = portal_of()
    portal.payments.create((DEAL, 1), 1, "generator", paid=NOW)
    async with connected(portal) as sales:
        portal.faults.add(Fault(kind=Kind.COMMAND_ERROR, match="sale.order.list", code="200040300010", times=None))
        for _ in range(3):
            assert await sales.paid_since(NOW, priority=LIVE) == deals(1)
    assert portal.history.commands["sale.order.list"] == 1
    assert "".join(capsys.readouterr()).count("payments_followed_in_part") == 1
