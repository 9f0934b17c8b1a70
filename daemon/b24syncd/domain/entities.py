"""What can be addressed at the portal by an id: items of its entity types, and activities."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Self

FIRST_SMART_TYPE = 128
"""The smallest `entityTypeId` of a smart process (docs: api-reference/crm/data-types.md, "object_type")."""

_OTHER = re.compile(r"type([1-9][0-9]{0,8})", re.ASCII)


class EntityType(Enum):
    """What can be addressed by an id, named as in the configuration and the journal: entity types, and activities.

    Types that a portal has made itself are members as well, `type128` for the entityTypeId 128; they come to be when
    they are first named, and are not met by going through the class.
    """

    LEAD = "lead"
    DEAL = "deal"
    CONTACT = "contact"
    COMPANY = "company"
    SMART_INVOICE = "smart_invoice"
    ACTIVITY = "activity"

    __hash__ = (
        object.__hash__
    )  # each is the only one of its value; Enum's own is slow, and references are looked up a lot

    @classmethod
    def _missing_(cls, value: object) -> EntityType | None:
        found = _OTHER.fullmatch(value) if isinstance(value, str) else None
        if found is None or int(found[1]) in _TYPE_IDS.values():
            return None
        member = object.__new__(cls)
        member._name_ = found[0].upper()
        member._value_ = found[0]
        # the same object from now on, as for the members of a Flag
        return cls._value2member_map_.setdefault(member._value_, member)  # type: ignore[return-value]

    @property
    def type_id(self) -> int:
        """The `entityTypeId` (docs: api-reference/crm/data-types.md, "object_type")."""
        return _TYPE_IDS.get(self) or int(self.value.removeprefix("type"))

    @classmethod
    def from_type_id(cls, type_id: int) -> EntityType:
        """Return the type with this `entityTypeId`; raise `ValueError` for one that no item has."""
        for entity_type, known in _TYPE_IDS.items():
            if known == type_id:
                return entity_type
        return cls(f"type{type_id}")


_TYPE_IDS = {
    EntityType.LEAD: 1,
    EntityType.DEAL: 2,
    EntityType.CONTACT: 3,
    EntityType.COMPANY: 4,
    EntityType.SMART_INVOICE: 31,
    EntityType.ACTIVITY: 6,
}


@dataclass(frozen=True, slots=True)
class EntityRef:
    """One item of the CRM: its type and its id, written `contact:42`."""

    type: EntityType
    id: int

    def __hash__(self) -> int:
        """Return the id: it tells nearly all apart, and references are looked up a lot."""
        return self.id

    def __str__(self) -> str:
        """Return the form that people read and write: `contact:42`."""
        return f"{self.type.value}:{self.id}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse `contact:42`; raise `ValueError` with a sentence fit for a user."""
        name, _, digits = (part.strip() for part in text.partition(":"))
        try:
            entity_type = EntityType(name.lower())
        except ValueError:
            entity_type = None
        if entity_type is None or not (digits.isascii() and digits.isdigit()) or int(digits) == 0:
            known = ", ".join(known.value for known in EntityType)
            message = f"{text!r} is not an item; write TYPE:ID with TYPE one of {known}, for example contact:42"
            raise ValueError(message)
        return cls(entity_type, int(digits))
