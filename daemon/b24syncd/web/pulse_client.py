"""Asking a running daemon for its pulse, by the standard library alone: who only reads the state starts quickly."""

from __future__ import annotations

import socket
from time import monotonic
from typing import TYPE_CHECKING, Final

from b24syncd.local_socket import short
from b24syncd.store.lock import socket_of

if TYPE_CHECKING:
    from pathlib import Path

    from .pulse_messages import PulseTold

_LONGEST_ANSWER: Final = 1 << 20
_LONGEST_WAIT: Final = 2.0
"""Seconds for all of it; a daemon that does not answer is no reason to show nothing else."""

_REQUEST: Final = b"GET %s HTTP/1.0\r\nHost: b24syncd\r\n\r\n"
"""By the first version of HTTP a connection is closed behind the answer: there is nothing else to be parsed."""

_IS_OK: Final = b" 200 "


def pulse_of(database: Path) -> PulseTold | None:
    """Return the pulse of the daemon that holds this state; None where none answers, or in words of another release."""
    path = socket_of(database)
    if path is None:
        return None
    from .pulse_messages import PULSE_PATH, PulseTold  # noqa: PLC0415  # takes long, and is for a living daemon

    try:
        head, _, body = _answer(path, _REQUEST % PULSE_PATH.encode()).partition(b"\r\n\r\n")
        return PulseTold.model_validate_json(body) if _IS_OK in head.partition(b"\r\n")[0] else None
    except (OSError, ValueError):
        return None


def _answer(path: Path, request: bytes) -> bytes:
    """Return all that is answered; raise `OSError` where that takes too long, or never ends."""
    until = monotonic() + _LONGEST_WAIT
    answer = bytearray()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
        asking.settimeout(_LONGEST_WAIT)
        with short(path) as address:
            asking.connect(address)
        asking.sendall(request)
        while received := asking.recv(1 << 16):
            answer += received
            if len(answer) > _LONGEST_ANSWER or monotonic() > until:
                raise TimeoutError
    return bytes(answer)
