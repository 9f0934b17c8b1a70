"""Date filters: which way of writing an instant this portal honours, found out by asking it.

No document settles whether filters take ISO 8601 with an offset everywhere. So the newest item is asked for by its own
time of change: at or after it there must be one, after it none. A format or a time zone that the portal misreads fails
one of the two. Items and activities are listed by different code of the portal, so each type is asked for itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from enum import Enum
from typing import TYPE_CHECKING, Any

from b24syncd.domain.entities import EntityType
from b24syncd.errors import PortalBlocked

from .commands import Answered, Command, Priority, Refused
from .replies import NEVER, id_from, parse_time
from .vocabulary import UNIVERSAL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .client import PortalClient
    from .commands import Outcome
    from .vocabulary import Vocabulary

_ATTEMPTS = 3
"""Tries per format: the newest item may change between the two questions."""

_AMBIGUOUS_SECONDS = 3600.0
"""By so much clocks are set back."""


class DateFormat(Enum):
    """The ways of writing an instant in a filter."""

    ISO = "ISO 8601 with an offset"
    PLAIN = "YYYY-MM-DD HH:MM:SS in the portal's zone"


@dataclass(frozen=True, slots=True)
class DateFilter:
    """Writes instants as the portal's filters understand them, in whole seconds."""

    format: DateFormat = DateFormat.ISO
    zone: tzinfo = UTC

    def text(self, instant: float) -> str:
        """Return an instant (unix seconds of the portal's clock) for a filter."""
        moment = datetime.fromtimestamp(int(instant), self.zone)
        if self.format is DateFormat.ISO:
            return moment.isoformat()
        return moment.strftime("%Y-%m-%d %H:%M:%S")


class DateFilters:
    """The date filter of each type, found out when it is needed first and remembered from then on."""

    def __init__(self, client: PortalClient, vocabulary: Vocabulary = UNIVERSAL) -> None:
        """Ask through `client`, in the words of which the filters are to be."""
        self._client = client
        self._vocabulary = vocabulary
        self._proven: dict[EntityType, DateFilter] = {}

    async def since(self, entity_type: EntityType, instant: float) -> str:
        """Return an instant for a filter that lets pass what changed since then.

        Times of change lie in the database as the portal's wall shows them (php: modules/rest/classes/general/
        rest_util.php, `unConvertDateTime`). So an hour more is asked for where one comes twice, for the clock was set
        back; and where an instant cannot be told with an offset, for that of the newest item may be of another season.
        """
        date_filter = await self.of(entity_type)
        is_ambiguous = date_filter.format is DateFormat.PLAIN or self._client.was_set_back(instant)
        return date_filter.text(instant - (_AMBIGUOUS_SECONDS if is_ambiguous else 0.0))

    async def of(self, entity_type: EntityType) -> DateFilter:
        """Return the filter that the portal honours for this type.

        A type of which there is nothing to ask for takes a format that was proven for another, ISO where there is
        none, and is asked again the next time. Raises `PortalBlocked` when the portal honours no format: polling would
        not see changes.
        """
        if entity_type not in self._proven:
            found = await self._probe(self._listing(entity_type))
            if found is None:
                return next(iter(self._proven.values()), DateFilter())
            self._proven[entity_type] = found
        return self._proven[entity_type]

    def _listing(self, entity_type: EntityType) -> _Listing:
        if entity_type is EntityType.ACTIVITY:
            return _ACTIVITIES
        words = self._vocabulary.of(entity_type)
        return _Listing(words.list_method, words.fixed(()), words.id, words.changed)

    async def _probe(self, listing: _Listing) -> DateFilter | None:
        for date_format in DateFormat:
            for _ in range(_ATTEMPTS):
                newest = await self._newest(listing)
                if newest is None:
                    return None
                item_id, changed_at = newest
                date_filter = DateFilter(date_format, changed_at.tzinfo or UTC)
                if await self._is_honoured(listing, item_id, changed_at, date_filter):
                    return date_filter
        message = f"the portal does not filter by {listing.changed} in any known format, so changes cannot be polled"
        raise PortalBlocked(message)

    async def _newest(self, listing: _Listing) -> tuple[int, datetime] | None:
        order = {listing.changed: "DESC", listing.id: "DESC"}
        (outcome,) = await self._client.read(
            [listing.command({}, order, (listing.id, listing.changed))], priority=Priority.LIVE
        )
        rows = listing.rows(outcome)
        if not rows:
            return None
        try:
            item_id, changed_at = id_from(rows[0][listing.id]), parse_time(rows[0][listing.changed])
        except (KeyError, ValueError):
            return None
        return (item_id, changed_at) if changed_at > NEVER else None

    async def _is_honoured(
        self, listing: _Listing, item_id: int, changed_at: datetime, date_filter: DateFilter
    ) -> bool:
        key = f">={listing.changed}"
        commands = [
            listing.command(
                {listing.id: item_id, key: date_filter.text(changed_at.timestamp() + shift)},
                {listing.id: "ASC"},
                (listing.id,),
            )
            for shift in (0.0, 1.0)
        ]
        outcomes = await self._client.read(commands, priority=Priority.LIVE)
        is_refused = any(isinstance(outcome, Refused) for outcome in outcomes)
        return not is_refused and [bool(listing.rows(outcome)) for outcome in outcomes] == [True, False]


@dataclass(frozen=True, slots=True)
class _Listing:
    """A list method and its names for the id and the time of change."""

    method: str
    fixed: Mapping[str, object]
    id: str
    changed: str

    def command(self, conditions: Mapping[str, object], order: Mapping[str, str], select: tuple[str, ...]) -> Command:
        params = {**self.fixed, "select": list(select), "filter": conditions, "order": order, "start": -1}
        return Command(self.method, params)

    def rows(self, outcome: Outcome) -> list[dict[str, Any]]:
        result = outcome.result if isinstance(outcome, Answered) else None
        rows = result.get("items") if isinstance(result, dict) else result
        return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


_ACTIVITIES = _Listing("crm.activity.list", {}, "ID", "LAST_UPDATED")
