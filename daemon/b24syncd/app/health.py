"""How a daemon is, as it knows it from within: also while its state cannot be read or written."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from b24syncd.errors import StateUnusable
from b24syncd.reports.health import Living, Recorded, WaitingReport, health_of, recorded_in, with_disk
from b24syncd.store.disk import lack_at

if TYPE_CHECKING:
    from datetime import datetime

    from b24syncd.reports.health import Health

    from .follow import Daemon

_POLL: Final = "poll "


async def health_within(daemon: Daemon) -> Health:
    """Return how this daemon is."""
    try:
        return health_with(daemon, await daemon.session.database.read(recorded_in))
    except StateUnusable:
        return health_with(daemon, None)


def health_with(daemon: Daemon, recorded: Recorded | None) -> Health:
    """Return how this daemon is, with what its state tells; None where that told nothing."""
    now = daemon.session.client.clock.now()
    known = with_disk(recorded or Recorded(has_run=True), lack_at(daemon.session.database.path), now)
    return health_of(known, now, is_held=True, living=_living(daemon, now))


def _living(daemon: Daemon, now: datetime) -> Living:
    client, pulse = daemon.session.client, daemon.pulse.now()
    monotonic = client.clock.monotonic()

    def time(instant: float) -> datetime:
        return now - timedelta(seconds=monotonic - instant)

    def maybe(instant: float | None) -> datetime | None:
        return None if instant is None else time(instant)

    answered_at, waiting = client.signs.answered_at, pulse.waiting
    return Living(
        last_contact=maybe(answered_at),
        waiting=None if waiting is None else WaitingReport(waiting.what, time(waiting.since), maybe(waiting.until)),
        conditions=daemon.conditions.standing,
        feeds=tuple(name.removeprefix(_POLL) for name in pulse.loops if name.startswith(_POLL)),
    )
