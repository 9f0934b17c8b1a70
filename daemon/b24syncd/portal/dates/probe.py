"""Which filters by time let an item through that a list shows: asked by the item's own time of change.

`crm.item.list` reads a time in a filter as the server's, and compares it as if it were the user's (php:
modules/crm/lib/controller/base.php, `prepareDateTimeFieldsForFilter`, and main/classes/general/database.php,
`CharToDateFunction`): where the webhook's user lives in another zone, all is shifted by what lies between. The classic
lists pass the user's time (php: crm/classes/general/restservice.php, `prepareListParams`). Nothing tells the zone, but
an item passes up to its own time and not after it, so the shift can be measured.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from enum import Enum
from typing import TYPE_CHECKING, Any

from b24syncd.portal.wire.commands import Answered, Command, Priority, Refused
from b24syncd.portal.wire.replies import NEVER, id_from, parse_time

from .told_times import ahead, meant, zone_named

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from b24syncd.portal.client import PortalClient
    from b24syncd.portal.wire.commands import Outcome

FURTHEST_SECONDS = 26 * 3600.0
"""No two zones are further apart: UTC-12 and UTC+14."""

_STEPS = (7200, 900, 30, 1)
"""The widths of the searches, each within one step of the one before; almost all zones lie a quarter hour apart."""

_AHEAD_SECONDS = 60.0
"""What is dated later than the present is not looked at as long as there is another."""

_NEXT_ITEM = 10
"""Where the newest item changes all the time, one further down is asked about."""


_NEAR_SECONDS = 7200.0
"""By so much a time may be told off by what clocks were set."""


class DateFormat(Enum):
    """The ways of writing an instant in a filter."""

    ISO = "ISO 8601 with an offset"
    PLAIN = "YYYY-MM-DD HH:MM:SS in the portal's zone"


@dataclass(frozen=True, slots=True)
class DateFilter:
    """Writes instants as the portal's filters understand them, in whole seconds and `shift` seconds later."""

    format: DateFormat = DateFormat.ISO
    zone: tzinfo = UTC
    shift: float = 0.0

    def text(self, instant: float) -> str:
        """Return an instant (unix seconds of the portal's clock) for a filter."""
        moment = datetime.fromtimestamp(int(instant + self.shift), self.zone)
        if self.format is DateFormat.ISO:
            return moment.isoformat()
        return moment.strftime("%Y-%m-%d %H:%M:%S")


@dataclass(frozen=True, slots=True)
class DatedList:
    """A list method and its names for the id and the time of change."""

    method: str
    fixed: Mapping[str, object]
    id: str
    changed: str

    def command(self, conditions: Mapping[str, object], order: Mapping[str, str]) -> Command:
        """Return the first page, of ids and times of change."""
        params = {**self.fixed, "select": [self.id, self.changed], "order": order, "start": -1}
        # an empty filter cannot be written in a batch, so it would take a request of its own
        return Command(self.method, {**params, "filter": conditions} if conditions else params)

    def rows(self, outcome: Outcome) -> list[tuple[int, datetime]]:
        """Return what an answer shows, without what cannot be read."""
        result = outcome.result if isinstance(outcome, Answered) else None
        rows = result.get("items") if isinstance(result, dict) else result
        read = map(self._row, rows) if isinstance(rows, list) else ()
        return [row for row in read if row is not None]

    def _row(self, row: Any) -> tuple[int, datetime] | None:  # noqa: ANN401 # JSON as it came
        try:
            item_id, changed_at = id_from(row[self.id]), parse_time(row[self.changed])
        except (KeyError, TypeError, ValueError):
            return None
        return (item_id, changed_at) if changed_at > NEVER else None


@dataclass(frozen=True, slots=True)
class ProbedItem:
    """An item by whose time of change a list is asked."""

    id: int
    changed_at: datetime
    user_zone: str | None = None
    """The zone of the webhook's user as the profile names it, empty for the server's; None where it does not tell."""

    @property
    def instant(self) -> float:
        """Its time of change, as answers tell it."""
        return self.changed_at.timestamp()

    def is_told_right(self, shift: float, now: float, utc_offset: float) -> bool:
        """Tell whether user and server are known to be as far apart at its time as now, when a `shift` was measured."""
        if not self.user_zone:
            return self.user_zone is not None and not shift
        zone = zone_named(self.user_zone)
        if zone is None:
            return False
        apart, servers = ahead(zone, now, utc_offset), (self.changed_at.utcoffset() or timedelta()).total_seconds()
        return all(ahead(zone, self.instant + near, servers) == apart for near in (-_NEAR_SECONDS, 0.0, _NEAR_SECONDS))

    def unexplained(self, zone: tzinfo, shift: float, now: float, utc_offset: float) -> float:
        """Return how many seconds of a measured shift are not explained by a user in `zone`.

        The measure is by a time as it is told, which in another season is not that by which the portal compares.
        """
        apart = ahead(zone, now, utc_offset)
        told_late = self.changed_at - meant(self.changed_at, zone, apart)
        return abs((apart - told_late).total_seconds() - shift)


@dataclass(frozen=True, slots=True)
class DateProbe:
    """Asks one list."""

    client: PortalClient
    listing: DatedList

    async def item(self, attempt: int) -> ProbedItem | None:
        """Return what was changed last, or further down at every further attempt; None where there is nothing."""
        order = {self.listing.changed: "DESC", self.listing.id: "DESC"}
        commands = [self.listing.command({}, order), Command("profile", {})]
        outcome, profile = await self.client.read(commands, priority=Priority.LIVE)
        rows = self.listing.rows(outcome)
        if not rows:
            return None
        present = self.client.server_now() + _AHEAD_SECONDS
        past = [row for row in rows if row[1].timestamp() <= present] or rows
        told = profile.result if isinstance(profile, Answered) else None
        zone = told.get("TIME_ZONE") if isinstance(told, dict) else None
        return ProbedItem(*past[min(attempt * _NEXT_ITEM, len(past) - 1)], zone if isinstance(zone, str) else None)

    async def is_honoured(self, item: ProbedItem, date_filter: DateFilter) -> bool:
        """Tell whether a filter shows the item from its own time on, and not a second later."""
        return await self._passes(item, date_filter, (0.0, 1.0)) == [True, False]

    async def shows(self, item: ProbedItem) -> bool:
        """Tell whether the list shows the item as it was, whatever the filters by time."""
        command = self.listing.command({self.listing.id: item.id}, {self.listing.id: "ASC"})
        (outcome,) = await self.client.read([command], priority=Priority.LIVE)
        return (item.id, item.changed_at) in self.listing.rows(outcome)

    async def measure(self, item: ProbedItem, date_filter: DateFilter) -> float | None:
        """Return by how many seconds such filters are to be shifted; None where no zone's shift is honoured.

        Whole minutes, and less than that where a portal's times have no seconds.
        """
        low, width = -FURTHEST_SECONDS, 2 * FURTHEST_SECONDS
        for step in _STEPS:
            shifts = [low + step * number for number in range(int(width // step) + 1)]
            passing = await self._passes(item, date_filter, shifts)
            if not passing[0] or (all(passing) and width > 2 * FURTHEST_SECONDS - step):
                return None
            low, width = shifts[sum(passing) - 1], step - 1
        is_honoured = await self.is_honoured(item, replace(date_filter, shift=date_filter.shift + low))
        return low - low % 60 if is_honoured else None

    async def _passes(self, item: ProbedItem, date_filter: DateFilter, shifts: Sequence[float]) -> list[bool]:
        """Return which filters show the item as it was; nothing passes where one is refused."""
        key, order = f">={self.listing.changed}", {self.listing.id: "ASC"}
        conditions = [{self.listing.id: item.id, key: date_filter.text(item.instant + shift)} for shift in shifts]
        commands = [self.listing.command(each, order) for each in conditions]
        outcomes = await self.client.read(commands, priority=Priority.LIVE)
        if any(isinstance(outcome, Refused) for outcome in outcomes):
            return [False] * len(shifts)
        return [(item.id, item.changed_at) in self.listing.rows(outcome) for outcome in outcomes]


def zone_of(moment: datetime) -> tzinfo:
    """Return the offset that a time was told with, as a zone."""
    return timezone(moment.utcoffset() or timedelta())
