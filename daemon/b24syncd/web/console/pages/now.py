"""Now: whether it is well, why not, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from b24syncd.app.health import health_within
from b24syncd.web.console.rendering import page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

    from b24syncd.web.console.visit import Console, Visit

SECTION: Final = "now"


async def look(console: Console, _visit: Visit) -> Mapping[str, object]:
    """Return what is shown now."""
    return {"health": await health_within(console.daemon)}


async def show(console: Console, visit: Visit) -> web.StreamResponse:
    """Show how it is; the page follows it."""
    return page(visit, "now/page.html", await look(console, visit), section=SECTION)
