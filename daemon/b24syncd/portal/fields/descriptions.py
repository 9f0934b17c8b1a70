"""What fields the items of a type have, as the portal tells them, and which of them is meant by a title or a code.

Docs: api-reference/crm/universal/crm-item-fields.md, api-reference/crm/deals/crm-deal-fields.md (where the title of a
custom field is its code, and its label the title). The portal tells no lengths but those that an administrator has set
for a custom field; the others are those of its tables (php: modules/crm/lib/Model/FieldRepository.php, lib/lead.php).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from b24syncd.domain.field_names import classic_name, universal_name
from b24syncd.errors import Problem
from b24syncd.portal.wire.replies import UnexpectedReply

from .values import ValueKind, kind_of, parse_value, value_to_send

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from b24syncd.domain.entities import EntityType
    from b24syncd.domain.values import Value
    from b24syncd.portal.wire.commands import Answered


_STAGE = "stageId"
_NEVER_EMPTY = frozenset(("title", "begindate", "closedate"))
"""php: modules/crm/lib/Service/Factory/Deal.php `getFieldsSettings`, `CanNotBeEmptied`: emptied, they stay."""

_NEVER_NOTHING = frozenset(("opportunity", "taxValue", "probability"))
"""Emptied, they hold 0 (php: modules/crm/lib/Field/Opportunity.php `isValueEmpty`)."""

_PERCENTAGE = "probability"
_RECKONED = "taxValue"
_FORMATTED = "comments"
_MOST_PERCENT = 100

_LENGTHS = {
    **dict.fromkeys(("title", "post", "companyTitle"), 255),
    **dict.fromkeys(("name", "secondName", "lastName"), 50),
}
_MOST_NAMED = 12


@dataclass(frozen=True, slots=True)
class ItemField:
    """A field under the names of both kinds of methods, with what it is and what may be done with it.

    `name` is what the universal methods call it, and this program, whoever told it. `items` are the entries of a list
    of its own, id and title; of a list of statuses `status_type` tells which.
    """

    name: str
    upper_name: str
    title: str
    type: str
    is_multiple: bool = False
    is_read_only: bool = False
    is_required: bool = False
    items: tuple[tuple[str, str], ...] = ()
    status_type: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict, compare=False)
    is_classic: bool = False
    is_immutable: bool = False
    is_deprecated: bool = False

    @property
    def kind(self) -> ValueKind:
        """What sort of values it holds."""
        return kind_of(self.type)

    @property
    def is_money(self) -> bool:
        """Whether its text is an amount and a currency, `100|RUB`, and no words."""
        return self.type == "money"

    @property
    def is_stage(self) -> bool:
        """Whether it tells the stage of an item in its pipeline."""
        return self.name == _STAGE and self.type == "crm_status"

    @property
    def can_be_empty(self) -> bool:
        """Whether the portal takes nothing for it; what is required is not to be emptied either.

        Of several values of a custom field none cannot be written (php: modules/main/classes/general/
        usertypemanager.php `Update`).
        """
        is_something = self.name in _NEVER_EMPTY | _NEVER_NOTHING or self.kind is ValueKind.BOOLEAN
        return not (is_something or self.is_required or self.is_multiple or self.is_stage)

    @property
    def is_formatted(self) -> bool:
        """Whether it is no plain text but BB code with HTML entities, which the portal writes anew.

        php: modules/crm/lib/Model/FieldRepository.php `getCommentsNormalizer`, lib/entity/commentshelper.php
        `normalizeComment`; smart processes have no such field.
        """
        return self.name == _FORMATTED or bool(self.settings.get("isFlexibleContentType"))

    @property
    def is_reckoned(self) -> bool:
        """Whether the portal reckons it from the products of an item (php: modules/crm/lib/Field/TaxValue.php)."""
        return self.name == _RECKONED

    @property
    def most(self) -> int | None:
        """The largest number that it takes, where 0 is the smallest (php: modules/crm/lib/Field/Percentage.php)."""
        return _MOST_PERCENT if self.name == _PERCENTAGE else None

    @property
    def has_lines(self) -> bool:
        """Whether the card shows it with several lines."""
        return self.type == "text" or str(self.settings.get("ROWS") or "1") not in ("0", "1")

    @property
    def longest(self) -> int | None:
        """How many characters it takes, None where it is not known to be few."""
        told = str(self.settings.get("MAX_LENGTH") or "0")
        return int(told) if told.isdigit() and int(told) > 0 else _LENGTHS.get(self.name)

    @property
    def shortest(self) -> int:
        """How many characters a text has at least, if it is not empty."""
        told = str(self.settings.get("MIN_LENGTH") or "0")
        return int(told) if told.isdigit() else 0

    @property
    def decimals(self) -> int:
        """How many decimals of a number it keeps (php: modules/main/lib/userfield/types/doubletype.php)."""
        told = str(self.settings.get("PRECISION") or "")
        return int(told) if told.isdigit() else 2

    def parse(self, answered: object) -> Value:
        """Return the value that was answered; raise `UnexpectedReply` for what is none."""
        return parse_value(self, answered)

    def sent(self, value: Value) -> object:
        """Return what an update sends for a value."""
        return value_to_send(self, value)

    @property
    def has_one_form(self) -> bool:
        """Whether both kinds of methods tell and take the same values for it, whoever asks.

        Formatted texts are converted by the classic ones (php: modules/crm/lib/entity/commentshelper.php
        `prepareFieldsFromCompatibleRestToRead`), times are told as they are meant where the others may be off by an
        hour (modules/rest/classes/general/rest_util.php `ConvertDateTime`), none of several values is `false`, and what
        was never answered with yes or no is no to the one kind and nothing to the other.
        """
        differs = self.kind in (ValueKind.BOOLEAN, ValueKind.DATETIME, ValueKind.OTHER)
        return not (differs or self.is_multiple or self.is_formatted)

    def as_classic(self, entity_type: EntityType) -> ItemField:
        """Return the field as the classic methods know it, whichever kind told of it."""
        return replace(self, upper_name=classic_name(entity_type, self.upper_name), is_classic=True)

    def __str__(self) -> str:
        """Return how a person recognises it."""
        return f"{self.title!r} ({self.upper_name})"


class ItemFields:
    """The fields of one type of items."""

    def __init__(self, entity_type: EntityType, fields: Sequence[ItemField]) -> None:
        """Take the fields of a type."""
        self.entity_type = entity_type
        self._fields = tuple(fields)

    def __iter__(self) -> Iterator[ItemField]:
        """Go through all fields."""
        return iter(self._fields)

    def find(self, wanted: str, key: str) -> ItemField | Problem:
        """Return the field that a title or a code means; what is doubtful is a problem, with candidates.

        Older programs and guides call some fields by the codes of the classic methods (`STATUS_ID`, `DATE_CREATE`).
        """
        named = [one for one in self._fields if wanted in (one.name, one.upper_name)]
        named = named or [one for one in self._fields if one.title == wanted]
        named = named or [one for one in self._fields if one.name == universal_name(self.entity_type, wanted)]
        if len(named) == 1:
            return named[0]
        kind = self.entity_type.value
        if named:
            codes = ", ".join(one.upper_name for one in named)
            return Problem(key, f"{len(named)} fields of a {kind} have this title", f"name one of {codes}", wanted)
        near = self._alike(wanted)
        cure = f"did you mean {' or '.join(map(str, near))}?" if near else self._some()
        return Problem(key, f"a {kind} of this portal has no such field", cure, wanted)

    def _alike(self, wanted: str) -> list[ItemField]:
        folded = _folded(wanted)
        exact = [one for one in self._fields if folded in map(_folded, (one.title, one.name, one.upper_name))]
        if exact:
            return exact
        spelt = {_folded(text): one for one in self._fields for text in (one.upper_name, one.name, one.title)}
        near = get_close_matches(folded, spelt, n=1)
        return [spelt[text] for text in near]

    def _some(self) -> str:
        """Return what may be named: custom fields above all, for the others are known."""
        usable = [one for one in self._fields if not one.is_read_only and one.kind is not ValueKind.OTHER]
        custom = [one for one in usable if one.upper_name.startswith("UF_")]
        return f"name one such as {', '.join(map(str, [*custom, *usable][:_MOST_NAMED]))}"


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def parse_fields(entity_type: EntityType, answered: Answered, *, is_classic: bool) -> ItemFields:
    """Parse what `crm.item.fields` answers, or `crm.deal.fields` and its like where the names are the classic ones."""
    told: Any = answered.result
    if not is_classic:
        told = told.get("fields") if isinstance(told, dict) else None
    if not isinstance(told, dict) or not all(isinstance(one, dict) for one in told.values()):
        message = f"the fields of a {entity_type.value} were not answered as fields"
        raise UnexpectedReply(message)
    return ItemFields(
        entity_type, [_field(entity_type, name, one, is_classic=is_classic) for name, one in told.items()]
    )


def _field(entity_type: EntityType, name: str, told: Mapping[str, Any], *, is_classic: bool) -> ItemField:
    is_custom = told.get("isDynamic") is True
    label = told.get("formLabel") or told.get("listLabel") if is_custom else None
    settings = told.get("settings")
    return ItemField(
        universal_name(entity_type, name) if is_classic else name,
        name if is_classic else str(told.get("upperName") or name),
        str(label or told.get("title") or name).strip(),
        str(told.get("type") or ""),
        is_multiple=told.get("isMultiple") is True,
        is_read_only=told.get("isReadOnly") is True or told.get("isImmutable") is True,
        is_required=told.get("isRequired") is True,
        items=tuple(_items(told.get("items"))),
        status_type=str(told.get("statusType") or ""),
        settings=settings if isinstance(settings, dict) else {},
        is_classic=is_classic,
        is_immutable=told.get("isImmutable") is True,
        is_deprecated=told.get("isDeprecated") is True,
    )


def _items(told: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 # JSON as it came
    """Yield the entries of a list, `[{ID, VALUE}]` (php: crm_usertype.php `PrepareFieldsInfo`)."""
    for item in told if isinstance(told, list) else ():
        if isinstance(item, dict) and item.get("ID") is not None:
            yield str(item["ID"]), str(item.get("VALUE") or "").strip()
