"""What a service tells who supervises it, in one line: how far it is behind, what is put off, what it waits for."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from b24syncd.errors import StateUnusable
from b24syncd.observe.logs import redacted
from b24syncd.reports.health import read_until
from b24syncd.reports.health_lines import span
from b24syncd.store import queue
from b24syncd.store.queue import QueueState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import sqlite_utils

    from .daemon import Daemon


async def status_of(daemon: Daemon) -> str:
    """Return how a daemon is at this moment."""
    client, pulse = daemon.session.client, daemon.pulse.now()
    silent = daemon.silent
    if silent:
        return f"stuck: no sign of life of {', '.join(silent)}"
    followed = {feed.name for feed in daemon.feeds}

    def look(db: sqlite_utils.Database) -> tuple[Mapping[str, datetime], int]:
        return read_until(db), queue.counts(db)[QueueState.WAITING]

    try:
        settled, waiting = await daemon.session.database.read(look)
    except StateUnusable as error:
        return redacted(f"the state cannot be read: {error}")
    oldest = min((until for name, until in settled.items() if name in followed), default=None)
    lag = None if oldest is None else client.clock.now() - oldest
    return redacted(status_line(lag, waiting, None if pulse.waiting is None else pulse.waiting.what))


def status_line(lag: timedelta | None, queued: int, waits_for: str | None) -> str:
    """Return the line; `lag` is that of the feed that is furthest behind, None before anything was polled."""
    behind = "follows from now on" if lag is None else f"{span(max(0.0, lag / timedelta(seconds=1)))} behind"
    items = f"{queued} item{'' if queued == 1 else 's'} in the queue"
    return f"{behind}, {items}, {'at work' if waits_for is None else f'waits for {waits_for}'}"
