"""Times on the command line."""

from datetime import UTC, datetime


def moment(text: str) -> datetime:
    """Return the time that a person wrote, which is UTC unless it names an offset; raise `ValueError`.

    A number alone is none: typer would take `2026` for seconds after 1970.
    """
    try:
        found = datetime.fromisoformat(text.strip())
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        message = f"{text!r} is no time; write it as 2026-11-20, 2026-11-20T09:00 (UTC) or 2026-11-20T09:00+03:00"
        raise ValueError(message) from None
