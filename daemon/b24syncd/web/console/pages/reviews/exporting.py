"""`/reviews/export`: the reviews of a filter as a file for a spreadsheet, with columns for what is decided there."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

from aiohttp import web

from b24syncd.reports.csv_form import CsvForm
from b24syncd.reports.portal_words import portal_words
from b24syncd.reports.reviews import ReviewReport, review_report
from b24syncd.store import review_search
from b24syncd.web.console.language import LANGUAGE
from b24syncd.web.console.rendering import PORTAL
from b24syncd.web.console.security import HEADERS

from .filters import parse

if TYPE_CHECKING:
    import sqlite_utils

    from b24syncd.store.review_search import Place
    from b24syncd.web.console.visit import Console, Visit

    from .filters import Asked

_AT_A_TIME: Final = 500
_DECISION: Final = ("decision", "new_value")
_MARK: Final = "\ufeff"
"""Without a byte order mark spreadsheets do not read Cyrillic."""

_FORMS: Final = {"ru": CsvForm(";")}
"""How spreadsheets part columns, where not by a comma."""


async def export(console: Console, visit: Visit) -> web.StreamResponse:
    """Send all of them, some at a time."""
    asked = parse(visit.asked)
    form = _FORMS.get(LANGUAGE.get(), CsvForm())
    name = f"reviews-{visit.request.app[PORTAL]}-{console.clock.now():%Y-%m-%d}.csv"
    sent = {"Content-Type": "text/csv; charset=utf-8", "Content-Disposition": f'attachment; filename="{name}"'}
    response = web.StreamResponse(headers={**HEADERS, **sent})
    await response.prepare(visit.request)
    await response.write(_MARK.encode() + _lines(form, [(*ReviewReport.columns(), *_DECISION)]))
    after: Place | None = None
    while True:
        rows, after = await _some(console, asked, after)
        await response.write(_lines(form, rows))
        if after is None:
            break
    await response.write_eof()
    return response


async def _some(console: Console, asked: Asked, after: Place | None) -> tuple[list[tuple[object, ...]], Place | None]:
    def read(db: sqlite_utils.Database) -> tuple[list[tuple[object, ...]], Place | None]:
        found = review_search.page(db, asked.which, after=after, limit=_AT_A_TIME)
        words = portal_words(db)
        rows = [(*review_report(one, words).to_json().values(), "", "") for one in found.reviews]
        return rows, found.goes_on

    return await console.session.database.read(read)


def _lines(form: CsvForm, rows: list[tuple[object, ...]]) -> bytes:
    file = io.StringIO()
    write = form.writer(file)
    for row in rows:
        write(row)
    return file.getvalue().encode()
