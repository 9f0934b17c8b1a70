"""All routes of the console in one table: method, path, role, and what answers. What does not stand here is denied.

Whatever changes something is no `GET`, and takes the session's CSRF token and the console's own origin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from b24syncd.domain.people import Role

from . import sign_in
from .events import Topic, streaming
from .pages import items, people, previews, runs
from .pages.forms import LONGEST_CARD, creating, editing, helping
from .pages.journal import listing as journal
from .pages.journal import undoing
from .pages.now import asking, jobs
from .pages.now import showing as now
from .pages.reviews import bulk, deciding, excluded, exporting, importing, listing, other_value
from .routes import OpenRoute, Route

if TYPE_CHECKING:
    from collections.abc import Mapping

TOPICS: Final[Mapping[str, Topic]] = {
    "now": Topic(Role.VIEW, "now/live.html", now.look),
    "reviews": Topic(Role.VIEW, "reviews/beside.html", listing.look),
}
"""What lives on pages, by the names that pages ask for."""

TABLE: Final[tuple[Route, ...]] = (
    Route("GET", "/", Role.VIEW, now.show),
    Route("GET", "/events", Role.VIEW, streaming(TOPICS)),
    Route("POST", "/backfill", Role.OPERATE, asking.backfill),
    Route("POST", "/commands/stop", Role.OPERATE, asking.stop),
    Route("POST", "/jobs/pause", Role.OPERATE, jobs.pause),
    Route("POST", "/jobs/resume", Role.OPERATE, jobs.resume),
    Route("POST", "/previews", Role.OPERATE, asking.preview),
    Route("GET", "/previews/{id}", Role.VIEW, previews.show),
    Route("POST", "/previews/{id}/carry-out", Role.OPERATE, previews.carry_out),
    # reviews
    Route("GET", "/reviews", Role.VIEW, listing.show),
    Route("POST", "/reviews/accept", Role.DECIDE, deciding.accept),
    Route("POST", "/reviews/dismiss", Role.DECIDE, deciding.dismiss),
    Route("POST", "/reviews/reopen", Role.DECIDE, deciding.reopen),
    Route("POST", "/reviews/release", Role.DECIDE, deciding.release),
    Route("POST", "/reviews/value", Role.DECIDE, other_value.save),
    Route("POST", "/reviews/check", Role.DECIDE, other_value.check),
    Route("GET", "/reviews/all/{what}", Role.DECIDE, bulk.ask),
    Route("POST", "/reviews/all/{what}", Role.DECIDE, bulk.carry_out),
    Route("GET", "/reviews/export", Role.VIEW, exporting.export),
    Route("GET", "/reviews/import", Role.DECIDE, importing.show),
    Route("POST", "/reviews/import", Role.DECIDE, importing.check, longest=importing.LONGEST),
    Route("POST", "/reviews/import/carry-out", Role.DECIDE, importing.carry_out),
    Route("GET", "/reviews/excluded", Role.VIEW, excluded.show),
    Route("POST", "/reviews/exclude", Role.DECIDE, excluded.exclude),
    Route("POST", "/reviews/include", Role.DECIDE, excluded.include),
    # cards and their forms
    Route("GET", "/items", Role.VIEW, items.find),
    Route("GET", "/items/{type}/new", Role.EDIT, creating.show),
    Route("POST", "/items/{type}/new", Role.EDIT, creating.create, longest=LONGEST_CARD),
    Route("GET", "/items/{type}/{id}/edit", Role.EDIT, editing.show),
    Route("POST", "/items/{type}/{id}/edit", Role.EDIT, editing.save, longest=LONGEST_CARD),
    Route("POST", "/forms/{type}/check", Role.EDIT, helping.check),
    Route("POST", "/forms/{type}/search", Role.EDIT, helping.search),
    Route("POST", "/forms/{type}/duplicates", Role.EDIT, helping.duplicates),
    Route("GET", "/items/{type}/{id}", Role.VIEW, items.show),
    # journal
    Route("GET", "/journal", Role.VIEW, journal.show),
    Route("GET", "/undo", Role.EDIT, undoing.show),
    Route("POST", "/undo/preview", Role.EDIT, undoing.preview),
    Route("POST", "/undo", Role.EDIT, undoing.undo),
    # runs
    Route("GET", "/runs", Role.VIEW, runs.show),
    Route("GET", "/runs/{id}", Role.VIEW, runs.show_one),
    Route("POST", "/runs/{id}/continue", Role.OPERATE, runs.go_on),
    # people
    Route("GET", "/people", Role.OPERATE, people.show),
    Route("POST", "/people/invite", Role.OPERATE, people.invite),
    Route("POST", "/people/revoke", Role.OPERATE, people.revoke),
)

OPEN: Final[tuple[OpenRoute, ...]] = (
    OpenRoute("GET", "/join", sign_in.join),
    OpenRoute("POST", "/join", sign_in.come_in),
    OpenRoute("POST", "/leave", sign_in.go_out),
    OpenRoute("POST", "/language", sign_in.choose_language),
    OpenRoute("GET", "/static/{version}/{name}", sign_in.static),
)
"""What anybody may ask for: the way in, and what pages look like."""
