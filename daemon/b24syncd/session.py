"""A session: the state of one portal, and a client of it; what every command that works with the portal begins with."""

from __future__ import annotations

import random
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING
from weakref import WeakSet

from b24syncd.domain.conditions import NO_ANSWER
from b24syncd.domain.item_judge import ItemJudge
from b24syncd.engine.endings import noting_end
from b24syncd.engine.safety import Allowance
from b24syncd.engine.startup import check_access
from b24syncd.engine.writing.in_flight import InFlight
from b24syncd.observe.logs import naming_portal
from b24syncd.portal.cards.references import References
from b24syncd.portal.client import PortalClient
from b24syncd.portal.pace.limits import Limits, ScheduledShare
from b24syncd.portal.wire.authorization_server import AuthorizationServer
from b24syncd.portal.wire.credentials import ByApplication
from b24syncd.portal.wire.route import Route
from b24syncd.settings.naming import STATE_DIRECTORY
from b24syncd.settings.webhook import Webhook
from b24syncd.store import conditions, event_queue, meta, portal_facts, runs
from b24syncd.store.beside import require_none_beside
from b24syncd.store.database import open_for_writing

from .memory import StoredMemory, remembered
from .telling import telling_at_end
from .tokens import Vault

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    import sqlite_utils

    from b24syncd.engine.planning import Guard
    from b24syncd.settings.application import Application
    from b24syncd.settings.schema import Limits as AllowedLimits
    from b24syncd.store.database import Database

    from .clock import Clock
    from .memory import Memory
    from .settings import Portal, Settings


@dataclass(slots=True)
class _Current:
    """The settings that are in effect, for what outlives those that a session began with."""

    settings: Settings


@dataclass(frozen=True, slots=True)
class Session:
    """The state of the portal, held by its one writer, and a client of that portal; `memory` is that state's.

    What `judge` learns of the portal is for all commands of the session; so are the `allowances`, which runs
    with the same rules share, by the fingerprint of these. `firsts` are the state's first corrections. What is
    `in_flight`, all runs of the session know; its `guards` are told at once what a person decides. What forms offer is
    kept in `references`.
    """

    settings: Settings
    database: Database
    client: PortalClient
    memory: StoredMemory
    judge: ItemJudge
    in_flight: InFlight
    references: References
    current: _Current
    allowances: dict[str, Allowance] = field(default_factory=dict)
    firsts: Allowance = field(default_factory=Allowance)
    guards: WeakSet[Guard] = field(default_factory=WeakSet)

    def under(self, settings: Settings) -> Session:
        """Return this session under other settings of the same portal and state; nothing keeps to them yet."""
        return replace(self, settings=settings)

    async def come_into_effect(self, before: Settings) -> None:
        """Let all that outlives the settings of `before` keep to these."""
        self.current.settings = self.settings
        if self.settings.limits != before.limits:
            await self.client.allow(limits_of(self.settings.limits))

    async def refresh_guards(self) -> None:
        """Let all that plans know what is held, excluded and paused."""
        known = await self.database.read(remembered)
        for guard in tuple(self.guards):
            guard.hold_only(known.holds)
            guard.exclude_only(known.excluded)
            guard.pause_only(known.paused)


def _unheard() -> None:
    """Tell nobody."""


@asynccontextmanager
async def holding(settings: Settings, clock: Clock, *, opened: Callable[[], None] = _unheard) -> AsyncIterator[Session]:
    """Hold the state of the portal as its one writer, with a client of that portal.

    `opened` is told that the state is held, before the portal is asked for the first time.
    """
    host = settings.portal.host
    require_own_state(settings)
    async with open_for_writing(settings.state.path) as database:
        await database.read(lambda db: meta.require_portal(db, host))
        memory = StoredMemory(database)
        opened()
        current = _Current(settings)
        connect = partial(connected, settings, memory, clock)
        telling = telling_at_end(lambda: current.settings, database, clock, connect)
        async with telling, noting_end(database, clock), connect() as client:
            await database.write(lambda db: _take_possession(db, host, clock))  # not before a portal has answered there
            if settings.changes.source == "events":
                client.caller.connector = await database.read(event_queue.bound_connector)
            judge = ItemJudge(ids_stay=await database.read(portal_facts.ids_stay))
            yield Session(settings, database, client, memory, judge, InFlight(clock), References(client), current)


def require_own_state(settings: Settings) -> None:
    """Raise `StateUnusable` where a state would begin though the portal has one, as that of a former name."""
    path = settings.state.path
    if path.parent == STATE_DIRECTORY:
        require_none_beside(path, settings.portal.host)


@asynccontextmanager
async def connected(settings: Settings, memory: Memory, clock: Clock) -> AsyncIterator[PortalClient]:
    """Give a client whose access is checked; its clock and limits are those of the portal."""
    with naming_portal(settings.portal.name):
        async with client_of(settings, memory, clock) as client:
            await check_access(client)
            yield client


def client_of(settings: Settings, memory: Memory, clock: Clock) -> PortalClient:
    """Return a client of the portal, by the way and inside the limits that the settings name; nothing is asked yet."""
    return PortalClient(
        access_to(settings.portal, memory, clock),
        limits_of(settings.limits),
        clock=clock,
        random=random.Random(),  # noqa: S311 # jitter
        memory=memory,
        route=route_to(settings.portal),
    )


def access_to(portal: Portal, memory: Memory, clock: Clock) -> Webhook | ByApplication:
    """Return what lets a client in: the webhook, or the application with the tokens that the memory keeps."""
    credentials = portal.credentials
    if isinstance(credentials, Webhook):
        return credentials
    pairs = memory.pairs(vault_of(credentials), clock)
    return ByApplication(credentials.redacted, server_of(credentials, portal.authorities), pairs, clock)


def vault_of(application: Application) -> Vault:
    """Return what opens the tokens of an application."""
    return Vault(application.host, application.client_id, application.token_key)


def server_of(application: Application, authorities: str | None) -> AuthorizationServer:
    """Return who gives an application its tokens."""
    proxy = application.server_proxy
    url, shown = (None, "") if proxy is None else (proxy.url, proxy.redacted)
    route = Route(url, shown, authorities, application.secrets)
    return AuthorizationServer(application.server.url, application.client_id, application.client_secret, route)


def limits_of(allowed: AllowedLimits) -> Limits:
    """Return the limits that the settings allow."""
    return Limits(
        burst=allowed.burst,
        per_second=allowed.per_second,
        operating_seconds=allowed.operating_seconds,
        operating_window_seconds=allowed.operating_window_seconds,
        share=allowed.share,
        schedule=tuple(
            ScheduledShare(begins, ends, entry.share) for entry in allowed.schedule for begins, ends in entry.spans()
        ),
        in_flight=allowed.in_flight,
        request_timeout_seconds=allowed.request_timeout_seconds,
        request_cut_seconds=allowed.request_cut_seconds,
        witness_seconds=allowed.witness_seconds,
    )


def route_to(portal: Portal) -> Route:
    """Return the way to a portal."""
    proxy = portal.proxy
    if proxy is None:
        return Route(authorities=portal.authorities, secrets=portal.secrets)
    return Route(proxy.url, proxy.redacted, portal.authorities, portal.secrets)


def _take_possession(db: sqlite_utils.Database, host: str, clock: Clock) -> None:
    now = clock.now()
    meta.bind_portal(db, host)
    runs.interrupt_crashed(db, now=now)
    conditions.note(db, (), judged=lambda one: one.kind in NO_ANSWER, now=now)  # it has just given one
