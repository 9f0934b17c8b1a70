"""All reviews of a filter, decided at once: how many, of which groups and what some of them are is shown before."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from b24syncd.app.requests import AcceptRequest, DismissRequest, ReopenRequest
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
    "reopen": ReviewState.DISMISSED,
}
_SHOWN: Final = 10
_LOOKED_AT: Final = 60
"""Reviews among which those are looked for that suggest something, to be shown."""


async def ask(console: Console, visit: Visit) -> web.StreamResponse:
    """Show what a decision would concern, and ask."""
    what, asked = _asked(visit, visit.asked)
    if what not in _STATES:
        return refused(visit.request, HTTPStatus.NOT_FOUND, _("There is no such page."))

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
    """Do it, if there are still as many as were shown; whoever does it looks once more."""
    what, asked = _asked(visit, visit.form)
    if what not in _STATES:
        return refused(visit.request, HTTPStatus.NOT_FOUND, _("There is no such page."))
    number, name = visit.form.get("expected", ""), visit.person.name
    if not (number.isascii() and number.isdigit()):
        raise UsageInvalid(_("How many there are was not sent."))
    expected, go = int(number), asked.address()
    report = await console.session.database.read(lambda db: bulk_report(db, asked.which, portal_words(db), sample=1))
    found = report.suggest if what == "accept" else report.number
    if found != expected:
        text = ngettext("There is %(num)d by now: look again.", "There are %(num)d by now: look again.", found)
        return refused(visit.request, HTTPStatus.CONFLICT, text % {"num": found})
    if what == "accept":
        request = AcceptRequest(which=asked.which, expected=expected, by=name)
        submitted = await console.commands.submit(request)
        console.decided.note_many(submitted)
        return done(visit, _("It is being written; the page tells how far it is."), go=go)
    kind: type[DismissRequest | ReopenRequest] = DismissRequest if what == "dismiss" else ReopenRequest
    changed: Request[Any] = kind(which=asked.which, expected=expected, by=name)
    result = await carried_out(console, changed)
    told = {
        "dismiss": ngettext("%(num)d review dismissed.", "%(num)d reviews dismissed.", result.number),
        "reopen": ngettext("%(num)d review opened again.", "%(num)d reviews opened again.", result.number),
    }
    return done(visit, told[what] % {"num": result.number}, go=go)


def _asked(visit: Visit, asked: Mapping[str, str]) -> tuple[str, Asked]:
    """Return what is to be done, and with which reviews, of which only those are meant with which it can be."""
    what, found = visit.path["what"], parse(asked)
    state = _STATES.get(what, ReviewState.OPEN)
    return what, replace(found, which=replace(found.which, states=frozenset({state})), after=None)
