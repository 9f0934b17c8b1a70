"""Runs: what ran, what it came to, what stopped it, and going on after that."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from b24syncd.app.requests import BackfillRequest
from b24syncd.engine.safety import Limit
from b24syncd.errors import UsageInvalid
from b24syncd.reports.runs import latest_runs, run_detail
from b24syncd.store import journal_search
from b24syncd.store.history import Filter
from b24syncd.store.runs import Count, RunKind
from b24syncd.web.console.language import gettext as _
from b24syncd.web.console.language import marked
from b24syncd.web.console.refusals import refused
from b24syncd.web.console.rendering import done, page

from .journal.lines import lines_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import sqlite_utils
    from aiohttp import web

    from b24syncd.reports.runs import RunDetail
    from b24syncd.web.console.visit import Console, Visit

SECTION: Final = "runs"
_ROWS: Final = 30
_FIRST: Final = 20
_MOST_DIGITS: Final = 15
_SETTINGS: Final = ("jobs", "changes", "limits", "safety")
"""What of the settings says how runs work."""

_ALWAYS: Final = frozenset({Count.READ, Count.CORRECTED, Count.CORRECTIONS, Count.REVIEWS})
"""What is told also where it is nothing."""

LIFTED: Final[Mapping[str, str]] = {
    Limit.CANARY: marked("the pause after the first corrections (`safety.canary`): the rest is corrected as well"),
    Limit.SHARE: marked("the limit for how many of the items may be changed (`safety.max_changed_share`)"),
    Limit.EMPTY: marked("the stop because items were missing that were there before"),
    Limit.DENIED: marked("the stop because the portal denied access to many items in a row"),
    Limit.FIELD: marked("the stop because a field of the portal is not as it was"),
    Limit.REGION: marked("the stop because phones seem to be written in another region"),
}
"""What is let pass by going on, by what stopped a run."""

_GOES_ON: Final = frozenset({RunKind.BACKFILL, RunKind.RUN})
"""What a backfill goes on with; other kinds need what they were asked with."""


@dataclass(frozen=True, slots=True)
class GoingOn:
    """What may be gone on with after a stop: the jobs of the walk, and what that lifts."""

    jobs: tuple[str, ...]
    lifts: tuple[str, ...]


def going_on(detail: RunDetail) -> GoingOn | None:
    """Return how a run may be gone on with; None where no limit stopped it, or not from here."""
    run, limit = detail.run, detail.limit or ""
    if not detail.continues or run.kind not in _GOES_ON:
        return None
    lifts = (LIFTED[limit],) if limit in LIFTED else tuple(LIFTED.values())
    return GoingOn(run.jobs if run.kind is RunKind.BACKFILL else (), lifts)


async def show(console: Console, visit: Visit) -> web.StreamResponse:
    """Show the runs, newest first."""
    before = _number(visit.asked.get("before", ""))
    found = await console.session.database.read(
        lambda db: list(latest_runs(db, is_held=True, limit=_ROWS + 1, before=before))
    )
    more = f"/runs?before={found[_ROWS - 1].id}" if len(found) > _ROWS else None
    effective = console.session.settings.effective
    context = {
        "runs": found[:_ROWS],
        "more": more,
        "start": "/runs" if before is not None else None,
        "settings": {name: _flat(effective[name]) for name in _SETTINGS if name in effective},
    }
    return page(visit, "runs/page.html", context, section=SECTION)


async def show_one(console: Console, visit: Visit) -> web.StreamResponse:
    """Show one run: what it counted, its first and last corrections, what stopped it, and what was approved."""
    number = _number(visit.path["id"])
    found = None if number is None else await console.session.database.read(lambda db: _one(db, number))
    if found is None:
        return refused(visit.request, HTTPStatus.NOT_FOUND, _("There is no such run."))
    return page(visit, "runs/run.html", found, section=SECTION)


async def go_on(console: Console, visit: Visit) -> web.StreamResponse:
    """Let a run go on that a safety limit stopped: whoever does so has looked at what stopped it."""
    number = _number(visit.path["id"])
    found = None if number is None else await console.session.database.read(lambda db: _one(db, number))
    way = None if found is None else found["way"]
    if way is None:
        raise UsageInvalid(_("Nothing stopped this run, or somebody let it go on already."))
    request = BackfillRequest(jobs=way.jobs, goes_on=True, by=visit.person.name)
    await console.commands.submit(request)
    return done(visit, _("It goes on; this page shows how far it is."), go="/")


def _one(db: sqlite_utils.Database, number: int) -> dict[str, Any] | None:
    detail = run_detail(db, number, is_held=True)
    if detail is None:
        return None
    run = detail.run
    latest = journal_search.page(db, Filter(run_id=number), limit=_FIRST)
    return {
        "run": run,
        "counts": [(name.value, run.counts.get(name, 0)) for name in Count if run.counts.get(name) or name in _ALWAYS],
        "lines": lines_of(db, latest.entries),
        "way": going_on(detail),
        "approved": [LIFTED.get(limit, limit) for limit in detail.approved],
    }


def _flat(values: object, prefix: str = "") -> dict[str, str]:
    """Return settings by their full names, as they are written."""
    if not isinstance(values, dict):
        return {prefix: _written(values)}
    found: dict[str, str] = {}
    for name, value in values.items():
        found |= _flat(value, f"{prefix}.{name}" if prefix else str(name))
    return found


def _written(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case None:
            return ""
        case list():
            return ", ".join(map(_written, value))
        case _:
            return str(value)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else None
