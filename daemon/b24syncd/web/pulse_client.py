"""Asking a running daemon for its pulse, by the standard library alone: who only reads the state starts quickly."""

from __future__ import annotations

import socket
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING, Final

from b24syncd.local_socket import short
from b24syncd.store.lock import socket_of

from .pulse_messages import PULSE_PATH, PulseTold

if TYPE_CHECKING:
    from pathlib import Path

_LONGEST_ANSWER: Final = 1 << 20
_LONGEST_WAIT: Final = 2.0
"""Seconds for each step; a daemon that does not answer is no reason to show nothing else."""


def pulse_of(database: Path) -> PulseTold | None:
    """Return the pulse of the daemon that holds this state; None where none answers, or in words of another release."""
    path = socket_of(database)
    if path is None:
        return None
    connection = _UnixConnection(path)
    try:
        connection.request("GET", PULSE_PATH)
        response = connection.getresponse()
        body = response.read(_LONGEST_ANSWER)
        return PulseTold.model_validate_json(body) if response.status == HTTPStatus.OK else None
    except (OSError, HTTPException, ValueError):
        return None
    finally:
        connection.close()


class _UnixConnection(HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("b24syncd", timeout=_LONGEST_WAIT)
        self._path = path

    def connect(self) -> None:
        """Connect with who listens at the path."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        with short(self._path) as address:
            self.sock.connect(address)
