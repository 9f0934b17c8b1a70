"""Reading items that people pay for: by id, or by a walk, always with their payments."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from b24syncd.domain.entities import EntityRef
from b24syncd.domain.payments import FieldValue, PaidSnapshot
from b24syncd.errors import Rejected

from .commands import Answered, Command, Refused
from .faults import is_gone
from .items import PAGE_SIZE, by_ids
from .paging import Listing, Walker
from .payment_replies import parse_amount, parse_field, parse_payments
from .replies import parse_time
from .unseen import without_gone
from .user_times import UserTimes
from .vocabulary import UNIVERSAL, id_of
from .writes import NOTHING_READ, Read

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime
    from decimal import Decimal

    from b24syncd.clock import Clock
    from b24syncd.domain.entities import EntityType
    from b24syncd.domain.states import AnySnapshot

    from .client import PortalClient
    from .commands import Outcome, Priority
    from .date_fields import DateField
    from .told_times import Meant
    from .vocabulary import Row, Vocabulary, Words

LONGEST_STRETCH = 4
"""Pages in a stretch of items: the payments of each are read by a command of their own, and must not grow old."""


class FieldGone(Rejected):
    """Items of a type do not show the field any more: somebody deleted it while the program ran."""

    def __init__(self, entity_type: EntityType, field: DateField) -> None:
        """Name the field."""
        super().__init__(
            "FIELD_GONE", f"a {entity_type.value} has no field {field.title!r} ({field.upper_name}) any more"
        )


@dataclass(frozen=True, slots=True)
class PaidRow:
    """What a list shows of an item that people pay for; its payments are still to be read."""

    ref: EntityRef
    updated_at: datetime
    amount: Decimal
    currency: str
    state: FieldValue
    read_at: float


class PaidReader:
    """Reads items of the types that have a field for the date."""

    def __init__(
        self,
        client: PortalClient,
        clock: Clock,
        fields: Mapping[EntityType, DateField],
        vocabulary: Vocabulary = UNIVERSAL,
        *,
        promised: Collection[EntityType] = (),
    ) -> None:
        """Speak through `client` in the words of `vocabulary`; `clock` stamps the snapshots.

        Fields of the `promised` types are not there yet, so nothing stands in them; that is for looking only.
        """
        self._client = client
        self._times = UserTimes(client)
        self._clock = clock
        self._fields = dict(fields)
        self._vocabulary = vocabulary
        self._promised = frozenset(promised)

    def walk(
        self,
        entity_type: EntityType,
        *,
        priority: Priority,
        conditions: Mapping[str, object] | None = None,
        highest_id: int | None = None,
    ) -> Walker[PaidRow]:
        """Walk the items of one type that meet `conditions`, in the names of the vocabulary; complete its rows."""
        words = self._vocabulary.of(entity_type)

        def parse(result: object, read_at: float) -> tuple[PaidRow, ...]:
            return self._rows(entity_type, result, read_at)

        listing = Listing(words.list_method, words.fixed(self._select(entity_type)), words.id, words.rows, parse)
        return Walker(
            self._client,
            self._clock,
            listing,
            priority=priority,
            conditions=conditions,
            highest_id=highest_id,
            longest=LONGEST_STRETCH,
        )

    async def complete(self, rows: Sequence[PaidRow], *, priority: Priority) -> Read:
        """Read the payments of a walk's rows, 50 items a request.

        Raises `Rejected` when the portal shows the payments of none of several items.
        """
        if not rows:
            return NOTHING_READ
        commands = [_list_payments(row.ref) for row in rows]
        outcomes, meant = await self._times.read(commands, rows[0].ref.type, priority=priority)
        answers = list(zip(rows, outcomes, strict=True))
        refused = {row.ref: outcome.rejected for row, outcome in answers if isinstance(outcome, Refused)}
        refused = await without_gone(self._client, self._vocabulary, refused, priority=priority)
        if len(refused) == len(rows) > 1:
            raise next(iter(refused.values()))
        return Read(
            {
                row.ref: _with_payments(self._fields[row.ref.type], row, outcome, meant)
                for row, outcome in answers
                if isinstance(outcome, Answered)
            },
            refused,
        )

    async def read(self, refs: Iterable[EntityRef], *, priority: Priority) -> Read:
        """Read items by id, with their payments; those that are gone are left out."""
        ordered = sorted({ref for ref in refs if ref.type in self._fields}, key=lambda ref: (ref.type.type_id, ref.id))
        if not ordered:
            return NOTHING_READ
        lists: list[tuple[Command, tuple[EntityRef, ...]]] = []
        for entity_type, of_type in groupby(ordered, key=lambda ref: ref.type):
            group = tuple(of_type)
            words, select = self._vocabulary.of(entity_type), self._select(entity_type)
            for first in range(0, len(group), PAGE_SIZE):
                chunk = group[first : first + PAGE_SIZE]
                lists.append((by_ids(words, [ref.id for ref in chunk], select), chunk))
        read_at = self._clock.monotonic()
        commands = [*(command for command, _ in lists), *map(_list_payments, ordered)]
        outcomes, meant = await self._times.read(commands, ordered[0].type, priority=priority)
        payments = dict(zip(ordered, outcomes[len(lists) :], strict=True))
        rows: dict[EntityRef, PaidRow] = {}
        refused: dict[EntityRef, Rejected] = {}
        for outcome, (_, chunk) in zip(outcomes, lists, strict=False):
            if isinstance(outcome, Refused):
                refused |= dict.fromkeys(chunk, outcome.rejected)
            elif isinstance(outcome, Answered):
                rows |= {row.ref: row for row in self._rows(chunk[0].type, outcome.result, read_at)}
        found: dict[EntityRef, PaidSnapshot] = {}
        for ref, answer in payments.items():
            if isinstance(answer, Refused) and (ref in rows or not is_gone(answer.code)):  # lists leave it out
                refused.setdefault(ref, answer.rejected)
            elif ref in rows:
                found[ref] = _with_payments(self._fields[ref.type], rows[ref], answer, meant)
        unseen = {ref: told for ref, told in refused.items() if ref not in rows}
        there = await without_gone(self._client, self._vocabulary, unseen, priority=priority)
        return Read(found, {ref: told for ref, told in refused.items() if ref in rows or ref in there})

    async def renew(self, snapshots: Sequence[AnySnapshot], *, priority: Priority) -> Read:
        """Read items and payments again; what was last written is kept, those that are gone are left out."""
        known = {snapshot.ref: snapshot for snapshot in snapshots if isinstance(snapshot, PaidSnapshot)}
        read = await self.read(known, priority=priority)
        found = {
            ref: replace(snapshot, written=known[ref].written)
            for ref, snapshot in read.found.items()
            if isinstance(snapshot, PaidSnapshot)
        }
        return Read(found, read.refused)

    def _select(self, entity_type: EntityType) -> tuple[str, ...]:
        words, field = self._vocabulary.of(entity_type), self._fields[entity_type]
        own = () if entity_type in self._promised else (words.own(field.name, field.upper_name),)
        return (words.id, words.changed, words.amount, words.currency, *own)

    def _rows(self, entity_type: EntityType, result: object, read_at: float) -> tuple[PaidRow, ...]:
        words = self._vocabulary.of(entity_type)
        return tuple(self.row(words, entity_type, row, read_at) for row in words.rows_of(result))

    def row(self, words: Words, entity_type: EntityType, row: Row, read_at: float) -> PaidRow:
        """Parse an item; raise `FieldGone` where it does not show the field."""
        field = self._fields[entity_type]
        name = words.own(field.name, field.upper_name)
        if name not in row and entity_type not in self._promised:
            raise FieldGone(entity_type, field)
        return PaidRow(
            EntityRef(entity_type, id_of(words, row, entity_type)),
            parse_time(row.get(words.changed)),
            parse_amount(row.get(words.amount)),
            str(row.get(words.currency) or ""),
            FieldValue(field.name, parse_field(row.get(name), holds_instant=field.holds_instant)),
            read_at,
        )


def _list_payments(ref: EntityRef) -> Command:
    return Command("crm.item.payment.list", {"entityId": ref.id, "entityTypeId": ref.type.type_id})


def _with_payments(field: DateField, row: PaidRow, outcome: Outcome, meant: Meant) -> PaidSnapshot:
    return PaidSnapshot(
        row.ref,
        row.updated_at,
        row.amount,
        row.currency,
        parse_payments(outcome.result if isinstance(outcome, Answered) else None, meant),
        row.state,
        holds_instant=field.holds_instant,
        read_at=row.read_at,
    )
