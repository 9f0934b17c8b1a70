"""Another value than the suggestion of a review: checked while it is typed, by the planner that asked, then written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aiohttp import web

from b24syncd.app.requests import RebindRequest
from b24syncd.app.review_decisions import given, move_of, typed
from b24syncd.domain.job_names import BINDINGS
from b24syncd.web.console.decision_board import Became
from b24syncd.web.console.language import gettext as _
from b24syncd.web.console.language import marked
from b24syncd.web.console.sentences.telling import told

from .deciding import answer, decide, open_review
from .reasons import meaning

if TYPE_CHECKING:
    from b24syncd.reports.typed_values import TypedValue
    from b24syncd.store.stored_reviews import StoredReview
    from b24syncd.web.console.visit import Console, Visit

_LIST: Final = "review"
"""How a list of moves is called that one decision makes."""


async def check(console: Console, visit: Visit) -> web.StreamResponse:
    """Tell what would be saved of what is typed, or why it would not be."""
    review = await open_review(console, visit)
    value = visit.form.get("value", "").strip()
    if not value:
        return web.json_response({"hint": ""})
    if value == review.value:
        return web.json_response({"hint": _("This stands there already.")})
    return web.json_response(_told(review, typed(console.session.settings, review, value), value))


def _told(review: StoredReview, found: TypedValue, value: str) -> dict[str, object]:
    """Return what a page tells of a typed value: a hint or an error, and whether it may be written to the letter."""
    if found.values:
        if found.values == (value,) and review.job != BINDINGS:
            return {"hint": _("Will be saved like this.")}
        return {"hint": _(_WILL[review.job == BINDINGS]) % {"values": ", ".join(found.values)}}
    if found.problem is not None:
        return {"error": told(found.problem)}
    why = meaning(found.reason or "")
    if found.suggestion:
        why += " " + _("Perhaps %(value)s is meant.") % {"value": found.suggestion}
    return {"error": why.strip(), "asks": found.may_be_as_is}


_WILL: Final = (marked("Will be saved as %(values)s"), marked("All activities of the card go to %(values)s"))


async def save(console: Console, visit: Visit) -> web.StreamResponse:
    """Have written what was typed."""
    review = await open_review(console, visit)
    value, as_is = visit.form.get("value", "").strip(), bool(visit.form.get("as_is"))
    settings = console.session.settings
    if review.job == BINDINGS:
        request = RebindRequest(name=_LIST, moves=(move_of(review, value),), by=visit.person.name)
        submitted = await console.commands.submit(request)
        return answer(visit, console.decided.note([review.id], visit.person.name, Became.WRITING, submitted))
    found = typed(settings, review, value)
    if not found.values and not (as_is and found.may_be_as_is):
        told = _told(review, found, value)
        return web.json_response({"asks": False, "error": _("Nothing is typed."), **told}, status=400)
    decision = given(settings, review, value, as_is=as_is)
    return answer(visit, await decide(console, visit, [decision]))
