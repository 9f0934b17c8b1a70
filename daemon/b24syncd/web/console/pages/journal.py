"""Journal: what was changed from what to what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from b24syncd.web.console.rendering import page

if TYPE_CHECKING:
    from aiohttp import web

    from b24syncd.web.console.visit import Console, Visit

SECTION: Final = "journal"


async def show(_console: Console, visit: Visit) -> web.StreamResponse:
    """Show the page."""
    return page(visit, "journal/page.html", section=SECTION)
