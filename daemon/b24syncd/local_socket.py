"""A Unix socket that only root and the own user can speak to, however long its path is."""

from __future__ import annotations

import os
import socket
import struct
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_CREDENTIALS = struct.Struct("3i")
"""Process, user and group, as Linux tells them of the other end (man 7 unix, SO_PEERCRED)."""


class OwnersSocket(socket.socket):
    """A listening socket that accepts root and the own user only, and only while `has_room`.

    Others are hung up on before anything that they sent is read.
    """

    has_room: Callable[[], bool] = staticmethod(lambda: True)

    def accept(self) -> tuple[socket.socket, Any]:
        """Return the next connection; raise `ConnectionAbortedError`, which event loops pass over, for one it ended."""
        connection, address = super().accept()
        if not _may_speak(connection) or not self.has_room():
            connection.close()
            raise ConnectionAbortedError
        return connection, address


def listen(path: Path) -> OwnersSocket:
    """Return a socket that listens at `path`; what a dead process left there is replaced."""
    with suppress(FileNotFoundError):
        path.unlink()
    listening = OwnersSocket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        with short(path) as address:
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


@contextmanager
def short(path: Path) -> Iterator[str]:
    """Give an address of this path that fits: the kernel takes 107 bytes (man 7 unix).

    Raises `OSError` where its folder is not to be reached.
    """
    folder = os.open(path.parent, os.O_PATH | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def _may_speak(other: socket.socket) -> bool:
    """Tell whether the other end is root or the own user."""
    found = other.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _, user, _ = _CREDENTIALS.unpack(found)
    return user in {0, os.geteuid()}


def _give_to_owner(path: Path) -> None:
    """Let what root creates belong to the owner of the folder, as with every file of the state."""
    if os.geteuid() == 0:
        folder = path.parent.stat()
        os.chown(path, folder.st_uid, folder.st_gid, follow_symlinks=False)
