"""Settings of `payment_dates` are checked against the portal: every fault is one sentence with its cure."""

from __future__ import annotations

from contextlib import asynccontextmanager
from random import Random
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from b24syncd.clock import SystemClock
from b24syncd.domain.entities import EntityType
from b24syncd.domain.payment_settings import PaymentSettings
from b24syncd.domain.rules import PaymentRules, Pick
from b24syncd.errors import CredentialsRefused, ExitCode, Problem
from b24syncd.portal.client import PortalClient
from b24syncd.portal.pace.limits import Limits, VolatileMemory
from b24syncd.portal.payments.check import CheckedPayments, check_payments, recheck_payments
from b24syncd.portal.payments.date_fields import DateField
from b24syncd.portal.wire.commands import Command, Priority
from b24syncd.settings.webhook import parse_webhook
from b24syncd.simulator.http.server import serve
from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.tables.fields import DEAL, SMART_INVOICE, CustomField, FieldType, SmartType

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

LIVE = Priority.LIVE
FIELD = "jobs.payment_dates.field"
CONTRACTS = EntityType("type128")
PAID = CustomField(DEAL, "UF_CRM_1721244707107", "Payment date", FieldType.DATE)
OTHERS = (
    CustomField(SMART_INVOICE, "UF_CRM_SMART_INVOICE_1", "Paid on", FieldType.DATETIME),
    CustomField(128, "UF_CRM_1_PAID", "Payment date", FieldType.DATE),
)
DEAL_ONLY = PaymentSettings(fields=(("deal", "Payment date"),))
ALL = PaymentSettings(
    fields=(("deal", "Payment date"), ("smart_invoice", "Paid on"), ("Contracts", "Payment date")),
    own=("smart_invoice",),
    pick=Pick.FIRST,
)


def world(*fields: CustomField, administrator: bool = True) -> Portal:
    return Portal(
        Options(
            burst=10_000,
            per_second=2000.0,
            custom_fields=fields,
            smart_types=(SmartType(128, 1, "Contracts"),),
            scopes=("crm",),
            administrator=administrator,
        )
    )


@asynccontextmanager
async def connected(portal: Portal) -> AsyncIterator[PortalClient]:
    async with serve(portal) as server:
        webhook = parse_webhook(server.webhook_url, "portal.webhook")
        limits = Limits(burst=10_000, per_second=2000.0)
        random = Random(1)  # noqa: S311 # has to be repeatable
        async with PortalClient(webhook, limits, clock=SystemClock(), random=random, memory=VolatileMemory()) as client:
            yield client


async def checked(
    portal: Portal, settings: PaymentSettings, *, create: bool = True
) -> CheckedPayments | tuple[Problem, ...]:
    async with connected(portal) as client:
        return await check_payments(client, settings, priority=LIVE, create=create)


async def fault(portal: Portal, settings: PaymentSettings) -> Problem:
    found = await checked(portal, settings)
    assert isinstance(found, tuple)
    [problem] = found
    assert "crm.deal.userfield.add" not in portal.history.commands
    return problem


def field_of(custom: CustomField, name: str, *, holds_instant: bool = False) -> DateField:
    return DateField(name, custom.code, custom.title, holds_instant=holds_instant)


async def test_settings_that_fit_become_rules_and_fields() -> None:
    portal = world(PAID, *OTHERS)
    found = await checked(portal, ALL)
    assert isinstance(found, CheckedPayments)
    titles = ((EntityType.DEAL, "Payment date"), (EntityType.SMART_INVOICE, "Paid on"), (CONTRACTS, "Payment date"))
    assert found.rules == PaymentRules(fields=titles, pick=Pick.FIRST)
    assert {kind: (one.upper_name, one.holds_instant) for kind, one in found.fields.items()} == {
        EntityType.DEAL: ("UF_CRM_1721244707107", False),
        EntityType.SMART_INVOICE: ("UF_CRM_SMART_INVOICE_1", True),
        CONTRACTS: ("UF_CRM_1_PAID", False),
    }
    assert found.fields[EntityType.DEAL] == field_of(PAID, "ufCrm_1721244707107")
    assert portal.history.commands["crm.item.fields"] == 3


async def test_a_missing_field_of_deals_is_created_once() -> None:
    portal = world()
    settings = PaymentSettings(fields=DEAL_ONLY.fields, field_type="datetime")
    with capture_logs() as logs:
        first = await checked(portal, settings)
    assert isinstance(first, CheckedPayments)
    made = first.fields[EntityType.DEAL]
    assert (made.title, made.holds_instant) == ("Payment date", True)
    assert {"event": "field_created", "entity_type": "deal", "field": made.upper_name, "log_level": "info"} in logs
    second = await checked(portal, settings)
    assert isinstance(second, CheckedPayments)
    assert second.fields == first.fields
    assert portal.history.commands["crm.deal.userfield.add"] == 1


async def test_a_preview_creates_nothing_and_tells_what_would_be() -> None:
    portal = world()
    with capture_logs() as logs:
        found = await checked(portal, DEAL_ONLY, create=False)
    told = {"event": "field_would_be_created", "entity_type": "deal", "title": "Payment date", "log_level": "info"}
    assert told in logs
    assert isinstance(found, CheckedPayments)
    assert (found.fields, found.missing[EntityType.DEAL].title) == ({}, "Payment date")
    assert "crm.deal.userfield.add" not in portal.history.commands


async def test_a_missing_field_is_told_where_none_may_be_created() -> None:
    settings = PaymentSettings(fields=DEAL_ONLY.fields, create_field=False)
    problem = await fault(world(CustomField(DEAL, "UF_CRM_DAY", "Payment day", FieldType.DATE)), settings)
    assert problem.key == FIELD
    assert problem.message == "a deal of this portal has no such field"
    assert problem.cure == "did you mean 'Payment day'? (or set create_field = true, to have it made)"


async def test_a_title_in_other_capitals_is_told_and_nothing_created() -> None:
    problem = await fault(world(CustomField(DEAL, "UF_CRM_DAY", "payment  Date", FieldType.DATE)), DEAL_ONLY)
    assert "did you mean 'payment  Date' (UF_CRM_DAY)?" in problem.cure


async def test_a_field_of_a_wrong_type_is_told() -> None:
    problem = await fault(world(CustomField(DEAL, "UF_CRM_DAY", "Payment date")), DEAL_ONLY)
    assert "is of the type string, not date or datetime" in problem.message


async def test_a_code_is_never_created() -> None:
    problem = await fault(world(PAID), PaymentSettings(fields=(("deal", "UF_CRM_1721244707170"),)))
    assert "did you mean 'UF_CRM_1721244707107'?" in problem.cure


async def test_two_fields_of_one_title_are_told_by_their_codes() -> None:
    problem = await fault(world(PAID, CustomField(DEAL, "UF_CRM_DAY", "Payment date", FieldType.DATE)), DEAL_ONLY)
    assert problem.cure == "name one of UF_CRM_1721244707107, UF_CRM_DAY"


async def test_all_types_with_faults_are_told_at_once_and_nothing_is_created() -> None:
    portal = world(CustomField(128, "UF_CRM_1_PAID", "Payment date"))
    settings = PaymentSettings(
        fields=(("deal", "Payment date"), ("smart_invoice", "UF_CRM_X"), ("Contracts", "Payment date")),
        own=("smart_invoice",),
    )
    found = await checked(portal, settings)
    assert isinstance(found, tuple)
    assert [problem.key for problem in found] == ["jobs.payment_dates.fields.smart_invoice", FIELD]
    assert "crm.deal.userfield.add" not in portal.history.commands


async def test_a_type_named_twice_is_told() -> None:
    settings = PaymentSettings(fields=(("type128", "Payment date"), ("Contracts", "Payment date")))
    problem = await fault(world(*OTHERS), settings)
    assert problem == Problem(
        "jobs.payment_dates.entities", "this is the same type as 'type128'", "name it once", "Contracts"
    )


async def test_a_title_that_means_no_type_is_told() -> None:
    problem = await fault(world(PAID), PaymentSettings(fields=(("Contract", "Payment date"),)))
    assert (problem.key, problem.cure) == ("jobs.payment_dates.entities", 'did you mean "Contracts"?')


async def test_a_field_that_cannot_be_made_is_told() -> None:
    problem = await fault(world(PAID), PaymentSettings(fields=(("deal", "Payment date"), ("type128", "Paid"))))
    assert problem.cure.startswith("make a custom field 'Paid'")


async def test_without_the_right_to_create_the_credentials_are_refused() -> None:
    portal = world(administrator=False)
    with pytest.raises(CredentialsRefused, match=r"may not add the field 'Payment date' to a deal") as error:
        await checked(portal, DEAL_ONLY)
    assert error.value.exit_code is ExitCode.REFUSED
    assert "\n" not in str(error.value)


async def test_who_may_not_create_fields_may_use_those_there_are() -> None:
    assert isinstance(await checked(world(PAID, administrator=False), DEAL_ONLY), CheckedPayments)


async def rename(client: PortalClient, title: str) -> None:
    fields = dict.fromkeys(("EDIT_FORM_LABEL", "LIST_COLUMN_LABEL", "LIST_FILTER_LABEL"), title)
    listed = Command("crm.deal.userfield.list", {})
    (answer,) = await client.read([listed], priority=LIVE)
    [row] = answer.result  # type: ignore[union-attr, misc]
    await client.write([Command("crm.deal.userfield.update", {"id": row["ID"], "fields": fields})], priority=LIVE)


async def test_a_field_that_is_still_there_has_no_problems_later() -> None:
    async with connected(world(PAID, *OTHERS)) as client:
        found = await check_payments(client, ALL, priority=LIVE)
        assert isinstance(found, CheckedPayments)
        assert await recheck_payments(client, found, priority=LIVE) == ()


async def test_a_field_that_was_renamed_is_noticed() -> None:
    async with connected(world(PAID)) as client:
        by_title = await check_payments(client, DEAL_ONLY, priority=LIVE)
        assert isinstance(by_title, CheckedPayments)
        await rename(client, "Paid on")
        [problem] = await recheck_payments(client, by_title, priority=LIVE)
        assert (problem.key, problem.message) == (FIELD, "a deal of this portal has no such field")


async def test_another_field_of_the_same_title_is_noticed() -> None:
    before = DateField("ufCrm_1", "UF_CRM_1", "Payment date", holds_instant=True)
    rules = DEAL_ONLY.resolved({"deal": EntityType.DEAL})
    async with connected(world(PAID)) as client:
        earlier = CheckedPayments(DEAL_ONLY, rules, {EntityType.DEAL: before})
        [problem] = await recheck_payments(client, earlier, priority=LIVE)
        assert problem.message == "the field of a deal is another one than before"
