"""Taking corrections back: what it is about, what it would do as the portal is now, and doing it.

Whatever concerns one card takes the role that edits cards; more than that the one that operates.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from aiohttp import web

from b24syncd.app.control_messages import Failed
from b24syncd.app.requests import UndoRequest
from b24syncd.app.undo_ahead import chosen_of, look_ahead
from b24syncd.domain.people import Role
from b24syncd.errors import UsageInvalid
from b24syncd.web.console.language import gettext as _
from b24syncd.web.console.language import ngettext
from b24syncd.web.console.refusals import refused
from b24syncd.web.console.rendering import done, fragment, page
from b24syncd.web.console.sentences.telling import told

from .asked import asked_for, numbers
from .listing import SECTION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from b24syncd.app.submitted import Submitted
    from b24syncd.app.undo_ahead import Chosen
    from b24syncd.store.history import Filter
    from b24syncd.web.console.visit import Console, Visit

MOST_LOOKED_AT: Final = 25
"""Cards that are read in the portal for a preview."""

_MOST_IDS: Final = 500
_PATIENCE: Final = 5.0
"""Seconds in which a small undo is done, so that its page can tell how it ended."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be taken back: which corrections, the cards of it that are looked at, and what forms send of it."""

    which: Filter
    chosen: Chosen
    sent: Mapping[str, str]

    @property
    def role(self) -> Role:
        """What it takes to have it taken back."""
        return Role.EDIT if len(self.chosen.refs) <= 1 and not self.chosen.more else Role.OPERATE


async def show(console: Console, visit: Visit) -> web.StreamResponse:
    """Show what is about to be taken back; the page asks for the preview by itself."""
    ids = visit.request.query.getall("id", [])
    wanted = await _wanted(console, {**visit.asked, "ids": ",".join(ids)})
    return page(visit, "journal/undo.html", {"wanted": wanted}, section=SECTION)


async def preview(console: Console, visit: Visit) -> web.StreamResponse:
    """Answer what it would do with the cards that are looked at, as they are now."""
    wanted = await _wanted(console, visit.form)
    ahead = await look_ahead(console.session, wanted.which, wanted.chosen.refs)
    return web.json_response({"html": fragment(visit, "journal/ahead.html", {"wanted": wanted, "ahead": ahead})})


async def undo(console: Console, visit: Visit) -> web.StreamResponse:
    """Have it taken back."""
    wanted = await _wanted(console, visit.form)
    if not visit.may(wanted.role):
        text = _("Taking back more than one card at once takes the role that operates.")
        return refused(visit.request, 403, text)
    submitted = await console.commands.submit(UndoRequest(which=wanted.which, by=visit.person.name))
    return await _told(visit, submitted)


async def _told(visit: Visit, submitted: Submitted) -> web.StreamResponse:
    try:
        async with asyncio.timeout(_PATIENCE):
            await submitted.ended.wait()
    except TimeoutError:
        return done(visit, _("It is being taken back; this page shows how far it is."), go="/")
    outcome = submitted.outcome
    if outcome is None or isinstance(outcome, Failed):
        text = told("\n".join(outcome.lines)) if outcome is not None else ""
        return refused(visit.request, 409, text)
    made, left = outcome.result["summary"]["counts"].get("corrections", 0), len(outcome.result["left"])
    text = ngettext("%(num)d correction was taken back.", "%(num)d corrections were taken back.", made) % {"num": made}
    if left:
        text += " " + ngettext("%(num)d was left as it is.", "%(num)d were left as they are.", left) % {"num": left}
    return done(visit, text, go=f"/runs/{outcome.result['summary']['run_id']}")


async def _wanted(console: Console, sent: Mapping[str, str]) -> Wanted:
    """Return what is asked for; raise `UsageInvalid` where that is nothing, or not to be understood."""
    ids = numbers(sent.get("ids", "").split(","), most=_MOST_IDS)
    asked = asked_for(sent)
    named = {name: asked.typed[name] for name in ("item", "job", "run", "by") if asked.typed[name]}
    which = replace(asked.which, text="", exact=False, outcome=None, ids=ids)
    if asked.wrong or not (ids or named.keys() - {"job"}):
        raise UsageInvalid(_("Say what is to be taken back: choose it in the journal."))
    chosen = await console.session.database.read(lambda db: chosen_of(db, which, most=MOST_LOOKED_AT))
    return Wanted(which, chosen, {**named, **({"ids": ",".join(map(str, ids))} if ids else {})})
