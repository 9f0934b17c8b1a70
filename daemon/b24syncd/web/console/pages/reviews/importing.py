"""`/reviews/import`: decisions from a file. It is checked line by line first; what it would do is shown, then done."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from b24syncd.app.review_import import check_list, read_list
from b24syncd.errors import UsageInvalid
from b24syncd.reports.decision_lists import DECISIONS, Wrong
from b24syncd.web.console.formats import word
from b24syncd.web.console.language import gettext as _
from b24syncd.web.console.language import marked
from b24syncd.web.console.rendering import done, page

from .listing import SECTION
from .reasons import meaning

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

    from b24syncd.reports.decision_lists import ListProblem
    from b24syncd.web.console.visit import Console, Visit

LONGEST: Final = 32 << 20
"""Bytes of a file."""

_MOST_PROBLEMS: Final = 200
_MOST_LISTS: Final = 8
"""Lists that were checked and wait for a word."""

_ADDRESS: Final = "/reviews/import"


_WRONG: Final[Mapping[Wrong, str]] = {
    Wrong.NO_TEXT: marked("This is no text in UTF-8: save the file as “CSV UTF-8”."),
    Wrong.EMPTY: marked("The file is empty."),
    Wrong.NO_COLUMNS: marked("The first line has to name the columns “id” and “decision”."),
    Wrong.NO_CSV: marked("From here on it cannot be read: look for a quotation mark too many or too few."),
    Wrong.NO_DECISION: marked("This is no decision: %(told)s."),
    Wrong.NO_REVIEW: marked("There is no review of this number."),
    Wrong.TWICE: marked("This review is decided more than once."),
    Wrong.OTHER_REVIEW: marked("The line is of another card or job than the review of this number."),
    Wrong.OTHER_VALUE: marked("The review asks about another value since the file was saved."),
    Wrong.OTHER_STATE: marked("The review stands otherwise by now: %(told)s."),
    Wrong.NOT_TO_BE_ACCEPTED: marked("It suggests nothing that can be written."),
    Wrong.NOT_CERTAIN: marked("What stands in “new_value” cannot be read with certainty."),
}


def _told(one: ListProblem) -> str:
    """Return what is wrong in a line, in the visitor's language."""
    text = _(_WRONG[one.wrong])
    if one.wrong is Wrong.NOT_CERTAIN:
        return f"{text} {meaning(one.told)}".strip()
    return text % {"told": word(one.told) if one.wrong is Wrong.OTHER_STATE else one.told} if one.told else text


async def show(console: Console, visit: Visit) -> web.StreamResponse:
    """Show where a file is chosen, and what the one that was checked would do."""
    found = console.lists.get(visit.visitor.key_hash)
    problems = [] if found is None else found.problems
    shown = {
        "list": found,
        "counts": dict.fromkeys(DECISIONS, 0) | ({} if found is None else found.counts()),
        "problems": [(one.line, _told(one)) for one in problems[:_MOST_PROBLEMS]],
        "more": max(0, len(problems) - _MOST_PROBLEMS),
    }
    return page(visit, "reviews/import.html", shown, section=SECTION)


async def check(console: Console, visit: Visit) -> web.StreamResponse:
    """Check a file; nothing is done."""
    content, settings = visit.body, console.session.settings
    if not content:
        raise UsageInvalid(_("The file is empty."))
    listed = await asyncio.to_thread(read_list, content)
    named = await console.session.database.read(listed.named)
    found = await asyncio.to_thread(check_list, settings, listed, named)
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
