"""What a route is: a method and a path, who may ask there, and what answers. All of them stand in `table.py`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from aiohttp import web

if TYPE_CHECKING:
    from b24syncd.domain.people import Role

    from .site import Site
    from .visit import Handler

LONGEST_FORM: Final = 1 << 20
"""Bytes of what is sent, where a route does not say otherwise: a form with long texts."""

OpenHandler = Callable[["Site", web.Request, Mapping[str, str]], Awaitable[web.StreamResponse]]
"""Answers anybody; it gets the fields of the form that was sent."""


@dataclass(frozen=True, slots=True)
class Route:
    """What may be asked for with `role`, by whoever is signed in; all but reading takes the session's CSRF token.

    `longest` are the bytes that may be sent.
    """

    method: str
    path: str
    role: Role
    handler: Handler
    longest: int = LONGEST_FORM

    @property
    def needs_csrf(self) -> bool:
        """Whether the token has to be sent, and the origin has to be the console's own."""
        return self.method != "GET"


@dataclass(frozen=True, slots=True)
class OpenRoute:
    """What anybody may ask for; a change is taken from pages of the console only."""

    method: str
    path: str
    handler: OpenHandler
    longest: int = 4096

    @property
    def is_change(self) -> bool:
        """Whether something is sent, which has to come from a page of the console."""
        return self.method != "GET"


AnyRoute = Route | OpenRoute
