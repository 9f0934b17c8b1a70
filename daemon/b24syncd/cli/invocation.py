"""What every command gets from the options before it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from .options import Invocation
from .own_files import refuse_own_files

if TYPE_CHECKING:
    import typer

    from b24syncd.app.supervision import Supervision
    from b24syncd.observe.logs import Level
    from b24syncd.settings import Settings


def invocation_of(context: typer.Context) -> Invocation:
    """Return what the program was called with."""
    invocation = context.find_object(Invocation)
    if invocation is None:
        message = "a command was called without the options of the program"
        raise LookupError(message)
    return invocation


def settings_of(context: typer.Context, *, in_full: bool = False) -> Settings:
    """Load the settings that this command was called with, and log by them; raise `SettingsInvalid`.

    Judged `in_full`, also what only health and notices suffer by is a problem.

    Raises `UsageInvalid` where the command was told to write into a file that it, or a service, works with.
    """
    from b24syncd.settings import load_settings  # noqa: PLC0415  # takes long, and help does not need it

    invocation = invocation_of(context)

    settings = load_settings(invocation.config, invocation.environ, in_full=in_full)
    log_by(settings, invocation.level)
    refuse_own_files(context, settings)
    return settings


def log_by(settings: Settings, asked: Level | None) -> None:
    """Log as the settings say, or at the level that was `asked` for on the command line."""
    from b24syncd.observe.logs import configure_logs  # noqa: PLC0415  # takes long, and help does not need it

    level = asked or settings.log.level
    # who asks for more on the command line asks for our own events, not for people's data
    personal = settings.log.level == "debug" and level == "debug"
    configure_logs(settings.log.format, level, secrets=settings.secrets, personal=personal)


def supervision_of(context: typer.Context) -> Supervision:
    """Return whoever supervises this process, who may ask it to load its settings anew."""
    from b24syncd.app.supervision import Supervision  # noqa: PLC0415  # takes long
    from b24syncd.settings import load_settings  # noqa: PLC0415

    invocation = invocation_of(context)
    return Supervision(
        invocation.environ,
        partial(load_settings, invocation.config, invocation.environ),
        lambda settings: log_by(settings, invocation.level),
    )


def usable_of(context: typer.Context) -> Settings | None:
    """Load what can be used of settings that are wrong, for whoever looks all the same; None where that is too little.

    Logs as they say.
    """
    from b24syncd.observe.logs import configure_logs  # noqa: PLC0415  # both take long
    from b24syncd.settings import load_connection  # noqa: PLC0415

    invocation = context.find_object(Invocation)
    if invocation is None:
        return None
    settings = load_connection(invocation.config, invocation.environ)
    if settings is not None:
        configure_logs(settings.log.format, settings.log.level, secrets=settings.portal.secrets)
    return settings
