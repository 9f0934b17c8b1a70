"""All routes of the console in one table: method, path, role, and what answers. What does not stand here is denied.

Whatever changes something is no `GET`, and takes the session's CSRF token and the console's own origin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from b24syncd.domain.people import Role

from . import sign_in
from .events import Topic, streaming
from .pages import items, journal, now, people, reviews, runs
from .routes import OpenRoute, Route

if TYPE_CHECKING:
    from collections.abc import Mapping

TOPICS: Final[Mapping[str, Topic]] = {
    "now": Topic(Role.VIEW, "now/live.html", now.look),
}
"""What lives on pages, by the names that pages ask for."""

TABLE: Final[tuple[Route, ...]] = (
    Route("GET", "/", Role.VIEW, now.show),
    Route("GET", "/events", Role.VIEW, streaming(TOPICS)),
    # reviews
    Route("GET", "/reviews", Role.VIEW, reviews.show),
    # cards and their forms
    Route("GET", "/items", Role.VIEW, items.find),
    Route("GET", "/items/{type}/{id}", Role.VIEW, items.show),
    # journal
    Route("GET", "/journal", Role.VIEW, journal.show),
    # runs
    Route("GET", "/runs", Role.VIEW, runs.show),
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
