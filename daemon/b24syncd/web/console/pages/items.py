"""Cards: all that happened to one item, its open reviews, its form."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from b24syncd.domain.entities import EntityRef
from b24syncd.web.console.language import gettext as _
from b24syncd.web.console.refusals import refused
from b24syncd.web.console.rendering import page

if TYPE_CHECKING:
    from aiohttp import web

    from b24syncd.web.console.visit import Console, Visit

SECTION: Final = "items"
_HIGHEST_ID: Final = (1 << 31) - 1
"""More than any portal has, and what a database still counts."""


async def find(_console: Console, visit: Visit) -> web.StreamResponse:
    """Show where a card is looked for."""
    return page(visit, "items/find.html", section=SECTION)


async def show(_console: Console, visit: Visit) -> web.StreamResponse:
    """Show the card of an item, `/items/contact/42`."""
    try:
        item = EntityRef.parse(f"{visit.path['type']}:{visit.path['id']}")
    except ValueError:
        item = None
    if item is None or item.id > _HIGHEST_ID:
        return refused(visit.request, HTTPStatus.NOT_FOUND, _("There is no such card."))
    return page(visit, "items/page.html", {"item": item}, section=SECTION)
