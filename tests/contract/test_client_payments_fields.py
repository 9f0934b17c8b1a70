"""The field with the payment date, as the client finds and makes it in the simulated portal."""

from __future__ import annotations

from contextlib import asynccontextmanager
from random import Random
from typing import TYPE_CHECKING

import pytest
from tests.engine.scripting import Watcher

from b24syncd.clock import SystemClock
from b24syncd.domain.entities import EntityType
from b24syncd.errors import CredentialsRefused, ExitCode, Problem, RetryLater
from b24syncd.portal.client import PortalClient
from b24syncd.portal.pace.backoff import Backoff
from b24syncd.portal.pace.limits import Limits, VolatileMemory
from b24syncd.portal.payments.date_fields import DateField, NoField, create_field, find_field
from b24syncd.portal.wire.commands import Priority
from b24syncd.settings.webhook import parse_webhook
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.http.server import serve
from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.tables.fields import DEAL, SMART_INVOICE, CustomField, FieldType
from b24syncd.simulator.tables.user_fields import LABELS, every_language

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

LIVE = Priority.LIVE
ROOMY = Limits(burst=10_000, per_second=2000.0, backoff=Backoff(0.01, 0.05, 0.3, 0.2))
FIELDS = (
    CustomField(DEAL, "UF_CRM_1746431727372", "Payment date", FieldType.DATE),
    CustomField(DEAL, "UF_CRM_PAID_AT", "Paid at", FieldType.DATETIME),
    CustomField(DEAL, "UF_CRM_TWICE", "Twice", FieldType.DATE),
    CustomField(DEAL, "UF_CRM_TWICE_TOO", "Twice", FieldType.DATETIME),
    CustomField(DEAL, "UF_CRM_TWICE_TEXT", "Twice", FieldType.STRING),
    CustomField(DEAL, "UF_CRM_DATES", "Dates", FieldType.DATE, multiple=True),
    CustomField(DEAL, "UF_CRM_TEXT", "Paid on", FieldType.STRING),
    CustomField(SMART_INVOICE, "UF_CRM_SMART_INVOICE_17", "Payment date", FieldType.DATE),
)
CANDIDATES = (
    "name one of 'Payment date' (UF_CRM_1746431727372), 'Paid at' (UF_CRM_PAID_AT), 'Twice' (UF_CRM_TWICE), "
    "'Twice' (UF_CRM_TWICE_TOO)"
)


def portal_of(*, administrator: bool = True, language: str = "ru") -> Portal:
    options = Options(
        burst=10_000, per_second=2000.0, custom_fields=FIELDS, administrator=administrator, language=language
    )
    return Portal(options)


@asynccontextmanager
async def connected(portal: Portal) -> AsyncIterator[PortalClient]:
    async with serve(portal) as server:
        webhook = parse_webhook(server.webhook_url, "portal.webhook")
        random = Random(1)  # noqa: S311 # has to be repeatable
        async with PortalClient(webhook, ROOMY, clock=SystemClock(), random=random, memory=VolatileMemory()) as client:
            yield client


async def find(
    client: PortalClient, wanted: str, entity_type: EntityType = EntityType.DEAL
) -> DateField | NoField | Problem:
    return await find_field(client, entity_type, wanted, priority=LIVE, key="here")


async def create(
    client: PortalClient, title: str, entity_type: EntityType = EntityType.DEAL, field_type: str = "date"
) -> DateField | Problem:
    return await create_field(client, entity_type, title, field_type, priority=LIVE, key="here")


async def test_a_field_is_found_by_its_title_or_by_either_code() -> None:
    async with connected(portal_of()) as client:
        payment_date = DateField("ufCrm_1746431727372", "UF_CRM_1746431727372", "Payment date", holds_instant=False)
        for wanted in ("Payment date", " Payment date ", "UF_CRM_1746431727372", "ufCrm_1746431727372"):
            assert await find(client, wanted) == payment_date
        paid_at = await find(client, "ufCrmPaidAt")
        assert paid_at == DateField("ufCrmPaidAt", "UF_CRM_PAID_AT", "Paid at", holds_instant=True)
        invoice = await find(client, "Payment date", EntityType.SMART_INVOICE)
        assert isinstance(invoice, DateField)
        assert invoice.upper_name == "UF_CRM_SMART_INVOICE_17"


@pytest.mark.parametrize(
    ("wanted", "message", "cure"),
    [
        ("Twice", "2 date fields of a deal have this title", "name one of UF_CRM_TWICE, UF_CRM_TWICE_TOO"),
        ("Paid on", "this field of a deal is of the type string, not date or datetime", CANDIDATES),
        ("UF_CRM_TEXT", "this field of a deal is of the type string, not date or datetime", CANDIDATES),
        ("Dates", "this field of a deal is one that holds several values", CANDIDATES),
        ("Дата завершения", "this field of a deal is one of the portal's own, not a custom one", CANDIDATES),
        (
            "payment  Date",
            "a deal has no field of exactly this name",
            "did you mean 'Payment date' (UF_CRM_1746431727372)?",
        ),
        (
            "UF_CRM_paid_at",
            "a deal has no field of exactly this name",
            "did you mean 'Paid at' (UF_CRM_PAID_AT)?",
        ),
        ("UF_CRM_PAID_AX", "a deal of this portal has no such field", "did you mean 'UF_CRM_PAID_AT'?"),
        ("ufCrmNothingLikeIt", "a deal of this portal has no such field", CANDIDATES),
    ],
)
async def test_what_is_doubtful_is_a_problem_with_its_cure(wanted: str, message: str, cure: str) -> None:
    portal = portal_of()
    async with connected(portal) as client:
        assert await find(client, wanted) == Problem("here", message, cure, wanted)
        assert await create(client, wanted) == Problem("here", message, cure, wanted)
    assert set(portal.history.commands) == {"crm.item.fields"}


async def test_a_field_that_is_not_there_may_be_made() -> None:
    async with connected(portal_of()) as client:
        missing = await find(client, "Payed date")
        assert missing == NoField(
            Problem("here", "a deal of this portal has no such field", "did you mean 'Payment date'?", "Payed date")
        )
        far = await find(client, "Zahltag")
        assert isinstance(far, NoField)
        assert far.problem.cure == CANDIDATES
        lead = await find(client, "Zahltag", EntityType.LEAD)
        assert isinstance(lead, NoField)
        assert lead.problem.cure == "make a custom field of the type date"
        strange = await find(client, "Zahltag", EntityType.from_type_id(150))
        assert isinstance(strange, Problem)
        assert strange.message.startswith("the portal refuses items of the type type150")


@pytest.mark.parametrize("language", ["ru", "en", "de"])
async def test_a_field_is_made_once_with_one_title_in_every_language(language: str) -> None:
    portal = portal_of(language=language)
    async with connected(portal) as client:
        made = await create(client, "Дата оплаты", field_type="datetime")
        assert isinstance(made, DateField)
        assert (made.title, made.holds_instant) == ("Дата оплаты", True)
        assert await create(client, "Дата оплаты") == made
        assert await find(client, made.upper_name) == made
    own = portal.user_fields.find(DEAL, made.upper_name)
    assert own is not None
    labels = {*own.labels["EDIT_FORM_LABEL"].values(), *own.labels["LIST_COLUMN_LABEL"].values()}
    assert (labels, len(made.upper_name) <= 50) == ({"Дата оплаты"}, True)
    assert portal.history.commands["crm.deal.userfield.add"] == 1


async def test_without_the_right_one_sentence_tells_what_to_do() -> None:
    async with connected(portal_of(administrator=False)) as client:
        with pytest.raises(CredentialsRefused) as raised:
            await create(client, "Zahltag")
    assert raised.value.exit_code is ExitCode.REFUSED
    assert str(raised.value) == (
        "the webhook's user may not add the field 'Zahltag' to a deal: it takes an administrator; "
        "let one make the field, or the webhook"
    )


@pytest.mark.parametrize("kind", [Kind.RESET, Kind.ERROR_500])
@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_lost_answer_makes_no_second_field(kind: Kind, when: str) -> None:
    portal = portal_of()
    async with connected(portal) as client:
        portal.faults.add(Fault(kind=kind, match="crm.deal.userfield.add", when=when))
        if when == "before":
            with pytest.raises(RetryLater, match="not known yet whether the field 'Zahltag' of a deal was made"):
                await create(client, "Zahltag")
        made = await create(client, "Zahltag")
        assert isinstance(made, DateField)
    assert [own.code for own in portal.user_fields.of(DEAL)][len(FIELDS) - 1 :] == [made.upper_name]


@pytest.mark.parametrize("language", ["en", "ru", "de", "ua"])
async def test_a_field_that_came_late_is_not_made_twice(language: str) -> None:
    """That it exists already is told in the portal's language only."""
    portal = portal_of(language=language)
    async with connected(portal) as client:
        made = await create(client, "Zahltag")
        assert isinstance(made, DateField)
        own = portal.user_fields.find(DEAL, made.upper_name)
        assert own is not None
        portal.user_fields.rename(own, "Bezahlt")
        again = await create(client, "Zahltag")
    message = "the field that was made for this title is called 'Bezahlt' by now"
    assert again == Problem("here", message, f"name it so, or by its code {made.upper_name}", "Zahltag")


async def test_a_field_that_comes_between_the_looks_for_it_is_the_one_that_was_wanted() -> None:
    """By its title it was not there yet, by its code it is: the request for it was still under way."""
    portal = portal_of()
    async with connected(portal) as client:
        made = await create(client, "Zahltag")
        assert isinstance(made, DateField)
        own = portal.user_fields.find(DEAL, made.upper_name)
        assert own is not None
        portal.user_fields.rename(own, "Not yet")
        comes_late = Watcher(lambda number, _: portal.user_fields.rename(own, "Zahltag") if number == 4 else None)
        portal.watchers.append(comes_late)
        assert await create(client, "Zahltag") == made
        assert comes_late.seen == 4


@pytest.mark.parametrize("language", ["en", "ru", "xx"])
async def test_a_code_that_another_field_has_is_told_in_the_portals_words(language: str) -> None:
    portal = portal_of(language="ru")
    async with connected(portal) as client:
        made = await create(client, "Zahltag")
        assert isinstance(made, DateField)
        own = portal.user_fields.find(DEAL, made.upper_name)
        assert own is not None
        portal.user_fields.delete(own)
        taken = CustomField(DEAL, made.upper_name, "Bezahlt", FieldType.STRING)
        labels = {kind: every_language(taken.title, "") for kind in LABELS}
        portal.user_fields.add(DEAL, taken.code, "string", {}, labels)
        said = {"en": "Field X already exists.", "ru": "Поле X уже существует.", "xx": "..."}[language]
        fault = Fault(kind=Kind.COMMAND_ERROR, match="crm.deal.userfield.add", code="ERROR_CORE", description=said)
        portal.faults.add(fault)
        problem = await create(client, "Zahltag")
    assert isinstance(problem, Problem)
    assert problem.message == f"the portal does not make the field (ERROR_CORE: {said})"


async def test_what_is_not_made_by_this_program_is_told() -> None:
    portal = portal_of()
    async with connected(portal) as client:
        portal.faults.add(
            Fault(
                kind=Kind.COMMAND_ERROR,
                match="crm.deal.userfield.add",
                code="ERROR_CORE",
                description="Incorrect custom type specified.",
            )
        )
        problem = await create(client, "Zahltag")
        assert isinstance(problem, Problem)
        assert problem.message == "the portal does not make the field (ERROR_CORE: Incorrect custom type specified.)"
        invoice = await create(client, "Zahltag", EntityType.SMART_INVOICE)
        assert isinstance(invoice, Problem)
        assert (
            invoice.cure
            == "make a custom field 'Zahltag' of the type date in the settings of the card, then start again"
        )
