"""What is asked for on the first page: a backfill, and that something ends."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from b24syncd.app.backfill import Narrowed, chosen_for
from b24syncd.app.control_messages import Failed, Finished
from b24syncd.app.requests import BackfillRequest, PreviewRequest
from b24syncd.errors import UsageInvalid
from b24syncd.reports.links import card_named
from b24syncd.web.console.language import gettext as _
from b24syncd.web.console.refusals import refused
from b24syncd.web.console.rendering import done
from b24syncd.web.console.sentences.telling import told as translated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

    from b24syncd.app.submitted import Submitted
    from b24syncd.web.console.visit import Console, Visit

_PATIENCE: Final = 1.0
"""Seconds in which what cannot be done at all fails, so that its page can tell why."""

_MOST_CARDS: Final = 100
_MOST_DIGITS: Final = 9
JOB: Final = "job-"
"""What the names of the boxes begin with by which jobs are chosen."""


def narrowed(form: Mapping[str, str]) -> Narrowed:
    """Return what a form narrows a walk to; raise `UsageInvalid` for what cannot be understood."""
    jobs = tuple(name.removeprefix(JOB) for name in form if name.startswith(JOB))
    named = form.get("only", "").replace(",", " ").split()
    typed = form.get("limit", "").strip()
    if len(named) > _MOST_CARDS:
        raise UsageInvalid(_("These are too many cards to be named one by one."))
    try:
        only = tuple(map(card_named, named))
    except ValueError:
        raise UsageInvalid(_("Write a card as contact:42, or paste its address in Bitrix24.")) from None
    if typed and not (
        typed.isascii() and typed.isdigit() and int(typed[:_MOST_DIGITS]) > 0 and len(typed) <= _MOST_DIGITS
    ):
        raise UsageInvalid(_("Write a number from 1 on."))
    return Narrowed(jobs, only, int(typed) if typed else None)


async def backfill(console: Console, visit: Visit) -> web.StreamResponse:
    """Have the portal walked."""
    which = narrowed(visit.form)
    chosen_for(console.session.settings, which)
    request = BackfillRequest(jobs=which.jobs, only=which.only, limit=which.limit, by=visit.person.name)
    return await told(visit, await console.commands.submit(request), _("The backfill was asked for."))


async def preview(console: Console, visit: Visit) -> web.StreamResponse:
    """Have a preview made of a walk."""
    which = narrowed(visit.form)
    chosen_for(console.session.settings, which)
    request = PreviewRequest(jobs=which.jobs, only=which.only, limit=which.limit, by=visit.person.name)
    submitted = await console.commands.submit(request)
    return await told(visit, submitted, _("The preview was asked for; it is shown here once it is there."))


async def told(visit: Visit, submitted: Submitted, asked: str) -> web.StreamResponse:
    """Answer that something was `asked` for, or at once why it cannot be done, and where a preview is that is there."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE):
            await submitted.ended.wait()
    match submitted.outcome:
        case Failed(lines=lines):
            return refused(visit.request, HTTPStatus.CONFLICT, translated("\n".join(lines)))
        case Finished(result={"number": int(number)}):
            return done(visit, _("The preview is there."), go=f"/previews/{number}")
        case _:
            return done(visit, asked, go="/")


async def stop(console: Console, visit: Visit) -> web.StreamResponse:
    """End a command gently: what is under way is settled, and the same command goes on from there."""
    number = visit.form.get("number", "")
    is_number = number.isascii() and number.isdigit() and len(number) <= _MOST_DIGITS
    if not is_number or not console.commands.interrupt(int(number)):
        raise UsageInvalid(_("It has ended already."))
    return done(visit, _("It ends as soon as what is under way is settled."))
