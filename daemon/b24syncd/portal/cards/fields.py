"""Fields of a card: with what each is edited, whether it may be, and its values as they are read and written.

Types: php modules/crm/lib/field.php; of custom fields, docs: api-reference/crm/universal/user-defined-fields/.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from html import unescape
from typing import TYPE_CHECKING

from b24syncd.domain.controls import CHOSEN, Control
from b24syncd.domain.entities import EntityType
from b24syncd.domain.values import Choice, shown
from b24syncd.portal.fields.values import ValueKind
from b24syncd.portal.wire.replies import UnexpectedReply

if TYPE_CHECKING:
    from collections.abc import Iterable

    from b24syncd.domain.values import Single, Value
    from b24syncd.portal.fields.descriptions import ItemField

_CONTROLS = {
    "string": Control.TEXT,
    "text": Control.LINES,
    "integer": Control.INTEGER,
    "double": Control.DOUBLE,
    "money": Control.MONEY,
    "date": Control.DATE,
    "datetime": Control.DATETIME,
    "boolean": Control.BOOLEAN,
    "char": Control.BOOLEAN,
    "enumeration": Control.LIST,
    "crm_status": Control.LIST,
    "crm_category": Control.CATEGORY,
    "crm_currency": Control.CURRENCY,
    "user": Control.USER,
    "employee": Control.USER,
    "address": Control.ADDRESS,
    "url": Control.URL,
    **dict.fromkeys(("crm", "crm_entity", "crm_company", "crm_contact", "crm_lead", "crm_deal"), Control.LINK),
}

_LINKED = {
    "crm_company": (EntityType.COMPANY,),
    "crm_contact": (EntityType.CONTACT,),
    "crm_lead": (EntityType.LEAD,),
    "crm_deal": (EntityType.DEAL,),
}

_OF_SETTINGS = {
    "LEAD": EntityType.LEAD,
    "DEAL": EntityType.DEAL,
    "CONTACT": EntityType.CONTACT,
    "COMPANY": EntityType.COMPANY,
    "SMART_INVOICE": EntityType.SMART_INVOICE,
}

CODES = {
    "L": EntityType.LEAD,
    "D": EntityType.DEAL,
    "C": EntityType.CONTACT,
    "CO": EntityType.COMPANY,
    "SI": EntityType.SMART_INVOICE,
}
"""How custom fields that may link to several types call them (docs: api-reference/crm/data-types.md, "object_type")."""

_WHY = {
    "file": "files are not edited here: add them in the card of the portal",
    "crm_product_row": "products are not edited here: the portal reckons with them in its card",
    "crm_multifield": "it is edited as phones and e-mails",
    "iblock_element": "it links to a list outside of the CRM, which this program does not read",
    "iblock_section": "it links to a list outside of the CRM, which this program does not read",
    "hlblock": "it links to a list outside of the CRM, which this program does not read",
    "crm_quote": "estimates are not edited here",
    "location": "places are not edited here: choose them in the card of the portal",
    "resourcebooking": "bookings are not edited here",
}
_NO_CONTROL = "this program has no control for fields of the type {}"
_READ_ONLY = "the portal does not let it be changed"
_IMMUTABLE = "the portal lets it be set when an item is created, and not changed"
_OLD = "the portal keeps it for older programs; another field has taken its place"
_BY_PORTAL = "the portal sets it by itself"
_WHY_NOT = {
    **dict.fromkeys(("originId", "originatorId", "xmlId"), "programs tell by it what they added"),
    **dict.fromkeys(("lastActivityBy", "lastActivityTime", "webformId", "isRecurring"), _BY_PORTAL),
    "taxValue": "the portal reckons it from the products",
}
"""Fields that nothing keeps a program from writing, and that are none of a person's (php: lib/Field/TaxValue.php)."""

_HIDDEN = frozenset(("contacts", "companies", "fm", "id", "entityTypeId"))
"""What other fields of a card tell as well: `contactIds`, the phones and e-mails, the item itself."""

_NEVER_EMPTY = frozenset(("title", "begindate", "closedate", "assignedById", "currencyId", "categoryId"))
"""php: modules/crm/lib/Service/Factory/{Deal,Lead,Dynamic}.php `getFieldsSettings`, `CanNotBeEmptied`: they stay."""


@dataclass(frozen=True, slots=True)
class CardField:
    """A field as a person edits it; it can be read and written as items are."""

    field: ItemField

    @property
    def name(self) -> str:
        """Its name in the universal methods."""
        return self.field.name

    @property
    def upper_name(self) -> str:
        """Its code, as administrators know it."""
        return self.field.upper_name

    @property
    def title(self) -> str:
        """What people read."""
        return self.field.title

    @property
    def has_one_form(self) -> bool:
        """Whether both kinds of methods tell and take the same values for it: edits go by the universal ones."""
        return False

    def as_classic(self, entity_type: EntityType) -> CardField:
        """Return the field as the classic methods know it."""
        return CardField(self.field.as_classic(entity_type))

    @property
    def is_multiple(self) -> bool:
        """Whether it holds several values."""
        return self.field.is_multiple

    @property
    def is_custom(self) -> bool:
        """Whether an administrator of the portal made it."""
        return self.field.upper_name.startswith("UF_")

    @property
    def control(self) -> Control:
        """With what it is edited."""
        if self.field.is_stage:
            return Control.STAGE
        control = _CONTROLS.get(self.field.type, Control.NONE)
        return Control.LINES if control is Control.TEXT and self.field.has_lines else control

    @property
    def linked(self) -> tuple[EntityType, ...]:
        """The types of the items that it may link to (docs: settings of `crm`, `{"LEAD": "Y", "DYNAMIC_128": "Y"}`)."""
        if self.control is not Control.LINK:
            return ()
        if self.field.type in _LINKED:
            return _LINKED[self.field.type]
        told = self.field.settings
        own = told.get("parentEntityTypeId")
        if own is not None and str(own).isdigit():
            return (EntityType.from_type_id(int(own)),)
        allowed = [str(name) for name, is_allowed in told.items() if is_allowed == "Y"]
        found = [_type_called(name) for name in allowed]
        return tuple(one for one in found if one is not None)

    @property
    def is_shown(self) -> bool:
        """Whether a card shows it: what stands for older programs only, or is told by another field, it does not."""
        return not (self.field.is_deprecated or self.name in _HIDDEN)

    def why_not(self, *, creates: bool = False) -> str | None:
        """Return why a person cannot edit it here; None where they can.

        What is immutable can be set while an item is created only.
        """
        if self.field.is_immutable and not creates:
            return _IMMUTABLE
        if self.field.is_deprecated:
            return _OLD
        if self.field.is_read_only and not self.field.is_immutable:
            return _WHY_NOT.get(self.name, _READ_ONLY)
        return _WHY_NOT.get(self.name) or self._why_no_control()

    def _why_no_control(self) -> str | None:
        if self.control is Control.NONE or not self.is_shown:
            return _WHY.get(self.field.type, _NO_CONTROL.format(self.field.type))
        if self.control is Control.LINK and not self.linked:
            return "the portal does not tell which items it links to"
        return None

    @property
    def is_required(self) -> bool:
        """Whether the portal wants a value; of custom fields REST does not see to it, so this program does.

        php: modules/crm/lib/controller/item.php `updateAction`, `disableCheckRequiredUserFields`.
        """
        return self.field.is_required and self.control is not Control.BOOLEAN

    def why_not_empty(self) -> str | None:
        """Return why nothing cannot stand in it; None where it can."""
        if self.is_required:
            return "it is required"
        if self.name in _NEVER_EMPTY or self.control is Control.STAGE:
            return "the portal does not let it be empty"
        if self.is_multiple and self.is_custom:
            return "the portal never lets the last of several values go: empty it in the card of the portal"
        return None

    @property
    def holds_codes(self) -> bool:
        """Whether its links tell their types, as `CO_7`, and are no bare ids."""
        return self.field.type == "crm" and len(self.linked) != 1

    @property
    def range(self) -> tuple[str | None, str | None]:
        """The least and the greatest number that it takes, as an administrator has set them; REST does not check them.

        php: modules/crm/lib/Service/Operation/Add.php `save`, which leaves all checks of custom fields out.
        """
        told = self.field.settings
        least, most = (str(told.get(key) or "0") for key in ("MIN_VALUE", "MAX_VALUE"))
        return (None if least == "0" else least), (None if most == "0" else most)

    def texts(self, value: Value) -> tuple[str, ...]:
        """Return a value as a control holds it: texts that `typed_value` reads as the same value.

        Of an address only what people read (php: modules/fileman/lib/userfield/types/addresstype.php); of a formatted
        text the characters that stand behind its entities; of a time what the portal's wall shows.
        """
        values = value if isinstance(value, tuple) else () if value is None else (value,)
        return tuple(map(self._text, values))

    def _text(self, value: Single) -> str:
        match value:
            case str() if self.control is Control.ADDRESS:
                return value.partition("|")[0]
            case str() if self.field.is_formatted:
                return unescape(value)
            case datetime():
                return value.replace(tzinfo=None).isoformat()
            case bool():
                return "yes" if value else "no"
            case Decimal():
                return plain_number(value)
            case _:
                return str(shown(value))

    def parse(self, answered: object) -> Value:
        """Return the value that was answered; raise `UnexpectedReply` for what is none."""
        if self.field.kind is not ValueKind.OTHER:
            return self.field.parse(answered)
        if not self.is_multiple:
            return self._one(answered)
        entries: Iterable[object] = answered.values() if isinstance(answered, dict) else (answered,)
        if isinstance(answered, list):
            entries = answered
        return tuple(one for entry in entries if (one := self._one(entry)) is not None) or None

    def _one(self, answered: object) -> Single | None:
        is_category = self.control is Control.CATEGORY
        if answered in (None, "", False) and not (is_category and answered == 0 and answered is not False):
            return None
        if not isinstance(answered, str | int):
            message = f"the field {self.upper_name} came with what is no {self.field.type}"
            raise UnexpectedReply(message)
        if self.control in CHOSEN:
            return None if str(answered) == "0" and not is_category else Choice(str(answered))
        return str(answered)

    def sent(self, value: Value) -> object:
        """Return what an update sends for a value; a time, which has the portal's offset, as it stands on its wall.

        Without an offset it is taken in the server's zone (php: modules/rest/classes/general/rest_util.php
        `unConvertDateTime`), so a wrong idea of its summer time does no harm.
        """
        match value:
            case datetime():
                return value.replace(tzinfo=None).isoformat()
            case tuple():
                return [self.sent(one) for one in value]
            case _:
                return self.field.sent(value)


def plain_number(number: Decimal) -> str:
    """Return a number without zeros that say nothing: `1500`, `100.5`."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _type_called(name: str) -> EntityType | None:
    if name in _OF_SETTINGS:
        return _OF_SETTINGS[name]
    number = name.removeprefix("DYNAMIC_")
    return EntityType.from_type_id(int(number)) if number != name and number.isdigit() else None
