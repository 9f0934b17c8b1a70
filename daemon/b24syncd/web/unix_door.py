"""The door for commands on the same machine: HTTP on a Unix socket of the daemon's own."""

from __future__ import annotations

from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final

from b24syncd.app.control_messages import LONGEST
from b24syncd.engine.pulse import COMMANDS
from b24syncd.local_socket import listen
from b24syncd.observe.logs import get_logger
from b24syncd.portal.pace.waits import WaitCause

from .application import application
from .serving import answering

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from b24syncd.app.follow import Daemon

_MOST_CONNECTIONS: Final = 256

log = get_logger()


@asynccontextmanager
async def serving(daemon: Daemon, *, longest: int = LONGEST) -> AsyncIterator[None]:
    """Answer at the daemon's socket for as long as the context lasts; in the end, tell everybody who still waits."""
    path = daemon.session.settings.state.socket
    try:
        listening = listen(path)
    except OSError as error:
        log.warning("no_handing_over", socket=str(path), detail=error.strerror)
        daemon.pulse.failed(COMMANDS, f"no socket at {path}: {error.strerror}")
        yield
        return

    def goodbye() -> None:
        with suppress(OSError):
            path.unlink()
        daemon.commands.close()

    made = application(daemon, longest=longest)
    async with answering(made, [listening], most_connections=_MOST_CONNECTIONS, goodbye=goodbye):
        daemon.session.database.lock.announce(path)
        daemon.pulse.waits(COMMANDS, "commands", WaitCause.COMMANDS)
        yield
