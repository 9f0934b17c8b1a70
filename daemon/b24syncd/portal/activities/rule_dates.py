"""Times in the filters of rules, written as the portal compares them: in the time of the webhook's user.

Only times are shifted: a field of the type date is compared by the server's day (php: modules/rest/classes/general/
rest_util.php, `unConvertDate`). Lists of values reach the database as they are (php:
modules/crm/lib/controller/base.php, `prepareDateTimeFieldsForFilter`).
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from b24syncd.portal.dates.filters import DateFilters

from .link_fields import fields_told

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from b24syncd.domain.entities import EntityType
    from b24syncd.portal.client import PortalClient
    from b24syncd.portal.wire.commands import Priority

_TIME = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}.*)?", re.ASCII)
_PREFIX = "><=!@%"


class RuleDates:
    """Shifts the times in filters by what the portal shifts them back."""

    def __init__(self, client: PortalClient) -> None:
        """Ask through `client`; rules are written in the words of the universal methods."""
        self._client = client
        self._dates = DateFilters(client)
        self._timed: dict[EntityType, frozenset[str]] = {}

    async def shifted(
        self, entity_type: EntityType, where: Mapping[str, object], *, priority: Priority
    ) -> dict[str, object]:
        """Return a filter that lets pass what `where` means; nothing is asked where it names no time."""
        if not any(_times_in(where)):
            return dict(where)
        seconds = await self._dates.shift(entity_type)
        if not seconds:
            return dict(where)
        return _shifted(where, await self._timed_fields(entity_type, priority), timedelta(seconds=seconds))

    async def _timed_fields(self, entity_type: EntityType, priority: Priority) -> frozenset[str]:
        if entity_type not in self._timed:
            told = await fields_told(self._client, entity_type, priority)
            self._timed[entity_type] = frozenset(
                spelt
                for name, about in told.items()
                if isinstance(about, dict) and about.get("type") == "datetime"
                for spelt in (name, str(about.get("upperName") or name))
            )
        return self._timed[entity_type]


def _times_in(where: Mapping[str, object]) -> Iterator[str]:
    for value in where.values():
        if isinstance(value, dict):
            yield from _times_in(value)
        elif isinstance(value, str) and _TIME.fullmatch(value):
            yield value


def _shifted(where: Mapping[str, Any], timed: Collection[str], by: timedelta) -> dict[str, object]:
    shifted: dict[str, object] = {}
    for key, value in where.items():
        if isinstance(value, dict):
            shifted[key] = _shifted(value, timed, by)
        elif isinstance(value, str) and key.lstrip(_PREFIX) in timed:
            shifted[key] = shift_text(value, by)
        else:
            shifted[key] = value
    return shifted


def shift_text(text: str, by: timedelta) -> str:
    """Return a time later by so much, with the offset that it was written with, or without; other text as it is."""
    if _TIME.fullmatch(text) is None:
        return text
    try:
        moment = datetime.fromisoformat(text) + by
    except (ValueError, OverflowError):
        return text
    return moment.isoformat(sep="T" if moment.tzinfo is not None else " ")
