"""Values of fields as the portal answers and takes them, by both kinds of methods.

Answers: php modules/crm/lib/Service/Converter.php `prepareData` (`Y` and `N`, ISO 8601, `[]` for none of several),
modules/crm/classes/general/restservice.php `externalizeFields` (everything as text, `false` for none of several).
Updates: php modules/crm/lib/controller/item.php `processFields`, restservice.php `internalizeFields`; an empty text
clears a field.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import Enum, auto
from typing import TYPE_CHECKING, Protocol

from b24syncd.domain.values import Choice
from b24syncd.portal.payments.replies import parse_amount, parse_date
from b24syncd.portal.wire.replies import UnexpectedReply

if TYPE_CHECKING:
    from b24syncd.domain.values import Single, Value


class ValueKind(Enum):
    """What sort of values a field holds; values of the last are neither read nor written."""

    TEXT = auto()
    NUMBER = auto()
    BOOLEAN = auto()
    DATE = auto()
    DATETIME = auto()
    CHOICE = auto()
    OTHER = auto()


_KINDS = {
    **dict.fromkeys(("string", "text", "url", "money"), ValueKind.TEXT),
    **dict.fromkeys(("integer", "double"), ValueKind.NUMBER),
    **dict.fromkeys(("boolean", "char"), ValueKind.BOOLEAN),
    **dict.fromkeys(("enumeration", "crm_status"), ValueKind.CHOICE),
    "date": ValueKind.DATE,
    "datetime": ValueKind.DATETIME,
}


class Typed(Protocol):
    """What has to be known of a field to read and to write its values."""

    @property
    def upper_name(self) -> str:
        """How people call it."""

    @property
    def type(self) -> str:
        """Its type as the portal calls it."""

    @property
    def is_multiple(self) -> bool:
        """Whether it holds several values."""

    @property
    def is_classic(self) -> bool:
        """Whether it is read and written by the classic methods."""


def kind_of(kind: str) -> ValueKind:
    """Return what sort of values a field of a type holds."""
    return _KINDS.get(kind, ValueKind.OTHER)


_YES = ("Y", "1", 1, True)
_NO = ("N", "0", 0, False)


def parse_value(field: Typed, answered: object) -> Value:
    """Return what stands in a field; raise `UnexpectedReply` for what is no value of its type."""
    if not field.is_multiple:
        return _parsed(field, answered)
    entries = list(answered.values()) if isinstance(answered, dict) else answered
    if not isinstance(entries, list):  # php: a classic method answers false for none
        entries = [entries]
    return tuple(one for entry in entries if (one := _parsed(field, entry)) is not None) or None


def value_to_send(field: Typed, value: Value) -> object:
    """Return what an update takes for a value."""
    if isinstance(value, tuple):
        return [_sent(field, one) for one in value]
    return "" if value is None else _sent(field, value)


def _parsed(field: Typed, answered: object) -> Single | None:
    if answered is None or answered == "" or (answered is False and kind_of(field.type) is not ValueKind.BOOLEAN):
        return None
    match kind_of(field.type):
        case ValueKind.NUMBER:
            return parse_amount(answered)
        case ValueKind.BOOLEAN if answered in _YES or answered in _NO:
            return answered in _YES
        case ValueKind.DATE | ValueKind.DATETIME:
            return parse_date(answered, holds_instant=kind_of(field.type) is ValueKind.DATETIME)
        case ValueKind.CHOICE if isinstance(answered, str | int):
            is_none = field.type == "enumeration" and str(answered) == "0"
            return None if is_none else Choice(str(answered))
        case ValueKind.TEXT if isinstance(answered, str | int | float):
            return _storable(str(answered))
    message = f"the field {field.upper_name} came with what is no {field.type}"
    raise UnexpectedReply(message)


def _storable(text: str) -> str:
    """Return text that can be stored and sent: half of a surrogate pair, which JSON may hold, is no character."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _sent(field: Typed, value: Single) -> object:
    match value:
        case bool():
            words = ("1", "0") if field.is_classic and field.type == "boolean" else ("Y", "N")
            return words[0] if value else words[1]
        case Choice():
            return value.id
        case Decimal():
            return format(value, "f")
        case date():
            return value.isoformat()
        case str():
            return value
