"""What systemd lets a service tell it: assignments in a datagram to the socket that it names (man 3 sd_notify)."""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLE: Final = "NOTIFY_SOCKET"

_PATIENCE_SECONDS: Final = 1.0
"""So long a change of state may wait for room in the queue of the socket; news come again by themselves."""

_LONGEST_STATUS: Final = 400


@dataclass(frozen=True, slots=True)
class NotifySocket:
    """The socket of who supervises this process; where there is none, everything is told to nobody."""

    name: str = ""

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> NotifySocket:
        """Return the socket that the environment names."""
        return cls(environ.get(VARIABLE, ""))

    @property
    def is_there(self) -> bool:
        """Whether anybody supervises this process."""
        return bool(self.name)

    def ready(self) -> None:
        """Tell that the service is up, or that it has taken over its settings."""
        self._send("READY=1", patience=_PATIENCE_SECONDS)

    def reloading(self) -> None:
        """Tell that the service takes over its settings anew, until it is `ready`."""
        self._send("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}", patience=_PATIENCE_SECONDS)

    def stopping(self) -> None:
        """Tell that the service is about to end."""
        self._send("STOPPING=1", patience=_PATIENCE_SECONDS)

    def alive(self) -> None:
        """Tell the watchdog that all is well."""
        self._send("WATCHDOG=1")

    def status(self, text: str) -> None:
        """Tell what the service does, in one line."""
        self._send(f"STATUS={' '.join(text.split())[:_LONGEST_STATUS]}")

    def _send(self, *assignments: str, patience: float = 0.0) -> None:
        if not self.name:
            return
        # `@` stands for the zero byte of an abstract socket
        address = f"\0{self.name[1:]}" if self.name.startswith("@") else self.name
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sending:
            sending.settimeout(patience)
            sending.sendto("\n".join(assignments).encode(), address)
