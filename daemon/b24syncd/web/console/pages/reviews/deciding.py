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
from b24syncd.web.console.decision_board import Became
from b24syncd.web.console.language import gettext as _

from .telling import decided

if TYPE_CHECKING:
    from collections.abc import Sequence

    from b24syncd.domain.decisions import Decision
    from b24syncd.store.stored_reviews import StoredReview
    from b24syncd.web.console.decision_board import Told
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
    """Return those of the reviews that were sent which are in this state, and what is told of the others."""
    ids = _numbers(visit.form.get("ids", ""))
    found = await console.session.database.read(lambda db: reviews.get_reviews(db, ids))
    standing = [one for one in found if one.state is state]
    others = set(ids).difference(one.id for one in standing)
    return standing, console.decided.note(sorted(others), visit.person.name, Became.OVER)


async def open_review(console: Console, visit: Visit) -> StoredReview:
    """Return the open review that a form names; raise `UsageInvalid` where there is none."""
    ids = _numbers(visit.form.get("id", ""))
    found = await console.session.database.read(lambda db: reviews.get_reviews(db, ids))
    if len(found) != 1 or found[0].state is not ReviewState.OPEN:
        raise UsageInvalid(_("This review is not open any more."))
    return found[0]


def _numbers(text: str) -> list[int]:
    """Return the numbers of reviews that were sent; raise `UsageInvalid` for anything else."""
    parts = text.split(",", _MOST_AT_ONCE)
    if len(parts) > _MOST_AT_ONCE or not all(part.isascii() and part.isdigit() for part in parts):
        raise UsageInvalid(_("These are no numbers of reviews."))
    return list(dict.fromkeys(int(part) for part in parts if len(part) <= _LONGEST))


def answer(visit: Visit, noted: Sequence[Told]) -> web.StreamResponse:
    """Answer with what became of decisions so far."""
    told = [one.to_json() for one in decided(noted, visit.person.name)]
    return web.json_response({"decided": told})
