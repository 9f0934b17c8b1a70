"""Which items meet the filters of rules for fields: the portal's own judgement, asked for by ids."""

from __future__ import annotations

from typing import TYPE_CHECKING

from structlog.testing import capture_logs

from b24syncd.clock import SystemClock
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.rules import FieldRule
from b24syncd.portal.fields.rule_filters import RuleFilters
from b24syncd.portal.item_reading import ItemReader
from b24syncd.portal.item_rows import Wanted
from b24syncd.portal.wire.commands import Priority
from b24syncd.portal.words.vocabulary import Api, Vocabulary
from b24syncd.simulator.tables.fields import DEAL

from .test_field_check import connected, world

if TYPE_CHECKING:
    from b24syncd.simulator.portal import Portal

LIVE = Priority.LIVE


def rule(name: str, *where: tuple[str, str], entity: EntityType = EntityType.DEAL) -> FieldRule:
    return FieldRule(name=name, entity=entity, field="title", where=where)


IN_ONE = rule("one", ("categoryId", "1"))
SHORT = rule("short", ("%title", '"short"'))
EITHER = rule("either", ("%title", '"short"'), ("categoryId", "1"), ("logic", '"OR"'))
EVERY = rule("every")


def filled() -> tuple[Portal, list[EntityRef]]:
    portal = world()
    for title, category in (("short", 0), ("long", 1), ("short", 1), ("long", 0)):
        portal.create(DEAL, {"title": title, "categoryId": category, "stageId": "NEW"}, (), "generator")
    return portal, [EntityRef(EntityType.DEAL, number) for number in (1, 2, 3, 4)]


async def test_items_meet_rules_by_the_portals_own_judgement() -> None:
    portal, refs = filled()
    async with connected(portal) as client:
        met = await RuleFilters(client, [IN_ONE, SHORT, EITHER, EVERY]).met([*refs[:3], refs[3]], priority=LIVE)
    assert met == {
        refs[0]: {"short", "either"},
        refs[1]: {"one", "either"},
        refs[2]: {"one", "short", "either"},
    }


async def test_only_those_are_asked_about() -> None:
    portal, refs = filled()
    async with connected(portal) as client:
        filters = RuleFilters(client, [IN_ONE])
        assert await filters.met(refs[:1], priority=LIVE) == {}
        assert await filters.met([EntityRef(EntityType.LEAD, 2)], priority=LIVE) == {}
    assert portal.history.commands["crm.item.list"] == 1


async def test_a_filter_that_rules_share_is_asked_about_once() -> None:
    portal, refs = filled()
    async with connected(portal) as client:
        met = await RuleFilters(client, [IN_ONE, rule("other", *IN_ONE.where)]).met(refs, priority=LIVE)
    assert met[refs[1]] == {"one", "other"}
    assert portal.history.commands["crm.item.list"] == 1


async def test_many_items_are_asked_about_a_page_at_a_time() -> None:
    portal, _ = filled()
    for _ in range(60):
        portal.create(DEAL, {"title": "x", "categoryId": 1}, (), "generator")
    refs = [EntityRef(EntityType.DEAL, item.id) for item in portal.table(DEAL)]
    async with connected(portal) as client:
        met = await RuleFilters(client, [IN_ONE]).met(refs, priority=LIVE)
    assert len(met) == 62
    assert portal.history.commands["crm.item.list"] == 2


async def test_a_filter_that_is_refused_is_met_by_none_and_told_once() -> None:
    portal, refs = filled()
    async with connected(portal) as client:
        filters = RuleFilters(client, [SHORT, rule("gone", ("ufCrmGone", "1"))])
        with capture_logs() as logs:
            met = await filters.met(refs, priority=LIVE)
            await filters.met(refs, priority=LIVE)
    assert met == {refs[0]: {"short"}, refs[2]: {"short"}}
    assert [log["rules"] for log in logs if log["event"] == "filter_refused"] == [["gone"]]


async def test_what_is_read_tells_which_rules_it_meets_however_it_is_read() -> None:
    for api in Api:
        portal, refs = filled()
        async with connected(portal) as client:
            wanted = {EntityType.DEAL: Wanted(filtered=(IN_ONE,))}
            reader = ItemReader(client, SystemClock(), wanted, Vocabulary(api))
            walker = reader.walk(EntityType.DEAL, priority=LIVE)
            walked = await reader.complete((await walker.after(0)).rows, priority=LIVE)
            read = await reader.read(refs, priority=LIVE)
            portal.change(portal.table(DEAL).items[2], {"categoryId": 0}, (), "person")
            again = await reader.renew(list(read.found.values()), priority=LIVE)
        for found, expected in ((walked, {2, 3}), (read, {2, 3}), (again, {3})):
            assert {ref.id for ref, one in found.found.items() if getattr(one, "meets", None) == {"one"}} == expected
