"""Settings that a service is to take over while it runs: what is wrong with them is told in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.engine.endings import told_of
from b24syncd.errors import UsageInvalid
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
        _require_lasting(before, settings)
    except Exception as error:  # noqa: BLE001 # the service goes on, whatever was not thought of
        refuse(error)
        return None
    if settings == before:
        log.info("settings_unchanged")
        return None
    return settings


def _require_lasting(before: Settings, settings: Settings) -> None:
    if changed := lasting_changes(before, settings):
        message = f"a service that runs does not take over another {', '.join(changed)}: restart it"
        raise UsageInvalid(message)


def refuse(error: Exception) -> None:
    """Tell that settings are not taken over, and why; the service goes on with those that it has."""
    log.error("settings_refused", detail="; ".join(told_of(error).splitlines()))
