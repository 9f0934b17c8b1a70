"""A notify socket as systemd has one, of which a test reads what a service tells."""

from __future__ import annotations

import os
import socket
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass
class NotifySocket:
    """The socket, and everything that was told so far, each an assignment."""

    name: str
    socket: socket.socket
    told: list[str] = field(default_factory=list)

    @property
    def environ(self) -> dict[str, str]:
        """What systemd gives to a service that it watches."""
        return {"NOTIFY_SOCKET": self.name, "WATCHDOG_USEC": "60000000", "WATCHDOG_PID": str(os.getpid())}

    def read(self) -> list[str]:
        """Take in what was told since; return it."""
        found: list[str] = []
        while True:
            try:
                found += self.socket.recv(4096).decode().splitlines()
            except BlockingIOError:
                self.told += found
                return found

    def count(self, assignment: str = "WATCHDOG=1") -> int:
        """Return how often this was told since."""
        return self.read().count(assignment)


@contextmanager
def notify_socket(path: Path) -> Iterator[NotifySocket]:
    """Listen there, or at the abstract name of this path where it has no folder."""
    name = str(path)
    address = f"\0{name[1:]}" if name.startswith("@") else name
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(address)
        listening.settimeout(0)
        yield NotifySocket(name, listening)
