"""Times of this machine as text: ISO 8601, UTC, milliseconds, always the same width."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import ceil


def to_text(moment: datetime) -> str:
    """Return an aware time as text whose order is the order in time."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def after(now: datetime, seconds: float) -> datetime:
    """Return when so many seconds are over, rounded up to what `to_text` keeps: no rest is over at once."""
    if seconds <= 0:
        return now
    over = now + timedelta(microseconds=ceil(seconds * 1_000_000))
    return over + timedelta(microseconds=-over.microsecond % 1000)


def from_text(text: str) -> datetime:
    """Return the aware time that `to_text` wrote."""
    return datetime.fromisoformat(text)


def from_optional_text(text: str | None) -> datetime | None:
    """Return the aware time that `to_text` wrote, or nothing where nothing was written."""
    return None if text is None else datetime.fromisoformat(text)
