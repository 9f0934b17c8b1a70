"""What the portal does with an item of which a contact point is malformed.

Php: modules/crm/lib/Field/Multifield.php, lib/Service/Operation.php `preSaveChecks`, lib/Service/MultifieldStorage.php
`validate` and `save`, classes/general/crm_field_multi.php `CheckFields`.
"""

from __future__ import annotations

from typing import Any

import pytest

from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.probe import Probe, probing
from b24syncd.simulator.tables.model import PointChange

CONTACT = 3
PHONE, MALFORMED, FIT = "8 916 123-45-67", "нет почты", "anna@example.org"
WHOLE: dict[str, Any] = {"checks_entries": "letters", "refuses_whole": True}


def portal_of(*emails: str, **options: Any) -> Portal:  # noqa: ANN401 - fields of Options
    """A portal with one contact that has a phone and these e-mails: entries 1, 2, …"""
    portal = Portal(Options(burst=1000, **options))
    points = [PointChange(None, "PHONE", "WORK", PHONE), *(PointChange(None, "EMAIL", "WORK", one) for one in emails)]
    portal.create(CONTACT, {"name": "Kim"}, points, "generator")
    return portal


def stored(portal: Portal) -> list[str]:
    return [point.value for point in portal.table(CONTACT).items[1].points.values()]


async def update(probe: Probe, fields: dict[str, Any], *entries: dict[str, Any]) -> tuple[object, str]:
    """Update the contact by the universal method; return the error's code and words."""
    fm = {str(entry.get("id", f"n{index}")): entry for index, entry in enumerate(entries)}
    reply = await probe.call("crm.item.update", entityTypeId=CONTACT, id=1, fields={**fields, "fm": fm})
    return reply.body.get("error"), reply.body.get("error_description", "")


async def classic(probe: Probe, fields: dict[str, Any]) -> tuple[object, str]:
    reply = await probe.call("crm.contact.update", id=1, fields=fields)
    return reply.body.get("error"), reply.body.get("error_description", "")


def entry(point_id: int | str, type_id: str, value: str, value_type: str = "WORK") -> dict[str, Any]:
    return {"id": point_id, "typeId": type_id, "valueType": value_type, "value": value}


async def test_an_entry_that_nobody_touches_refuses_the_whole_by_both_families() -> None:
    portal = portal_of(MALFORMED, **WHOLE)
    async with probing(portal) as probe:
        code, words = await update(probe, {"name": "X"}, entry(1, "PHONE", "+79161234567"))
        assert code == "ERROR_CORE"
        assert "contains an invalid address" in words
        assert (await update(probe, {"name": "X"}))[0] == "ERROR_CORE"
        assert (await classic(probe, {"PHONE": [{"ID": 1, "VALUE": "+79161234567"}]}))[0] == "ERROR_CORE"
        assert (await classic(probe, {"NAME": "X"}))[0] == "ERROR_CORE"
    assert stored(portal) == [PHONE, MALFORMED]
    assert portal.history.by_api() == []
    assert portal.table(CONTACT).items[1].value("name") == "Kim"


async def test_an_update_that_mends_or_deletes_the_entry_passes_whole() -> None:
    for value in (FIT, ""):
        portal = portal_of(MALFORMED, **WHOLE)
        async with probing(portal) as probe:
            answer = await update(probe, {}, entry(1, "PHONE", "+79161234567"), entry(2, "EMAIL", value))
            assert answer == (None, "")
        assert stored(portal) == ["+79161234567", *filter(None, [value])]


async def test_one_of_two_that_is_mended_is_not_enough() -> None:
    portal = portal_of(MALFORMED, "ivan@", **WHOLE)
    async with probing(portal) as probe:
        assert (await update(probe, {}, entry(2, "EMAIL", FIT)))[0] == "ERROR_CORE"
        assert stored(portal) == [PHONE, MALFORMED, "ivan@"]
        assert await update(probe, {}, entry(2, "EMAIL", FIT), entry(3, "EMAIL", "")) == (None, "")
    assert stored(portal) == [PHONE, FIT]


@pytest.mark.parametrize(
    "sent",
    [
        entry("n0", "EMAIL", "ivan@"),
        entry("n0", "PHONE", "1" * 251),
        entry("n0", "PHONE", "5" + " " * 250),
        entry("n0", "PHONE", "8 495 123-45-67", value_type=""),
        entry(1, "PHONE", "   "),
        entry(1, "PHONE", "1" * 251),
    ],
)
async def test_what_is_sent_is_looked_at_in_the_same_way(sent: dict[str, Any]) -> None:
    portal = portal_of(FIT, **WHOLE)
    async with probing(portal) as probe:
        assert (await update(probe, {"name": "X"}, sent))[0] == "ERROR_CORE"
        added = await probe.call("crm.item.add", entityTypeId=CONTACT, fields={"fm": {"n0": sent}})
        assert added.body["error"] == "ERROR_CORE"
    assert stored(portal) == [PHONE, FIT]
    assert len(portal.table(CONTACT).items) == 1


async def test_without_operations_the_classic_methods_look_at_what_is_sent_alone() -> None:
    portal = portal_of(MALFORMED, **WHOLE, uses_operations=False)
    async with probing(portal) as probe:
        assert await classic(probe, {"PHONE": [{"ID": 1, "VALUE": "+79161234567"}]}) == (None, "")
        assert (await classic(probe, {"EMAIL": [{"ID": 2, "VALUE": "ivan@"}]}))[0] == "ERROR_CORE"
        assert (await update(probe, {"name": "X"}))[0] == "ERROR_CORE"
    assert stored(portal) == ["+79161234567", MALFORMED]


async def test_portals_that_do_not_look_first_store_what_is_well_formed() -> None:
    portal = portal_of(MALFORMED, checks_entries="letters")
    async with probing(portal) as probe:
        sent = entry(1, "PHONE", "+79161234567"), entry("n1", "EMAIL", "ivan@")
        assert (await update(probe, {"name": "X"}, *sent))[0] == "0"
        assert await update(probe, {"name": "Y"}) == (None, "")
    assert stored(portal) == ["+79161234567", MALFORMED]


async def test_items_without_contact_points_are_never_refused() -> None:
    portal = Portal(Options(burst=1000, **WHOLE))
    portal.create(2, {"title": "Deal"}, [], "generator")
    async with probing(portal) as probe:
        reply = await probe.call("crm.item.update", entityTypeId=2, id=1, fields={"title": "X"})
        assert reply.status == 200
