"""How every door answers: HTTP on sockets that listen already, with as many connections as there is room for."""

from __future__ import annotations

import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Callable, Sequence

    from b24syncd.local_socket import OwnersSocket

_LONGEST_IDLE: Final = 10.0
"""Seconds; whoever connects asks at once."""

_LONGEST_GOODBYE: Final = 1.0


class LimitedSocket(socket.socket):
    """A listening socket that hangs up on whoever comes while it has no room."""

    has_room: Callable[[], bool] = staticmethod(lambda: True)

    def accept(self) -> tuple[socket.socket, Any]:
        """Return the next connection; raise `ConnectionAbortedError`, which event loops pass over, for one it ended."""
        connection, address = super().accept()
        if not self.has_room():
            connection.close()
            raise ConnectionAbortedError
        return connection, address


@asynccontextmanager
async def answering(
    application: web.Application,
    sockets: Sequence[LimitedSocket | OwnersSocket],
    *,
    most_connections: int,
    goodbye: Callable[[], None] = lambda: None,
    encryption: ssl.SSLContext | None = None,
) -> AsyncIterator[None]:
    """Answer at these sockets for as long as the context lasts, and close them.

    However that ends, `goodbye` is called first: whoever still waits for an answer gets it before they are hung up on.
    """
    # nothing suspends yet, so that no cancellation comes between the sockets and what closes them
    runner = web.AppRunner(
        application,
        access_log=None,
        keepalive_timeout=_LONGEST_IDLE,
        lingering_time=_LONGEST_GOODBYE,
        shutdown_timeout=_LONGEST_GOODBYE,
        auto_decompress=False,  # a small body must not become a large one
    )
    try:
        await runner.setup()
        server = runner.server
        assert server is not None  # noqa: S101 # it was set up above
        for each in sockets:
            each.has_room = lambda: len(server.connections) < most_connections
            await web.SockSite(runner, each, ssl_context=encryption).start()
        yield
    finally:
        goodbye()
        await runner.cleanup()
        for each in sockets:
            each.close()
