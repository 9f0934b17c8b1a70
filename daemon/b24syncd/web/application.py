"""The application that every door of the daemon serves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from b24syncd.app.control_messages import LONGEST

from . import commands, pulse

if TYPE_CHECKING:
    from b24syncd.app.follow import Daemon


def application(daemon: Daemon, *, longest: int = LONGEST) -> web.Application:
    """Return everything that this daemon can be asked, in requests of no more than `longest` bytes."""
    made = web.Application(client_max_size=longest)
    made.add_routes([*commands.routes(daemon), *pulse.routes(daemon)])
    return made
