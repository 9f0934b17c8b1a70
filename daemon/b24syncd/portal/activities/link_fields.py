"""Custom fields "link to CRM elements": how they are called in an answer, and what their values name.

A value is written `D_12` where a field allows several types and as a bare id where it allows one (php:
modules/crm/lib/userfield/datamodifiers/element.php, `PREFIX`); which, its settings tell by `LEAD`, `DYNAMIC_128` and so
on, `Y` for those that are allowed (php: userfield/types/elementtype.php `prepareSettings`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from b24syncd.domain.bindings import Binding
from b24syncd.portal.wire.commands import Answered, Command, Refused
from b24syncd.portal.wire.replies import UnexpectedReply

if TYPE_CHECKING:
    from collections.abc import Mapping

    from b24syncd.domain.entities import EntityType
    from b24syncd.portal.client import PortalClient
    from b24syncd.portal.wire.commands import Priority

_TYPES = {"LEAD": 1, "DEAL": 2, "CONTACT": 3, "COMPANY": 4, "QUOTE": 7, "ORDER": 14, "SMART_INVOICE": 31}
_ID = re.compile(r"[0-9]{1,18}", re.ASCII)
_DYNAMIC = re.compile(r"DYNAMIC_([1-9][0-9]{0,8})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Link:
    """A field by the name that answers use, and the type of its bare ids where it allows only one."""

    name: str
    type_id: int | None = None

    def values(self, value: Any) -> tuple[Binding, ...]:  # noqa: ANN401 # JSON as it came
        """Return what a value names; a field of several holds a list, an empty one null, false or nothing."""
        entries = value.values() if isinstance(value, dict) else value if isinstance(value, list) else (value,)
        named = [self._binding(str(entry)) for entry in entries if entry]
        return tuple(dict.fromkeys(binding for binding in named if binding is not None))

    def _binding(self, text: str) -> Binding | None:
        if _ID.fullmatch(text):
            return Binding(self.type_id, int(text)) if self.type_id and int(text) else None
        return Binding.from_short_code(text)


def parse_link(about: Mapping[str, Any], upper_name: str) -> Link:
    """Find a field by its upper-case name in the answer to `crm.item.fields`; one that is not there holds nothing."""
    for name, told in about.items():
        if not isinstance(told, dict):
            message = "the answer to crm.item.fields has a field that is none"
            raise UnexpectedReply(message)
        if told.get("upperName") == upper_name or name == upper_name:
            settings = told.get("settings")
            return Link(name, _only_type(settings if isinstance(settings, dict) else {}))
    return Link(upper_name)


def _only_type(settings: Mapping[str, Any]) -> int | None:
    types: set[int] = set()
    for key, value in settings.items():
        name = key.upper()
        dynamic = _DYNAMIC.fullmatch(name)
        type_id = int(dynamic[1]) if dynamic else _TYPES.get(name)
        if type_id and value == "Y":
            types.add(type_id)
    return types.pop() if len(types) == 1 else None


async def fields_told(client: PortalClient, entity_type: EntityType, priority: Priority) -> dict[str, Any]:
    """Return what the portal tells of the fields of a type; raise `Rejected` when it refuses the type."""
    command = Command("crm.item.fields", {"entityTypeId": entity_type.type_id})
    (outcome,) = await client.read([command], priority=priority)
    if isinstance(outcome, Refused):
        raise outcome.rejected
    result = outcome.result if isinstance(outcome, Answered) else None
    fields = result.get("fields") if isinstance(result, dict) else None
    if not isinstance(fields, dict):
        message = "the answer to crm.item.fields has no fields"
        raise UnexpectedReply(message)
    return fields


class LinkFields:
    """Looks fields up, each type once."""

    def __init__(self, client: PortalClient) -> None:
        """Ask through `client`."""
        self._client = client
        self._about: dict[EntityType, dict[str, Any]] = {}

    async def find(self, entity_type: EntityType, upper_name: str, *, priority: Priority) -> Link:
        """Return the field with this upper-case name; raise `Rejected` when the portal refuses the type."""
        if entity_type not in self._about:
            self._about[entity_type] = await fields_told(self._client, entity_type, priority)
        return parse_link(self._about[entity_type], upper_name)
