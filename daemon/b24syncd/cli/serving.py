"""What `run` and `console serve` serve at a TCP port: health, metrics, and the console."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from b24syncd.app.follow import Daemon, Serving
    from b24syncd.settings import Settings


@asynccontextmanager
async def watched(settings: Settings, *, with_console: bool = False) -> AsyncIterator[Serving]:
    """Serve what is configured from the start on; give what lets it tell of a daemon.

    The console is served where that is configured, or is asked for.
    """
    if settings.http is None:
        from b24syncd.app.follow import unserved  # noqa: PLC0415

        yield unserved
        return
    from b24syncd.web import tcp_door  # noqa: PLC0415  # prometheus_client is for those who ask for metrics only
    from b24syncd.web.monitoring.observing import Monitor  # noqa: PLC0415

    monitor, name, site = Monitor(), settings.portal.name, None
    if settings.http.has_console or with_console:
        from b24syncd.web.console.site import Site  # noqa: PLC0415

        site = Site(settings.http, name)

    @asynccontextmanager
    async def serving(daemon: Daemon) -> AsyncIterator[None]:
        async with monitor.serving(daemon):
            if site is None:
                yield
            else:
                async with site.serving(daemon):
                    yield

    async with tcp_door.opened(settings.http, name, monitor, site):
        yield serving
