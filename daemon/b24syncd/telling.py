"""Telling people as `[notify]` says: while a daemon lives, and before a process ends."""

from __future__ import annotations

import asyncio
import os
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from b24syncd.domain.notices import Channel
from b24syncd.engine.endings import told_of
from b24syncd.engine.notice_channels import CommandChannel, Teller, UserChannel
from b24syncd.engine.notices import Notifier
from b24syncd.observe.logs import get_logger, naming_portal
from b24syncd.task_group import Tasks

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from b24syncd.clock import Clock
    from b24syncd.engine.notice_channels import Sends
    from b24syncd.portal.client import PortalClient
    from b24syncd.settings import Settings
    from b24syncd.store.database import Database

END_SECONDS: Final = 20.0
"""So long a process that ends waits for its notices to go out."""

log = get_logger()


@asynccontextmanager
async def keeping_told(settings: Settings, database: Database, client: PortalClient) -> AsyncIterator[None]:
    """Tell what is due for as long as the context lasts, the daily digest included."""
    notifier = _notifier(settings, database, client.clock, _command(settings) + _user(settings, client))
    await notifier.forget_other_channels()
    if not settings.notify.is_on:
        yield
        return
    for problem in settings.notify.problems():  # nothing but notices suffers by it
        log.warning("notices_cannot_go_out", detail=str(problem))
    async with Tasks() as group:
        task = group.create_task(notifier.keep_telling(settings.notify.digest, client.waits))
        try:
            yield
        finally:
            task.cancel()


@asynccontextmanager
async def telling_at_end(
    settings: Callable[[], Settings],
    database: Database,
    clock: Clock,
    connect: Callable[[], AbstractAsyncContextManager[PortalClient]],
) -> AsyncIterator[None]:
    """Tell, in a bounded time, what the work in this context left to be told, however it ended.

    It is told as the `settings` of that moment say.
    """
    try:
        yield
    except Exception:
        await _tell_at_end(settings(), database, clock, connect)
        raise
    await _tell_at_end(settings(), database, clock, connect)


async def _tell_at_end(
    settings: Settings,
    database: Database,
    clock: Clock,
    connect: Callable[[], AbstractAsyncContextManager[PortalClient]],
) -> None:
    if not settings.notify.is_on:
        return
    with naming_portal(settings.portal.name):
        await _tell_in_time(settings, database, clock, connect)


async def _tell_in_time(
    settings: Settings,
    database: Database,
    clock: Clock,
    connect: Callable[[], AbstractAsyncContextManager[PortalClient]],
) -> None:
    try:
        async with asyncio.timeout(END_SECONDS):
            notifier = _notifier(settings, database, clock, _command(settings))
            await notifier.tell()
            if settings.notify.user and await notifier.owes(Channel.USER):
                async with connect() as client:
                    await _notifier(settings, database, clock, _user(settings, client)).tell()
    except TimeoutError:
        log.warning("notices_not_told", detail=f"not within {END_SECONDS:.0f} s")
    except Exception as error:  # noqa: BLE001 # what ends the process is told by its own error and exit code
        log.warning("notices_not_told", detail=told_of(error))


def _notifier(settings: Settings, database: Database, clock: Clock, channels: list[Sends]) -> Notifier:
    return Notifier(database, channels, settings.notify.topics, clock)


def _command(settings: Settings) -> list[Sends]:
    notify = settings.notify
    if not notify.command:
        return []
    return [CommandChannel(notify.command, notify.command_seconds, _teller(settings), os.environ)]


def _user(settings: Settings, client: PortalClient) -> list[Sends]:
    return [UserChannel(client, settings.notify.user, _teller(settings))] if settings.notify.user else []


def _teller(settings: Settings) -> Teller:
    return Teller(settings.portal.name, settings.notify.digest.zone)
