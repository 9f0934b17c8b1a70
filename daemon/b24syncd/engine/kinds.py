"""The kinds of subjects that the engine knows, each made of its parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.domain.entities import EntityType
from b24syncd.domain.points_judge import PointsJudge
from b24syncd.feeders.items import ItemFeed
from b24syncd.feeders.pages import Page
from b24syncd.portal.dates import DateFilters
from b24syncd.portal.items import Items

from .planning import Planner
from .subjects import Kind, Looked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from b24syncd.clock import Clock
    from b24syncd.domain.entities import EntityRef
    from b24syncd.jobs.catalogue import Job
    from b24syncd.portal.client import PortalClient
    from b24syncd.portal.commands import Priority

    from .planning import Guard

_ITEMS = (EntityType.LEAD, EntityType.DEAL, EntityType.CONTACT, EntityType.COMPANY)
_ITEM_PAGES_UNDER_WAY = 2


def kinds_for(client: PortalClient, clock: Clock, jobs: Sequence[Job], guard: Guard) -> tuple[Kind, ...]:
    """Return every kind of subjects; one that no job is for is only judged, never fed."""
    dates = DateFilters(client)
    return (_items(client, clock, dates, Planner(jobs, guard)),)


def _items(client: PortalClient, clock: Clock, dates: DateFilters, planner: Planner) -> Kind:
    items = Items(client, clock)

    async def look_at(refs: Sequence[EntityRef], *, priority: Priority) -> Looked:
        named = [ref for ref in refs if ref.type in _ITEMS]
        found = (await items.read(named, priority=priority)).found
        return Looked(Page(tuple(found.values())), tuple(ref for ref in named if ref not in found))

    feeds = tuple(ItemFeed(client, clock, dates, entity_type) for entity_type in planner.entity_types)
    return Kind(_ITEMS, items, PointsJudge(), planner, feeds, look_at, _ITEM_PAGES_UNDER_WAY)
