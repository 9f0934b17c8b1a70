"""What the zone of the webhook's user does to times in filters and answers, family by family, as the PHP has it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.probe import Probe, probing
from b24syncd.simulator.tables.fields import CONTACT, DEAL, CustomField, FieldType

if TYPE_CHECKING:
    from collections.abc import Iterator

WINTER, SUMMER = (int(datetime(2026, month, 1, 12, tzinfo=UTC).timestamp()) for month in (1, 7))
MOSCOW = "Europe/Moscow"
SCOPES = ("crm", "sale", "task")
ZONES = [("Pacific/Pitcairn", -11.0), ("Asia/Kathmandu", 2.75), ("Pacific/Kiritimati", 11.0), (None, 0.0)]
"""Zones of users and the hours by which they are ahead of Moscow."""


def portal_of(user: str | None, *, now: int = WINTER, **options: Any) -> Portal:  # noqa: ANN401 - fields of Options
    known = {"burst": 10_000, "time_zone": MOSCOW, "user_time_zone": user, "scopes": SCOPES, **options}
    return Portal(Options(**known), clock=lambda: now)


def text(second: float, hours: float = 3) -> str:
    return (datetime.fromtimestamp(second, UTC) + timedelta(hours=hours)).strftime(f"%Y-%m-%dT%H:%M:%S+0{hours}:00")


async def passing(probe: Probe, method: str, rows: str, key: str, second: float, **fixed: object) -> int:
    """Return how many rows a filter by a time lets pass."""
    result = (await probe.call(method, filter={f">={key}": text(second)}, **fixed)).result
    return len(result[rows] if rows else result)


def families(portal: Portal, at: int) -> Iterator[tuple[str, str, str, dict[str, object]]]:
    """Make one of everything that changed at that time; yield method, path to rows, key, other parameters."""
    portal.create(DEAL, {}, (), "generator", at)
    portal.activities.create({"typeId": 2}, [(DEAL, 1)], "generator", at=at)
    portal.tasks.create({"title": "A task"}, (), "generator", at=at)
    portal.payments.create((DEAL, 1), 1, "generator", paid=at)
    yield "crm.item.list", "items", "updatedTime", {"entityTypeId": DEAL}
    yield "crm.deal.list", "", "DATE_MODIFY", {}
    yield "crm.activity.list", "", "LAST_UPDATED", {}
    yield "tasks.task.list", "tasks", "CHANGED_DATE", {}
    yield "sale.payment.list", "payments", "datePaid", {}
    yield "sale.order.list", "orders", "dateUpdate", {}


@pytest.mark.parametrize(("user", "hours"), ZONES)
async def test_only_the_universal_lists_shift_filters(user: str | None, hours: float) -> None:
    # php: crm/lib/controller/base.php (no flag) against crm/classes/general/restservice.php (the flag), and
    # main/classes/general/database.php `CharToDateFunction`, which takes every text for the user's time
    portal = portal_of(user)
    made = list(families(portal, WINTER - 50))
    async with probing(portal) as probe:
        for method, rows, key, fixed in made:
            edge = WINTER - 50 + (hours * 3600 if method == "crm.item.list" else 0)
            assert await passing(probe, method, rows, key, edge, **fixed) == 1, method
            assert await passing(probe, method, rows, key, edge + 1, **fixed) == 0, method


@pytest.mark.parametrize(("user", "hours"), ZONES)
async def test_only_the_shop_tells_the_users_time(user: str | None, hours: float) -> None:
    # php: rest/classes/general/rest_util.php `ConvertDateTime` takes away what `toString` adds; sale/lib/rest/entity/
    # base.php `externalizeFields` reads the user's time as the server's before that
    portal = portal_of(user)
    for *_, _unused in families(portal, WINTER):
        pass
    async with probing(portal) as probe:
        item = (await probe.call("crm.item.get", entityTypeId=DEAL, id=1)).result["item"]
        assert item["updatedTime"] == text(WINTER)
        assert (await probe.call("crm.deal.get", id=1)).result["DATE_MODIFY"] == text(WINTER)
        assert (await probe.call("crm.activity.get", id=1)).result["LAST_UPDATED"] == text(WINTER)
        paid = (await probe.call("crm.item.payment.list", entityId=1, entityTypeId=DEAL)).result
        assert paid[0]["datePaid"] == text(WINTER)
        shop = (await probe.call("sale.payment.list")).result["payments"]
        assert shop[0]["datePaid"] == text(WINTER + hours * 3600)
        orders = (await probe.call("sale.order.list")).result["orders"]
        assert orders[0]["dateUpdate"] == text(WINTER + hours * 3600)


async def test_lists_that_take_no_notice_of_offsets_are_shifted_as_well() -> None:
    portal = portal_of("Asia/Tokyo", sale_offsets=False)
    portal.create(DEAL, {}, (), "generator")
    portal.payments.create((DEAL, 1), 1, "generator", paid=WINTER)
    async with probing(portal) as probe:
        assert await passing(probe, "sale.payment.list", "payments", "datePaid", WINTER + 6 * 3600) == 1
        assert await passing(probe, "sale.payment.list", "payments", "datePaid", WINTER + 6 * 3600 + 1) == 0


async def test_a_time_of_another_season_is_told_off_where_only_the_user_sets_clocks() -> None:
    # php: main/lib/type/datetime.php `toUserTime` goes by the time itself, `ConvertDateTime` by the present
    portal = portal_of("Europe/Berlin", now=SUMMER)
    portal.create(DEAL, {}, (), "generator", WINTER)
    async with probing(portal) as probe:
        item = (await probe.call("crm.item.get", entityTypeId=DEAL, id=1)).result["item"]
        assert item["updatedTime"] == text(WINTER - 3600)
        assert (await probe.call("crm.deal.get", id=1)).result["DATE_MODIFY"] == text(WINTER)


async def test_days_know_no_zone_of_a_user() -> None:
    # php: rest/classes/general/rest_util.php `unConvertDate`, and SHORT in main/classes/general/database.php
    day = CustomField(DEAL, "UF_CRM_1", "Day", FieldType.DATE)
    portal = portal_of("Pacific/Kiritimati", custom_fields=(day,))
    async with probing(portal) as probe:
        await probe.call("crm.item.add", entityTypeId=DEAL, fields={"ufCrm_1": "2026-01-01"})
        for value, number in (("2026-01-01", 1), ("2026-01-02", 0)):
            filter_ = {">=ufCrm_1": value}
            items = (await probe.call("crm.item.list", entityTypeId=DEAL, filter=filter_)).result["items"]
            assert len(items) == number


async def test_the_user_may_move_while_the_portal_runs() -> None:
    portal = portal_of(None)
    portal.create(CONTACT, {}, (), "generator", WINTER)
    async with probing(portal) as probe:
        fixed = {"entityTypeId": CONTACT}
        assert await passing(probe, "crm.item.list", "items", "updatedTime", WINTER + 1, **fixed) == 0
        assert await probe.control("POST", "zone", {"user": "Asia/Tokyo"}) == {"ahead": 6 * 3600}
        assert await passing(probe, "crm.item.list", "items", "updatedTime", WINTER + 1, **fixed) == 1
        assert await probe.control("POST", "zone", {"user": None}) == {"ahead": 0}


@pytest.mark.parametrize(("now", "at"), [(WINTER, SUMMER), (SUMMER, WINTER)])
async def test_custom_fields_are_told_as_they_are_in_every_season(now: int, at: int) -> None:
    # php: main/classes/general/usertypemanager.php `getEntityField` turns the user's time off, and `ConvertDateTime`
    # tells such a time as it is; one of the portal's own fields is off by what the user's clocks were set
    field = CustomField(DEAL, "UF_CRM_1", "Paid at", FieldType.DATETIME)
    portal = portal_of("Europe/Berlin", now=now, custom_fields=(field,))
    portal.create(DEAL, {"ufCrm_1": at}, (), "generator", at)
    async with probing(portal) as probe:
        item = (await probe.call("crm.item.get", entityTypeId=DEAL, id=1)).result["item"]
    assert datetime.fromisoformat(item["ufCrm_1"]).timestamp() == at
    assert abs(datetime.fromisoformat(item["updatedTime"]).timestamp() - at) == 3600
