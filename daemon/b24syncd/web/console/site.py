"""The console of one portal, from when its address is opened on; what is asked before a daemon lives has to wait."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .people import People
from .visit import Console

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from b24syncd.app.follow import Daemon
    from b24syncd.settings.http import Http


@dataclass(slots=True)
class Site:
    """Where the console is served, of the `portal` of this name, and what is served there now."""

    http: Http
    portal: str
    console: Console | None = None

    @property
    def cookie(self) -> str:
        """The name of the cookie: consoles of several portals on one host do not sign each other out."""
        return f"{'__Host-' if self.http.door.is_encrypted else ''}b24syncd-{self.portal}"

    @asynccontextmanager
    async def serving(self, daemon: Daemon) -> AsyncIterator[None]:
        """Show this daemon for as long as the context lasts; who looks at it then is told that it is over."""
        people = People(daemon.session.database, daemon.session.client.clock)
        console = Console(daemon, people, self.http.door.scheme, asyncio.Event())
        self.console = console
        try:
            yield
        finally:
            self.console = None
            console.over.set()
