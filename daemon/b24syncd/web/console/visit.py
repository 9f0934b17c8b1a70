"""What a page works with: the console as it is served, and the visit of a person."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import web

from b24syncd.domain.people import Role

from .daily import Daily
from .decision_board import DecisionBoard

if TYPE_CHECKING:
    import asyncio

    from b24syncd.app.command_queue import CommandQueue
    from b24syncd.app.follow import Daemon
    from b24syncd.app.review_import import DecisionList
    from b24syncd.clock import Clock
    from b24syncd.domain.people import Person, Visitor
    from b24syncd.engine.conditions import Conditions
    from b24syncd.engine.pulse import PulseRecorder
    from b24syncd.session import Session

    from .people import People


@dataclass(frozen=True, slots=True)
class Console:
    """What is served to those who are signed in, for as long as a daemon lives; then it is `over`.

    `scheme` is how the address of the console begins.
    """

    daemon: Daemon
    people: People
    scheme: str
    over: asyncio.Event
    decided: DecisionBoard = field(default_factory=DecisionBoard)
    lists: dict[str, DecisionList] = field(default_factory=dict)
    """Lists of decisions that were checked and wait for a word, by the session that sent them."""
    daily: Daily = field(default_factory=Daily)

    @property
    def session(self) -> Session:
        """The state and the portal."""
        return self.daemon.session

    @property
    def commands(self) -> CommandQueue:
        """Where whatever changes something is asked for."""
        return self.daemon.commands

    @property
    def pulse(self) -> PulseRecorder:
        """How the loops are."""
        return self.daemon.pulse

    @property
    def conditions(self) -> Conditions:
        """What is not as it should be."""
        return self.daemon.conditions

    @property
    def clock(self) -> Clock:
        """The time."""
        return self.session.client.clock


@dataclass(frozen=True, slots=True)
class Visit:
    """A request of a person who is signed in and may ask for it.

    `form` holds the fields of a form that was sent, `body` what was sent instead of one. `csrf` is the token that
    forms of this session send.
    """

    request: web.Request = field(repr=False)
    visitor: Visitor
    csrf: str = field(repr=False)
    form: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)

    @property
    def person(self) -> Person:
        """Who asks."""
        return self.visitor.person

    def may(self, role: str) -> bool:
        """Tell whether the person may do what takes this role."""
        return self.person.role.allows(Role(role))

    @property
    def asked(self) -> Mapping[str, str]:
        """The parameters of the address."""
        return self.request.query

    @property
    def path(self) -> Mapping[str, str]:
        """What stands in the address for the parts in braces."""
        return self.request.match_info


Handler = Callable[[Console, Visit], Awaitable[web.StreamResponse]]
"""Answers a request of somebody who is signed in."""
