"""Bindings: what an activity hangs on. Any type of the CRM may be there, also those whose items are not kept right."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from .entities import EntityRef, EntityType

# docs: api-reference/crm/data-types.md, "object_type": names by entityTypeId, and the codes of fields that link items.
_NAMES = {1: "lead", 2: "deal", 3: "contact", 4: "company", 5: "invoice", 7: "quote", 14: "order", 31: "smart_invoice"}
_CODES = {1: "L", 2: "D", 3: "C", 4: "CO", 5: "I", 7: "Q", 14: "O", 31: "SI"}
_TYPES_BY_NAME = {name: type_id for type_id, name in _NAMES.items()}
_TYPES_BY_CODE = {code: type_id for type_id, code in _CODES.items()}

_WRITTEN = re.compile(r"([a-z_]+|type([1-9][0-9]{0,8})):([1-9][0-9]{0,17})", re.ASCII)
_SHORT_CODE = re.compile(r"(?:T([0-9a-fA-F]{1,7})|([A-Z]{1,2}))_([1-9][0-9]{0,17})", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Binding:
    """An item that an activity is bound to: its `entityTypeId` and its id, written `company:173` or `type128:6`."""

    type_id: int
    id: int

    def __str__(self) -> str:
        """Return the form that people read and write."""
        return f"{_NAMES.get(self.type_id, f'type{self.type_id}')}:{self.id}"

    @classmethod
    def of(cls, ref: EntityRef) -> Self:
        """Return the binding to an item."""
        return cls(ref.type.type_id, ref.id)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse what `str` writes; raise `ValueError` with a sentence fit for a user."""
        found = _WRITTEN.fullmatch(text.strip().lower())
        if found is not None:
            name, number, item_id = found.groups()
            type_id = int(number) if number else _TYPES_BY_NAME.get(name)
            if type_id is not None:
                return cls(type_id, int(item_id))
        known = ", ".join(_TYPES_BY_NAME)
        message = f"{text!r} is not an item; write TYPE:ID with TYPE one of {known}, for example company:173"
        raise ValueError(message)

    @classmethod
    def from_short_code(cls, code: str) -> Self | None:
        """Parse `L_1`, `CO_7` or `T80_6`, where smart processes are hexadecimal; None for anything else."""
        found = _SHORT_CODE.fullmatch(code.strip())
        if found is None:
            return None
        dynamic, letters, item_id = found.groups()
        type_id = int(dynamic, 16) if dynamic else _TYPES_BY_CODE.get(letters)
        return None if not type_id else cls(type_id, int(item_id))

    @property
    def short_code(self) -> str:
        """The form that custom fields and tasks use: `L_1`, `CO_7`, `T80_6`."""
        return f"{_CODES.get(self.type_id, f'T{self.type_id:x}')}_{self.id}"

    @property
    def ref(self) -> EntityRef | None:
        """The item that is bound to; None for a type that is not one of ours."""
        try:
            return EntityRef(EntityType.from_type_id(self.type_id), self.id)
        except ValueError:
            return None
