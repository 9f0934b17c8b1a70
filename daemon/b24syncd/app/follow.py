"""The daemon from its start to its end: it holds the state, and begins anew with other settings, or other jobs."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, suppress
from typing import TYPE_CHECKING, Final

from b24syncd.assembly import fitted
from b24syncd.clock import SYSTEM_CLOCK
from b24syncd.engine.lifecycle import run_until_stopped, stop_on_signals
from b24syncd.errors import B24SyncError, OutcomeUnknown, RetryLater, gravest
from b24syncd.observe.logs import get_logger, naming_portal
from b24syncd.session import holding

from .daemon import Daemon, FollowedFeed, Serving, unserved
from .life import Begun, Life
from .runs import chosen_jobs
from .settings_anew import settings_anew
from .supervision import Supervision

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from b24syncd.clock import Clock
    from b24syncd.session import Session
    from b24syncd.settings import Settings

__all__ = ["Daemon", "FollowedFeed", "Serving", "follow", "follow_session", "unserved"]

_FIRST_PAUSE: Final = 15.0
_LONGEST_PAUSE: Final = 120.0
"""Seconds until a portal that is away when a supervised daemon starts is asked again."""

log = get_logger()


async def follow(
    settings: Settings,
    *,
    goes_on: bool = False,
    serving: Serving = unserved,
    clock: Clock = SYSTEM_CLOCK,
    supervision: Supervision | None = None,
) -> None:
    """Follow the portal's changes until SIGTERM or SIGINT; raise `SafetyStop` where a safety limit ends it.

    Where somebody supervises it, a portal that is away at the start is waited for.
    """
    watched = supervision or Supervision({})
    pause = _FIRST_PAUSE
    while True:
        chosen_jobs(settings, ())
        watched.does("opens the state and asks the portal")
        try:
            async with holding(settings, clock, opened=watched.ready) as session:
                await follow_session(session, stop_on_signals, goes_on=goes_on, serving=serving, supervision=watched)
        except B24SyncError as error:
            is_away = isinstance(gravest(error), RetryLater | OutcomeUnknown)
            if not watched.is_there or watched.has_followed or not is_away:
                raise
            detail = str(error)
        else:
            return
        with naming_portal(settings.portal.name):
            log.warning("portal_waited_for", detail=detail, retry_in=pause)
            watched.does(f"waits for the portal ({detail})")
            settings = await _waited(settings, watched, pause)
        pause = min(2 * pause, _LONGEST_PAUSE)


async def _waited(settings: Settings, supervision: Supervision, seconds: float) -> Settings:
    """Wait so long, or until the settings are to be taken over anew; return the settings to go on with."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await supervision.asked.wait()
    if not supervision.asked.is_set():
        return settings
    supervision.asked.clear()
    supervision.reloading()
    anew = settings_anew(settings, supervision)
    if anew is None:
        return settings
    supervision.configure(anew)
    log.info("settings_taken_over")
    return anew  # it is ready once the state is open again


async def follow_session(
    session: Session,
    stopping: Callable[[], AbstractContextManager[asyncio.Event]],
    *,
    goes_on: bool = False,
    serving: Serving = unserved,
    supervision: Supervision | None = None,
) -> None:
    """Follow the changes of the portal of a session until the event that `stopping` gives is set.

    Signals are the caller's affair. Begins anew when a job that rested for want of rights may work, and when it is to
    take over other settings: who waits for a command, or looks at the daemon, does not notice.
    """
    watched = supervision or Supervision({})
    begun = Begun(session, await fitted(session, chosen_jobs(session.settings, ()), goes_on=goes_on))
    with stopping() as stop:
        async with AsyncExitStack() as doors:

            async def open_doors(daemon: Daemon) -> None:
                await doors.enter_async_context(watched.serving(daemon))
                await doors.enter_async_context(serving(daemon))

            life = await Life.beginning(begun, stop, watched, goes_on=goes_on)
            then = await life.live(open_doors)
            while then is not None:
                effect = then.session.come_into_effect(life.begun.session.settings)
                if not await run_until_stopped(effect, stop, lambda: None, grace_seconds=0.0):
                    break
                life = await Life.beginning(then, stop, watched, daemon=life.daemon)
                then = await life.live(_are_open)


async def _are_open(_daemon: Daemon) -> None:
    """Open no door: all are."""
