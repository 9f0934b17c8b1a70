"""Showing a backfill's progress: a bar on a terminal, a log line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from b24syncd.engine.progress import every
from b24syncd.engine.safety import STOPPED
from b24syncd.engine.tally import Count
from b24syncd.observe.logs import get_logger, without_events

from .output import visible

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from b24syncd.engine.progress import Progress, Sending

_BAR_EVERY_SECONDS = 0.2
_LOG_EVERY_SECONDS = 10.0

log = get_logger()


@asynccontextmanager
async def shown(progress: Progress, client: Sending) -> AsyncIterator[None]:
    """Show the progress on stderr for as long as the context lasts."""
    display = _bar(progress, client) if sys.stderr.isatty() else _lines(progress, client)
    async with display:
        yield


@asynccontextmanager
async def _bar(progress: Progress, client: Sending) -> AsyncIterator[None]:
    from .terminal import bar  # noqa: PLC0415  # rich takes long, and is for terminals only

    started = time.monotonic()
    told = (STOPPED,) if sys.stdout.isatty() else ()  # the command ends with it
    with bar() as move, without_events(*told):
        async with every(_BAR_EVERY_SECONDS, lambda: move(progress.share_done, _described(progress, client, started))):
            yield


@asynccontextmanager
async def _lines(progress: Progress, client: Sending) -> AsyncIterator[None]:
    started = time.monotonic()

    def tell() -> None:
        log.info(
            "progress",
            phase=progress.phase,
            percent=round(100 * progress.share_done, 1),
            eta_seconds=_eta(progress, started),
            waiting_for=client.waiting,
            requests=client.requests_sent,
            **progress.tally.as_counts(),
        )

    async with every(_LOG_EVERY_SECONDS, tell):
        yield


def _described(progress: Progress, client: Sending, started: float) -> str:
    tally = progress.tally
    read = tally[Count.READ] + progress.read_ahead
    rate = read / max(time.monotonic() - started, 0.001)
    parts = [
        f"{read} read ({rate:.0f}/s)",
        f"{tally[Count.CORRECTED]} corrected",
        f"{tally[Count.REVIEWS]} to review",
    ]
    if progress.phase != "walking":
        parts.append(progress.phase)
    if client.waiting is not None:
        parts.append(f"waiting: {visible(client.waiting)}")
    return ", ".join(parts)


def _eta(progress: Progress, started: float) -> int | None:
    if not progress.share_done:
        return None
    return round((time.monotonic() - started) * (1 / progress.share_done - 1))
