"""Filters of rules against the portal: whether it takes them, and which name in them it does not know."""

from __future__ import annotations

import json
import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from b24syncd.errors import Problem
from b24syncd.portal.wire.commands import Command, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from b24syncd.domain.entities import EntityType
    from b24syncd.portal.wire.commands import Outcome

_PREFIX = re.compile(r"[!=<>@%]*")


def filter_command(entity_type: EntityType, where: Sequence[tuple[str, str]]) -> Command:
    """Return the command that shows whether the portal takes a filter."""
    conditions = {key: json.loads(value) for key, value in where}
    params = {"entityTypeId": entity_type.type_id, "select": ["id"], "filter": conditions, "order": {"id": "ASC"}}
    return Command("crm.item.list", {**params, "start": -1})


def filter_problems(
    key: str,
    entity_type: EntityType,
    where: Sequence[tuple[str, str]],
    names: Mapping[str, str],
    outcome: Outcome | None,
) -> Iterator[Problem]:
    """Yield why the portal refuses a filter: every name that it does not know, else its own words.

    `names` are the fields that it has, each with its upper-case name.
    """
    if not isinstance(outcome, Refused):
        return
    strange = [
        (name, cure)
        for name in _names({key: json.loads(value) for key, value in where})
        if (cure := _cure(name, names)) is not None
    ]
    for name, cure in strange:
        yield Problem(f"{key}.where", f"a {entity_type.value} of this portal cannot be filtered by {name}", cure)
    if not strange:
        told = outcome.description or outcome.code
        yield Problem(f"{key}.where", f"the portal refuses this filter ({told})", "change the condition")


def _names(conditions: Mapping[str, Any]) -> dict[str, None]:
    """Return the names of all fields in a filter, groups of conditions included."""
    names: dict[str, None] = {}
    for key, value in conditions.items():
        if key.isdigit() and isinstance(value, dict):
            names |= _names(value)
        elif key.lower() != "logic":
            names[_PREFIX.sub("", key, count=1)] = None
    return names


def _cure(name: str, known: Mapping[str, str]) -> str | None:
    """Return what to write instead of a name, None where it is the one that filters take.

    Behind a prefix, and for custom fields everywhere, no upper-case name is taken (php: crm/lib/service/converter.php).
    """
    if name in known:
        return None
    spelt = next((one for one, upper in known.items() if upper == name.upper()), None)
    near = [spelt] if spelt else get_close_matches(name, known, n=1)
    return f"did you mean {near[0]}?" if near else "use a name that crm.item.fields tells"
