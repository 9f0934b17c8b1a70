"""What every command gets from the options before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .options import Invocation
from .own_files import refuse_own_files

if TYPE_CHECKING:
    import typer

    from b24syncd.settings import Settings


def settings_of(context: typer.Context) -> Settings:
    """Load the settings that this command was called with, and log by them; raise `SettingsInvalid`.

    Raises `UsageInvalid` where the command was told to write into a file that it, or a service, works with.
    """
    invocation = context.find_object(Invocation)
    if invocation is None:
        message = "a command was called without the options of the program"
        raise LookupError(message)
    from b24syncd.observe.logs import configure_logs  # noqa: PLC0415  # both take long, and help needs neither
    from b24syncd.settings import load_settings  # noqa: PLC0415

    settings = load_settings(invocation.config, invocation.environ)
    level = invocation.level or settings.log.level
    # who asks for more on the command line asks for our own events, not for people's data
    personal = settings.log.level == "debug" and level == "debug"
    configure_logs(settings.log.format, level, secrets=settings.secrets, personal=personal)
    refuse_own_files(context, settings)
    return settings
