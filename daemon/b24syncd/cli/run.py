"""`b24syncd run`: follow the portal's changes until told to stop."""

import asyncio
import sys

import typer

from b24syncd import app
from b24syncd.engine.safety import STOPPED
from b24syncd.observe.logs import without_events
from b24syncd.web.unix_door import serving

from .invocation import settings_of
from .output import GoesOn


def run(context: typer.Context, *, goes_on: GoesOn = False) -> None:
    """Follow the portal's changes. What they leave wrong is corrected at once, until SIGTERM or Ctrl-C."""
    settings = settings_of(context)
    with without_events(*((STOPPED,) if sys.stderr.isatty() else ())):  # the command ends with it
        asyncio.run(app.follow(settings, goes_on=goes_on, serving=serving))
