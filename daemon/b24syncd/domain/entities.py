"""CRM entity types and references to their items."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Self


class EntityType(Enum):
    """What can be addressed by an id, named as in the configuration and the journal: entity types, and activities."""

    LEAD = "lead"
    DEAL = "deal"
    CONTACT = "contact"
    COMPANY = "company"
    ACTIVITY = "activity"

    @property
    def type_id(self) -> int:
        """The `entityTypeId` (docs: api-reference/crm/data-types.md, "object_type")."""
        return _TYPE_IDS[self]

    @classmethod
    def from_type_id(cls, type_id: int) -> EntityType:
        """Return the type with this `entityTypeId`; raise `ValueError` for one that is not ours."""
        for entity_type, known in _TYPE_IDS.items():
            if known == type_id:
                return entity_type
        message = f"unknown entityTypeId {type_id}"
        raise ValueError(message)


_TYPE_IDS = {
    EntityType.LEAD: 1,
    EntityType.DEAL: 2,
    EntityType.CONTACT: 3,
    EntityType.COMPANY: 4,
    EntityType.ACTIVITY: 6,
}


def _is_id(digits: str) -> bool:
    return digits.isascii() and digits.isdigit() and int(digits) > 0


@dataclass(frozen=True, slots=True)
class EntityRef:
    """One item of the CRM: its type and its id, written `contact:42`."""

    type: EntityType
    id: int

    def __str__(self) -> str:
        """Return the form that people read and write: `contact:42`."""
        return f"{self.type.value}:{self.id}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse `contact:42`; raise `ValueError` with a sentence fit for a user."""
        name, separator, number = text.strip().partition(":")
        known = {entity_type.value: entity_type for entity_type in EntityType}
        digits = number.strip()
        if (
            not separator
            or name.lower() not in known
            or not (digits.isascii() and digits.isdigit())
            or int(digits) == 0
        ):
            message = (
                f"{text!r} is not an item; write TYPE:ID with TYPE one of {', '.join(known)}, for example contact:42"
            )
            raise ValueError(message)
        return cls(known[name.lower()], int(digits))
