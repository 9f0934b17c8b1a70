"""Rules of the job `bindings` are checked against the portal: every fault by the name of its rule, nothing written."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from random import Random
from typing import TYPE_CHECKING

import pytest

from b24syncd.clock import SystemClock
from b24syncd.domain.entities import EntityType
from b24syncd.domain.rules import BindingRule, BindingRules, LinkedItem, LinkField, SharedContactPoint
from b24syncd.errors import Problem
from b24syncd.portal.activities.rule_check import check_rules
from b24syncd.portal.client import PortalClient
from b24syncd.portal.pace.limits import Limits, VolatileMemory
from b24syncd.portal.wire.commands import Priority
from b24syncd.settings.webhook import parse_webhook
from b24syncd.simulator.http.server import serve
from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.tables.fields import DEAL, LEAD, CustomField, FieldType

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from typing import Literal

    from b24syncd.domain.rules import Destination

FIELDS = (
    CustomField(LEAD, "UF_CRM_RIGHT_CARD", "Right card", FieldType.LINK),
    CustomField(LEAD, "UF_CRM_1720019876534", "Region"),
    CustomField(DEAL, "UF_CRM_CARD", "Card", FieldType.LINK),
)


COMPANY = LinkedItem(EntityType.COMPANY)


def world(leads: Literal["on", "off", "refused"] = "on") -> Portal:
    return Portal(Options(burst=10_000, per_second=2000.0, custom_fields=FIELDS, leads=leads))


@asynccontextmanager
async def connected(portal: Portal) -> AsyncIterator[PortalClient]:
    async with serve(portal) as server:
        webhook = parse_webhook(server.webhook_url, "portal.webhook")
        limits = Limits(burst=10_000, per_second=2000.0)
        random = Random(1)  # noqa: S311 # has to be repeatable
        async with PortalClient(webhook, limits, clock=SystemClock(), random=random, memory=VolatileMemory()) as client:
            yield client


def rule(
    name: str,
    to: Destination = COMPANY,
    source: EntityType = EntityType.LEAD,
    where: Mapping[str, object] = {},
) -> BindingRule:
    rows = tuple(sorted((key, json.dumps(value)) for key, value in where.items()))
    return BindingRule(name=name, source=source, to=to, where=rows)


async def checked(portal: Portal, *rules: BindingRule) -> tuple[Problem, ...]:
    async with connected(portal) as client:
        problems = await check_rules(client, BindingRules(rules=rules, region="RU"), priority=Priority.LIVE)
    assert portal.history.saves == 0
    return problems


async def test_rules_that_are_right_have_no_problems() -> None:
    group = {"logic": "OR", "@stageId": ["CONVERTED", "JUNK"], "0": {"ufCrm_1720019876534": "x", ">id": 5}}
    portal = world()
    assert not await checked(
        portal,
        rule("plain"),
        rule("filtered", where={"stageId": "CONVERTED", ">=createdTime": "2026-01-31", "0": group}),
        rule("upper case", where={"STAGE_ID": "CONVERTED"}),
        rule("field", LinkField("UF_CRM_RIGHT_CARD")),
        rule("field of deals", LinkField("UF_CRM_CARD"), EntityType.DEAL, {"closed": "Y"}),
        rule("shared", SharedContactPoint(EntityType.CONTACT)),
    )
    assert portal.history.commands["crm.item.fields"] == 4
    assert portal.history.commands["crm.item.list"] == 3


@pytest.mark.parametrize(
    ("key", "name", "cure"),
    [
        ("stagedId", "stagedId", "did you mean stageId?"),
        (">=creatdTime", "creatdTime", "did you mean createdTime?"),
        (">=DATE_CREATE", "DATE_CREATE", "use a name that crm.item.fields tells"),
        ("=UF_CRM_1720019876534", "UF_CRM_1720019876534", "did you mean ufCrm_1720019876534?"),
        ("UF_CRM_1720019876534", "UF_CRM_1720019876534", "did you mean ufCrm_1720019876534?"),
        ("!%zzzzzz", "zzzzzz", "use a name that crm.item.fields tells"),
    ],
)
async def test_an_unknown_field_of_a_filter_is_told_with_the_nearest(key: str, name: str, cure: str) -> None:
    [problem] = await checked(world(), rule("good"), rule("old «mails»", where={key: "1"}))
    message = f"a lead of this portal cannot be filtered by {name}"
    assert problem == Problem('jobs.bindings.rules[1] "old «mails»".where', message, cure)


async def test_all_unknown_fields_are_told_those_of_groups_too() -> None:
    where = {"titel": 1, "0": {"logic": "OR", "%nam": "x", "1": {"@opned": ["Y"]}}}
    found = await checked(world(), rule("a", where=where))
    assert [problem.cure for problem in found] == ["did you mean name?", "did you mean opened?", "did you mean title?"]


async def test_a_value_that_the_portal_refuses_is_told_in_its_words() -> None:
    [problem] = await checked(world(), rule("a", where={">title": ["x"]}))
    assert problem.key == 'jobs.bindings.rules[0] "a".where'
    assert "Invalid filter: field '>TITLE' has invalid value" in problem.message


@pytest.mark.parametrize("prefix", ["!", ">", ""])
async def test_what_the_portal_takes_for_no_time_is_told(prefix: str) -> None:
    """It refuses nothing: behind ! every item would meet the rule."""
    portal = world()
    portal.create(LEAD, {}, (), "person")
    where = {"0": {"logic": "OR", f"{prefix}createdTime": "yesterdayish", "id": 1}}
    [problem] = await checked(portal, rule("a", where=where), rule("b", where={">createdTime": "10.03.2026"}))
    message = "the portal reads no time in 'yesterdayish', with which it would compare createdTime"
    assert (problem.key, problem.message) == ('jobs.bindings.rules[0] "a".where', message)


@pytest.mark.parametrize(
    ("source", "field", "message", "cure"),
    [
        (
            EntityType.LEAD,
            "UF_CRM_RIGHT_CRAD",
            "has no field UF_CRM_RIGHT_CRAD",
            "did you mean field:UF_CRM_RIGHT_CARD?",
        ),
        (EntityType.LEAD, "UF_CRM_ZZZ", "has no field UF_CRM_ZZZ", "name one of UF_CRM_RIGHT_CARD"),
        (EntityType.LEAD, "UF_CRM_1720019876534", "is of the type 'string'", "name one of UF_CRM_RIGHT_CARD"),
        (EntityType.CONTACT, "UF_CRM_RIGHT_CARD", "a contact of this portal has no field", "create a field"),
    ],
)
async def test_a_target_field_has_to_be_a_link(source: EntityType, field: str, message: str, cure: str) -> None:
    [problem] = await checked(world(), rule("a", LinkField(field), source))
    assert problem.key == 'jobs.bindings.rules[0] "a".to'
    assert message in problem.message
    assert cure in problem.cure


@pytest.mark.parametrize(("leads", "words"), [("off", "not found"), ("refused", "denied")])
async def test_a_type_that_the_portal_refuses_is_told_once_for_each_rule(
    leads: Literal["off", "refused"], words: str
) -> None:
    contacts = rule("contacts", source=EntityType.CONTACT, where={"titel": 1})
    found = await checked(
        world(leads), rule("first", where={"stageId": "X"}), rule("second", LinkField("UF_CRM_A")), contacts
    )
    assert [problem.key for problem in found] == [
        'jobs.bindings.rules[0] "first".from',
        'jobs.bindings.rules[1] "second".from',
        'jobs.bindings.rules[2] "contacts".where',
    ]
    assert "the portal refuses items of the type lead" in found[0].message
    assert words in found[0].message.lower()


async def test_without_rules_nothing_is_asked() -> None:
    portal = world()
    assert await checked(portal) == ()
    assert not portal.history.commands
