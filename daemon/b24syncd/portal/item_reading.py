"""Reading items: by id, or by a walk, with the parts that are wanted of each type."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING

from b24syncd.domain.payments import Payments
from b24syncd.domain.snapshots import Snapshot
from b24syncd.portal.dates.told_times import as_told
from b24syncd.portal.dates.user_times import UserTimes
from b24syncd.portal.fields.rule_filters import RuleFilters
from b24syncd.portal.payments.replies import parse_payments
from b24syncd.portal.wire.commands import Answered, Command, Refused
from b24syncd.portal.wire.faults import is_gone
from b24syncd.portal.wire.replies import UnexpectedReply
from b24syncd.portal.words.classic import ClassicWords
from b24syncd.portal.words.vocabulary import UNIVERSAL, by_ids

from .before import NothingBefore
from .item_rows import POINTS_ONLY, item_rows, unreadable
from .paging import LONGEST_STRETCH, PAGE_SIZE, Listing, Walker
from .unseen import denied, without_gone
from .writes import Read

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from b24syncd.clock import Clock
    from b24syncd.domain.entities import EntityRef, EntityType
    from b24syncd.domain.past import FieldPast
    from b24syncd.domain.states import AnySnapshot
    from b24syncd.errors import Rejected
    from b24syncd.portal.dates.told_times import Meant
    from b24syncd.portal.wire.commands import Outcome, Priority
    from b24syncd.portal.words.vocabulary import Vocabulary

    from .before import KnowsBefore
    from .client import PortalClient
    from .item_rows import ItemRow, Wanted

LONGEST_PAID_STRETCH = 4
"""Pages in a stretch of items: the payments of each are read by a command of their own, and must not grow old."""


def items_of(
    entity_type: EntityType, vocabulary: Vocabulary = UNIVERSAL, wanted: Wanted = POINTS_ONLY
) -> Listing[ItemRow]:
    """Return the list of all items of one type."""
    words = vocabulary.of(entity_type)

    def parse(result: object, read_at: float) -> tuple[ItemRow, ...]:
        return item_rows(result, entity_type, wanted, read_at, vocabulary)

    return Listing(words.list_method, words.fixed(wanted.select(words)), words.id, words.rows, parse)


class ItemReader:
    """Reads items of the types of which something is `wanted`."""

    def __init__(
        self,
        client: PortalClient,
        clock: Clock,
        wanted: Mapping[EntityType, Wanted],
        vocabulary: Vocabulary = UNIVERSAL,
        before: KnowsBefore | None = None,
    ) -> None:
        """Speak through `client` in the words of `vocabulary`; `clock` stamps snapshots, `before` completes them."""
        self._client = client
        self._times = UserTimes(client)
        self._clock = clock
        self._wanted = self._all_wanted = {
            kind: of_type.as_classic(kind) if isinstance(vocabulary.of(kind), ClassicWords) else of_type
            for kind, of_type in wanted.items()
        }
        self._vocabulary = vocabulary
        self._before = NothingBefore() if before is None else before
        self._filters = RuleFilters(client, [rule for of_type in wanted.values() for rule in of_type.filtered])

    def forgo(self, fields: Collection[tuple[EntityType, str]], points: Collection[EntityType]) -> None:
        """Leave out these fields, by type and name, and contact points of these types, and nothing else."""
        self._wanted = {
            entity_type: replace(
                wanted,
                points=wanted.points and entity_type not in points,
                fields=tuple(one for one in wanted.fields if (entity_type, one.name) not in fields),
            )
            for entity_type, wanted in self._all_wanted.items()
        }

    def walk(
        self,
        entity_type: EntityType,
        *,
        priority: Priority,
        conditions: Mapping[str, object] | None = None,
        highest_id: int | None = None,
    ) -> Walker[ItemRow]:
        """Walk the items of one type that meet `conditions`, in the names of the vocabulary; complete its rows."""
        wanted = self._wanted[entity_type]
        return Walker(
            self._client,
            items_of(entity_type, self._vocabulary, wanted),
            priority=priority,
            conditions=conditions,
            highest_id=highest_id,
            longest=LONGEST_PAID_STRETCH if wanted.payments else LONGEST_STRETCH,
        )

    async def complete(self, rows: Sequence[ItemRow], *, priority: Priority) -> Read:
        """Complete a walk's rows: by their payments, 50 items a request, where these are wanted.

        Raises `Rejected` when the portal shows the payments of none of several items.
        """
        paid = [row for row in rows if row.price is not None]
        whole = {row.ref: row.snapshot for row in rows if row.price is None and row.unread is None}
        unread = {row.ref: row.unread for row in rows if row.unread is not None}
        refused: dict[EntityRef, Rejected] = {}
        if paid:
            commands = [_list_payments(row.ref) for row in paid]
            outcomes, meant = await self._times.read(commands, paid[0].ref.type, priority=priority)
            answers = list(zip(paid, outcomes, strict=True))
            refused = {row.ref: outcome.rejected for row, outcome in answers if isinstance(outcome, Refused)}
            refused = await without_gone(self._client, self._vocabulary, refused, priority=priority)
            if len(refused) == len(paid) > 1:
                raise next(iter(refused.values()))
            for row, outcome in answers:
                if isinstance(outcome, Answered):
                    _put(row, outcome, meant, whole, unread)
            _require_any(unread, whole)
        return Read(await self._with_written(await self._with_met(whole, priority)), {**refused, **unread})

    async def read(self, refs: Iterable[EntityRef], *, priority: Priority) -> Read:
        """Read items by id, with everything that is wanted; those that are gone are left out."""
        found, refused = await self._read(refs, priority)
        return Read(await self._with_written(found), refused)

    async def renew(self, snapshots: Sequence[AnySnapshot], *, priority: Priority) -> Read:
        """Read items again, with what was written since; those that are gone are left out."""
        return await self.read([one.ref for one in snapshots if isinstance(one, Snapshot)], priority=priority)

    async def recall(self, snapshots: Sequence[AnySnapshot]) -> tuple[AnySnapshot, ...]:
        """Return snapshots with what was written into their fields since they were read."""
        known = {snapshot.ref: snapshot for snapshot in snapshots if isinstance(snapshot, Snapshot)}
        return tuple((await self._with_written(known)).values())

    async def _with_written(self, found: Mapping[EntityRef, Snapshot]) -> Mapping[EntityRef, Snapshot]:
        if not any(snapshot.fields for snapshot in found.values()):
            return found
        pasts = await self._before.field_pasts(list(found))
        return {ref: _with_past(snapshot, pasts.get(ref, {})) for ref, snapshot in found.items()}

    async def _with_met(self, found: Mapping[EntityRef, Snapshot], priority: Priority) -> Mapping[EntityRef, Snapshot]:
        met = await self._filters.met(found, priority=priority)
        return {ref: replace(snapshot, meets=met[ref]) if ref in met else snapshot for ref, snapshot in found.items()}

    async def _read(
        self, refs: Iterable[EntityRef], priority: Priority
    ) -> tuple[Mapping[EntityRef, Snapshot], dict[EntityRef, Rejected]]:
        ordered = sorted({ref for ref in refs if ref.type in self._wanted}, key=lambda ref: (ref.type.type_id, ref.id))
        lists = list(self._lists(ordered))
        paid = [ref for ref in ordered if self._wanted[ref.type].payments]
        read_at = self._clock.monotonic()
        commands = [*(command for command, _ in lists), *map(_list_payments, paid)]
        outcomes, meant = await self._answers(commands, paid, priority)
        rows: dict[EntityRef, ItemRow] = {}
        refused: dict[EntityRef, Rejected] = {}
        for outcome, (_, chunk) in zip(outcomes, lists, strict=False):
            if isinstance(outcome, Refused):
                refused |= dict.fromkeys(chunk, outcome.rejected)
            elif isinstance(outcome, Answered):
                rows |= {row.ref: row for row in self._rows(outcome.result, chunk[0].type, read_at)}
        found = {ref: row.snapshot for ref, row in rows.items() if row.price is None and row.unread is None}
        unread = {ref: row.unread for ref, row in rows.items() if row.unread is not None}
        for ref, answer in zip(paid, outcomes[len(lists) :], strict=True):
            if isinstance(answer, Refused) and (ref in rows or not is_gone(answer.code)):  # lists leave it out
                refused.setdefault(ref, answer.rejected)
            elif ref in rows and ref not in unread:
                _put(rows[ref], answer, meant, found, unread)
        _require_any(unread, found)
        really = await self._really_refused(ordered, rows, refused, priority)
        return await self._with_met(found, priority), {**really, **unread}

    async def _really_refused(
        self,
        asked: Sequence[EntityRef],
        rows: Mapping[EntityRef, ItemRow],
        refused: Mapping[EntityRef, Rejected],
        priority: Priority,
    ) -> dict[EntityRef, Rejected]:
        """Return the refusals but those of items that are gone, and those of items that a list left out unasked."""
        unseen = [ref for ref in asked if ref not in rows]
        told = {ref: refused[ref] for ref in unseen if ref in refused and self._wanted[ref.type].payments}
        there = await without_gone(self._client, self._vocabulary, told, priority=priority)
        silent = [ref for ref in unseen if ref not in refused and not self._wanted[ref.type].payments]
        gone = told.keys() - there.keys()
        return {
            **{ref: rejected for ref, rejected in refused.items() if ref not in gone},
            **(await denied(self._client, self._vocabulary, silent, priority=priority)),
        }

    def _lists(self, ordered: Iterable[EntityRef]) -> Iterator[tuple[Command, tuple[EntityRef, ...]]]:
        for entity_type, of_type in groupby(ordered, key=lambda ref: ref.type):
            words, group = self._vocabulary.of(entity_type), tuple(of_type)
            select = self._wanted[entity_type].select(words)
            for first in range(0, len(group), PAGE_SIZE):
                chunk = group[first : first + PAGE_SIZE]
                yield by_ids(words, [ref.id for ref in chunk], select), chunk

    async def _answers(
        self, commands: Sequence[Command], paid: Sequence[EntityRef], priority: Priority
    ) -> tuple[tuple[Outcome, ...], Meant]:
        """Execute reading commands; only times of payments are told in the user's zone."""
        if paid:
            return await self._times.read(commands, paid[0].type, priority=priority)
        return await self._client.read(commands, priority=priority), as_told

    def _rows(self, result: object, entity_type: EntityType, read_at: float) -> tuple[ItemRow, ...]:
        return item_rows(result, entity_type, self._wanted[entity_type], read_at, self._vocabulary)


def _list_payments(ref: EntityRef) -> Command:
    return Command("crm.item.payment.list", {"entityId": ref.id, "entityTypeId": ref.type.type_id})


def _put(
    row: ItemRow,
    outcome: Outcome,
    meant: Meant,
    found: dict[EntityRef, Snapshot],
    unread: dict[EntityRef, Rejected],
) -> None:
    """Put an item, with its payments, to those that were found, or where these cannot be read to those, with why."""
    try:
        found[row.ref] = _with_payments(row, outcome, meant)
    except UnexpectedReply as error:
        unread[row.ref] = unreadable(error)


def _require_any(unread: Mapping[EntityRef, Rejected], found: Mapping[EntityRef, Snapshot]) -> None:
    """Raise where of several items none can be read, for then it is not they."""
    if len(unread) > 1 and not found:
        message = f"none of {len(unread)} items can be read: {next(iter(unread.values()))}"
        raise UnexpectedReply(message)


def _with_payments(row: ItemRow, outcome: Outcome, meant: Meant) -> Snapshot:
    payments = parse_payments(outcome.result if isinstance(outcome, Answered) else None, meant)
    return with_price(replace(row.snapshot, payments=Payments(Decimal(0), "", payments)), row)


def remembering(snapshot: Snapshot, before: Snapshot) -> Snapshot:
    """Return a snapshot that was read anew, with what an earlier one of the same item knew from the journal."""
    if not (before.written or before.replaced):
        return snapshot
    return replace(snapshot, written=before.written, replaced=before.replaced)


def with_price(snapshot: Snapshot, row: ItemRow) -> Snapshot:
    """Return a snapshot with what the item costs now, where that is known; payments are kept."""
    if row.price is None or snapshot.payments is None:
        return snapshot
    amount, currency = row.price
    return replace(snapshot, payments=replace(snapshot.payments, amount=amount, currency=currency))


def _with_past(snapshot: Snapshot, past: Mapping[str, FieldPast]) -> Snapshot:
    read = {name: past[name] for name in snapshot.fields if name in past}
    return replace(
        snapshot,
        written={name: one.own.after for name, one in read.items() if one.own is not None},
        replaced={name: one.last.before for name, one in read.items() if one.last is not None},
    )
