"""A Unix socket that only root and the own user can speak to, however long its path is."""

from __future__ import annotations

import os
import socket
import struct
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncio import StreamWriter
    from collections.abc import Iterator
    from pathlib import Path

_CREDENTIALS = struct.Struct("3i")
"""Process, user and group, as Linux tells them of the other end (man 7 unix, SO_PEERCRED)."""


def listen(path: Path) -> socket.socket:
    """Return a socket that listens at `path`; what a dead process left there is replaced."""
    with suppress(FileNotFoundError):
        path.unlink()
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        with _short(path) as address:
            listening.bind(address)
        _give_to_owner(path)
        listening.listen()
    except BaseException:
        listening.close()
        raise
    finally:
        os.umask(before)
    listening.settimeout(0)
    return listening


def connect(path: Path) -> socket.socket | None:
    """Return a socket that is connected with who listens at `path`; None where nobody does, or may not be spoken to."""
    connected = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _short(path) as address:
            connected.connect(address)
    except OSError:
        connected.close()
        return None
    connected.settimeout(0)
    return connected


def may_speak(writer: StreamWriter) -> bool:
    """Tell whether the other end is root or the own user."""
    other: socket.socket = writer.get_extra_info("socket")
    found = other.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _, user, _ = _CREDENTIALS.unpack(found)
    return user in {0, os.geteuid()}


def _give_to_owner(path: Path) -> None:
    """Let what root creates belong to the owner of the folder, as with every file of the state."""
    if os.geteuid() == 0:
        folder = path.parent.stat()
        os.chown(path, folder.st_uid, folder.st_gid, follow_symlinks=False)


@contextmanager
def _short(path: Path) -> Iterator[str]:
    """Give an address of this path that fits: the kernel takes 107 bytes (man 7 unix)."""
    folder = os.open(path.parent, os.O_PATH | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
