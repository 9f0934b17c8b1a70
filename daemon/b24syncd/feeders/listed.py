"""The activities of the items that a person listed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .pages import Page

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection

    from b24syncd.domain.bindings import Binding
    from b24syncd.portal.activities.sources import ListedSources
    from b24syncd.portal.activities.subjects import Activities
    from b24syncd.portal.wire.commands import Priority

_ITEMS = 50
"""So many items make a page."""


async def listed(
    activities: Activities, sources: ListedSources, items: Collection[Binding], *, priority: Priority
) -> AsyncIterator[Page]:
    """Yield the activities of the items, page by page, without a cursor: what is done is not found again."""
    ordered = sorted(items)
    for first in range(0, len(ordered), _ITEMS):
        some = ordered[first : first + _ITEMS]
        known = await sources.of(some, priority=priority)
        read = await activities.bound_to(known, priority=priority)
        yield Page(tuple(read.found.values()), refused=read.refused, ids=len(some))
