"""What a field is, and its names.

Source: php modules/crm/lib/service/converter.php, which translates between the names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from .field_lists import COMPANY, CONTACT, DEAL, LEAD, SMART_INVOICE, lines_of

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["COMPANY", "CONTACT", "DEAL", "LEAD", "SMART_INVOICE"]

SMART_PROCESSES = 128
"""Types from here on are smart processes."""
ENTITY_NAMES = {LEAD: "lead", DEAL: "deal", CONTACT: "contact", COMPANY: "company"}
WITH_MULTIFIELDS = (LEAD, CONTACT, COMPANY)


class FieldType(StrEnum):
    """Types as `crm.item.fields` tells them."""

    INTEGER = "integer"
    STRING = "string"
    TEXT = "text"
    CHAR = "char"
    DOUBLE = "double"
    DATE = "date"
    DATETIME = "datetime"
    STATUS = "crm_status"
    USER = "user"
    CONTACTS = "crm_contact"
    """The ids of several contacts; kept as text, `12,15`."""
    LINK = "crm"
    """One reference to an item, as custom fields write it: `D_12`, `CO_7`."""
    BOOLEAN = "boolean"
    ENUMERATION = "enumeration"
    MONEY = "money"
    URL = "url"
    ADDRESS = "address"
    FILE = "file"
    MULTIFIELD = "crm_multifield"
    """The phones, e-mails and their kin; as a field only told of, for items keep them apart."""
    EMPLOYEE = "employee"
    SECTION = "iblock_section"
    ELEMENT = "iblock_element"


NUMBERS = (FieldType.INTEGER, FieldType.USER)
MOMENTS = (FieldType.DATE, FieldType.DATETIME)


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its camelCase name, its upper-case name, its classic name, its type.

    A custom one has `labels`, in the list, the form and the filter; a `multiple` one keeps its values line by line.
    `told` is what the universal methods call the type, where that is something else. Not all are `in_items`, which the
    universal methods show, or `in_classic`; what is not `listed` is no field to the methods that tell of fields.
    """

    name: str
    upper: str
    classic: str
    type: FieldType
    title: str
    read_only: bool = False
    custom: bool = False
    multiple: bool = False
    labels: tuple[str, str, str] | None = None
    told: str | None = None
    in_items: bool = True
    in_classic: bool = True
    listed: bool = True
    immutable: bool = False
    """Written when the item is made, and never again."""
    nullable: bool = True
    """Whether it is null when it is emptied, and no empty text or zero."""


@dataclass(frozen=True, slots=True)
class CustomField:
    """A custom field as a portal's administrator creates it; the code begins with `UF_CRM_`.

    `items` are the titles of what a list offers, `settings` those that its type knows.
    """

    entity_type_id: int
    code: str
    title: str
    type: FieldType = FieldType.STRING
    multiple: bool = False
    items: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    mandatory: bool = False


def may_be_smart(entity_type_id: int) -> bool:
    """Tell whether a type can be that of a smart process (php: crm_owner_type.php `isPossibleDynamicTypeId`)."""
    return SMART_PROCESSES <= entity_type_id < 192 or (entity_type_id >= 1030 and entity_type_id % 2 == 0)  # noqa: PLR2004


@dataclass(frozen=True, slots=True)
class SmartType:
    """A smart process: the type of its items, its own id, its title, whether its items can be paid."""

    entity_type_id: int
    id: int
    title: str
    payments: bool = True


# php: modules/crm/lib/service/converter.php `isSpecialDecodeWayFromUpperToCamel`
_LETTERS_AND_DIGITS = re.compile(r"UF_CRM_")
_PLAIN = re.compile(r"(?:[A-Z_]+|UF_CRM_\d{1,4}_[\d_]+|UF_CRM_\d{1,4}_[A-Z_]+)\Z")


def camel(upper: str) -> str:
    """Return the camelCase name of an upper-case one: `UF_CRM_17` is `ufCrm_17`, `LAST_NAME` is `lastName`."""
    if _LETTERS_AND_DIGITS.match(upper) and not _PLAIN.match(upper):
        return f"ufCrm_{upper.removeprefix('UF_CRM_')}"
    # a digit is looked at once: of the underscores in 5_1_2 only the first one stays
    first, *rest = re.sub(r"(\d)_(\d)", r"\1~~~\2", upper).split("_")
    return "".join((first.lower(), *(part.capitalize() for part in rest))).replace("~~~", "_")


@lru_cache(maxsize=1024)
def snake(name: str) -> str:
    """Return what the server makes of a name it does not know: `lastName` is `LAST_NAME`, but `>ID` is `>_ID`."""
    for pattern in (r"(\d+)([A-Za-z])", r"([A-Za-z])(\d)", r"([^_])([A-Z])"):
        name = re.sub(pattern, r"\1_\2", name)
    return name.upper()


def _upper(name: str) -> str:
    return "".join(f"_{letter}" if letter.isupper() else letter for letter in name).upper()


@cache
def fields_of(entity_type_id: int) -> tuple[Field, ...]:
    """Return the fields that one entity type has of its own; custom ones come on top."""
    return tuple(_field(*line) for line in lines_of(entity_type_id))


_MARKS = "!^*?~#"


def _field(name: str, classic: str, kind: str) -> Field:
    marks = kind[len(kind.rstrip(_MARKS)) :]
    type_, _, told = kind.rstrip(_MARKS).partition("=")
    own = camel(classic) if name == "-" else name
    upper = _upper(own)
    return Field(
        own,
        upper,
        upper if classic == "-" else classic,
        FieldType(type_),
        upper.replace("_", " ").capitalize(),
        told=told or None,
        read_only="!" in marks,
        multiple="*" in marks,
        in_items=name != "-" and "#" not in marks,
        in_classic=classic != "-",
        listed=name != "-" and "~" not in marks,
        immutable="^" in marks,
        nullable="?" in marks,
    )
