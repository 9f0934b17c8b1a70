"""Deciding reviews one by one: what was decided is asked for at once, and the page follows what becomes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aiohttp import web

from b24syncd.app.requests import DecideRequest, DismissRequest, ReleaseRequest, ReopenRequest
from b24syncd.app.review_decisions import suggested
from b24syncd.errors import UsageInvalid
from b24syncd.store import reviews
from b24syncd.store.stored_reviews import ReviewState
from b24syncd.web.console.asking import carried_out
from b24syncd.web.console.decision_board import Became, Told
from b24syncd.web.console.language import gettext as _

from .standing import stands_by
from .telling import CHANGED, decided

if TYPE_CHECKING:
    from collections.abc import Sequence

    from b24syncd.domain.decisions import Decision
    from b24syncd.store.stored_reviews import StoredReview
    from b24syncd.web.console.visit import Console, Visit

_MOST_AT_ONCE: Final = 100
"""Reviews that a page sends at once, which are decided one by one."""

_LONGEST: Final = 18
"""Digits of a number that the state takes."""


async def accept(console: Console, visit: Visit) -> web.StreamResponse:
    """Have written what reviews suggest."""
    found, noted = await _standing(console, visit, ReviewState.OPEN)
    decisions, others = suggested(console.session.settings, found, by_number=False)
    if others and not decisions:
        raise UsageInvalid(
            _("What is suggested here cannot be written: it is read otherwise by now, or the job is off.")
        )
    return answer(visit, noted + await decide(console, visit, decisions))


async def decide(console: Console, visit: Visit, decisions: Sequence[Decision]) -> tuple[Told, ...]:
    """Have decisions written; return at once what is told of them."""
    if not decisions:
        return ()
    name = visit.person.name
    submitted = await console.commands.submit(DecideRequest(decisions=tuple(decisions), by=name))
    return console.decided.note([one.review_id for one in decisions], name, Became.WRITING, submitted)


async def dismiss(console: Console, visit: Visit) -> web.StreamResponse:
    """Put on record that values stay as they are."""
    return await _in_state(console, visit, ReviewState.OPEN, DismissRequest, Became.DISMISSED)


async def reopen(console: Console, visit: Visit) -> web.StreamResponse:
    """Take dismissals back."""
    return await _in_state(console, visit, ReviewState.DISMISSED, ReopenRequest, Became.REOPENED)


async def release(console: Console, visit: Visit) -> web.StreamResponse:
    """Let jobs correct again what they leave alone."""
    return await _in_state(console, visit, ReviewState.OPEN, ReleaseRequest, Became.RELEASED)


async def _in_state(
    console: Console,
    visit: Visit,
    state: ReviewState,
    request: type[DismissRequest | ReopenRequest | ReleaseRequest],
    became: Became,
) -> web.StreamResponse:
    """Answer what a command came to that changes the state alone: it has ended when it was asked for."""
    found, noted = await _standing(console, visit, state)
    if found:
        ids = tuple(one.id for one in found)
        await carried_out(console, request(ids=ids, by=visit.person.name))
        noted += console.decided.note(ids, visit.person.name, became)
    return answer(visit, noted)


async def _standing(console: Console, visit: Visit, state: ReviewState) -> tuple[list[StoredReview], tuple[Told, ...]]:
    """Return those of the reviews that were sent which are in this state as shown, and what is told of the others."""
    shown, name = _shown(visit.form.get("ids", "")), visit.person.name
    found = await console.session.database.read(lambda db: reviews.get_reviews(db, shown))
    standing = [one for one in found if one.state is state]
    others = shown.keys() - {one.id for one in standing}
    changed = [one.id for one in standing if stands_by(one) != shown[one.id]]
    told = tuple(Told(0, number, name, Became.CHANGED) for number in changed)  # to nobody else: others see what stands
    as_shown = [one for one in standing if one.id not in changed]
    return as_shown, told + console.decided.note(sorted(others), name, Became.OVER)


async def open_review(console: Console, visit: Visit) -> StoredReview:
    """Return the open review that a form names; raise `UsageInvalid` where there is none, or none as it was shown."""
    shown = _shown(visit.form.get("id", ""))
    found = await console.session.database.read(lambda db: reviews.get_reviews(db, shown))
    if len(found) != 1 or found[0].state is not ReviewState.OPEN:
        raise UsageInvalid(_("This review is not open any more."))
    (review,) = found
    if stands_by(review) != shown[review.id]:
        raise UsageInvalid(_(CHANGED))
    return review


def _shown(text: str) -> dict[int, str]:
    """Return the numbers of reviews that were sent, `12.MARK,13.MARK`, each with the mark of what the page showed.

    Raises `UsageInvalid` for anything else.
    """
    parts = [part.partition(".") for part in text.split(",", _MOST_AT_ONCE)]
    if len(parts) > _MOST_AT_ONCE or not all(number.isascii() and number.isdigit() for number, _dot, _mark in parts):
        raise UsageInvalid(_("These are no numbers of reviews."))
    return {int(number): mark for number, _dot, mark in parts if len(number) <= _LONGEST}


def answer(visit: Visit, noted: Sequence[Told]) -> web.StreamResponse:
    """Answer with what became of decisions so far."""
    told = [one.to_json() for one in decided(noted, visit.person.name)]
    return web.json_response({"decided": told})
