"""Cards: all that happened to one item, its open reviews, its form."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from b24syncd.domain.conditions import NO_ANSWER
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.errors import B24SyncError
from b24syncd.reports.links import card_named
from b24syncd.reports.portal_words import portal_words
from b24syncd.reports.reviews import review_report
from b24syncd.store import journal_search, queue, review_search
from b24syncd.store.history import Filter
from b24syncd.store.review_search import ReviewFilter
from b24syncd.task_group import Tasks
from b24syncd.web.console.language import gettext as _
from b24syncd.web.console.refusals import refused
from b24syncd.web.console.rendering import page, see_other

from .forms.parts import forms_of
from .journal.asked import asked_for
from .journal.lines import lines_of

if TYPE_CHECKING:
    import sqlite_utils
    from aiohttp import web

    from b24syncd.web.console.visit import Console, Visit

SECTION: Final = "items"
_HIGHEST_ID: Final = (1 << 31) - 1
"""More than any portal has, and what a database still counts."""
_ROWS: Final = 50
_LATEST: Final = 20
_PATIENCE: Final = 1.0
"""Seconds for which a page waits for what the portal calls its card."""


async def find(console: Console, visit: Visit) -> web.StreamResponse:
    """Show where a card is looked for, and those that were corrected last; go to the one that is named."""
    named, wrong = visit.asked.get("card", "").strip(), ""
    if named:
        try:
            ref = card_named(f"{visit.asked.get('type', '')}:{named}" if named.isdigit() else named)
        except ValueError:
            wrong = _("Write a card as contact:42, or paste its address in Bitrix24.")
        else:
            return see_other(address_of(ref))

    def read(db: sqlite_utils.Database) -> list[EntityRef]:
        latest = journal_search.page(db, Filter(), limit=10 * _LATEST).entries
        return list(dict.fromkeys(entry.correction.ref for entry in latest))[:_LATEST]

    latest = await console.session.database.read(read)
    types = [one.value for one in EntityType if one is not EntityType.ACTIVITY]
    context = {"named": named, "wrong": wrong, "latest": latest, "types": types, "type": visit.asked.get("type", "")}
    return page(visit, "items/find.html", context, section=SECTION)


async def show(console: Console, visit: Visit) -> web.StreamResponse:
    """Show the card of an item, `/items/contact/42`."""
    try:
        item = EntityRef.parse(f"{visit.path['type']}:{visit.path['id']}")
    except ValueError:
        item = None
    if item is None or item.id > _HIGHEST_ID:
        return refused(visit.request, HTTPStatus.NOT_FOUND, _("There is no such card."))
    asked = asked_for({**visit.asked, "item": str(item)})
    which = Filter(item=item)

    def read(db: sqlite_utils.Database) -> dict[str, Any]:
        words = portal_words(db)
        found = journal_search.page(db, which, after=asked.after, limit=_ROWS)
        of_item = review_search.each(db, ReviewFilter(item=item), limit=_ROWS)
        return {
            "lines": lines_of(db, found.entries),
            "goes_on": found.goes_on,
            "reviews": [review_report(one, words) for one in of_item],
            "url": words.url_of(item),
            "given_up": [entry for entry in queue.given_up(db) if entry.ref == item],
        }

    async with Tasks() as group:
        naming = group.create_task(_title(console, item))
        context = await console.session.database.read(read)
    title = naming.result()
    goes_on = context["goes_on"]
    more = None if goes_on is None else f"{address_of(item)}?after={goes_on.id}#history"
    start = f"{address_of(item)}#history" if asked.after is not None else None
    return page(
        visit,
        "items/page.html",
        {"item": item, "title": title, "more": more, "start": start, **context},
        section=SECTION,
    )


async def _title(console: Console, item: EntityRef) -> str:
    """Return what the portal calls a card; nothing where it does not say so at once, or has no such cards."""
    if item.type is EntityType.ACTIVITY or any(one.kind in NO_ANSWER for one in console.conditions.standing):
        return ""
    try:
        async with asyncio.timeout(_PATIENCE):
            return await forms_of(console).search.title(item)
    except (TimeoutError, B24SyncError):
        return ""


def address_of(item: EntityRef) -> str:
    """Return the address of the page of a card."""
    return f"/items/{item.type.value}/{item.id}"
