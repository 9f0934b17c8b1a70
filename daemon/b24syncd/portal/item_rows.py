"""What an answer shows of an item: the parts that are wanted of its type, typed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from b24syncd.domain.entities import EntityRef
from b24syncd.domain.snapshots import Snapshot
from b24syncd.errors import Rejected
from b24syncd.portal.payments.replies import parse_amount
from b24syncd.portal.wire.replies import PointsHidden, UnexpectedReply, parse_time
from b24syncd.portal.words.vocabulary import UNIVERSAL, id_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from decimal import Decimal

    from b24syncd.domain.entities import EntityType
    from b24syncd.domain.rules import FieldRule
    from b24syncd.domain.values import Value
    from b24syncd.portal.words.vocabulary import Row, Vocabulary, Words


class WantedField(Protocol):
    """A field of the items of one type: its names in the two kinds of methods, and how its values are said."""

    @property
    def name(self) -> str:
        """Its name in the universal methods."""

    @property
    def upper_name(self) -> str:
        """Its name in the classic methods."""

    @property
    def title(self) -> str:
        """What people read."""

    def parse(self, answered: object) -> Value:
        """Return the value that was answered; raise `UnexpectedReply` for what is none."""

    def sent(self, value: Value) -> object:
        """Return what an update takes for a value."""

    @property
    def has_one_form(self) -> bool:
        """Whether both kinds of methods tell and take the same values for it, whoever asks."""

    def as_classic(self, entity_type: EntityType) -> WantedField:
        """Return the field as the classic methods know it, whichever kind told of it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is read of the items of one type; fields that are `promised`, by name, are not there yet.

    Nothing stands in these; that is for looking only. Snapshots tell which of the `filtered` rules an item meets.
    """

    points: bool = False
    payments: bool = False
    fields: tuple[WantedField, ...] = ()
    promised: frozenset[str] = frozenset()
    filtered: tuple[FieldRule, ...] = ()

    def as_classic(self, entity_type: EntityType) -> Wanted:
        """Return the same as the classic methods know it."""
        return replace(self, fields=tuple(one.as_classic(entity_type) for one in self.fields))

    def select(self, words: Words) -> tuple[str, ...]:
        """Return what a list must select."""
        told = words.with_points if self.points else (words.id, words.changed)
        paid = (words.amount, words.currency) if self.payments else ()
        own = (words.own(one.name, one.upper_name) for one in self.fields if one.name not in self.promised)
        return tuple(dict.fromkeys((*told, *paid, *own)))


POINTS_ONLY = Wanted(points=True)

UNREADABLE = "UNREADABLE"
"""Our own code for an item of which the portal tells what nobody can read."""


class FieldGone(Rejected):
    """Items of a type do not show a field any more: somebody deleted it while the program ran."""

    def __init__(self, entity_type: EntityType, gone: WantedField) -> None:
        """Name the field."""
        super().__init__(
            "FIELD_GONE", f"a {entity_type.value} has no field {gone.title!r} ({gone.upper_name}) any more"
        )
        self.field, self.upper_name = gone.name, gone.upper_name


def unreadable(error: UnexpectedReply) -> Rejected:
    """Return why one item cannot be read, as what the portal refuses of one is told."""
    return Rejected(UNREADABLE, str(error))


@dataclass(frozen=True, slots=True)
class ItemRow:
    """An item as one answer shows it; its payments are still to be read where its `price` tells that they are wanted.

    The price is the amount and the currency. Of one that cannot be read its snapshot tells no more than its id, and
    `unread` why.
    """

    snapshot: Snapshot
    price: tuple[Decimal, str] | None = field(default=None)
    unread: Rejected | None = None

    @property
    def ref(self) -> EntityRef:
        """The item."""
        return self.snapshot.ref

    @property
    def updated_at(self) -> datetime:
        """When it changed last."""
        return self.snapshot.updated_at


def item_row(words: Words, entity_type: EntityType, row: Row, wanted: Wanted, read_at: float) -> ItemRow:
    """Parse an item; raise `FieldGone` where it does not show a field."""
    ref = EntityRef(entity_type, id_of(words, row, entity_type))
    updated_at = parse_time(row.get(words.changed))
    points = words.points(row) if wanted.points else None
    price = None
    if wanted.payments:
        price = parse_amount(row.get(words.amount)), str(row.get(words.currency) or "")
    fields = _fields(words, entity_type, row, wanted)
    return ItemRow(Snapshot(ref, updated_at, points, fields, title=_title(row), read_at=read_at), price)


def _title(row: Row) -> str:
    """Return what people call an item; a contact is called by its name."""
    title = row.get("title") or row.get("TITLE")
    names = (title,) if title else (row.get("name") or row.get("NAME"), row.get("lastName") or row.get("LAST_NAME"))
    return " ".join(name for name in names if isinstance(name, str)).strip()


def _fields(words: Words, entity_type: EntityType, row: Row, wanted: Wanted) -> Mapping[str, Value]:
    values: dict[str, Value] = {}
    for one in wanted.fields:
        name = words.own(one.name, one.upper_name)
        if name not in row and one.name not in wanted.promised:
            raise FieldGone(entity_type, one)
        values[one.name] = one.parse(row.get(name))
    return values


def item_rows(
    result: object, entity_type: EntityType, wanted: Wanted, read_at: float, vocabulary: Vocabulary = UNIVERSAL
) -> tuple[ItemRow, ...]:
    """Parse the result of a list of items: one that holds what is no value of its field is told, and holds up no other.

    Raises `UnexpectedReply` where of several none can be read, for then it is not they.
    """
    words = vocabulary.of(entity_type)
    found = tuple(_row_or_why(words, entity_type, row, wanted, read_at) for row in words.rows_of(result))
    if len(found) > 1 and all(row.unread is not None for row in found):
        message = f"no item of type {entity_type.value} can be read: {found[0].unread}"
        raise UnexpectedReply(message)
    return found


def _row_or_why(words: Words, entity_type: EntityType, row: Row, wanted: Wanted, read_at: float) -> ItemRow:
    try:
        return item_row(words, entity_type, row, wanted, read_at)
    except PointsHidden:
        raise
    except UnexpectedReply as error:
        ref = EntityRef(entity_type, id_of(words, row, entity_type))
        return ItemRow(Snapshot(ref, parse_time(row.get(words.changed)), read_at=read_at), unread=unreadable(error))


def snapshots_in(
    result: object, entity_type: EntityType, read_at: float, vocabulary: Vocabulary = UNIVERSAL
) -> tuple[Snapshot, ...]:
    """Parse the result of a list of items that are shown with their contact points."""
    words = vocabulary.of(entity_type)
    rows = words.rows_of(result)
    return tuple(item_row(words, entity_type, row, POINTS_ONLY, read_at).snapshot for row in rows)
