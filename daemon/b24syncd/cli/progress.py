"""Showing how far a command is: a bar on a terminal, a log line now and then elsewhere, nothing where it is quiet.

Where there is no room for everything, what is least important is left out first.
"""

from __future__ import annotations

import sys
import textwrap
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from b24syncd.engine.how_far import HANDED_OVER, QUEUED
from b24syncd.engine.progress import every
from b24syncd.engine.safety import STOPPED
from b24syncd.engine.tally import Count
from b24syncd.observe.logs import get_logger, without_events
from b24syncd.reports.results import counts_of_preview
from b24syncd.reports.wording import counted

from .options import is_quiet
from .output import visible

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from b24syncd.engine.how_far import HowFar, Watching

_BAR_EVERY_SECONDS = 0.2
_LOG_EVERY_SECONDS = 10.0

_WALKING: Final = "walking"

log = get_logger()


@asynccontextmanager
async def shown(progress: Watching) -> AsyncIterator[None]:
    """Show the progress on stderr for as long as the context lasts."""
    display = nullcontext() if is_quiet() else _bar(progress) if sys.stderr.isatty() else _lines(progress)
    async with display:
        yield


@asynccontextmanager
async def _bar(progress: Watching) -> AsyncIterator[None]:
    from .terminal import bar  # noqa: PLC0415  # rich takes long, and is for terminals only

    told = (STOPPED,) if sys.stdout.isatty() else ()  # the command ends with it
    with bar() as draw, without_events(*told):

        def show() -> None:
            now = progress.now()
            draw(now.share, lambda width: (described(now, width), *waited_for(now, width)))

        async with every(_BAR_EVERY_SECONDS, show):
            yield


@asynccontextmanager
async def _lines(progress: Watching) -> AsyncIterator[None]:
    async with every(_LOG_EVERY_SECONDS, lambda: log.info("progress", **fields_of(progress.now()))):
        yield


def fields_of(now: HowFar) -> dict[str, object]:
    """Return the progress as the fields of a log line."""
    return {
        "phase": now.phase,
        "percent": now.percent,
        "eta_seconds": None if now.eta_seconds is None else round(now.eta_seconds),
        "waiting_for": now.waiting_for,
        "waiting_until": None if now.waiting_until is None else now.waiting_until.isoformat(timespec="seconds"),
        "rate": None if now.rate is None else round(now.rate, 1),
        "settled": now.settled,
        "read_ahead": now.read_ahead,
        "requests": now.requests,
        **(counts_of_preview(now.counts) if now.is_preview else now.counts),
    }


@dataclass(frozen=True, slots=True)
class _Words:
    """Something to be told, in full and in short; what has the lowest `rank` is the most important."""

    rank: int
    full: str
    short: str


def described(now: HowFar, width: int) -> str:
    """Return the progress in words that fit into so many columns; what is least important is left out first."""
    words = _words(now)
    chosen: dict[int, str] = {}
    for one in sorted(words, key=lambda each: each.rank):
        for text in (one.full, one.short):
            if len(_joined(words, {**chosen, one.rank: text})) <= width:
                chosen[one.rank] = text
                break
    return _joined(words, chosen)


def _joined(words: list[_Words], chosen: dict[int, str]) -> str:
    return ", ".join(chosen[one.rank] for one in words if one.rank in chosen)


def _words(now: HowFar) -> list[_Words]:
    """Return what is told, in the order in which it is read."""
    counts = {count: now.counts.get(count.value, 0) for count in Count}
    percent, items = f"{int(now.percent)}%", counted(now.settled, "item")
    corrected = f"{counts[Count.CORRECTED]} {'to correct' if now.is_preview else 'corrected'}"
    reviews = f"{counts[Count.REVIEWS]} to review"
    is_known = now.eta_seconds is not None and now.share < 1
    return [
        _Words(0, f"{percent}, ETA {duration(now.eta_seconds or 0)}" if is_known else percent, percent),
        _Words(1, items if now.rate is None else f"{items} ({now.rate:.0f}/s)", items),
        _Words(2, corrected, corrected),
        _Words(3, reviews, reviews),
        *([] if now.phase == _WALKING else [_Words(4, now.phase, now.phase)]),
    ]


def waited_for(now: HowFar, width: int) -> list[str]:
    """Return what is waited for and until when, in lines that fit; nothing for what is over in a moment."""
    if now.waiting_for is None or (now.waiting_until is None and now.phase not in {HANDED_OVER, QUEUED}):
        return []
    until = "" if now.waiting_until is None else f" until {now.waiting_until.astimezone():%H:%M:%S}"
    return textwrap.wrap(f"waiting for {visible(now.waiting_for)}{until}", max(1, width))


def duration(seconds: float) -> str:
    """Return how long something takes, as clocks show it; days with hours alone."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours_of_day = divmod(hours, 24)
    if days:
        return f"{days} d {hours_of_day} h"
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
