"""The watchdog of systemd: it is told that all is well, while the event loop runs and the daemon's loops go on.

Where the unit sets `WatchdogSec=` (man 5 systemd.service), a service that is silent for so long is killed and started
again (man 3 sd_watchdog_enabled, man 3 sd_notify).
"""

from __future__ import annotations

import os
import socket
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from b24syncd.engine.progress import every
from b24syncd.observe.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from .follow import Daemon

log = get_logger()


@dataclass(slots=True)
class Watchdog:
    """Tells systemd for as long as it is `watching`; until a daemon is `serving` it is enough that this runs."""

    environ: Mapping[str, str]
    _daemon: Daemon | None = None
    _is_warned: bool = False

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Tell twice in the time that systemd waits; nothing where nobody asked for it."""
        address, period = self.environ.get("NOTIFY_SOCKET", ""), _period(self.environ)
        if not address or period is None:
            yield
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notifying:
            notifying.settimeout(0)

            def tell() -> None:
                if self._is_well():
                    with suppress(OSError):  # it is told again
                        notifying.sendto(b"WATCHDOG=1", _address(address))

            tell()
            async with every(period / 2, tell):
                yield

    @asynccontextmanager
    async def serving(self, daemon: Daemon) -> AsyncIterator[None]:
        """Tell of this daemon for as long as the context lasts."""
        self._daemon = daemon
        try:
            yield
        finally:
            self._daemon = None

    def _is_well(self) -> bool:
        is_well = self._daemon is None or self._daemon.is_alive
        if not is_well and not self._is_warned:
            log.error("stuck", hint="systemd's watchdog is told nothing until there is a sign of life")
        self._is_warned = not is_well
        return is_well


def _period(environ: Mapping[str, str]) -> float | None:
    """Return the seconds after which systemd acts; None where it does not watch this process."""
    usec, process = environ.get("WATCHDOG_USEC", ""), environ.get("WATCHDOG_PID", "")
    if not usec.isdecimal() or int(usec) == 0 or process not in {"", str(os.getpid())}:
        return None
    return int(usec) / 1e6


def _address(socket_name: str) -> str:
    """Return the address to send to; `@` stands for the zero byte of an abstract one."""
    return f"\0{socket_name[1:]}" if socket_name.startswith("@") else socket_name
