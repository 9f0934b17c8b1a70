"""Exact twins and exchanged values: contact points as php modules/crm/lib/Multifield/Collection.php holds them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.probe import Probe, probing
from b24syncd.simulator.tables.model import PointChange

if TYPE_CHECKING:
    from collections.abc import Mapping

Shown = list[tuple[int, str]]
RAW, NEW = "8 916 123-45-67", "+79161234567"


def portal_of(*values: str, **options: Any) -> Portal:  # noqa: ANN401 - fields of Options
    """A portal with one contact that has these phones, exact twins included."""
    portal = Portal(Options(burst=1000, **options))
    portal.create(3, {"name": "Kim"}, [PointChange(None, "PHONE", "WORK", one) for one in values], "generator")
    return portal


def phone(value: str, **more: str) -> dict[str, str]:
    return {"typeId": "PHONE", "valueType": "WORK", "value": value} | more


async def read(probe: Probe) -> Shown:
    item = (await probe.call("crm.item.get", entityTypeId=3, id=1)).result["item"]
    listed = (await probe.call("crm.item.list", entityTypeId=3, select=["*"])).result["items"][0]
    assert listed["fm"] == item["fm"]
    return [(one["id"], one["value"]) for one in item["fm"]]


async def read_classic(probe: Probe) -> Shown:
    return [(int(one["ID"]), one["VALUE"]) for one in (await probe.call("crm.contact.get", ID=1)).result["PHONE"]]


async def write(probe: Probe, fm: Mapping[str, object]) -> Shown:
    reply = await probe.call("crm.item.update", entityTypeId=3, id=1, fields={"fm": fm})
    shown = [(one["id"], one["value"]) for one in reply.result["item"]["fm"]]
    assert shown == await read(probe)
    return shown


async def test_the_second_of_two_twins_is_not_shown() -> None:
    async with probing(portal_of(RAW, RAW, NEW)) as probe:
        assert await read(probe) == [(1, RAW), (3, NEW)]
        assert await read_classic(probe) == [(1, RAW), (2, RAW), (3, NEW)]


async def test_another_type_of_value_makes_no_twin() -> None:
    portal = portal_of(RAW)
    portal.change(portal.table(3).items[1], {}, [PointChange(None, "PHONE", "HOME", RAW)], "person")
    async with probing(portal) as probe:
        assert await read(probe) == [(1, RAW), (2, RAW)]


async def test_a_hidden_twin_comes_to_light_when_the_first_changes() -> None:
    async with probing(portal_of(RAW, RAW)) as probe:
        assert await write(probe, {"1": phone(NEW)}) == [(1, NEW), (2, RAW)]
        assert await write(probe, {"2": phone("")}) == [(1, NEW)]


async def test_a_hidden_twin_comes_to_light_when_the_first_goes() -> None:
    async with probing(portal_of(RAW, RAW)) as probe:
        assert await write(probe, {"1": phone("")}) == [(2, RAW)]


async def test_what_is_written_to_a_hidden_twin_becomes_a_new_entry() -> None:
    portal = portal_of(RAW, RAW)
    async with probing(portal) as probe:
        assert await write(probe, {"2": phone(NEW)}) == [(1, RAW), (3, NEW)]
        assert await write(probe, {"2": phone("")}) == [(1, RAW), (3, NEW)]
        assert await write(probe, {"2": phone(RAW)}) == [(1, RAW), (3, NEW)]
        assert await read_classic(probe) == [(1, RAW), (2, RAW), (3, NEW)]
        assert (portal.history.saves, portal.history.empty_saves) == (1, 2)


async def test_the_classic_methods_reach_a_hidden_twin_no_better() -> None:
    portal = portal_of(RAW, RAW)
    async with probing(portal) as probe:
        for entry in ({"ID": 2, "DELETE": "y"}, {"ID": 2, "VALUE": ""}, {"VALUE": RAW}):
            assert (await probe.call("crm.contact.update", ID=1, fields={"PHONE": [entry]})).result is True
        assert await read_classic(probe) == [(1, RAW), (2, RAW)]
        await probe.call("crm.contact.update", ID=1, fields={"PHONE": [{"ID": 2, "VALUE": NEW}]})
        assert await read_classic(probe) == [(1, RAW), (2, RAW), (3, NEW)]
        await probe.call("crm.contact.update", ID=1, fields={"PHONE": [{"ID": 1, "DELETE": "Y"}]})
        assert await read_classic(probe) == [(2, RAW), (3, NEW)]


async def test_values_that_change_places_are_not_saved() -> None:
    portal = portal_of(RAW, NEW)
    async with probing(portal) as probe:
        assert await write(probe, {"1": phone(NEW), "2": phone(RAW)}) == [(1, RAW), (2, NEW)]
        assert await write(probe, {"1": phone(""), "n0": phone(RAW)}) == [(1, RAW), (2, NEW)]
        entries = [{"ID": 1, "VALUE": NEW}, {"ID": 2, "VALUE": RAW}]
        await probe.call("crm.contact.update", ID=1, fields={"PHONE": entries})
        assert await read_classic(probe) == [(1, RAW), (2, NEW)]
        assert portal.history.saves == 0
        # with anything else changed, the exchange is saved
        moved = {"1": phone(NEW), "2": phone(RAW), "n0": phone("+1")}
        assert await write(probe, moved) == [(1, NEW), (2, RAW), (3, "+1")]


async def test_of_entries_that_become_equal_one_is_left() -> None:
    async with probing(portal_of(RAW, NEW, "+1")) as probe:
        assert await write(probe, {"1": phone(NEW)}) == [(1, NEW), (3, "+1")]
        # php: what is new has no id, and counts as the lowest
        assert await write(probe, {"n0": phone("+2"), "3": phone("+2")}) == [(1, NEW), (4, "+2")]
        assert await write(probe, {"n0": phone("+2"), "n1": phone("+3"), "n2": phone("+3")}) == [
            (1, NEW),
            (4, "+2"),
            (5, "+3"),
        ]


async def test_what_is_added_has_no_twins() -> None:
    async with probing(portal_of()) as probe:
        entries = [phone(RAW), phone(RAW), phone(f" {NEW} ")]
        added = (await probe.call("crm.item.add", entityTypeId=3, fields={"fm": entries})).result["item"]
        assert [one["value"] for one in added["fm"]] == [RAW, NEW]
        fields = {"PHONE": [{"VALUE": RAW, "VALUE_TYPE": "WORK"}, {"VALUE": RAW}]}
        item = (await probe.call("crm.contact.add", fields=fields)).result
        assert len((await probe.call("crm.contact.get", ID=item)).result["PHONE"]) == 1


async def test_spaces_about_a_value_are_cut_off_after_it_was_compared() -> None:
    async with probing(portal_of(RAW)) as probe:
        await write(probe, {"n0": phone(f"{RAW} ")})
        assert await read_classic(probe) == [(1, RAW), (2, RAW)]


async def test_a_no_break_space_stays_as_php_trims_none() -> None:
    kept = "\u00a08 916 123-45-67\u00a0"
    async with probing(portal_of(RAW)) as probe:
        assert await write(probe, {"1": phone(f" {kept}\n")}) == [(1, kept)]
        await probe.call("crm.contact.update", id=1, fields={"PHONE": [{"ID": "1", "VALUE": RAW}]})
        await probe.call("crm.contact.update", id=1, fields={"PHONE": [{"ID": "1", "VALUE": f" {kept}\n"}]})
        assert await read_classic(probe) == [(1, kept)]


async def test_an_entry_without_a_value_is_passed_over() -> None:
    async with probing(portal_of(RAW)) as probe:
        assert await write(probe, {"1": {"typeId": "PHONE"}}) == [(1, RAW)]
        assert await write(probe, {"1": {"typeId": "PHONE", "value": None}}) == [(1, RAW)]
        # php: `getFmValues` takes one entry that stands without a key
        assert await write(probe, phone(NEW)) == [(1, RAW), (2, NEW)]


async def test_the_classic_methods_put_the_default_type_where_none_is_sent() -> None:
    portal = portal_of()
    portal.change(portal.table(3).items[1], {}, [PointChange(None, "PHONE", "HOME", RAW)], "person")
    async with probing(portal) as probe:
        fields = {"PHONE": [{"ID": 1, "VALUE": NEW}], "IM": [{"VALUE": "kim"}]}
        await probe.call("crm.contact.update", ID=1, fields=fields)
        contact = (await probe.call("crm.contact.get", ID=1)).result
        assert [contact[name][0]["VALUE_TYPE"] for name in ("PHONE", "IM")] == ["WORK", "OTHER"]


@pytest.mark.parametrize("twins", [True, False])
async def test_a_portal_may_show_twins(*, twins: bool) -> None:
    async with probing(portal_of(RAW, RAW, shows_twins=twins)) as probe:
        assert len(await read(probe)) == 1 + twins
        written = await write(probe, {"2": phone(NEW)})
        assert written == ([(1, RAW), (2, NEW)] if twins else [(1, RAW), (3, NEW)])
