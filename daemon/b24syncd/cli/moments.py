"""Times as people write and read them: in the zone of this machine, or in UTC where they ask for it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_AGO: Final = re.compile(r"(\d{1,9})\s*([smhdw])")
_RUN: Final = re.compile(r"run:(\d+)")
_DAYS: Final = {"today": 0, "yesterday": 1}
_CURE: Final = "write yesterday, 1h, 30m, 2d, 2026-11-20, 2026-11-20T09:00, 2026-11-20T09:00+03:00, or run:7"


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as a person wrote it: what it is depends on when and where that is read."""

    text: str

    @classmethod
    def parse(cls, text: str) -> Moment:
        """Return what was written; raise `ValueError` where it is no time.

        A number alone is none: it could be seconds, a year or a run.
        """
        written = cls(text.strip().lower())
        try:
            written.at(now=datetime.now(UTC), utc=True, began=lambda _: datetime.now(UTC))
        except (ValueError, OverflowError):
            message = f"{text!r} is no time; {_CURE}"
            raise ValueError(message) from None
        return written

    def at(self, *, now: datetime, utc: bool, began: Callable[[int], datetime]) -> datetime:
        """Return the time: of this machine's zone, or of UTC, unless it names an offset; or when a run `began`."""
        if run := _RUN.fullmatch(self.text):
            return began(int(run[1]))
        if ago := _AGO.fullmatch(self.text):
            return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        if self.text in _DAYS:
            today = now.astimezone(UTC if utc else None).date()
            found = datetime.combine(today - timedelta(_DAYS[self.text]), time())
        else:
            found = datetime.fromisoformat(self.text.upper())
        if found.tzinfo is None and utc:
            found = found.replace(tzinfo=UTC)
        return found.astimezone(UTC)


InUtc = Annotated[bool, typer.Option("--utc", help="Times in UTC, not in the zone of this machine.")]
InUtcAsSince = Annotated[
    bool, typer.Option("--utc", help="Times in UTC, not in the zone of this machine; also that of --since.")
]
Since = Annotated[
    Moment | None,
    typer.Option(
        parser=Moment.parse,
        metavar="TIME",
        help="Only from then on: yesterday, 1h, 30m, 2d, 2026-11-01, 2026-11-01T10:00, or run:7, when that run began.",
    ),
]


def told(when: datetime, *, utc: bool, with_zone: bool = True) -> str:
    """Return a time as people read it, with its zone or without."""
    (text,), zone = told_alike([when], utc=utc)
    return f"{text} {zone}" if with_zone else text


def told_alike(moments: Iterable[datetime], *, utc: bool) -> tuple[list[str], str]:
    """Return times as people read them, and the zone of all; where they have several, each tells its own."""
    local = [moment.astimezone(UTC if utc else None) for moment in moments]
    zones = {_zone(moment) for moment in local}
    texts = [moment.strftime("%Y-%m-%d %H:%M:%S") for moment in local]
    zone = "".join(zones)
    if zone in {"", *zones}:
        return texts, zone
    return [f"{text} {_zone(moment)}" for text, moment in zip(texts, local, strict=True)], ""


def _zone(moment: datetime) -> str:
    """Return its abbreviation; an offset as `UTC+03`."""
    name = moment.tzname() or ""
    return f"UTC{name}" if name[:1] in {"+", "-"} else name
