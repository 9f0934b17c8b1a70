"""Now: whether it is well, why not, and what to do; what is being done, and how the limits are used."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from b24syncd.app.health import health_within
from b24syncd.domain.conditions import ConditionKind
from b24syncd.domain.job_names import JOBS
from b24syncd.store import paused_jobs, previews, queue
from b24syncd.web.console.chart import area, bars, ceiling, line
from b24syncd.web.console.rendering import page

from .jobs import jobs_of
from .waiting import waited_for
from .work import ended_of, work_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import sqlite_utils
    from aiohttp import web

    from b24syncd.portal.pace.levels import Levels
    from b24syncd.web.console.daily import Day
    from b24syncd.web.console.visit import Console, Visit

SECTION: Final = "now"
_GIVEN_UP: Final = 20
_ENDED: Final = 5
_NOTICEABLE: Final = 0.01


async def look(console: Console, _visit: Visit) -> Mapping[str, object]:
    """Return what is shown now."""
    health = await health_within(console.daemon)
    state = await console.session.database.read(_state)
    commands, levels = console.commands, console.session.client.levels()
    return {
        "health": health,
        "problems": [one for one in health.conditions if one.kind is not ConditionKind.JOB_PAUSED],  # among the jobs
        "waiting": None if health.waiting is None else waited_for(health.waiting.what),
        "follows": bool(console.daemon.feeds),
        "work": [work_of(one, is_stopping=commands.is_stopping(one)) for one in commands.open],
        "ended": [ended_of(one) for one in commands.ended[:_ENDED]],
        "waited_for": waited_for,
        "levels": levels,
        "operating": operating_of(levels),
        "jobs": jobs_of(console, health, state["paused"]),
        **state,
        **charts(await _days(console, sum(health.open_reviews.values()))),
    }


async def show(console: Console, visit: Visit) -> web.StreamResponse:
    """Show how it is; the page follows it."""
    enabled = [job for job in JOBS if job in console.session.settings.enabled]
    return page(visit, "now/page.html", {**await look(console, visit), "enabled": enabled}, section=SECTION)


def operating_of(levels: Levels) -> list[tuple[str, float]]:
    """Return what of the operating time of methods is spent, of 1, the highest first; little is left out."""
    used = ((method, share) for method, share in levels.operating.items() if share >= _NOTICEABLE)
    return sorted(used, key=lambda one: (-one[1], one[0]))


def charts(days: tuple[Day, ...]) -> dict[str, Any]:
    """Return the charts of some days."""
    corrections, reviews = [day.corrections for day in days], [day.open_reviews for day in days]
    highest, most = ceiling(max(corrections, default=0)), ceiling(max(reviews, default=0))
    return {
        "days": days,
        "corrections_chart": {"bars": bars(corrections, highest), "top": highest, "total": sum(corrections)},
        "reviews_chart": {
            "line": line(reviews, most),
            "area": area(reviews, most),
            "top": most,
            "last": reviews[-1] if reviews else 0,
        },
    }


async def _days(console: Console, open_reviews: int) -> tuple[Day, ...]:
    """Return the last days; of the present one it is known how many reviews are open."""
    clock = console.clock
    *before, today = await console.daily.days(console.session.database, clock.now(), clock.monotonic())
    return (*before, replace(today, open_reviews=open_reviews))


def _state(db: sqlite_utils.Database) -> dict[str, Any]:
    counts = {state.value: number for state, number in queue.counts(db).items()}
    return {
        "queue": counts,
        "given_up": queue.given_up(db, limit=_GIVEN_UP),
        "paused": {one.job: one for one in paused_jobs.paused(db)},
        "previews": previews.latest(db),
    }
