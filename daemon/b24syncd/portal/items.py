"""CRM items: reading, and witnessed writes of contact points and fields."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from b24syncd.domain.corrections import PointCorrection, SetField, only_fields, replaced_after, written_after
from b24syncd.domain.snapshots import Snapshot
from b24syncd.domain.values import same_value
from b24syncd.portal.pace.governor import MOST_COMMANDS
from b24syncd.portal.wire.commands import Refused, Unknown
from b24syncd.portal.wire.replies import UnexpectedReply

from .item_reading import ItemReader, remembering, with_price
from .item_rows import FieldGone, item_row
from .paging import PAGE_SIZE
from .witnessed_batch import WitnessedBatches
from .writes import NotTried, Written
from .written_rows import Unit

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from b24syncd.domain.corrections import Correction
    from b24syncd.domain.entities import EntityRef
    from b24syncd.portal.wire.commands import Priority
    from b24syncd.portal.words.vocabulary import Row, Words

    from .writes import Write, WriteOutcome

_ANSWERED_BY_ITSELF = 2
"""Methods of a unit whose update answers with the item; where it does not, a third reads what was left."""

_OTHER_FIELD = Refused("FIELD_GONE", "the configuration names another field by now")


class Items(ItemReader):
    """Reads and writes items; never retries a write."""

    _last_unit: tuple[str, ...] | None = None

    @cached_property
    def _batches(self) -> WitnessedBatches:
        return WitnessedBatches(self._client, self._clock)

    async def room(self, wanted: Sequence[EntityRef], *, priority: Priority, renewed: bool = False) -> int:
        """Wait until at least one witnessed write fits into the limits; return how many of the first do, at least 1.

        What does not fit after all, `write` defers. That they are `renewed` before takes a list of fifty each, which is
        left out of account.
        """
        del renewed
        units = [Unit(self._vocabulary.of(ref.type), ref, {}) for ref in wanted]
        return await self._batches.room(units, priority=priority) if units else 1

    @property
    def renewed_by_request(self) -> int:
        """How many of them one request reads again at least: one list tells of fifty, a command of one's payments.

        Half a request is left for what else is asked for, such as the filters that they meet.
        """
        is_paid = any(wanted.payments for wanted in self._wanted.values())
        return (MOST_COMMANDS // 2) * (1 if is_paid else PAGE_SIZE)

    def renewable(self, wanted: int, *, priority: Priority) -> int:
        """Return how many of `wanted` could be read again and written before operating time runs out, perhaps none."""
        unit = self._last_unit or self._vocabulary.of(next(iter(self._wanted))).unit
        return self._client.affordable(unit, wanted, priority=priority)

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
        fields = [self._to_write(write) for write in writes]
        units = [
            self._unit(write.ref, wanted) for write, wanted in zip(writes, fields, strict=True) if wanted is not None
        ]
        if not units:
            return (_OTHER_FIELD,) * len(writes)
        self._last_unit = units[0].words.unit
        answers, sent_at = await self._batches.send(units, priority=priority, before_send=before_send)
        found = iter(answers)
        return tuple(
            _OTHER_FIELD if wanted is None else self._written(write, next(found), sent_at)
            for write, wanted in zip(writes, fields, strict=True)
        )

    def _unit(self, ref: EntityRef, fields: Mapping[str, object]) -> Unit:
        words = self._vocabulary.of(ref.type)
        return Unit(words, ref, fields, self._wanted[ref.type].select(words))

    def _to_write(self, write: Write) -> Mapping[str, object] | None:
        """Return the fields of an update; None where a field is none of those that are read of its type."""
        words = self._vocabulary.of(write.ref.type)
        known = {one.name: one for one in self._wanted[write.ref.type].fields}
        values: dict[str, object] = {}
        for correction in only_fields(write.corrections):
            field = known.get(correction.field)
            if field is None:
                return None
            values[words.own(field.name, field.upper_name)] = field.sent(correction.after)
        if any(isinstance(correction, PointCorrection) for correction in write.corrections):
            values |= words.points_fields(write.corrections)
        return values

    def _written(self, write: Write, answer: tuple[Row, Row] | WriteOutcome, read_at: float) -> WriteOutcome:
        """Return what a write met and left.

        It is judged by that, so contact points that are only not shown must not pass for deleted ones.
        """
        if not isinstance(answer, tuple):
            return answer
        words, wanted = self._vocabulary.of(write.ref.type), self._wanted[write.ref.type]
        if wanted.points and not all(words.tells_points(row) for row in answer):
            return Unknown(f"an item of type {write.ref.type.value} came without its contact points")
        met = None
        try:
            met = self._seen_again(write, words, answer[0], read_at)
            left = self._seen_again(write, words, answer[1], read_at)
        except FieldGone as error:
            is_left = words.own(error.field, error.upper_name) in answer[1]
            return _gone(error, write.corrections, is_met=met is not None, is_left=is_left)
        except UnexpectedReply as error:
            return Unknown(str(error))
        if len(words.unit) > _ANSWERED_BY_ITSELF and _is_of_another(write.corrections, met, left):
            return Unknown("somebody changed the field between the update and the reading of what it left")
        if only_fields(write.corrections):
            written = written_after(met.written, write.corrections)
            left = replace(left, written=written, replaced=replaced_after(met.replaced, write.corrections))
        return Written(met, left)

    def _seen_again(self, write: Write, words: Words, row: Row, read_at: float) -> Snapshot:
        """Return an item as a row shows it, with payments, past and filters that the write was planned from."""
        planned = _planned_from(write)
        seen = item_row(words, write.ref.type, row, self._wanted[write.ref.type], read_at)
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
