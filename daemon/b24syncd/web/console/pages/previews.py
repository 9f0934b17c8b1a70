"""Previews that are kept: what would be done, by groups and one by one, and having it done."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from b24syncd.app.kept_preview import carrying_out
from b24syncd.domain.entities import EntityRef
from b24syncd.reports.findings import REVIEW
from b24syncd.store import previews
from b24syncd.web.console.language import gettext as _
from b24syncd.web.console.language import marked
from b24syncd.web.console.refusals import refused
from b24syncd.web.console.rendering import page

from .now.asking import told

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

    from b24syncd.web.console.visit import Console, Visit

SECTION: Final = "now"
_ROWS: Final = 50
_MOST_DIGITS: Final = 9

_BOUND: Final[Mapping[str, str]] = {
    "the number of requests": marked("the number of requests"),
    "the portal's own speed": marked("the portal's own speed"),
}
_OPERATING: Final = "the operating time of "


async def show(console: Console, visit: Visit) -> web.StreamResponse:
    """Show what a preview found, perhaps only of one kind."""
    number, after = _number(visit.path["id"]), _number(visit.asked.get("after", ""))
    kind = visit.asked.get("kind") or None
    database = console.session.database
    kept = None if number is None else await database.read(lambda db: previews.get(db, number))
    if kept is None:
        return refused(visit.request, HTTPStatus.NOT_FOUND, _("This preview is not kept any more."))
    rows = await database.read(lambda db: previews.page(db, kept.id, kind=kind, after=after or 0, limit=_ROWS + 1))
    narrowed = {} if kind is None else {"kind": kind}
    more = {**narrowed, "after": str(rows[_ROWS - 1][0])} if len(rows) > _ROWS else None
    report = kept.report or {}
    effort = report.get("effort")
    context = {
        "kept": kept,
        "report": report,
        "counts": report.get("summary", {}).get("counts", {}),
        "groups": _groups(report),
        "effort": None if effort is None else {"seconds": effort["seconds"], "bound_by": _bound_by(effort["bound_by"])},
        "findings": [{**found, "item": EntityRef.parse(found["item"])} for _number, found in rows[:_ROWS]],
        "kind": kind,
        "more": None if more is None else f"/previews/{kept.id}?{urlencode(more)}#findings",
        "start": f"/previews/{kept.id}?{urlencode(narrowed)}#findings" if after else None,
        "review": REVIEW,
    }
    return page(visit, "previews/page.html", context, section=SECTION)


async def carry_out(console: Console, visit: Visit) -> web.StreamResponse:
    """Have done what a preview planned."""
    number, by = _number(visit.path["id"]), visit.person.name
    request = await console.session.database.read(lambda db: carrying_out(db, number or 0, by))
    submitted = await console.commands.submit(request)
    return await told(visit, submitted, _("It is being carried out; this page shows how far it is."))


def _groups(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the groups of what was found, each with the kind by which its findings are kept."""
    changes = [{**one, "kind": _kind_of(one), "is_review": False} for one in report.get("changes", ())]
    reviews = [
        {**one, "kind": f"{one['job']}/{REVIEW}/{one['reason']}", "is_review": True}
        for one in report.get("reasons", ())
    ]
    return changes + reviews


def _kind_of(change: Mapping[str, Any]) -> str:
    example = change.get("example", {})
    return f"{change['job']}/{change['kind']}/{example.get('reason', '')}"


def _bound_by(text: str) -> str:
    if text.startswith(_OPERATING):
        return _("the operating time of %(what)s") % {"what": text.removeprefix(_OPERATING)}
    return _(_BOUND.get(text, text))


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else None
