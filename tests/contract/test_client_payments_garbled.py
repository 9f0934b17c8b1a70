"""Answers about payments that no portal should give: nothing is concluded from them."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from b24syncd.clock import SystemClock
from b24syncd.domain.corrections import SetField
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.payments import Payments
from b24syncd.domain.snapshots import Snapshot
from b24syncd.portal.client import PortalClient
from b24syncd.portal.item_rows import Wanted
from b24syncd.portal.items import Items
from b24syncd.portal.pace.limits import Limits, VolatileMemory
from b24syncd.portal.payments.date_fields import DateField, find_field
from b24syncd.portal.payments.replies import parse_date, parse_payments
from b24syncd.portal.payments.sales import Sales
from b24syncd.portal.wire.commands import Priority, Unknown
from b24syncd.portal.wire.replies import UnexpectedReply
from b24syncd.portal.words.vocabulary import Api, Vocabulary
from b24syncd.portal.writes import Write, WriteOutcome, Written
from b24syncd.settings.webhook import parse_webhook

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from b24syncd.domain.states import AnySnapshot

LIVE = Priority.LIVE
CLOCK = SystemClock()
NOW = 1_700_000_000
TIME = "2023-11-15T01:13:20+03:00"
REF = EntityRef(EntityType.DEAL, 1)
FIELD = DateField("ufCrm_1", "UF_CRM_1", "Payment date", holds_instant=False)
PAID = {"id": "7", "paid": "Y", "datePaid": TIME, "sum": "15.10", "currency": "RUB"}
SHOP = {"scope": ["crm", "sale"], "server_time": TIME, "sale_order_list": {"orders": []}}
ITEM = {"id": 1, "updatedTime": TIME, "opportunity": 1, "currencyId": "RUB", "ufCrm_1": ""}
CLASSIC = {"ID": "1", "DATE_MODIFY": TIME, "OPPORTUNITY": "1.00", "CURRENCY_ID": "RUB", "UF_CRM_1": ""}
SNAPSHOT = Snapshot(
    REF, datetime(2023, 1, 1, tzinfo=UTC), fields={"ufCrm_1": None}, payments=Payments(Decimal(1), "RUB", ())
)


@asynccontextmanager
async def answering(**results: object) -> AsyncIterator[PortalClient]:
    """Answer each method, written with `_`, with the same result, in a batch as well."""
    known = {name.replace("_", "."): result for name, result in results.items()}

    async def answer(request: web.Request) -> web.Response:
        method = request.path.rpartition("/")[2]
        time = {"start": 1000.0, "finish": 1000.1, "duration": 0.1}
        result = known.get(method)
        if method == "batch":
            commands = (await request.json())["cmd"]
            answers = {key: known[command.partition("?")[0]] for key, command in commands.items()}
            result = {"result": answers, "result_error": [], "result_time": []}
        return web.json_response({"result": result, "time": time})

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    webhook = parse_webhook(f"http://127.0.0.1:{runner.addresses[0][1]}/rest/1/garbled1secret/", "portal.webhook")
    limits = Limits(burst=10_000, per_second=2000.0)
    random = Random(1)  # noqa: S311 # has to be repeatable
    try:
        async with PortalClient(webhook, limits, clock=CLOCK, random=random, memory=VolatileMemory()) as client:
            yield client
    finally:
        await runner.cleanup()


async def write(client: PortalClient, api: Api = Api.UNIVERSAL, snapshot: AnySnapshot = SNAPSHOT) -> WriteOutcome:
    async def nothing() -> None:
        pass

    items = Items(client, CLOCK, {EntityType.DEAL: Wanted(payments=True, fields=(FIELD,))}, Vocabulary(api))
    wanted = Write(snapshot, (SetField(REF, "payment_dates", "ufCrm_1", None, date(2023, 11, 15)),))
    (outcome,) = await items.write([wanted], priority=LIVE, before_send=nothing)
    return outcome


def test_payments_are_read_however_numbers_are_written() -> None:
    (payment,) = parse_payments({"7": PAID})
    assert (payment.id, payment.sum, payment.paid_at) == (7, Decimal("15.10"), datetime.fromisoformat(TIME))
    two = parse_payments([{**PAID, "sum": 0.1, "datePaid": ""}, {**PAID, "id": 3, "sum": None, "datePaid": None}])
    assert [(one.id, one.sum, one.paid_at) for one in two] == [(3, Decimal(0), None), (7, Decimal("0.1"), None)]


@pytest.mark.parametrize(
    "result",
    [
        None,
        "x",
        ["x"],
        [{}],
        [{**PAID, "id": "x"}],
        [{**PAID, "id": None}],
        [{**PAID, "paid": "yes"}],
        [{**PAID, "paid": []}],
        [{**PAID, "sum": "much"}],
        [{**PAID, "sum": "NaN"}],
        [{**PAID, "sum": []}],
        [{**PAID, "currency": 643}],
        [{**PAID, "datePaid": "yesterday"}],
        [{**PAID, "datePaid": "2023-11-15T01:13:20"}],
        [{name: value for name, value in PAID.items() if name != "datePaid"}],
    ],
)
def test_a_payment_that_cannot_be_read_is_none(result: object) -> None:
    with pytest.raises(UnexpectedReply):
        parse_payments(result)


@pytest.mark.parametrize("nothing", [None, ""])
def test_a_payment_without_a_currency_is_one_all_the_same(nothing: str | None) -> None:
    (payment,) = parse_payments([{**PAID, "currency": nothing}])
    assert (payment.id, payment.currency) == (7, "")


@pytest.mark.parametrize("value", [7, ["2025-01-01T03:00:00+03:00"], "x", "2025-01-01"])
def test_a_field_that_cannot_be_read_is_not_empty(value: object) -> None:
    with pytest.raises(UnexpectedReply):
        parse_date(value, holds_instant=False)


async def test_a_portal_that_does_not_filter_is_not_followed(capsys: pytest.CaptureFixture[str]) -> None:
    old = {"id": 1, "orderId": 1, "datePaid": "2020-01-01T00:00:00+03:00"}
    new = {"id": 1, "orderId": 1, "datePaid": TIME}
    owner = {"orderId": 1, "ownerId": 5, "ownerTypeId": 2}
    changed = {"orders": [{"id": 1, "dateUpdate": "2020-01-01T00:00:00+03:00"}]}
    for payments, owners in (([old], [owner]), ([new, new], [owner]), ([new], [owner, {**owner, "orderId": 9}])):
        answers = {"sale_payment_list": {"payments": payments}, "crm_orderentity_list": {"orderEntity": owners}}
        async with answering(**{**SHOP, **answers, "sale_order_list": changed}) as client:
            assert await Sales(client, sweep_hours=24.0).paid_since(NOW, priority=LIVE) is None
        assert "does not filter" in "".join(capsys.readouterr())


async def test_an_order_that_changed_tells_of_payments_that_are_cancelled_or_gone() -> None:
    orders = {"orders": [{"id": 3, "dateUpdate": TIME}]}
    owners = {"orderEntity": [{"orderId": 3, "ownerId": 5, "ownerTypeId": 2}]}
    answers = {"sale_payment_list": {"payments": []}, "sale_order_list": orders, "crm_orderentity_list": owners}
    async with answering(**{**SHOP, **answers}) as client:
        assert await Sales(client, sweep_hours=24.0).paid_since(NOW, priority=LIVE) == (EntityRef(EntityType.DEAL, 5),)


@pytest.mark.parametrize(
    ("payments", "owners"),
    [
        ([], {}),
        ({"payments": {}}, {}),
        ({"payments": [{"id": 1, "orderId": "x", "datePaid": TIME}]}, {}),
        ({"payments": [{"id": 1, "orderId": 1, "datePaid": None}]}, {}),
        ({"payments": [{"id": 1, "orderId": 1, "datePaid": TIME}]}, {}),
        ({"payments": [{"id": 1, "orderId": 1, "datePaid": TIME}]}, {"orderEntity": [{"orderId": 1, "ownerId": "x"}]}),
    ],
)
async def test_a_shop_that_makes_no_sense_is_asked_again_later(payments: object, owners: object) -> None:
    async with answering(**SHOP, sale_payment_list=payments, crm_orderentity_list=owners) as client:
        with pytest.raises(UnexpectedReply):
            await Sales(client, sweep_hours=24.0).paid_since(NOW, priority=LIVE)


async def test_fields_that_are_not_told_are_not_absent() -> None:
    async with answering(crm_item_fields={}) as client:
        with pytest.raises(UnexpectedReply):
            await find_field(client, EntityType.DEAL, "Payment date", priority=LIVE)


@pytest.mark.parametrize(
    "answers",
    [
        {"crm_item_get": {"item": ITEM}, "crm_item_update": {"item": []}},
        {"crm_item_get": [], "crm_item_update": {"item": ITEM}},
        {"crm_item_get": {"item": ITEM}, "crm_item_update": {"item": {**ITEM, "ufCrm_1": "soon"}}},
        {"crm_item_get": {"item": ITEM}, "crm_item_update": {"item": {**ITEM, "id": None}}},
        {"crm_item_get": {"item": {**ITEM, "opportunity": "much"}}, "crm_item_update": {"item": ITEM}},
    ],
)
async def test_a_write_that_answers_nonsense_is_in_doubt(answers: dict[str, object]) -> None:
    async with answering(**answers) as client:
        assert isinstance(await write(client), Unknown)


@pytest.mark.parametrize(("done", "item"), [(False, CLASSIC), (True, []), (True, {**CLASSIC, "ID": ""})])
async def test_a_classic_write_that_answers_nonsense_is_in_doubt(done: object, item: object) -> None:
    async with answering(crm_deal_get=item, crm_deal_update=done) as client:
        assert isinstance(await write(client, Api.CLASSIC), Unknown)


async def test_payments_that_were_not_read_are_not_told_of_what_was_written() -> None:
    async with answering(crm_item_get={"item": ITEM}, crm_item_update={"item": ITEM}) as client:
        outcome = await write(client, snapshot=replace(SNAPSHOT, payments=None))
    assert isinstance(outcome, Written)
    assert isinstance(outcome.after, Snapshot)
    assert outcome.after.payments is None
