"""Rules: what a person configured for each job, as the planners take it."""

from __future__ import annotations

import dataclasses
import zlib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from .entities import EntityType

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from .bindings import Binding
    from .values import Single

_LARGEST_ID = 0x7FFFFFFF
_WITH_CONTACT_POINTS = (EntityType.LEAD, EntityType.CONTACT, EntityType.COMPANY)


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneRules:
    """Rules of the job `phones`; regions are ISO 3166-1 alpha-2 codes."""

    region: str
    """Another region than the portal's.

    Example:
    region = "RU"
    """
    other_regions: tuple[str, ...] = ()
    """Regions whose numbers are read too, where [the rules](reading.md) leave it open."""
    split: bool = True
    """Make several numbers in one field several fields; otherwise ask a person."""
    entities: tuple[EntityType, ...] = _WITH_CONTACT_POINTS
    """The items whose entries are looked at: `"lead"`, `"contact"`, `"company"`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailRules:
    """Rules of the job `emails`."""

    lowercase_local_part: bool = True
    """Write `Ivan@example.com` as `ivan@example.com`."""
    split: bool = True
    """Make several addresses in one field several fields; otherwise ask a person."""
    entities: tuple[EntityType, ...] = _WITH_CONTACT_POINTS
    """The items whose entries are looked at: `"lead"`, `"contact"`, `"company"`."""


class RebindMode(StrEnum):
    """Whether an activity leaves the item that it is bound to."""

    MOVE = "move"
    COPY = "copy"


class ActivityStatus(StrEnum):
    """Whether an activity still has to be done."""

    ANY = "any"
    OPEN = "open"
    COMPLETED = "completed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityFilter:
    """Which activities of an item a rule is for; what is empty or None does not narrow.

    `providers` are Bitrix24's `PROVIDER_ID`s, `types` its `TYPE_ID`s, `direction` its `DIRECTION`. `created_since` is
    a day in UTC.
    """

    providers: frozenset[str] = frozenset()
    types: frozenset[int] = frozenset()
    direction: int | None = None
    status: ActivityStatus = ActivityStatus.ANY
    created_since: date | None = None


@dataclass(frozen=True, slots=True)
class LinkedItem:
    """To the item of this type that the source was converted into or is linked with."""

    type: EntityType


@dataclass(frozen=True, slots=True)
class LinkField:
    """To the item that a custom field of the source names, `UF_CRM_…` of the type "link to CRM elements"."""

    name: str


@dataclass(frozen=True, slots=True)
class SharedContactPoint:
    """To the one item of this type that shares a phone or an e-mail with the source."""

    type: EntityType


@dataclass(frozen=True, slots=True)
class ListedItem:
    """To an item that a person named in a list, perhaps for one activity only."""

    target: Binding
    activity_id: int | None = None


Destination = LinkedItem | LinkField | SharedContactPoint | ListedItem


@dataclass(frozen=True, slots=True, kw_only=True)
class BindingRule:
    """Where activities of which items go; `where` is a filter of `crm.item.list` as (key, JSON text of its value)."""

    name: str
    source: EntityType
    to: Destination
    where: tuple[tuple[str, str], ...] = ()
    activities: ActivityFilter = ActivityFilter()
    mode: RebindMode = RebindMode.MOVE

    @property
    def review_id(self) -> int:
        """The point id of the reviews that this rule asks for, the same for as long as it keeps its name."""
        return zlib.crc32(self.name.encode()) & _LARGEST_ID


@dataclass(frozen=True, slots=True, kw_only=True)
class BindingRules:
    """Rules of the job `bindings`; the region tells in which way phones are written that two items share."""

    rules: tuple[BindingRule, ...] = ()
    include_tasks: bool = True
    region: str | None = None
    entities: tuple[EntityType, ...] = field(default=(EntityType.ACTIVITY,), init=False)


class Pick(StrEnum):
    """Which of several payments gives the date."""

    FIRST = "first"
    LAST = "last"
    FULLY_PAID = "fully_paid"


@dataclass(frozen=True, slots=True)
class FoundField:
    """A field for dates as the portal has it: how the universal methods call it, and whether it keeps the time, too."""

    name: str
    holds_instant: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRules:
    """Rules of the job `payment_dates`; `fields` names the field of each entity type, by title or by code.

    A field of the type date shows the day in `time_zone`, an IANA name, empty for the portal's own. `found` is what
    looking at the portal made of `fields`: it is no rule of a person's, and no part of what tells rules apart.
    """

    fields: tuple[tuple[EntityType, str], ...]
    pick: Pick = Pick.LAST
    clear_when_unpaid: bool = True
    create_field: bool = True
    field_type: str = "date"
    time_zone: str = ""
    found: Mapping[EntityType, FoundField] = field(default_factory=dict, compare=False, repr=False)

    @property
    def entities(self) -> tuple[EntityType, ...]:
        """The types that have payments and a field."""
        return tuple(entity_type for entity_type, _ in self.fields)


class LetterCase(StrEnum):
    """In which letters a text is written that was all in capitals, or all small."""

    TITLE = "title"
    SENTENCE = "sentence"
    UPPER = "upper"
    LOWER = "lower"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRule:
    """What becomes of a field of those items of one type that meet `where`, a filter as rules of bindings have it.

    Fields are called as the universal methods call them, values are as the portal has them. `replace` has what is there
    and what is to be there, of whole values or with `replaces_words` of words in them; `clear` what means nothing.
    Several lines are kept where the field `has_lines`; a text has at most `longest` characters.
    """

    name: str
    entity: EntityType
    field: str
    where: tuple[tuple[str, str], ...] = ()
    trim: bool = False
    squeeze: bool = False
    strip_html: bool = False
    case: LetterCase | None = None
    abbreviations: tuple[str, ...] = ()
    replace: tuple[tuple[Single, Single], ...] = ()
    replaces_words: bool = False
    clear: tuple[Single, ...] = ()
    copy_from: str | None = None
    default: Single | None = None
    has_lines: bool = False
    is_multiple: bool = False
    can_be_empty: bool = True
    longest: int | None = None
    _hash: int = dataclasses.field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Work out the hash, once: the table of `replace` may have thousands of lines."""
        parts = tuple(getattr(self, one.name) for one in dataclasses.fields(self) if one.compare)
        object.__setattr__(self, "_hash", hash(parts))

    def __hash__(self) -> int:
        """Return the same for equal rules."""
        return self._hash


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRules:
    """Rules of the job `fields`, in the order in which they are applied."""

    rules: tuple[FieldRule, ...] = ()

    @property
    def entities(self) -> tuple[EntityType, ...]:
        """The types of the items that there are rules for."""
        return tuple(dict.fromkeys(rule.entity for rule in self.rules))

    def of(self, entity_type: EntityType) -> tuple[FieldRule, ...]:
        """Return the rules for the items of one type."""
        return tuple(rule for rule in self.rules if rule.entity is entity_type)

    def fields(self, entity_type: EntityType) -> frozenset[str]:
        """Return the fields that have to be read of the items of one type."""
        named = ((rule.field, rule.copy_from) for rule in self.of(entity_type))
        return frozenset(field for pair in named for field in pair if field is not None)


def field_review_id(name: str) -> int:
    """Return the point id of the reviews about a field, the same for as long as it keeps its name."""
    return zlib.crc32(name.encode()) & _LARGEST_ID


Rules = PhoneRules | EmailRules | BindingRules | PaymentRules | FieldRules
