"""Contact points as a request keeps them in memory (php: modules/crm/lib/Service/MultifieldStorage.php), and countries.

A batch is one request: what a command of it has read of an item's contact points, the later ones are told, and build
on, until something of that item is saved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from b24syncd.simulator.people.person import Action, PersonEdit, Trigger
from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.probe import Probe, probing
from b24syncd.simulator.tables.model import PointChange
from b24syncd.simulator.tables.phone_countries import country_of

if TYPE_CHECKING:
    from collections.abc import Sequence

CONTACT = 3
RAW, NEW, OTHER = "8 916 123-45-67", "+79161234567", "+74951234567"
GET = "crm.item.get?entityTypeId=3&id=1"
CLASSIC_GET = "crm.contact.get?id=1"
UPDATE = (
    "crm.item.update?entityTypeId=3&id=1&fields[fm][1][typeId]=PHONE&fields[fm][1][valueType]=WORK"
    "&fields[fm][1][value]=%2B79161234567"
)
CLASSIC_UPDATE = "crm.contact.update?id=1&fields[PHONE][0][ID]=1&fields[PHONE][0][VALUE]=%2B79161234567"


def portal_of(*values: str, **options: Any) -> Portal:  # noqa: ANN401 - fields of Options
    """A portal with one contact that has these phones."""
    portal = Portal(Options(burst=1000, **options))
    portal.create(CONTACT, {"name": "Kim"}, [PointChange(None, "PHONE", "WORK", one) for one in values], "generator")
    return portal


def edit(action: Action, point_id: int | None, value: str = "", **more: Any) -> PersonEdit:  # noqa: ANN401 - fields of an edit
    return PersonEdit(action=action, entity_type_id=CONTACT, item_id=1, point_id=point_id, value=value, **more)


def stored(portal: Portal) -> list[tuple[int, str]]:
    return [(point.id, point.value) for point in portal.table(CONTACT).items[1].points.values()]


def phones(answer: Any) -> list[str]:  # noqa: ANN401 - an item of either kind of methods
    if "item" in answer:
        return [entry["value"] for entry in answer["item"]["fm"]]
    return [entry["VALUE"] for entry in answer.get("PHONE", [])]


async def run(probe: Probe, commands: Sequence[str]) -> dict[str, Any]:
    answer = (await probe.call("batch", cmd={f"c{index}": command for index, command in enumerate(commands)})).result
    assert answer["result_error"] == []
    return dict(answer["result"])


@pytest.mark.parametrize(
    "first",
    [GET, "crm.item.list?entityTypeId=3&select[]=id", "crm.item.list?entityTypeId=3&select[]=*"],
    ids=["get", "list of ids", "list of all"],
)
async def test_the_first_read_of_a_batch_is_what_later_ones_show(first: str) -> None:
    portal = portal_of(RAW)
    portal.person.plan(Trigger(position=1), edit(Action.CHANGE, 1, OTHER))
    async with probing(portal) as probe:
        answers = await run(probe, [first, GET, CLASSIC_GET])
        assert phones(answers["c1"]) == [RAW]
        # php: restservice.php `prepareMultiFieldData` asks the database each time
        assert phones(answers["c2"]) == [OTHER]
        assert phones((await probe.call("crm.item.get", entityTypeId=CONTACT, id=1)).result) == [OTHER]


async def test_other_portals_read_afresh() -> None:
    portal = portal_of(RAW, keeps_points=False)
    portal.person.plan(Trigger(position=1), edit(Action.CHANGE, 1, OTHER))
    async with probing(portal) as probe:
        assert phones((await run(probe, [GET, GET]))["c1"]) == [OTHER]


async def test_an_update_builds_on_what_was_read_and_forgets_it() -> None:
    portal = portal_of(RAW)
    portal.person.plan(Trigger(position=1), edit(Action.ADD, None, OTHER))
    async with probing(portal) as probe:
        answers = await run(probe, [GET, UPDATE, GET])
    assert [phones(answers[key]) for key in ("c0", "c1", "c2")] == [[RAW], [NEW, OTHER], [NEW, OTHER]]


async def test_an_update_that_changes_nothing_shows_what_was_read() -> None:
    portal = portal_of(NEW)
    portal.person.plan(Trigger(position=1), edit(Action.CHANGE, 1, OTHER))
    async with probing(portal) as probe:
        assert phones((await run(probe, [GET, UPDATE]))["c1"]) == [NEW]
    assert stored(portal) == [(1, OTHER)]


@pytest.mark.parametrize(("keeps", "left"), [(True, []), (False, [(2, NEW)])])
async def test_an_entry_that_was_deleted_meanwhile_does_not_come_back(
    *, keeps: bool, left: list[tuple[int, str]]
) -> None:
    portal = portal_of(RAW, keeps_points=keeps)
    portal.person.plan(Trigger(position=1), edit(Action.DELETE, 1))
    async with probing(portal) as probe:
        assert phones((await run(probe, [GET, UPDATE]))["c1"]) == [value for _, value in left]
    assert stored(portal) == left


async def test_a_classic_update_leaves_what_it_saved_in_memory() -> None:
    portal = portal_of(RAW)
    portal.person.plan(Trigger(position=1), edit(Action.CHANGE, 1, OTHER))
    async with probing(portal) as probe:
        answers = await run(probe, [CLASSIC_UPDATE, CLASSIC_GET, GET])
    assert (phones(answers["c1"]), phones(answers["c2"])) == ([OTHER], [NEW])


@pytest.mark.parametrize(
    ("value", "chosen", "told"),
    [
        (NEW, "", "RU"),
        ("79161234567", "", "RU"),
        (RAW, "", ""),
        (RAW, "KZ", "KZ"),
        ("+77011234567", "", "KZ"),
        ("+16049706740", "", "CA"),
        ("no number", "", ""),
        ("", "XX", "XX"),
    ],
)
def test_the_country_beside_a_phone(value: str, chosen: str, told: str) -> None:
    portal = portal_of()
    item = portal.table(CONTACT).items[1]
    portal.change(item, {}, [PointChange(None, "PHONE", "WORK", value or "1", chosen)], "person")
    assert [country_of(point) for point in item.points.values()] == [told]


@pytest.mark.parametrize("update", [UPDATE, CLASSIC_UPDATE])
async def test_an_update_drops_the_country_of_the_entry_that_it_changes_and_of_no_other(update: str) -> None:
    """php: modules/crm/classes/general/crm_field_multi.php `Update`; neither family of methods can pass a code."""
    portal = portal_of(RAW, RAW.replace("67", "68"))
    item = portal.table(CONTACT).items[1]
    for point_id in (1, 2):
        portal.person.plan(
            Trigger(method="server.time"), edit(Action.CHANGE, point_id, f"8 701 123-45-6{point_id}", country="KZ")
        )
    passed = "&fields[PHONE][0][VALUE_COUNTRY_CODE]=KZ&fields[fm][1][valueCountryCode]=KZ"
    async with probing(portal) as probe:
        await probe.call("server.time")
        assert [country_of(point) for point in item.points.values()] == ["KZ", "KZ"]
        await run(probe, [update + passed, CLASSIC_GET])
    assert [country_of(point) for point in item.points.values()] == ["RU", "KZ"]
