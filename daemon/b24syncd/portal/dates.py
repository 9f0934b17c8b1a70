"""Date filters: which way of writing an instant this portal honours, found out by asking it.

No document settles whether filters take ISO 8601 with an offset everywhere. So the newest item is asked for by its own
`updatedTime`: at or after it there must be one, after it none. A format or a time zone that the portal misreads fails
one of the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from enum import Enum
from typing import TYPE_CHECKING

from b24syncd.errors import PortalBlocked

from .commands import Answered, Command, Priority, Refused
from .replies import parse_list

if TYPE_CHECKING:
    from collections.abc import Iterable

    from b24syncd.domain.entities import EntityType
    from b24syncd.domain.snapshots import Snapshot

    from .client import PortalClient

_ATTEMPTS = 3
"""Tries per format: the newest item may change between the two questions."""


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


async def probe_date_filter(client: PortalClient, entity_types: Iterable[EntityType]) -> DateFilter:
    """Find the format that this portal honours; ISO where there is no item to ask for.

    Raises `PortalBlocked` when it honours none: polling would not see changes.
    """
    for entity_type in entity_types:
        newest = await _newest(client, entity_type)
        for date_format in DateFormat:
            for _ in range(_ATTEMPTS):
                if newest is None:
                    break
                date_filter = DateFilter(date_format, newest.updated_at.tzinfo or UTC)
                if await _is_honoured(client, newest, date_filter):
                    return date_filter
                newest = await _newest(client, entity_type)
        if newest is not None:
            message = "the portal does not filter by updatedTime in any known format, so changes cannot be polled"
            raise PortalBlocked(message)
    return DateFilter()


async def _newest(client: PortalClient, entity_type: EntityType) -> Snapshot | None:
    params = {
        "entityTypeId": entity_type.type_id,
        "select": ["*"],
        "order": {"updatedTime": "DESC", "id": "DESC"},
        "start": -1,
    }
    (outcome,) = await client.read([Command("crm.item.list", params)], priority=Priority.LIVE)
    if not isinstance(outcome, Answered):
        return None
    items = parse_list(outcome.result, entity_type, 0.0)
    return items[0] if items else None


async def _is_honoured(client: PortalClient, newest: Snapshot, date_filter: DateFilter) -> bool:
    instant = newest.updated_at.timestamp()
    commands = [
        Command(
            "crm.item.list",
            {
                "entityTypeId": newest.ref.type.type_id,
                "select": ["id"],
                "filter": {"id": newest.ref.id, ">=updatedTime": date_filter.text(instant + shift)},
                "start": -1,
            },
        )
        for shift in (0.0, 1.0)
    ]
    outcomes = await client.read(commands, priority=Priority.LIVE)
    found = [
        isinstance(outcome, Answered) and isinstance(outcome.result, dict) and bool(outcome.result.get("items"))
        for outcome in outcomes
    ]
    return not any(isinstance(outcome, Refused) for outcome in outcomes) and found == [True, False]
