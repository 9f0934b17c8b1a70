"""`b24syncd run`: follow the portal's changes until told to stop."""

import asyncio

import typer

from b24syncd import app

from .invocation import settings_of
from .output import GoesOn


def run(context: typer.Context, *, goes_on: GoesOn = False) -> None:
    """Follow the portal's changes. What they leave wrong is corrected at once, until SIGTERM or Ctrl-C."""
    asyncio.run(app.follow(settings_of(context), goes_on=goes_on))
