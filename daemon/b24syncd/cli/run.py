"""`b24syncd run`: follow the portal's changes until told to stop."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import typer

from b24syncd.engine.safety import STOPPED
from b24syncd.observe.logs import without_events
from b24syncd.store.lock import require_free

from .invocation import settings_of, supervision_of
from .output import GoesOn
from .serving import watched
from .stopping import STOPPING, run_stoppable
from .work import app

if TYPE_CHECKING:
    from b24syncd.app.follow import Daemon
    from b24syncd.app.supervision import Supervision
    from b24syncd.settings import Settings


def run(context: typer.Context, *, goes_on: GoesOn = False) -> None:
    """Follow the portal's changes. What they leave wrong is corrected at once, until SIGTERM or Ctrl-C."""
    settings = settings_of(context)
    with without_events(*((STOPPED, STOPPING) if sys.stderr.isatty() else ())):  # both are told in other words
        run_stoppable(_follow(settings, supervision_of(context), goes_on=goes_on))


async def _follow(settings: "Settings", supervision: "Supervision", *, goes_on: bool) -> None:
    from b24syncd.web import unix_door  # noqa: PLC0415  # takes long

    if settings.http is not None:
        require_free(settings.state.path)  # or else it is the port that a second process would be told to free
    async with watched(settings) as watching:

        @asynccontextmanager
        async def serving(daemon: "Daemon") -> AsyncIterator[None]:
            async with unix_door.serving(daemon), watching(daemon):
                yield

        async with supervision.watching():
            await app.follow(settings, goes_on=goes_on, serving=serving, supervision=supervision)
