"""Payments of the shop, as the client follows them in the simulated portal."""

from __future__ import annotations

from contextlib import asynccontextmanager
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

from b24syncd.clock import SYSTEM_CLOCK, SystemClock
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.portal.client import PortalClient
from b24syncd.portal.pace.backoff import Backoff
from b24syncd.portal.pace.limits import Limits, VolatileMemory
from b24syncd.portal.payments.sales import Sales
from b24syncd.portal.wire.commands import Priority
from b24syncd.settings.webhook import parse_webhook
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.http.server import serve
from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.tables.fields import DEAL, SMART_INVOICE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from b24syncd.clock import Clock
    from b24syncd.simulator.tables.model import Item

LIVE = Priority.LIVE
NOW = 1_700_000_000
ROOMY = Limits(burst=10_000, per_second=2000.0, backoff=Backoff(0.01, 0.05, 0.3, 0.2))


def portal_of(**options: Any) -> Portal:  # noqa: ANN401 - the fields of Options
    clock = options.pop("clock", lambda: NOW)
    known = {"burst": 10_000, "per_second": 2000.0, "scopes": ("crm", "sale"), **options}
    portal = Portal(Options(**known), clock=clock)
    for type_id in (DEAL, DEAL, DEAL, SMART_INVOICE):
        portal.create(type_id, {}, (), "generator")
    return portal


class LeapingClock(SystemClock):
    """The clock of this machine, as it is after a leap."""

    ahead = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead


@asynccontextmanager
async def connected(portal: Portal, *, sweep_hours: float = 24.0, clock: Clock = SYSTEM_CLOCK) -> AsyncIterator[Sales]:
    async with serve(portal) as server:
        webhook = parse_webhook(server.webhook_url, "portal.webhook")
        random = Random(1)  # noqa: S311 # has to be repeatable
        async with PortalClient(webhook, ROOMY, clock=clock, random=random, memory=VolatileMemory()) as client:
            yield Sales(client, sweep_hours=sweep_hours)


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


def refused(method: str) -> Fault:
    return Fault(kind=Kind.COMMAND_ERROR, match=method, code="200040300010", times=None)


def told_late(logs: list[Any]) -> list[str]:
    return [row["detail"] for row in logs if row["event"] == "payments_seen_late"]


@pytest.mark.parametrize(
    ("options", "commands", "reason"),
    [
        ({"scopes": ("crm",)}, {"scope": 1}, "the webhook has no permission 'sale'"),
        (
            {"administrator": False},
            {"scope": 1, "server.time": 1, "sale.payment.list": 1, "sale.order.list": 1}
            | {"crm.item.list": 3, "profile": 1},  # whose time it is
            "the portal refuses sale.payment.list (200040300010: Access Denied); the portal refuses sale.order.list",
        ),
    ],
)
async def test_what_is_not_permitted_is_told_once(
    options: dict[str, Any], commands: dict[str, int], reason: str
) -> None:
    portal = portal_of(**options)
    with capture_logs() as logs:
        async with connected(portal) as sales:
            for _ in range(3):
                assert await sales.paid_since(NOW, priority=LIVE) is None
    assert dict(portal.history.commands) == commands
    (detail,) = told_late(logs)
    assert detail.startswith(reason)
    assert detail.endswith(": of deals that do not change, payments are seen by the sweep, every 24 hours")


async def test_without_a_sweep_it_is_told_what_to_run() -> None:
    with capture_logs() as logs:
        async with connected(portal_of(scopes=("crm",)), sweep_hours=0.0) as sales:
            assert await sales.paid_since(NOW, priority=LIVE) is None
    assert told_late(logs)[0].endswith("payments are seen by the next backfill (changes.sweep_hours is 0)")


async def test_scopes_that_are_not_told_count_as_none() -> None:
    portal = portal_of()
    portal.faults.add(Fault(kind=Kind.COMMAND_ERROR, match="scope", code="ERROR_METHOD_NOT_FOUND"))
    async with connected(portal) as sales:
        assert await sales.paid_since(NOW, priority=LIVE) is None


async def test_orders_that_may_not_be_read_end_it() -> None:
    portal = portal_of()
    portal.payments.create((DEAL, 1), 1, "generator", paid=NOW)
    async with connected(portal) as sales:
        portal.faults.add(refused("crm.orderentity.list"))
        for _ in range(2):
            assert await sales.paid_since(NOW, priority=LIVE) is None
    assert portal.history.commands["crm.orderentity.list"] == 1


async def test_lists_that_fail_without_a_reason_are_asked_again_after_a_while_and_told_once() -> None:
    portal, clock = portal_of(), LeapingClock()
    portal.payments.create((DEAL, 1), 1, "generator", paid=NOW)
    portal.faults.add(Fault(kind=Kind.COMMAND_ERROR, match="crm.orderentity.list", code="0", times=6))
    with capture_logs() as logs:
        async with connected(portal, clock=clock) as sales:
            for found in (None, None, deals(1), deals(1)):  # each time is tried thrice
                assert await sales.paid_since(NOW, priority=LIVE) == found
                asked = portal.history.commands["crm.orderentity.list"]
                if found is None:
                    assert await sales.paid_since(NOW, priority=LIVE) is None
                assert portal.history.commands["crm.orderentity.list"] == asked
                clock.ahead += 500
    assert len(told_late(logs)) == 1


async def test_a_portal_that_does_not_list_its_orders_is_followed_in_part() -> None:
    portal = portal_of()
    portal.payments.create((DEAL, 1), 1, "generator", paid=NOW)
    with capture_logs() as logs:
        async with connected(portal) as sales:
            portal.faults.add(refused("sale.order.list"))
            for _ in range(3):
                assert await sales.paid_since(NOW, priority=LIVE) == deals(1)
    assert portal.history.commands["sale.order.list"] == 1
    (detail,) = told_late(logs)
    assert "payments that are cancelled or deleted are seen by the sweep" in detail


async def test_the_orders_alone_tell_of_all_payments() -> None:
    portal = portal_of()
    portal.payments.create((DEAL, 1), 1, "person", paid=NOW - 9 * 86400)
    with capture_logs() as logs:
        async with connected(portal) as sales:
            portal.faults.add(refused("sale.payment.list"))
            for _ in range(2):
                assert await sales.paid_since(NOW, priority=LIVE) == deals(1)
    assert told_late(logs) == []


@pytest.mark.parametrize("time_zone", ["Europe/Moscow", "America/New_York"])
async def test_whatever_is_done_to_a_payment_tells_of_its_item_once(time_zone: str) -> None:
    """Paying, cancelling, correcting and deleting save the order; what was made long ago is passed over."""
    now = [float(NOW)]
    portal = portal_of(clock=lambda: now[0], time_zone=time_zone)
    invoice = EntityRef(EntityType.SMART_INVOICE, 1)
    payments = [portal.payments.create(ref, 1, "generator") for ref in ((DEAL, 1), (DEAL, 2), (SMART_INVOICE, 1))]
    async with connected(portal) as sales:
        since = NOW - 1.0
        assert await sales.paid_since(since, priority=LIVE) == ()
        deeds: list[tuple[Callable[[Item], object], tuple[EntityRef, ...]]] = [
            (lambda payment: portal.payments.pay(payment, "person"), deals(1)),
            (lambda payment: portal.payments.change(payment, {"datePaid": NOW - 5 * 86400}, "person"), deals(1)),
            (lambda payment: portal.payments.cancel(payment, "person"), deals(1)),
            (lambda payment: portal.payments.remove(payment, "person"), deals(1)),
        ]
        for deed, told in deeds:
            now[0] += 3600
            deed(payments[0])
            assert await sales.paid_since(now[0] - 1, priority=LIVE) == told
            assert await sales.paid_since(now[0] + 1, priority=LIVE) == ()
        now[0] += 3600
        portal.payments.pay(payments[2], "person", at=NOW - 30 * 86400)  # of last month, entered today
        assert await sales.paid_since(now[0] - 1, priority=LIVE) == (invoice,)
        assert await sales.paid_since(since, priority=LIVE) == (*deals(1), invoice)


async def test_many_orders_of_the_same_second_take_many_pages() -> None:
    portal = portal_of()
    for number in range(4, 134):
        portal.create(DEAL, {}, (), "generator")
        portal.payments.remove(portal.payments.create((DEAL, number), 1, "person", paid=NOW), "person")
    async with connected(portal) as sales:
        assert await sales.paid_since(NOW, priority=LIVE) == deals(*range(4, 134))
    assert portal.history.commands["sale.order.list"] == 3
