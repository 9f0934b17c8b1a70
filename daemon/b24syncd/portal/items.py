"""CRM items: reading, and witnessed writes of contact points and fields."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from b24syncd.domain.corrections import PointCorrection, SetField, only_fields, replaced_after, written_after
from b24syncd.domain.snapshots import Snapshot
from b24syncd.domain.values import same_value
from b24syncd.portal.pace.governor import MOST_COMMANDS
from b24syncd.portal.wire.commands import Refused, Unknown
from b24syncd.portal.wire.replies import UnexpectedReply
from b24syncd.portal.words.vocabulary import UNIVERSAL

from .families import Families
from .item_reading import ItemReader, remembering, with_price
from .item_rows import FieldGone, item_row
from .paging import PAGE_SIZE
from .witnessed_batch import WitnessedBatches
from .writes import NotTried, Written
from .written_rows import Unit

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from b24syncd.clock import Clock
    from b24syncd.domain.corrections import Correction
    from b24syncd.domain.entities import EntityRef, EntityType
    from b24syncd.portal.wire.commands import Priority
    from b24syncd.portal.words.classic import ClassicWords
    from b24syncd.portal.words.vocabulary import Row, Vocabulary, Words

    from .before import KnowsBefore
    from .client import PortalClient
    from .item_rows import Wanted
    from .writes import Write, WriteOutcome

_ANSWERED_BY_ITSELF = 2
"""Methods of a unit whose update answers with the item; where it does not, a third reads what was left."""

_OTHER_FIELD = Refused("FIELD_GONE", "the configuration names another field by now")


class Items(ItemReader):
    """Reads and writes items; never retries a write."""

    def __init__(
        self,
        client: PortalClient,
        clock: Clock,
        wanted: Mapping[EntityType, Wanted],
        vocabulary: Vocabulary = UNIVERSAL,
        before: KnowsBefore | None = None,
    ) -> None:
        """Read as `ItemReader` does, and write in the words of `vocabulary`."""
        super().__init__(client, clock, wanted, vocabulary, before)
        self._families = Families(client.beside, vocabulary)
        self._batches = WitnessedBatches(client, clock)
        self._offered: dict[Priority, list[tuple[str, ...]]] = {}
        self._beside: dict[Priority, EntityType | None] = {}

    async def room(self, wanted: Sequence[Write], *, priority: Priority, renewed: bool = False) -> int:
        """Wait until at least one witnessed write fits into the limits; return how many of the first do, at least 1.

        What does not fit after all, `write` defers. That they are `renewed` before takes a list of fifty each, which is
        left out of account. Where some may be written in another family of methods, the cheaper one is next.
        """
        del renewed
        if not wanted:
            return 1
        ways = [[Unit(self._vocabulary.of(write.ref.type), write.ref, {}) for write in wanted]]
        others = ((write, self._families.words_beside(write, self._wanted[write.ref.type])) for write in wanted)
        beside = [Unit(words, write.ref, {}) for write, words in others if words is not None]
        if beside:  # of one type, whose methods have budgets of their own
            ways.append([unit for unit in beside if unit.ref.type == beside[0].ref.type])
        self._offered[priority] = [way[0].words.unit for way in ways]
        chosen, room = await self._batches.room(ways, priority=priority)
        self._beside[priority] = beside[0].ref.type if chosen else None
        return room

    @property
    def renewed_by_request(self) -> int:
        """How many of them one request reads again at least: one list tells of fifty, a command of one's payments.

        Half a request is left for what else is asked for, such as the filters that they meet.
        """
        is_paid = any(wanted.payments for wanted in self._wanted.values())
        return (MOST_COMMANDS // 2) * (1 if is_paid else PAGE_SIZE)

    def renewable(self, wanted: int, *, priority: Priority) -> int:
        """Return how many of `wanted` could be read again and written before operating time runs out, perhaps none."""
        units = self._offered.get(priority) or [self._vocabulary.of(next(iter(self._wanted))).unit]
        return min(wanted, sum(self._client.affordable(unit, wanted, priority=priority) for unit in units))

    def takes(self, write: Write, *, priority: Priority) -> bool:
        """Tell whether a write may be in the batch for which there is room."""
        return self._beside.get(priority) is None or self._words_beside(write, priority) is not None

    def _words_beside(self, write: Write, priority: Priority) -> ClassicWords | None:
        if write.ref.type != self._beside.get(priority):
            return None
        return self._families.words_beside(write, self._wanted[write.ref.type])

    def _words_for(self, write: Write, priority: Priority) -> Words:
        """Return the words in which a write of the next batch is written."""
        return self._words_beside(write, priority) or self._vocabulary.of(write.ref.type)

    def _wanted_in(self, words: Words, entity_type: EntityType) -> Wanted:
        """Return what is wanted of a type, as these words call it."""
        wanted = self._wanted[entity_type]
        return wanted.as_classic(entity_type) if self._families.are_beside(words) else wanted

    async def write(
        self,
        writes: Sequence[Write],
        *,
        priority: Priority,
        before_send: Callable[[], Awaitable[None]],
    ) -> tuple[WriteOutcome, ...]:
        """Send one batch of updates, each behind a fresh read of its item; outcomes in order.

        The batch halts at the first failing command, so no update runs without its witness. What the portal ignored,
        which it does without an error, shows in what the write left. Payments are those that the write was planned
        from. Writes that are too many for one batch are deferred. Raises `OutcomeUnknown` when the answer was lost;
        there must be at least one write.
        """
        said = [self._words_for(write, priority) for write in writes]
        fields = [self._to_write(write, words) for write, words in zip(writes, said, strict=True)]
        units = [
            self._unit(words, write.ref, wanted)
            for write, words, wanted in zip(writes, said, fields, strict=True)
            if wanted is not None
        ]
        if not units:
            return (_OTHER_FIELD,) * len(writes)
        self._families.note_sent(said)
        answers, sent_at = await self._batches.send(units, priority=priority, before_send=before_send)
        found = iter(answers)
        return tuple(
            _OTHER_FIELD if wanted is None else self._written(write, words, next(found), sent_at)
            for write, words, wanted in zip(writes, said, fields, strict=True)
        )

    def _unit(self, words: Words, ref: EntityRef, fields: Mapping[str, object]) -> Unit:
        return Unit(words, ref, fields, self._wanted_in(words, ref.type).select(words))

    def _to_write(self, write: Write, words: Words) -> Mapping[str, object] | None:
        """Return the fields of an update; None where a field is none of those that are read of its type."""
        known = {one.name: one for one in self._wanted_in(words, write.ref.type).fields}
        values: dict[str, object] = {}
        for correction in only_fields(write.corrections):
            field = known.get(correction.field)
            if field is None:
                return None
            values[words.own(field.name, field.upper_name)] = field.sent(correction.after)
        if any(isinstance(correction, PointCorrection) for correction in write.corrections):
            values |= words.points_fields(write.corrections)
        return values

    def _written(
        self, write: Write, words: Words, answer: tuple[Row, Row] | WriteOutcome, read_at: float
    ) -> WriteOutcome:
        """Return what a write met and left.

        It is judged by that, so contact points that are only not shown must not pass for deleted ones.
        """
        if not isinstance(answer, tuple):
            return self._families.answered(write.ref, words, answer)
        wanted = self._wanted[write.ref.type]
        if wanted.points and not all(words.tells_points(row) for row in answer):
            return Unknown(f"an item of type {write.ref.type.value} came without its contact points")
        met = None
        try:
            met = self._seen_again(write, words, answer[0], read_at)
            left = self._seen_again(write, words, answer[1], read_at)
        except FieldGone as error:
            is_left = words.own(error.field, error.upper_name) in answer[1]
            gone = _gone(error, write.corrections, is_met=met is not None, is_left=is_left)
            return self._families.answered(write.ref, words, gone)
        except UnexpectedReply as error:
            return Unknown(str(error))
        if len(words.unit) > _ANSWERED_BY_ITSELF and _is_of_another(write.corrections, met, left):
            return Unknown("somebody changed the field between the update and the reading of what it left")
        self._families.note_written(words)
        if only_fields(write.corrections):
            written = written_after(met.written, write.corrections)
            left = replace(left, written=written, replaced=replaced_after(met.replaced, write.corrections))
        return Written(met, left)

    def _seen_again(self, write: Write, words: Words, row: Row, read_at: float) -> Snapshot:
        """Return an item as a row shows it, with payments, past and filters that the write was planned from."""
        planned = _planned_from(write)
        seen = item_row(words, write.ref.type, row, self._wanted_in(words, write.ref.type), read_at)
        again = remembering(seen.snapshot, planned)
        if planned.payments is not None or planned.meets:
            again = replace(again, payments=planned.payments, meets=planned.meets)
        return with_price(again, seen)


def _gone(error: FieldGone, corrections: Sequence[Correction], *, is_met: bool, is_left: bool) -> WriteOutcome:
    """Return what became of a write without one of its fields: the portal takes no notice of one that it has not.

    One that is only left was made again in between, and perhaps written; that is told by reading.
    """
    if is_left:
        return Unknown("a field that the reading did not show was there when the update was answered")
    is_only_one = all(isinstance(one, SetField) and one.field == error.field for one in corrections)
    return NotTried(str(error)) if is_only_one and not is_met else Refused(error.code, error.description)


def _is_of_another(corrections: Sequence[Correction], met: Snapshot, left: Snapshot) -> bool:
    """Tell whether a field shows neither what was met there nor what was written."""
    return any(
        not any(same_value(left.fields[one.field], value) for value in (met.fields[one.field], one.after))
        for one in only_fields(corrections)
    )


def _planned_from(write: Write) -> Snapshot:
    if not isinstance(write.snapshot, Snapshot):
        message = f"{write.ref} is no item"
        raise TypeError(message)
    return write.snapshot
