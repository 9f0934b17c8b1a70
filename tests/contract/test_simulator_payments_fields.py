"""Custom fields of dates: how they are told, written and answered, in several zones."""

from __future__ import annotations

from typing import Any

import pytest

from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.probe import Probe, probing
from b24syncd.simulator.tables.fields import DEAL, SMART_INVOICE, CustomField, FieldType

EPOCH = 1_700_000_000
"""2023-11-14T22:13:20Z"""
SUMMER = 1_720_000_000
"""2024-07-03T09:46:40Z"""
FIELDS = (
    CustomField(DEAL, "UF_CRM_1746431727372", "Payment date", FieldType.DATE),
    CustomField(DEAL, "UF_CRM_PAID_AT", "Paid at", FieldType.DATETIME),
    CustomField(DEAL, "UF_CRM_DATES", "Dates", FieldType.DATE, multiple=True),
    CustomField(SMART_INVOICE, "UF_CRM_SMART_INVOICE_17", "Payment date", FieldType.DATE),
)
DATE, TIME, DATES = "ufCrm_1746431727372", "ufCrmPaidAt", "ufCrmDates"


def portal_of(now: float = EPOCH, **options: Any) -> Portal:  # noqa: ANN401 - the fields of Options
    """A portal with two deals and an invoice, where it is always now."""
    portal = Portal(Options(**{"burst": 1000, "custom_fields": FIELDS, **options}), clock=lambda: now)
    for type_id in (DEAL, DEAL, SMART_INVOICE):
        portal.create(type_id, {}, (), "generator")
    return portal


async def write(probe: Probe, fields: dict[str, Any], *, item_id: int = 1, **more: object) -> Any:  # noqa: ANN401 - any
    """Write into a deal and return what comes back."""
    parameters = {"entityTypeId": DEAL, "id": item_id, "fields": fields, **more}
    return (await probe.call("crm.item.update", **parameters)).result["item"]


@pytest.mark.parametrize(
    ("zone", "now", "sent", "day", "answer"),
    [
        ("Europe/Moscow", EPOCH, "2025-04-29T13:03:20+03:00", "2025-04-29", "2025-04-29T03:00:00+03:00"),
        ("Europe/Moscow", EPOCH, "2025-04-29", "2025-04-29", "2025-04-29T03:00:00+03:00"),
        ("Europe/Moscow", EPOCH, "2025-04-29T23:59:00+03:00", "2025-04-29", "2025-04-29T03:00:00+03:00"),
        ("Europe/Moscow", EPOCH, "2025-04-29T23:30:00Z", "2025-04-30", "2025-04-30T03:00:00+03:00"),
        ("Europe/Moscow", EPOCH, "29.04.2025", "2025-04-29", "2025-04-29T03:00:00+03:00"),
        ("Europe/Moscow", EPOCH, "04/29/2025", "2025-04-29", "2025-04-29T03:00:00+03:00"),
        ("America/New_York", EPOCH, "2025-01-15T23:59:59-05:00", "2025-01-15", "2025-01-14T19:00:00-05:00"),
        ("America/New_York", EPOCH, "2025-01-16T04:59:59Z", "2025-01-15", "2025-01-14T19:00:00-05:00"),
        ("America/New_York", EPOCH, "2025-01-16T05:00:00Z", "2025-01-16", "2025-01-15T19:00:00-05:00"),
        ("Asia/Kolkata", EPOCH, "2025-01-15T18:30:00Z", "2025-01-16", "2025-01-16T05:30:00+05:30"),
        # what is added is the offset of the present, what is shown behind the time that of the date
        ("Europe/Berlin", EPOCH, "2025-07-01T12:00:00Z", "2025-07-01", "2025-07-01T01:00:00+02:00"),
        ("Europe/Berlin", SUMMER, "2025-01-15T12:00:00Z", "2025-01-15", "2025-01-15T02:00:00+01:00"),
        ("Europe/Berlin", SUMMER, "2025-03-29T23:00:00Z", "2025-03-30", "2025-03-30T03:00:00+02:00"),
        ("Europe/Berlin", SUMMER, "2025-10-25T22:00:00Z", "2025-10-26", "2025-10-26T02:00:00+02:00"),
        # a day without a midnight begins at one o'clock
        ("America/Santiago", EPOCH, "2024-09-08T12:00:00Z", "2024-09-08", "2024-09-07T21:00:00-04:00"),
    ],
)
async def test_a_date_keeps_the_day_of_the_portal(zone: str, now: float, sent: str, day: str, answer: str) -> None:
    async with probing(portal_of(now, time_zone=zone)) as probe:
        assert (await write(probe, {DATE: sent}))[DATE] == answer
        (row,) = (await probe.call("crm.deal.list", select=["UF_CRM_1746431727372"], filter={"ID": 1})).result
        assert row["UF_CRM_1746431727372"] == answer
        for wanted, filter_ in (
            ([1], {f"={DATE}": day}),
            ([1], {f">={DATE}": f"{day} 23:00:00"}),
            ([], {f"<{DATE}": day}),
        ):
            found = await probe.call("crm.item.list", entityTypeId=DEAL, filter=filter_, select=["id"])
            assert [item["id"] for item in found.result["items"]] == wanted
        before = (await probe.call("crm.item.get", entityTypeId=DEAL, id=1)).result["item"]
        assert (await write(probe, {DATE: f"{day}T12:00:00"})) == before


@pytest.mark.parametrize(
    ("sent", "answer"),
    [
        ("2025-04-29T13:03:20+03:00", "2025-04-29T12:03:20+02:00"),
        ("2025-01-15T23:30:00.999Z", "2025-01-16T00:30:00+01:00"),
        ("2025-10-26T02:30:00+02:00", "2025-10-26T02:30:00+02:00"),
        # the clock shows this hour twice, and the database knows it once
        ("2025-10-26T02:30:00+01:00", "2025-10-26T02:30:00+02:00"),
        ("2025-04-29", "2025-04-29T00:00:00+02:00"),
    ],
)
async def test_a_time_is_kept_in_full(sent: str, answer: str) -> None:
    async with probing(portal_of(time_zone="Europe/Berlin")) as probe:
        assert (await write(probe, {TIME: sent}))[TIME] == answer
        assert (await probe.call("crm.deal.get", id=1)).result["UF_CRM_PAID_AT"] == answer
        assert (await probe.call("server.time")).result == "2023-11-14T23:13:20+01:00"
        assert (await probe.call("profile")).result["TIME_ZONE_OFFSET"] == 3600


async def test_what_does_not_fit_is_dropped_without_an_error() -> None:
    portal = portal_of()
    async with probing(portal) as probe:
        wrote = await write(probe, {DATE: "2025-04-29"})
        for fields in (
            {DATE: "31.02.2025"},
            {DATE: "tomorrow-ish"},
            {DATE: {"a": "b"}},
            {"UF_CRM_1746431727372": "2025-05-01"},
            {"ufCrm_1": "2025-05-01"},
        ):
            assert await write(probe, fields) == wrote
        assert portal.history.saves == 1
        original = await write(probe, {"UF_CRM_1746431727372": "2025-05-01"}, useOriginalUfNames="Y")
        assert original["UF_CRM_1746431727372"] == "2025-05-01T03:00:00+03:00"
        assert DATE not in original
        ignored = await write(probe, {DATE: "2025-06-01"}, useOriginalUfNames="Y")
        assert ignored["UF_CRM_1746431727372"] == "2025-05-01T03:00:00+03:00"
        empties: tuple[object, ...] = ("", None, 0, [])
        for empty in empties:
            await write(probe, {DATE: "2025-06-01"})
            assert (await write(probe, {DATE: empty}))[DATE] is None
        assert (await probe.call("crm.deal.get", id=1)).result["UF_CRM_1746431727372"] == ""
        await probe.call("crm.deal.update", id=1, fields={"UF_CRM_1746431727372": "nonsense", "UF_CRM_NOPE": 1})
        await probe.call("crm.deal.update", id=1, fields={"UF_CRM_PAID_AT": "2025-05-01T10:00:00+05:00"})
        deal = (await probe.call("crm.deal.get", id=1)).result
        assert (deal["UF_CRM_1746431727372"], deal["UF_CRM_PAID_AT"]) == ("", "2025-05-01T08:00:00+03:00")


async def test_a_field_of_several_dates() -> None:
    async with probing(portal_of()) as probe:
        assert (await write(probe, {DATES: []}))[DATES] == []
        assert (await probe.call("crm.deal.get", id=1)).result["UF_CRM_DATES"] is False
        two = (await write(probe, {DATES: ["2025-04-29", "nonsense", "2025-05-01"]}))[DATES]
        assert two == ["2025-04-29T03:00:00+03:00", "2025-05-01T03:00:00+03:00"]
        for day, wanted in (("2025-05-01", [1]), ("2025-05-02", [])):
            found = await probe.call("crm.item.list", entityTypeId=DEAL, filter={DATES: day})
            assert [item["id"] for item in found.result["items"]] == wanted


async def test_a_field_of_yes_and_no() -> None:
    own = CustomField(DEAL, "UF_CRM_VIP", "VIP", FieldType.BOOLEAN)
    async with probing(portal_of(custom_fields=(own,))) as probe:
        for sent, told, classic in (("Y", "Y", "1"), (True, "Y", "1"), ("no", "N", "0")):
            assert (await write(probe, {"ufCrmVip": sent}))["ufCrmVip"] == told
            assert (await probe.call("crm.deal.get", id=1)).result["UF_CRM_VIP"] == classic
        for wanted, number in ((0, 1), (1, 0)):
            found = await probe.call("crm.item.list", entityTypeId=DEAL, filter={"ufCrmVip": wanted})
            assert found.body["total"] == number


async def test_fields_are_told() -> None:
    async with probing(portal_of()) as probe:
        fields = (await probe.call("crm.item.fields", entityTypeId=DEAL)).result["fields"]
        assert fields[DATE] == {
            "type": "date",
            "isRequired": False,
            "isReadOnly": False,
            "isImmutable": False,
            "isMultiple": False,
            "isDynamic": True,
            "title": "Payment date",
            "listLabel": "Payment date",
            "formLabel": "Payment date",
            "filterLabel": "Payment date",
            "settings": {"DEFAULT_VALUE": {"TYPE": "NONE", "VALUE": ""}},
            "upperName": "UF_CRM_1746431727372",
        }
        assert (fields[TIME]["type"], fields[DATES]["isMultiple"], "settings" in fields["title"]) == (
            "datetime",
            True,
            False,
        )
        classic = (await probe.call("crm.deal.fields")).result
        assert classic["UF_CRM_PAID_AT"]["title"] == "UF_CRM_PAID_AT"
        assert classic["UF_CRM_PAID_AT"]["formLabel"] == "Paid at"
        assert (classic["COMMENTS"]["type"], classic["CONTACT_IDS"]["isMultiple"]) == ("string", False)
        invoice = (await probe.call("crm.item.fields", entityTypeId=SMART_INVOICE)).result["fields"]
        assert invoice["ufCrm_SMART_INVOICE_17"]["upperName"] == "UF_CRM_SMART_INVOICE_17"
