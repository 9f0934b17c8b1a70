"""Times of this machine as text: ISO 8601, UTC, milliseconds, always the same width."""

from __future__ import annotations

from datetime import UTC, datetime


def to_text(moment: datetime) -> str:
    """Return an aware time as text whose order is the order in time."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def from_text(text: str) -> datetime:
    """Return the aware time that `to_text` wrote."""
    return datetime.fromisoformat(text)


def from_optional_text(text: str | None) -> datetime | None:
    """Return the aware time that `to_text` wrote, or nothing where nothing was written."""
    return None if text is None else datetime.fromisoformat(text)
