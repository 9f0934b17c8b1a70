"""All reviews of a filter, decided at once: how many, of which groups and what some of them are is shown before."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from b24syncd.app.requests import AcceptRequest, DismissRequest, ExcludeRequest, ReopenRequest
from b24syncd.app.review_states import is_as_seen
from b24syncd.errors import UsageInvalid
from b24syncd.reports.bulk_reviews import bulk_report
from b24syncd.reports.portal_words import portal_words
from b24syncd.store.stored_reviews import ReviewState
from b24syncd.web.console.asking import carried_out
from b24syncd.web.console.language import gettext as _
from b24syncd.web.console.language import ngettext
from b24syncd.web.console.refusals import refused
from b24syncd.web.console.rendering import done, page

from .filters import parse
from .groups import country
from .listing import SECTION, Row

if TYPE_CHECKING:
    from collections.abc import Mapping

    import sqlite_utils
    from aiohttp import web

    from b24syncd.app.requests import Request
    from b24syncd.reports.bulk_reviews import BulkReport
    from b24syncd.web.console.visit import Console, Visit

    from .filters import Asked

_STATES: Final[Mapping[str, ReviewState]] = {
    "accept": ReviewState.OPEN,
    "dismiss": ReviewState.OPEN,
    "exclude": ReviewState.OPEN,
    "reopen": ReviewState.DISMISSED,
}
_REQUESTS: Final[Mapping[str, type[DismissRequest | ReopenRequest | ExcludeRequest]]] = {
    "dismiss": DismissRequest,
    "reopen": ReopenRequest,
    "exclude": ExcludeRequest,
}
"""What changes the state alone."""

_SHOWN: Final = 10
_LOOKED_AT: Final = 60
"""Reviews among which those are looked for that suggest something, to be shown."""


async def ask(console: Console, visit: Visit) -> web.StreamResponse:
    """Show what a decision would concern, and ask."""
    what, asked = _asked(visit, visit.asked)
    if what not in _STATES:
        return refused(visit.request, HTTPStatus.NOT_FOUND, _("There is no such page."))

    seen_at = console.clock.now()

    def read(db: sqlite_utils.Database) -> BulkReport:
        return bulk_report(db, asked.which, portal_words(db), sample=_LOOKED_AT)

    report = await console.session.database.read(read)
    rows = [row for row in map(Row, report.sample) if what != "accept" or row.can_be_accepted][:_SHOWN]
    groups = [one for one in report.groups if what != "accept" or one.suggests]
    shown = {
        "what": what,
        "asked": asked,
        "report": report,
        "number": report.suggest if what == "accept" else report.number,
        "seen_at": seen_at.isoformat(),
        "rows": rows,
        "groups": _groups(groups),
    }
    return page(visit, "reviews/bulk.html", shown, section=SECTION)


def _groups(groups: list[Any]) -> list[tuple[str, str, str, int]]:
    """Return what there is of each job, reason and countries, the most frequent first."""
    counted: dict[tuple[str, str, str], int] = {}
    for one in groups:
        key = (one.job, one.reason, ", ".join(map(country, one.countries)))
        counted[key] = counted.get(key, 0) + one.number
    return sorted(((*key, number) for key, number in counted.items()), key=lambda row: -row[-1])


async def carry_out(console: Console, visit: Visit) -> web.StreamResponse:
    """Do it with those that were shown, if there are not more; whoever does it looks once more."""
    what, asked = _asked(visit, visit.form)
    if what not in _STATES:
        return refused(visit.request, HTTPStatus.NOT_FOUND, _("There is no such page."))
    number, name = visit.form.get("expected", ""), visit.person.name
    if not (number.isascii() and number.isdigit()):
        raise UsageInvalid(_("How many there are was not sent."))
    expected, go = int(number), asked.address()
    which = replace(asked.which, seen_at=_moment(visit.form.get("seen_at", "")))
    report = await console.session.database.read(lambda db: bulk_report(db, which, portal_words(db), sample=1))
    found = report.suggest if what == "accept" else report.number
    if not is_as_seen(found, expected, which):
        text = ngettext("There is %(num)d by now: look again.", "There are %(num)d by now: look again.", found)
        return refused(visit.request, HTTPStatus.CONFLICT, text % {"num": found})
    if what == "accept":
        request = AcceptRequest(which=which, expected=expected, by=name)
        submitted = await console.commands.submit(request)
        console.decided.note_many(submitted)
        return done(visit, _("It is being written; the page tells how far it is."), go=go)
    changed: Request[Any] = _REQUESTS[what](which=which, expected=expected, by=name)
    result = await carried_out(console, changed)
    told = {
        "dismiss": ngettext("%(num)d review dismissed.", "%(num)d reviews dismissed.", result.number),
        "reopen": ngettext("%(num)d review opened again.", "%(num)d reviews opened again.", result.number),
        "exclude": ngettext(
            "%(num)d card is left alone from now on.", "%(num)d cards are left alone from now on.", result.number
        ),
    }
    return done(visit, told[what] % {"num": result.number}, go=go)


def _moment(text: str) -> datetime | None:
    """Return when a page was shown; raise `UsageInvalid` for what no page sends."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC) if text else None
    except (ValueError, OverflowError):
        raise UsageInvalid(_("When this page was shown was not sent.")) from None


def _asked(visit: Visit, asked: Mapping[str, str]) -> tuple[str, Asked]:
    """Return what is to be done, and with which reviews, of which only those are meant with which it can be."""
    what, found = visit.path["what"], parse(asked)
    state = _STATES.get(what, ReviewState.OPEN)
    return what, replace(found, which=replace(found.which, states=frozenset({state})), after=None)
