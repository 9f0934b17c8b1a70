"""Whoever supervises the service: systemd is told how it is, and asks it to take over its settings anew.

A service that is silent for longer than `WatchdogSec=` is killed and started again (man 5 systemd.service, man 3
sd_watchdog_enabled): all is well while the event loop runs, and everything that the daemon does goes on, or waits for
what has an end.
"""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from b24syncd.engine.endings import told_of
from b24syncd.engine.progress import every
from b24syncd.errors import UsageInvalid
from b24syncd.observe.logs import get_logger, redacted
from b24syncd.task_group import Tasks

from .sd_notify import NotifySocket
from .service_status import status_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from b24syncd.settings import Settings

    from .daemon import Daemon

_STATUS_SECONDS: Final = 5.0

log = get_logger()


def _no_settings() -> Settings:
    message = "this process was not told where to load its settings from: restart it"
    raise UsageInvalid(message)


def _unheeded(_settings: Settings) -> None:
    """Log as before."""


@dataclass(slots=True)
class Supervision:
    """Tells who supervises this process, as the environment says, for as long as it is `watching`.

    Once it is `asked`, by SIGHUP, the settings are to be taken over that `load` gives, and logs are `configured` by
    them. Where nobody supervises nothing is told, and SIGHUP is what it was.
    """

    environ: Mapping[str, str]
    load: Callable[[], Settings] = _no_settings
    configure: Callable[[Settings], None] = _unheeded
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    has_followed: bool = False
    _socket: NotifySocket = field(init=False)
    _daemon: Daemon | None = None
    _does: str = "begins"
    _told: str = ""
    _is_warned: bool = False

    def __post_init__(self) -> None:
        """Find out whether anybody supervises."""
        self._socket = NotifySocket.of(self.environ)

    @property
    def is_there(self) -> bool:
        """Whether anybody supervises this process."""
        return self._socket.is_there

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Tell how it is, and the watchdog twice in the time that it waits, where there is one."""
        if not self.is_there:
            yield
            return
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGHUP, self.asked.set)
        try:
            async with AsyncExitStack() as stack:
                if (period := _period(self.environ)) is not None:
                    self._tell_watchdog()
                    await stack.enter_async_context(every(period / 2, self._tell_watchdog))
                group = await stack.enter_async_context(Tasks())
                telling = group.create_task(self._keep_telling())
                stack.callback(telling.cancel)
                yield
        finally:
            self._socket.stopping()
            loop.remove_signal_handler(signal.SIGHUP)

    @asynccontextmanager
    async def serving(self, daemon: Daemon) -> AsyncIterator[None]:
        """Tell of this daemon for as long as the context lasts."""
        self._daemon = daemon
        try:
            yield
        finally:
            self._daemon, self._does = None, "stops"

    def follows(self) -> None:
        """Tell that a daemon follows, under other settings than before where it did so already."""
        if self.has_followed:
            self._socket.ready()
        self.has_followed = True

    def ready(self) -> None:
        """Tell that the service is up, or has taken over its settings."""
        self._socket.ready()

    def reloading(self) -> None:
        """Tell that the service takes over its settings, until it is `ready` again."""
        self._socket.reloading()

    def stopping(self) -> None:
        """Tell that the service is about to end."""
        self._socket.stopping()
        self.does("stops: what is on its way is waited for")

    def does(self, what: str) -> None:
        """Tell what is done while no daemon follows."""
        self._does = redacted(what)
        self._tell(self._does)

    async def _keep_telling(self) -> None:
        while True:
            try:
                self._tell(self._does if self._daemon is None else await status_of(self._daemon))
            except Exception as error:  # noqa: BLE001 # nothing but this line suffers by it
                log.debug("status_not_told", detail=told_of(error))
            await asyncio.sleep(_STATUS_SECONDS)

    def _tell(self, status: str) -> None:
        if status != self._told:
            self._told = status
            self._socket.status(status)

    def _tell_watchdog(self) -> None:
        if self._is_well():
            self._socket.alive()

    def _is_well(self) -> bool:
        is_well = self._daemon is None or self._daemon.is_alive
        if self._daemon is not None and not is_well and not self._is_warned:
            hint = "systemd's watchdog is told nothing until there is a sign of life"
            log.error("stuck", parts=list(self._daemon.silent), hint=hint)
        self._is_warned = not is_well
        return is_well


def _period(environ: Mapping[str, str]) -> float | None:
    """Return the seconds after which systemd acts; None where it does not watch this process."""
    usec, process = environ.get("WATCHDOG_USEC", ""), environ.get("WATCHDOG_PID", "")
    if not usec.isdecimal() or int(usec) == 0 or process not in {"", str(os.getpid())}:
        return None
    return int(usec) / 1e6
