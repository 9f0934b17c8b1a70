"""The list of what was changed, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from b24syncd.domain.job_names import JOBS
from b24syncd.store import journal_search, people
from b24syncd.store.journal import Outcome
from b24syncd.web.console.rendering import page

from .asked import asked_for
from .lines import lines_of

if TYPE_CHECKING:
    import sqlite_utils
    from aiohttp import web

    from b24syncd.web.console.visit import Console, Visit

    from .lines import Line

SECTION: Final = "journal"
ROWS: Final = 50
"""Rows of a page."""


async def show(console: Console, visit: Visit) -> web.StreamResponse:
    """Show what was changed, as far as it is asked for."""
    asked = asked_for(visit.asked)

    def read(db: sqlite_utils.Database) -> tuple[tuple[Line, ...], journal_search.Place | None, tuple[str, ...]]:
        names = tuple(sorted({person.name for person in people.everybody(db)}))
        if asked.wrong:
            return (), None, names
        found = journal_search.page(db, asked.which, after=asked.after, limit=ROWS)
        return lines_of(db, found.entries), found.goes_on, names

    lines, goes_on, names = await console.session.database.read(read)
    context = {
        "lines": lines,
        "asked": asked,
        "more": None if goes_on is None else asked.address(goes_on),
        "start": asked.address() if asked.after is not None else None,
        "jobs": JOBS,
        "outcomes": [outcome.value for outcome in Outcome],
        "people": names,
    }
    return page(visit, "journal/page.html", context, section=SECTION)
