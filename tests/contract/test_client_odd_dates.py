"""Date filters of portals that answer or read times otherwise than ours does: nothing is missed on any of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from tests.contract.test_client_user_zone import HOUR, WINTER, Now, changed, connected, portal_of, settle

from b24syncd.domain.entities import EntityType
from b24syncd.portal.dates.filters import DateFilters
from b24syncd.simulator.errors import RestError
from b24syncd.simulator.tables.fields import DEAL

if TYPE_CHECKING:
    from collections.abc import Callable

    from b24syncd.simulator.methods.calls import Call
    from b24syncd.simulator.portal import Portal

KEY = ">=updatedTime"
OFFSETS = [-12.0, -3.5, 3.0, 5.0, 12.75, 14.0]


class Reads:
    """Reads the times in filters in a way of its own; what it raises for is refused."""

    def __init__(self, read: Callable[[str], str]) -> None:
        self._read = read

    def before(self, call: Call) -> RestError | None:
        filtered = call.parameters.get("filter")
        if isinstance(filtered, dict) and KEY in filtered:
            try:
                filtered[KEY] = self._read(str(filtered[KEY]))
            except ValueError:
                return RestError("INVALID_ARG_VALUE", "no date")
        return None

    def after(self, _call: Call) -> RestError | None:
        return None


def plain_only(text: str) -> str:
    datetime.strptime(text, "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 # read by the portal's wall
    return text


def without_offset(text: str) -> str:
    return datetime.fromisoformat(text).replace(tzinfo=None).isoformat(sep=" ")


def without_seconds(text: str) -> str:
    return datetime.fromisoformat(text).replace(second=0).isoformat()


async def follow(portal: Portal, now: Now, *, slow: float = 0.0) -> None:
    """Ask for what has just changed, at the start and over hours; nothing may be missed."""
    portal.create(DEAL, {}, (), "generator", int(now.second) - 500_000)
    async with connected(portal) as client:
        await changed(client, EntityType.DEAL, now.second)
        for pause in (30, 50, 100, 700, 700, 4000, 90_000):
            now.second += pause
            portal.create(DEAL, {}, (), "generator", int(now.second))
            assert portal.table(DEAL).ids[-1] in await changed(client, EntityType.DEAL, now.second - slow)
            now.second += 7


@pytest.mark.every(5)
@pytest.mark.parametrize("read", [str, plain_only, without_offset])
@pytest.mark.parametrize("told", OFFSETS)
@pytest.mark.parametrize("user", [None, "Asia/Yekaterinburg", "Pacific/Chatham"])
async def test_answers_in_another_offset_than_the_server_s(
    read: Callable[[str], str], told: float, user: str | None
) -> None:
    now = Now(WINTER)
    portal = portal_of(user, now, told_utc_offset_hours=told)
    portal.watchers.append(Reads(read))
    await follow(portal, now)
    # and once it has settled, an hour more is listed at most
    portal.create(DEAL, {}, (), "generator", int(now.second))
    async with connected(portal) as client:
        await settle(client, portal, now)
        listed = await changed(client, EntityType.DEAL, now.second)
        assert all(portal.table(DEAL).items[one].updated >= now.second - HOUR for one in listed)


@pytest.mark.parametrize("user", [None, "Asia/Kathmandu", "Pacific/Pitcairn"])
async def test_times_without_seconds(user: str | None) -> None:
    now = Now(WINTER)
    portal = portal_of(user, now)
    portal.watchers.append(Reads(without_seconds))
    await follow(portal, now)
    async with connected(portal) as client:
        for _ in range(3):  # the same shift whatever second an item was changed in
            now.second += 677
            portal.create(DEAL, {}, (), "generator", int(now.second))
            found = await DateFilters(client).of(EntityType.DEAL)
            assert found.shift % 900 == 0


@pytest.mark.parametrize("seconds", [-700.0, 700.0, 90_000.0])
async def test_a_portal_whose_clock_is_set_otherwise(seconds: float) -> None:
    now = Now(WINTER)
    portal = portal_of("Asia/Kathmandu", now)
    portal.clock = lambda: now.second + seconds
    portal.create(DEAL, {}, (), "generator")
    async with connected(portal) as client:
        assert portal.table(DEAL).ids[-1] in await changed(client, EntityType.DEAL, portal.clock())
        for _ in range(3):
            now.second += 100
            portal.create(DEAL, {}, (), "generator")
            assert portal.table(DEAL).ids[-1] in await changed(client, EntityType.DEAL, portal.clock())


@pytest.mark.parametrize("user", [None, "Pacific/Pitcairn", "Pacific/Kiritimati"])
async def test_many_items_of_the_same_second(user: str | None) -> None:
    now = Now(WINTER)
    portal = portal_of(user, now)
    for _ in range(120):
        portal.create(DEAL, {}, (), "generator", int(WINTER) - 100)
    async with connected(portal) as client:
        await settle(client, portal, now)
        assert await changed(client, EntityType.DEAL, now.second - 50) == [121]


async def test_a_list_that_never_stands_still_goes_on_as_it_is_known() -> None:
    now = Now(WINTER)
    portal = portal_of("Asia/Tokyo", now)
    for _ in range(60):
        portal.create(DEAL, {}, (), "generator", int(WINTER) - 100)

    class Restless:
        def before(self, call: Call) -> RestError | None:
            if call.method == "crm.item.list":
                now.second += 1
                for item in portal.table(DEAL).items.values():
                    portal.table(DEAL).touch(item, int(now.second))
            return None

        def after(self, _call: Call) -> RestError | None:
            return None

    async with connected(portal) as client:
        await settle(client, portal, now)
        known = client.date_marks["crm.item.list deal"]
        restless = Restless()
        portal.watchers.append(restless)
        now.second += 4000
        assert len(await changed(client, EntityType.DEAL, now.second)) == 50  # a page
        assert client.date_marks["crm.item.list deal"] == known  # not confirmed
        portal.watchers.remove(restless)
        portal.live_in("Pacific/Kiritimati")
        now.second += 60
        portal.create(DEAL, {}, (), "generator", int(now.second))
        await changed(client, EntityType.DEAL, now.second)
        mark = client.date_marks["crm.item.list deal"]
        assert mark.doubted_from == known.confirmed_at  # all that changed since then is asked for again
        assert timedelta(seconds=mark.shift) == timedelta(hours=11)
