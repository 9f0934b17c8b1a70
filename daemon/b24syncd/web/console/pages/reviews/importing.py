"""`/reviews/import`: decisions from a file. It is checked line by line first; what it would do is shown, then done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from b24syncd.app.review_import import read_decisions
from b24syncd.errors import UsageInvalid
from b24syncd.reports.decision_lists import DECISIONS
from b24syncd.web.console.language import gettext as _
from b24syncd.web.console.rendering import done, page

from .listing import SECTION

if TYPE_CHECKING:
    from aiohttp import web

    from b24syncd.web.console.visit import Console, Visit

LONGEST: Final = 32 << 20
"""Bytes of a file."""

_MOST_PROBLEMS: Final = 200
_MOST_LISTS: Final = 8
"""Lists that were checked and wait for a word."""

_ADDRESS: Final = "/reviews/import"


async def show(console: Console, visit: Visit) -> web.StreamResponse:
    """Show where a file is chosen, and what the one that was checked would do."""
    found = console.lists.get(visit.visitor.key_hash)
    problems = [] if found is None else found.problems
    shown = {
        "list": found,
        "counts": dict.fromkeys(DECISIONS, 0) | ({} if found is None else found.counts()),
        "problems": problems[:_MOST_PROBLEMS],
        "more": max(0, len(problems) - _MOST_PROBLEMS),
    }
    return page(visit, "reviews/import.html", shown, section=SECTION)


async def check(console: Console, visit: Visit) -> web.StreamResponse:
    """Check a file; nothing is done."""
    content, settings = visit.body, console.session.settings
    if not content:
        raise UsageInvalid(_("The file is empty."))
    found = await console.session.database.read(lambda db: read_decisions(settings, db, content))
    console.lists.pop(visit.visitor.key_hash, None)
    while len(console.lists) >= _MOST_LISTS:
        console.lists.pop(next(iter(console.lists)))
    console.lists[visit.visitor.key_hash] = found
    return done(visit, "", go=_ADDRESS)


async def carry_out(console: Console, visit: Visit) -> web.StreamResponse:
    """Do what the checked file says."""
    found = console.lists.get(visit.visitor.key_hash)
    if found is None:
        raise UsageInvalid(_("There is no checked file any more: choose it again."))
    request = found.request(by=visit.person.name)
    del console.lists[visit.visitor.key_hash]
    console.decided.note_many(await console.commands.submit(request))
    return done(visit, _("The decisions are being carried out; this page tells how far it is."), go="/reviews")
