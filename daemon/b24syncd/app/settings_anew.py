"""Settings that a service is to take over while it runs: what is wrong with them is told in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.errors import B24SyncError, UsageInvalid
from b24syncd.observe.logs import get_logger
from b24syncd.settings.lasting import lasting_changes

from .runs import chosen_jobs

if TYPE_CHECKING:
    from b24syncd.settings import Settings

    from .supervision import Supervision

log = get_logger()


def settings_anew(before: Settings, supervision: Supervision) -> Settings | None:
    """Return the settings as they are by now; None where nothing is to be taken over, which is logged."""
    try:
        settings = supervision.load()
        chosen_jobs(settings, ())
        if changed := lasting_changes(before, settings):
            message = f"a service that runs does not take over another {', '.join(changed)}: restart it"
            raise UsageInvalid(message)
    except B24SyncError as error:
        refuse(error)
        return None
    if settings == before:
        log.info("settings_unchanged")
        return None
    return settings


def refuse(error: B24SyncError) -> None:
    """Tell that settings are not taken over, and why; the service goes on with those that it has."""
    log.error("settings_refused", detail="; ".join(str(error).splitlines()))
