"""Walks by id: every item once, and no page asked for that the portal does not have."""

from __future__ import annotations

from contextlib import asynccontextmanager
from random import Random
from typing import TYPE_CHECKING

import pytest

from b24syncd.clock import SystemClock
from b24syncd.domain.entities import EntityType
from b24syncd.feeders.items import ItemFeed
from b24syncd.portal.client import PortalClient
from b24syncd.portal.dates.filters import DateFilters
from b24syncd.portal.item_reading import items_of
from b24syncd.portal.item_rows import Wanted
from b24syncd.portal.items import Items
from b24syncd.portal.pace.limits import Limits, VolatileMemory
from b24syncd.portal.paging import Walker
from b24syncd.portal.wire.commands import Priority
from b24syncd.portal.words.vocabulary import UNIVERSAL
from b24syncd.settings.webhook import parse_webhook
from b24syncd.simulator.http.server import serve
from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.seeds.items import generate
from b24syncd.simulator.tables.fields import CONTACT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@asynccontextmanager
async def connected(portal: Portal) -> AsyncIterator[PortalClient]:
    async with serve(portal) as server:
        webhook = parse_webhook(server.webhook_url, "portal.webhook")
        limits = Limits(burst=10_000, per_second=2000.0)
        random = Random(1)  # noqa: S311 # has to be repeatable
        async with PortalClient(webhook, limits, clock=SystemClock(), random=random, memory=VolatileMemory()) as client:
            yield client


async def walked(client: PortalClient, highest_id: int | None) -> list[int]:
    walker = Walker(client, items_of(EntityType.CONTACT), priority=Priority.BACKFILL, highest_id=highest_id)
    found: list[int] = []
    is_last = False
    while not is_last:
        stretch = await walker.after(found[-1] if found else 0)
        found.extend(snapshot.ref.id for snapshot in stretch.rows)
        is_last = stretch.is_last
    return found


@pytest.mark.parametrize("highest_id", [None, 730, 1, 60, 5000])
async def test_every_item_is_met_once_whatever_is_thought_of_the_highest_id(highest_id: int | None) -> None:
    portal = Portal(Options(burst=10_000, per_second=2000.0))
    generate(portal, 1, contacts=730)
    async with connected(portal) as client:
        assert await walked(client, highest_id) == list(range(1, 731))


@pytest.mark.parametrize("highest_id", [None, 160])
async def test_a_page_of_which_some_are_deleted_while_it_is_read_ends_no_walk(highest_id: int | None) -> None:
    portal = Portal(Options(burst=10_000, per_second=2000.0))
    generate(portal, 1, contacts=160)
    deleted = {20, 60, 61, 62}  # of the first page, and of the second
    portal.vanishing |= {(CONTACT, item_id) for item_id in deleted}
    async with connected(portal) as client:
        assert await walked(client, highest_id) == [item_id for item_id in range(1, 161) if item_id not in deleted]


async def test_no_page_is_asked_for_above_the_highest_id() -> None:
    portal = Portal(Options(burst=10_000, per_second=2000.0))
    generate(portal, 1, contacts=1130)
    async with connected(portal) as client:
        await walked(client, 1130)
        assert portal.history.commands["crm.item.list"] == 23
        requests = sum(portal.history.requests.values())
        await walked(client, 1130)  # the cost of a list is known by now
        assert sum(portal.history.requests.values()) - requests == 2
        assert portal.history.commands["crm.item.list"] == 2 * 23


async def test_the_end_behind_a_full_page_takes_no_request_of_its_own() -> None:
    portal = Portal(Options(burst=10_000, per_second=2000.0))
    generate(portal, 1, contacts=600)
    async with connected(portal) as client:
        await walked(client, 600)  # the cost of a list is known by now
        sent = portal.history.requests.total()
        assert await walked(client, 600) == list(range(1, 601))
        assert portal.history.requests.total() - sent == 2  # what a walk begins with, and all the rest


async def test_of_sparse_ids_few_pages_are_asked_for_in_vain() -> None:
    portal = Portal(Options(burst=10_000, per_second=2000.0))
    generate(portal, 1, contacts=3000)
    for item_id in range(1, 2991):
        portal.tables[CONTACT].remove(portal.tables[CONTACT].items[item_id])
    async with connected(portal) as client:
        assert await walked(client, 3000) == list(range(2991, 3001))
        assert await walked(client, 3000) == list(range(2991, 3001))
    assert portal.history.commands["crm.item.list"] <= 2 * 8


async def test_a_poll_begins_with_half_of_the_pages_that_the_last_one_brought() -> None:
    portal = Portal(Options(burst=10_000, per_second=2000.0))
    generate(portal, 1, contacts=620)
    async with connected(portal) as client:
        items = Items(client, client.clock, {EntityType.CONTACT: Wanted(points=True)})
        dates = DateFilters(client)
        feed = ItemFeed(client, client.clock, dates, items, UNIVERSAL, EntityType.CONTACT)
        took: list[int] = []
        await dates.of(EntityType.CONTACT)
        for _ in range(2):
            sent = portal.history.requests.total()
            met = [one.ref.id async for page in feed.changed(0.0, priority=Priority.LIVE) for one in page.snapshots]
            assert met == list(range(1, 621))
            took.append(portal.history.requests.total() - sent)
    assert took == [4, 2]  # 1, 2, 4 and 8 pages of 13, then 6 and 12
