"""Invoices and smart processes, as docs api-reference/crm/universal/ describe them."""

from __future__ import annotations

from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.probe import probing
from b24syncd.simulator.tables.fields import SMART_INVOICE, SmartType

ORDERS, NOTES = 128, 130


async def test_smart_processes_are_listed_and_their_items_written() -> None:
    smart = (SmartType(ORDERS, 7, "Заказы"), SmartType(NOTES, 8, "Notes", payments=False))
    portal = Portal(Options(burst=1000, smart_types=smart))
    for type_id in (SMART_INVOICE, ORDERS):
        portal.create(type_id, {}, (), "generator")
    async with probing(portal) as probe:
        types = (await probe.call("crm.type.list")).body
        assert [(one["entityTypeId"], one["title"]) for one in types["result"]["types"]] == [
            (ORDERS, "Заказы"),
            (NOTES, "Notes"),
        ]
        assert types["total"] == 2
        found = await probe.call("crm.type.list", filter={"title": "Заказы"})
        assert [one["isPaymentsEnabled"] for one in found.result["types"]] == ["Y"]
        for type_id in (SMART_INVOICE, ORDERS):
            fields = {"title": "N 1", "begindate": "2024-05-06"}
            await probe.call("crm.item.update", entityTypeId=type_id, id=1, fields=fields)
            item = (await probe.call("crm.item.get", entityTypeId=type_id, id=1)).result["item"]
            assert (item["title"], item["begindate"]) == ("N 1", "2024-05-06T03:00:00+03:00")
        assert (await probe.call("crm.item.get", entityTypeId=188, id=1)).body["error"] == "NOT_FOUND"
