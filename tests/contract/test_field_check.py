"""Rules for fields are looked up at the portal: every fault is one sentence with its cure."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from b24syncd.clock import SystemClock
from b24syncd.domain.entities import EntityType
from b24syncd.domain.field_settings import MEANING_NOTHING, FieldRuleSettings, FieldSettings
from b24syncd.domain.rules import FieldRule, LetterCase
from b24syncd.domain.values import Choice
from b24syncd.errors import Problem, RightMissing
from b24syncd.portal.client import PortalClient
from b24syncd.portal.fields.check import CheckedFields, check_fields
from b24syncd.portal.fields.choices import Fault, chosen
from b24syncd.portal.pace.limits import Limits, VolatileMemory
from b24syncd.portal.wire.commands import Priority
from b24syncd.portal.words.vocabulary import Api, Vocabulary
from b24syncd.settings.webhook import parse_webhook
from b24syncd.simulator.http.server import serve
from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.tables.fields import COMPANY, DEAL, CustomField, FieldType, SmartType

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

LIVE = Priority.LIVE
CITY = CustomField(DEAL, "UF_CRM_CITY", "City")
SIZE = CustomField(DEAL, "UF_CRM_SIZE", "Size", FieldType.ENUMERATION, items=("Small", "Large", "Twice", "Twice"))
SIZES = CustomField(DEAL, "UF_CRM_SIZES", "Sizes", FieldType.ENUMERATION, multiple=True, items=("Small", "Large"))
FROM = CustomField(DEAL, "UF_CRM_FROM", "From", FieldType.STATUS, settings={"ENTITY_TYPE": "SOURCE"})
WEIGHT = CustomField(DEAL, "UF_CRM_WEIGHT", "Weight", FieldType.DOUBLE)
SHORT = CustomField(DEAL, "UF_CRM_SHORT", "Short", settings={"MAX_LENGTH": 5, "ROWS": 3})
DAY = CustomField(DEAL, "UF_CRM_DAY", "Day", FieldType.DATE)
HOUR = CustomField(DEAL, "UF_CRM_HOUR", "Hour", FieldType.DATETIME)
YES = CustomField(DEAL, "UF_CRM_YES", "Yes", FieldType.BOOLEAN)
PRICE = CustomField(DEAL, "UF_CRM_PRICE", "Price", FieldType.MONEY)
LINK = CustomField(DEAL, "UF_CRM_CARD", "Card", FieldType.LINK)
CODE = CustomField(DEAL, "UF_CRM_CODE", "Code", settings={"MIN_LENGTH": 5})
NOTES = CustomField(DEAL, "UF_CRM_NOTES", "Notes", multiple=True)
TWINS = (CustomField(COMPANY, "UF_CRM_A", "Twin"), CustomField(COMPANY, "UF_CRM_B", "Twin"))
FIELDS = (CITY, SIZE, SIZES, FROM, WEIGHT, SHORT, DAY, HOUR, YES, PRICE, LINK, NOTES, CODE, *TWINS)
SIZE_IDS = {title: str(1020 + number) for number, title in enumerate(SIZE.items)}


def world(**options: Any) -> Portal:  # noqa: ANN401 # as the simulator takes them
    told = {"custom_fields": FIELDS, "pipelines": 1, "smart_types": (SmartType(130, 1, "Contracts", payments=False),)}
    portal = Portal(Options(burst=10_000, per_second=2000.0, scopes=("crm",), **{**told, **options}))
    statuses = portal.statuses
    for name in ("New", "Signed"):
        statuses.add("DYNAMIC_130_STAGE_1", f"DT130_1:{name.upper()}", name, category_id=1)
    return portal


@asynccontextmanager
async def connected(portal: Portal) -> AsyncIterator[PortalClient]:
    async with serve(portal) as server:
        webhook = parse_webhook(server.webhook_url, "portal.webhook")
        limits = Limits(burst=10_000, per_second=2000.0)
        random = Random(1)  # noqa: S311 # has to be repeatable
        async with PortalClient(webhook, limits, clock=SystemClock(), random=random, memory=VolatileMemory()) as client:
            yield client


def rule(**told: Any) -> FieldRuleSettings:  # noqa: ANN401 # whatever a rule takes
    return FieldRuleSettings(**{"number": 0, "name": "r", "entity": "deal", "field": "City", **told})


async def checked(
    *rules: FieldRuleSettings, portal: Portal | None = None, api: Api = Api.UNIVERSAL
) -> CheckedFields | tuple[Problem, ...]:
    numbered = tuple(replace(each, number=number) for number, each in enumerate(rules))
    async with connected(portal or world()) as client:
        return await check_fields(client, FieldSettings(rules=numbered), Vocabulary(api), priority=LIVE)


async def looked_up(**told: Any) -> FieldRule:  # noqa: ANN401 # whatever a rule takes
    found = await checked(rule(**told))
    assert isinstance(found, CheckedFields), found
    [only] = found.rules.rules
    return only


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        ({"field": "UF_CRM_CITY", "trim": True}, {"field": "ufCrmCity", "trim": True}),
        ({"field": "title", "case": LetterCase.TITLE}, {"field": "title", "longest": 255, "can_be_empty": False}),
        ({"field": "Short", "strip_html": True}, {"field": "ufCrmShort", "longest": 5, "has_lines": True}),
        ({"field": "sourceDescription", "trim": True}, {"field": "sourceDescription", "has_lines": True}),
        ({"field": "probability", "default": Decimal(100)}, {"default": Decimal(100), "can_be_empty": False}),
        ({"field": "Size", "default": "Large"}, {"default": Choice(SIZE_IDS["Large"])}),
        ({"field": "Size", "clear": ("small",)}, {"clear": (Choice(SIZE_IDS["Small"]),)}),
        ({"field": "From", "default": "Call"}, {"default": Choice("CALL")}),
        ({"field": "sourceId", "replace": (("Call", "E-Mail"),)}, {"replace": ((Choice("CALL"), Choice("EMAIL")),)}),
        ({"field": "sourceId", "copy_from": "From"}, {"copy_from": "ufCrmFrom"}),
        ({"field": "Weight", "default": Decimal("1.5")}, {"default": Decimal("1.5")}),
        ({"field": "Weight", "replace": (("1,5", Decimal(2)),)}, {"replace": ((Decimal("1.5"), Decimal(2)),)}),
        ({"field": "Day", "default": date(2026, 1, 31)}, {"default": date(2026, 1, 31)}),
        ({"field": "Day", "clear": ("1970-01-01",)}, {"clear": (date(1970, 1, 1),)}),
        ({"field": "Hour", "default": "2026-01-31T09:00:00+03:00"}, {"field": "ufCrmHour"}),
        ({"field": "Yes", "default": True}, {"default": True, "can_be_empty": False}),
        ({"field": "Yes", "replace": (("false", True),)}, {"replace": ((False, True),)}),
        ({"field": "Price", "default": "100|RUB"}, {"default": "100|RUB"}),
        ({"field": "Notes", "trim": True, "default": "x"}, {"is_multiple": True, "default": "x"}),
        ({"field": "City", "clear": MEANING_NOTHING}, {"clear": MEANING_NOTHING}),
        ({"entity": "Contracts", "field": "title", "trim": True}, {"entity": EntityType("type130")}),
    ],
)
async def test_a_rule_is_looked_up(told: dict[str, Any], wanted: dict[str, object]) -> None:
    found = await looked_up(**told)
    assert {name: getattr(found, name) for name in wanted} == wanted


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        ({}, [("NEW", "PREPARATION"), ("C1:NEW", "C1:PREPARATION")]),
        ({"where": (("categoryId", "0"),)}, [("NEW", "PREPARATION")]),
        ({"where": (("=categoryId", '"1"'),)}, [("C1:NEW", "C1:PREPARATION")]),
    ],
)
async def test_stages_are_of_one_pipeline(told: dict[str, Any], wanted: list[tuple[str, str]]) -> None:
    found = await looked_up(field="stageId", replace=(("New", "Prepare documents"),), **told)
    assert found.replace == tuple((Choice(before), Choice(after)) for before, after in wanted)


async def test_stages_of_a_smart_process() -> None:
    found = await looked_up(entity="type130", field="stageId", replace=(("new", "Signed"),))
    assert found.replace == ((Choice("DT130_1:NEW"), Choice("DT130_1:SIGNED")),)


@pytest.mark.parametrize(
    ("told", "key", "message", "cure"),
    [
        ({"field": "Cty", "trim": True}, "field", "has no such field", "'City' (UF_CRM_CITY)"),
        ({"field": "uf_crm_city", "trim": True}, "field", "has no such field", "'City' (UF_CRM_CITY)"),
        ({"field": "Zzzzzz", "trim": True}, "field", "has no such field", "name one such as 'City' (UF_CRM_CITY)"),
        ({"field": "City", "copy_from": "Tity"}, "copy_from", "has no such field", "did you mean"),
        ({"entity": "company", "field": "Twin", "trim": True}, "field", "2 fields of a company", "UF_CRM_A, UF_CRM_B"),
        ({"field": "createdTime", "default": date(2026, 1, 1)}, "field", "nobody may write", "another field"),
        ({"field": "Price", "default": "100"}, "default", "no amount of money", "100|RUB"),
        ({"field": "Price", "clear": MEANING_NOTHING}, "clear", "clear = true is for texts", "0|RUB"),
        ({"field": "Comment", "trim": True}, "field", "BB code", "plain text"),
        ({"field": "City", "copy_from": "comments"}, "copy_from", "BB code", "plain text"),
        ({"field": "taxValue", "default": Decimal(1)}, "field", "from the products", "another field"),
        ({"field": "probability", "default": Decimal(101)}, "default", "takes 0 to 100", "one of these"),
        ({"field": "probability", "clear": ("0",)}, "clear", "is never empty", "replace"),
        ({"field": "opportunity", "clear": (Decimal(0),)}, "clear", "is never empty", "replace"),
        ({"field": "opportunity", "clear": MEANING_NOTHING}, "clear", "clear = true is for texts", "remove it"),
        ({"field": "Yes", "clear": (False,)}, "clear", "is never empty", "replace"),
        ({"field": "Day", "clear": MEANING_NOTHING}, "clear", "clear = true is for texts", "1970-01-01"),
        ({"field": "Card", "default": "D_1"}, "field", "of the type crm", "texts, numbers, dates"),
        ({"field": "Size", "trim": True}, "trim", "is for texts", "remove it"),
        ({"field": "Price", "case": LetterCase.LOWER}, "case", "is for texts", "remove it"),
        (
            {"field": "Size", "replace": (("Small", "Large"),), "replaces_words": True},
            "match",
            "is for texts",
            "remove",
        ),
        ({"field": "Weight", "clear": MEANING_NOTHING}, "clear", "clear = true is for texts", "clear = [0]"),
        ({"field": "Size", "default": "Larg"}, "default", "the list has no value 'Larg'", "did you mean 'Large'?"),
        ({"field": "Size", "default": "XXL"}, "default", "the list has no value 'XXL'", "'Small', 'Large'"),
        ({"field": "Size", "default": "Twice"}, "default", "2 values of the list", "1022, 1023"),
        ({"field": "Weight", "default": "heavy"}, "default", "no value of a field of the type double", "a number"),
        ({"field": "Weight", "default": Decimal("1.005")}, "default", "keeps 2 decimals", "round it"),
        ({"field": "probability", "default": Decimal("1.5")}, "default", "of the type integer", "whole one"),
        ({"field": "Day", "default": "tomorrow"}, "default", "of the type date", "2026-01-31"),
        ({"field": "Day", "default": datetime(2026, 1, 1)}, "default", "of the type date", "2026-01-31"),  # noqa: DTZ001
        ({"field": "Hour", "default": date(2026, 1, 1)}, "default", "of the type datetime", "its offset"),
        ({"field": "Yes", "default": "maybe"}, "default", "of the type boolean", "true or false"),
        ({"field": "City", "default": Decimal(5)}, "default", "of the type string", "in quotes"),
        ({"field": "Short", "default": "too long"}, "default", "takes 5 characters", "shorter"),
        ({"field": "Code", "default": "x"}, "default", "takes at least 5 characters", "longer"),
        ({"field": "City", "copy_from": "Weight"}, "copy_from", "values of another sort", "type string"),
        ({"field": "City", "copy_from": "Notes"}, "copy_from", "values of another sort", "type string"),
        ({"field": "Size", "copy_from": "From"}, "copy_from", "different lists", "use replace"),
        ({"field": "title", "clear": ("-",)}, "clear", "is never empty", "default"),
        ({"field": "stageId", "clear": ("New",)}, "clear", "a stage is never empty", "replace"),
        ({"field": "stageId", "default": "New"}, "default", "a stage is never empty", "replace"),
        ({"field": "stageId", "replace": (("Nww", "New"),)}, "replace", "no stage 'Nww'", "'New'"),
        ({"field": "stageId", "replace": (("New", "Sold"),)}, "replace", "none that is called 'Sold'", "categoryId"),
        (
            {"field": "stageId", "replace": (("C1:NEW", "New"),), "where": (("categoryId", "0"),)},
            "replace",
            "a stage of another pipeline (DEAL_STAGE_1)",
            "write one of",
        ),
        (
            {"field": "stageId", "replace": (("New", "Won"),), "where": (("categoryId", "7"),)},
            "where",
            "no such pipeline",
            "categoryId = 0",
        ),
        ({"trim": True, "where": (("titel", '"x"'),)}, "where", "cannot be filtered by titel", "did you mean title?"),
    ],
)
async def test_every_fault_has_its_cure(told: dict[str, Any], key: str, message: str, cure: str) -> None:
    found = await checked(rule(**told))
    assert isinstance(found, tuple)
    problem = found[0]
    assert problem.key == f'jobs.fields.rules[0] "r".{key}'
    assert message in problem.message
    assert cure in problem.cure


@pytest.mark.parametrize("api", [Api.UNIVERSAL, Api.CLASSIC])
async def test_a_time_that_the_portal_does_not_read_is_told(api: Api) -> None:
    """It takes it for none, and the rule would be for every deal."""
    portal = world()
    portal.create(DEAL, {}, (), "person")
    found = await checked(rule(trim=True, where=(("!=createdTime", '"soon"'),)), portal=portal, api=api)
    assert isinstance(found, tuple)
    [problem] = found
    assert problem.key == 'jobs.fields.rules[0] "r".where'
    assert "reads no time in 'soon'" in problem.message


FLOORS = tuple((str(44 + number), str(1 + number)) for number in range(60))


def test_a_title_wins_over_an_id_and_is_doubtful_where_both_are_there() -> None:
    assert chosen(FLOORS, "7") == Choice("50")
    assert chosen(FLOORS, "103") == Choice("103")
    assert chosen((("1", "1"),), "1") == Choice("1")
    found = chosen(FLOORS, "50")
    assert isinstance(found, Fault)
    assert found.message == "'50' is the title of one value of the list, and the id of another, '7'"
    assert found.cure == "write '93' or '7', whichever you mean"


async def test_a_stage_in_doubt_is_told() -> None:
    portal = world()
    portal.statuses.add("DEAL_STAGE_1", "C1:X", "New", category_id=1)
    found = await checked(rule(field="stageId", replace=(("New", "Prepare documents"),)), portal=portal)
    assert isinstance(found, tuple)
    assert "2 values of the list are called" in found[0].message


async def test_all_faults_are_told_at_once() -> None:
    found = await checked(
        rule(field="Cty", trim=True), rule(name="s", field="Size", default="XXL"), rule(name="t", trim=True)
    )
    assert isinstance(found, tuple)
    assert [problem.key for problem in found] == [
        'jobs.fields.rules[0] "r".field',
        'jobs.fields.rules[1] "s".default',
    ]


async def test_titles_of_smart_processes_are_looked_up() -> None:
    found = await checked(rule(entity="Contrakts", field="title", trim=True))
    assert isinstance(found, tuple)
    assert (found[0].key, found[0].cure) == ("jobs.fields.rules", 'did you mean "Contracts"?')


async def test_a_type_that_may_not_be_read() -> None:
    found = await checked(rule(entity="lead", field="title", trim=True), portal=world(leads="refused"))
    assert isinstance(found, tuple)
    assert isinstance(found[0], RightMissing)
    assert found[0].key == 'jobs.fields.rules[0] "r".entity'


async def test_the_fields_that_rules_need_are_told() -> None:
    found = await checked(rule(trim=True), rule(name="s", field="title", copy_from="City"))
    assert isinstance(found, CheckedFields)
    assert [field.name for field in found.fields[EntityType.DEAL]] == ["ufCrmCity", "title"]
    assert found.rules.fields(EntityType.DEAL) == {"ufCrmCity", "title"}


async def test_by_the_classic_methods() -> None:
    portal = world()
    found = await checked(
        rule(trim=True),
        rule(name="s", field="TITLE", trim=True),
        rule(name="t", field="STAGE_ID", replace=(("New", "Prepare documents"),), where=(("categoryId", "1"),)),
        rule(name="u", field="Size", default="Large"),
        portal=portal,
        api=Api.CLASSIC,
    )
    assert isinstance(found, CheckedFields)
    assert [each.field for each in found.rules.rules] == ["ufCrmCity", "title", "stageId", "ufCrmSize"]
    assert found.rules.rules[1].longest == 255
    assert found.rules.rules[2].replace == ((Choice("C1:NEW"), Choice("C1:PREPARATION")),)
    assert "crm.item.fields" not in portal.history.commands
