"""Times in the filters of rules: whether the portal reads them.

What it cannot read it takes for no time at all, without an error (php: modules/crm/lib/controller/base.php
`prepareDateTimeFieldsForFilter`, modules/main/classes/general/sqlwhere.php `addDateFilter`): behind `!` everything
meets the condition, elsewhere nothing or what has no time. It reads more than ISO 8601, as `-30 days`, so it is asked.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from b24syncd.errors import Problem
from b24syncd.portal.wire.commands import Answered, Command

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from b24syncd.domain.entities import EntityType
    from b24syncd.portal.client import PortalClient
    from b24syncd.portal.wire.commands import Outcome, Priority

_TYPES = ("date", "datetime")
_ALWAYS_SET = "createdTime"
_PREFIX = "><=!@%"
_CURE = "write a day as 2026-03-10, or a time as 2026-03-10T09:00:00+03:00"


@dataclass(frozen=True, slots=True)
class TimedFilter:
    """A rule's filter, where it is written, and the names of the fields in it that hold times."""

    key: str
    entity_type: EntityType
    where: Sequence[tuple[str, str]]
    names: frozenset[str]


def timed_names(fields: Mapping[str, tuple[str, str]]) -> frozenset[str]:
    """Return the names of fields that hold times, given by name with the upper-case name and the type of each."""
    timed = [(name, upper) for name, (upper, kind) in fields.items() if kind in _TYPES]
    return frozenset(name for pair in timed for name in pair)


async def time_problems(client: PortalClient, filters: Sequence[TimedFilter], *, priority: Priority) -> list[Problem]:
    """Return which times the portal does not read; costs three commands for each that is not in ISO 8601.

    Every item was created before, at or after a time. Of a type without items nothing is known.
    """
    found = [(one, name, text) for one in filters for name, text in _doubtful(_conditions(one), one.names)]
    asked = list(dict.fromkeys((one.entity_type, text) for one, _, text in found))
    commands = [command for entity_type, text in asked for command in _probes(entity_type, text)]
    outcomes = await client.read(commands, priority=priority) if commands else ()
    told = list(map(_has_rows, outcomes))
    unread = {
        pair
        for pair, any_item, earlier, later in zip(asked, told[::3], told[1::3], told[2::3], strict=True)
        if any_item and earlier is False and later is False
    }
    return [
        Problem(f"{one.key}.where", f"the portal reads no time in {text!r}, with which it would compare {name}", _CURE)
        for one, name, text in found
        if (one.entity_type, text) in unread
    ]


def _conditions(one: TimedFilter) -> dict[str, Any]:
    return {key: json.loads(value) for key, value in one.where}


def _doubtful(conditions: Mapping[str, Any], names: Collection[str]) -> Iterator[tuple[str, str]]:
    for key, value in conditions.items():
        name = key.lstrip(_PREFIX)
        if isinstance(value, dict):
            yield from _doubtful(value, names)
        elif name in names and isinstance(value, str) and value and not _is_iso(value):
            yield name, value


def _is_iso(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _probes(entity_type: EntityType, text: str) -> Iterator[Command]:
    params = {"entityTypeId": entity_type.type_id, "select": ["id"], "order": {"id": "ASC"}, "start": -1}
    yield Command("crm.item.list", params)
    for prefix in ("<", ">="):
        yield Command("crm.item.list", {**params, "filter": {f"{prefix}{_ALWAYS_SET}": text}})


def _has_rows(outcome: Outcome) -> bool | None:
    """Return whether a list has items; None where that was not told."""
    result = outcome.result if isinstance(outcome, Answered) else None
    items = result.get("items") if isinstance(result, dict) else None
    return None if items is None else bool(items)
