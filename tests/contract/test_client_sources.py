"""Which items rules are for and where their activities may go, as the client finds out from the simulated portal."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from b24syncd.clock import SystemClock
from b24syncd.domain.bindings import Binding
from b24syncd.domain.entities import EntityType
from b24syncd.domain.rules import BindingRule, LinkedItem, LinkField, ListedItem, SharedContactPoint
from b24syncd.errors import Rejected
from b24syncd.portal.activities.sources import ListedSources, Sources
from b24syncd.portal.client import PortalClient
from b24syncd.portal.pace.limits import Limits, VolatileMemory
from b24syncd.portal.wire.commands import Priority
from b24syncd.settings.webhook import parse_webhook
from b24syncd.simulator.http.server import serve
from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.tables.fields import COMPANY, CONTACT, DEAL, LEAD, CustomField, FieldType
from b24syncd.simulator.tables.model import PointChange

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from b24syncd.domain.activities import Offer, Source
    from b24syncd.domain.rules import Destination

LIVE = Priority.LIVE
CARD = CustomField(LEAD, "UF_CRM_CARD", "Card", FieldType.LINK)
TYPES = {LEAD: EntityType.LEAD, DEAL: EntityType.DEAL, CONTACT: EntityType.CONTACT, COMPANY: EntityType.COMPANY}


def portal_of() -> Portal:
    return Portal(Options(burst=10_000, per_second=2000.0, custom_fields=(CARD,)))


def create(portal: Portal, type_id: int, *phones: str, **values: Any) -> int:  # noqa: ANN401 # any field
    points = [PointChange(None, "EMAIL" if "@" in phone else "PHONE", "WORK", phone) for phone in phones]
    return portal.create(type_id, values, points, "generator").id


def rule(
    to: Destination, source: int = LEAD, name: str = "rule", where: dict[str, object] | None = None
) -> BindingRule:
    conditions = tuple((key, json.dumps(value)) for key, value in (where or {}).items())
    return BindingRule(name=name, source=TYPES[source], to=to, where=conditions)


@asynccontextmanager
async def client_of(portal: Portal) -> AsyncIterator[PortalClient]:
    async with serve(portal) as server:
        webhook = parse_webhook(server.webhook_url, "portal.webhook")
        random = Random(1)  # noqa: S311 # has to be repeatable
        limits = Limits(burst=10_000, per_second=2000.0)
        async with PortalClient(webhook, limits, clock=SystemClock(), random=random, memory=VolatileMemory()) as client:
            yield client


async def found_by(portal: Portal, rules: list[BindingRule], *bindings: tuple[int, int]) -> dict[Binding, Source]:
    async with client_of(portal) as client:
        sources = Sources(client, SystemClock(), rules)
        return await sources.of({Binding(*binding) for binding in bindings}, priority=LIVE)


async def offer_of(portal: Portal, to: Destination, type_id: int = LEAD, item_id: int = 1) -> Offer:
    found = await found_by(portal, [rule(to, type_id)], (type_id, item_id))
    (offer,) = found[Binding(type_id, item_id)].offers
    return offer


def targets(offer: Offer) -> list[str]:
    return [str(candidate.binding) for candidate in offer.found]


def missing(offer: Offer) -> list[str]:
    return [str(binding) for binding in offer.missing]


async def test_only_items_that_meet_a_filter_are_sources_each_with_the_offers_of_all_its_rules() -> None:
    portal = portal_of()
    company, contact = create(portal, COMPANY), create(portal, CONTACT)
    create(portal, LEAD, stageId="CONVERTED", companyId=company, contactId=contact)
    create(portal, LEAD, stageId="NEW", companyId=company)
    create(portal, DEAL, companyId=company)
    rules = [
        rule(LinkedItem(EntityType.COMPANY), name="first", where={"stageId": "CONVERTED"}),
        rule(LinkedItem(EntityType.COMPANY), DEAL, name="second"),
        rule(LinkedItem(EntityType.CONTACT), name="third"),
    ]
    found = await found_by(portal, rules, (LEAD, 1), (LEAD, 2), (LEAD, 9), (DEAL, 1), (COMPANY, 1), (128, 1))
    assert {str(binding): [offer.rule.name for offer in source.offers] for binding, source in found.items()} == {
        "lead:1": ["first", "third"],
        "lead:2": ["third"],
        "deal:1": ["second"],
    }
    assert [targets(offer) for offer in found[Binding(LEAD, 1)].offers] == [["company:1"], ["contact:1"]]
    assert targets(found[Binding(LEAD, 2)].offers[0]) == []


@pytest.mark.parametrize(
    "where",
    [
        {"logic": "OR", "stageId": "CONVERTED", "title": "Keep"},
        {"0": {"logic": "OR", "0": {"stageId": "CONVERTED"}, "1": {"title": "Keep"}}},
        {">id": 1, "@stageId": ["CONVERTED", "NEW"], "!title": "Other"},
    ],
)
async def test_a_filter_stays_whole_beside_our_own_conditions(where: dict[str, object]) -> None:
    portal = portal_of()
    for _ in range(2):
        create(portal, LEAD, stageId="CONVERTED", title="Keep")
    create(portal, LEAD, stageId="NEW", title="Other")
    one = rule(LinkedItem(EntityType.COMPANY), where=where)
    assert (await found_by(portal, [one], (LEAD, 2), (LEAD, 3))).keys() == {Binding(LEAD, 2)}


async def test_what_nothing_is_asked_for_costs_nothing() -> None:
    portal = portal_of()
    assert await found_by(portal, [rule(LinkedItem(EntityType.COMPANY))], (COMPANY, 1)) == {}
    assert not portal.history.requests


async def test_a_lead_is_linked_by_its_own_fields_first() -> None:
    portal = portal_of()
    companies = [create(portal, COMPANY) for _ in range(2)]
    contacts = [create(portal, CONTACT) for _ in range(3)]
    lead = create(portal, LEAD, companyId=companies[1], contactIds=f"{contacts[2]},{contacts[0]}")
    create(portal, COMPANY, leadId=lead)
    assert targets(await offer_of(portal, LinkedItem(EntityType.COMPANY))) == ["company:2"]
    primary = portal.find(LEAD, lead)
    assert primary is not None
    expected = [f"contact:{primary.values['contactId']}"]
    assert targets(await offer_of(portal, LinkedItem(EntityType.CONTACT))) == expected


async def test_a_lead_that_names_nothing_is_linked_by_what_it_was_converted_into() -> None:
    portal = portal_of()
    lead, other = create(portal, LEAD), create(portal, LEAD)
    for type_id in (COMPANY, CONTACT, DEAL, DEAL):
        create(portal, type_id, leadId=other)
        create(portal, type_id, leadId=lead)
    assert targets(await offer_of(portal, LinkedItem(EntityType.COMPANY))) == ["company:2"]
    assert targets(await offer_of(portal, LinkedItem(EntityType.CONTACT))) == ["contact:2"]
    assert targets(await offer_of(portal, LinkedItem(EntityType.DEAL))) == ["deal:2", "deal:4"]


async def test_deals_of_leads_are_read_over_all_pages_in_one_go_for_all_leads() -> None:
    portal = portal_of()
    for _ in range(2):
        create(portal, LEAD)
    for _ in range(60):
        create(portal, DEAL, leadId=1)
        create(portal, DEAL, leadId=2)
    found = await found_by(portal, [rule(LinkedItem(EntityType.DEAL))], (LEAD, 1), (LEAD, 2))
    for lead in (1, 2):
        (offer,) = found[Binding(LEAD, lead)].offers
        assert targets(offer) == [f"deal:{2 * number + lead}" for number in range(60)]
    assert portal.history.commands["crm.item.list"] == 1 + 3


@pytest.mark.parametrize(
    ("source", "target", "values", "expected"),
    [
        (DEAL, EntityType.COMPANY, {"companyId": 2}, ["company:2"]),
        (DEAL, EntityType.CONTACT, {"contactIds": "1"}, ["contact:1"]),
        (CONTACT, EntityType.COMPANY, {"companyId": 1}, ["company:1"]),
        (DEAL, EntityType.COMPANY, {}, []),
    ],
)
async def test_deals_and_contacts_are_linked(
    source: int, target: EntityType, values: dict[str, Any], expected: list[str]
) -> None:
    portal = portal_of()
    for _ in range(2):
        create(portal, COMPANY)
    if target is EntityType.CONTACT:
        create(portal, CONTACT)
    item_id = create(portal, source, **values)
    assert targets(await offer_of(portal, LinkedItem(target), source, item_id)) == expected


async def test_a_linked_item_that_is_not_shown_is_missing() -> None:
    portal = portal_of()
    create(portal, COMPANY)
    create(portal, LEAD, companyId=1)
    create(portal, LEAD, companyId=99)
    portal.hidden.add((COMPANY, 1))
    for lead, expected in ((1, ["company:1"]), (2, ["company:99"])):
        offer = await offer_of(portal, LinkedItem(EntityType.COMPANY), item_id=lead)
        assert (targets(offer), missing(offer)) == ([], expected)


@pytest.mark.parametrize(
    ("value", "there", "not_there"),
    [
        ("D_1", ["deal:1"], []),
        ("CO_1", ["company:1"], []),
        ("CO_7", [], ["company:7"]),
        ("T80_6", [], ["type128:6"]),
        ("L_1", ["lead:1"], []),
        ("1", [], []),
        ("something", [], []),
        (None, [], []),
    ],
)
async def test_a_custom_field_names_items_of_any_type(
    value: str | None, there: list[str], not_there: list[str]
) -> None:
    portal = portal_of()
    create(portal, DEAL)
    create(portal, COMPANY)
    create(portal, LEAD, ufCrmCard=value)
    offer = await offer_of(portal, LinkField("UF_CRM_CARD"))
    assert (targets(offer), missing(offer)) == (there, not_there)


async def test_a_field_is_looked_up_once() -> None:
    portal = portal_of()
    create(portal, LEAD)
    async with client_of(portal) as client:
        sources = Sources(client, SystemClock(), [rule(LinkField("UF_CRM_CARD")), rule(LinkField("UF_CRM_NONE"))])
        for _ in range(2):
            found = await sources.of([Binding(LEAD, 1)], priority=LIVE)
            assert [offer.found for offer in found[Binding(LEAD, 1)].offers] == [(), ()]
    assert portal.history.commands["crm.item.fields"] == 1


async def test_who_shares_a_contact_point_is_searched_for_and_read() -> None:
    portal = portal_of()
    create(portal, LEAD, "8 916 123-45-67", "info@example.com")
    create(portal, COMPANY, "+79161234567")
    create(portal, COMPANY, "INFO@example.com", "+79160000001")
    create(portal, COMPANY, "+79160000002")
    create(portal, CONTACT, "+79161234567")
    found = await found_by(portal, [rule(SharedContactPoint(EntityType.COMPANY))], (LEAD, 1))
    source = found[Binding(LEAD, 1)]
    assert [point.value for point in source.points] == ["8 916 123-45-67", "info@example.com"]
    (offer,) = source.offers
    assert targets(offer) == ["company:1", "company:2"]
    assert [[point.value for point in candidate.points] for candidate in offer.found] == [
        ["+79161234567"],
        ["INFO@example.com", "+79160000001"],
    ]
    assert not offer.is_full
    assert portal.history.commands["crm.duplicate.findbycomm"] == 2


async def test_so_many_matches_that_there_may_be_more() -> None:
    portal = portal_of()
    create(portal, LEAD, "+79161234567")
    for _ in range(21):
        create(portal, COMPANY, "+79161234567")
    offer = await offer_of(portal, SharedContactPoint(EntityType.COMPANY))
    assert offer.is_full
    assert len(offer.found) == 20


async def test_all_values_are_searched_for_twenty_at_a_time() -> None:
    portal = portal_of()
    create(portal, LEAD, *(f"+791612345{number:02}" for number in range(45)))
    create(portal, COMPANY, "+79161234544")
    create(portal, LEAD)
    assert targets(await offer_of(portal, SharedContactPoint(EntityType.COMPANY))) == ["company:1"]
    assert portal.history.commands["crm.duplicate.findbycomm"] == 3
    assert targets(await offer_of(portal, SharedContactPoint(EntityType.COMPANY), item_id=2)) == []
    assert portal.history.commands["crm.duplicate.findbycomm"] == 3


async def test_a_match_that_is_not_shown_is_missing_and_the_item_itself_is_none() -> None:
    portal = portal_of()
    create(portal, CONTACT, "+79161234567")
    create(portal, CONTACT, "+79161234567")
    portal.hidden.add((CONTACT, 2))
    offer = await offer_of(portal, SharedContactPoint(EntityType.CONTACT), CONTACT)
    assert (targets(offer), missing(offer)) == ([], ["contact:2"])


async def test_a_walk_meets_what_meets_the_rule_and_its_rows_are_resolved() -> None:
    portal = portal_of()
    create(portal, COMPANY)
    for number in range(120):
        create(portal, LEAD, stageId="CONVERTED" if number % 2 else "NEW", companyId=1, ufCrmCard="CO_1")
    walked = rule(LinkedItem(EntityType.COMPANY), name="walked", where={"stageId": "CONVERTED"})
    other = rule(LinkField("UF_CRM_CARD"), name="other", where={"<=id": 4})
    async with client_of(portal) as client:
        sources = Sources(client, SystemClock(), [other, walked])
        walker = await sources.walk(walked, priority=LIVE, conditions={"<=id": 110}, highest_id=120)
        stretch = await walker.after(0)
        rows = [*stretch.rows, *(await walker.after(stretch.rows[-1].ref.id)).rows]
        assert [row.ref.id for row in rows] == list(range(2, 111, 2))
        found = await sources.resolve(walked, rows[:3], priority=LIVE)
    offers = {
        str(binding): [(offer.rule.name, targets(offer)) for offer in source.offers]
        for binding, source in found.items()
    }
    assert offers == {
        "lead:2": [("other", ["company:1"]), ("walked", ["company:1"])],
        "lead:4": [("other", ["company:1"]), ("walked", ["company:1"])],
        "lead:6": [("walked", ["company:1"])],
    }


async def test_a_page_of_items_is_resolved_in_few_requests() -> None:
    portal = portal_of()
    for number in range(50):
        company = create(portal, COMPANY, f"+791612345{number:02}")
        create(portal, LEAD, f"8916 12345{number:02}", companyId=company, ufCrmCard=f"CO_{company}")
    rules = [
        rule(LinkedItem(EntityType.COMPANY), name="linked"),
        rule(LinkedItem(EntityType.DEAL), name="deals"),
        rule(LinkField("UF_CRM_CARD"), name="field"),
        rule(SharedContactPoint(EntityType.COMPANY), name="shared"),
    ]
    async with client_of(portal) as client:
        sources = Sources(client, SystemClock(), rules)
        leads = [Binding(LEAD, lead) for lead in range(1, 51)]
        await sources.of(leads, priority=LIVE)
        before = sum(portal.history.requests.values())
        found = await sources.of(leads, priority=LIVE)
        assert sum(portal.history.requests.values()) - before == 4  # 51 searches are more than a batch holds
    assert all(
        [targets(offer) for offer in source.offers] == [[f"company:{lead.id}"], [], *[[f"company:{lead.id}"]] * 2]
        for lead, source in found.items()
    )


async def test_a_filter_or_a_type_that_the_portal_refuses() -> None:
    portal = portal_of()
    create(portal, LEAD)
    with pytest.raises(Rejected, match="not allowed in filter"):
        await found_by(portal, [rule(LinkedItem(EntityType.COMPANY), where={"nonsense": 1})], (LEAD, 1))
    portal = Portal(Options(burst=1000, leads="refused", custom_fields=(CARD,)))
    with pytest.raises(Rejected, match="ACCESS_DENIED"):
        await found_by(portal, [rule(LinkField("UF_CRM_CARD"))], (LEAD, 1))


async def test_a_list_names_its_sources_whatever_the_rules() -> None:
    portal = portal_of()
    create(portal, COMPANY)
    moves = {
        Binding(LEAD, 1): (
            rule(ListedItem(Binding(COMPANY, 1)), name="line 2"),
            rule(ListedItem(Binding(COMPANY, 9), 5), name="line 3"),
        ),
        Binding(LEAD, 2): (rule(ListedItem(Binding(COMPANY, 1)), name="line 4"),),
    }
    async with client_of(portal) as client:
        sources = ListedSources(client, moves)
        found = await sources.of([Binding(LEAD, 1), Binding(LEAD, 3)], priority=LIVE)
        assert found.keys() == {Binding(LEAD, 1)}
        assert [(targets(offer), missing(offer)) for offer in found[Binding(LEAD, 1)].offers] == [
            (["company:1"], []),
            ([], ["company:9"]),
        ]
        assert sum(portal.history.requests.values()) == 1
        assert await sources.of([Binding(LEAD, 3)], priority=LIVE) == {}
