"""Items that people pay for: reading them with their payments, and witnessed writes of the field with the date."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from b24syncd.domain.corrections import SetField
from b24syncd.domain.entities import EntityType
from b24syncd.domain.payments import PaidSnapshot, same_value

from .commands import Refused, Unknown
from .payment_reading import FieldGone, PaidReader
from .replies import UnexpectedReply
from .vocabulary import UNIVERSAL
from .writes import Written
from .written_rows import send_units

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence

    from b24syncd.clock import Clock
    from b24syncd.domain.corrections import Correction

    from .client import PortalClient
    from .commands import Priority
    from .date_fields import DateField
    from .payment_reading import PaidRow
    from .vocabulary import Row, Vocabulary, Words
    from .writes import Write, WriteOutcome

_ANSWERED_BY_ITSELF = 2
"""Methods of a unit whose update answers with the item; where it does not, a third reads what was left."""

_OTHER_FIELD = Refused("FIELD_GONE", "the configuration names another field by now")


class PaidItems(PaidReader):
    """Reads and writes items of the types that have a field for the date; never retries a write."""

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
        super().__init__(client, clock, fields, vocabulary, promised=promised)
        self._unit = vocabulary.of(next(iter(fields), EntityType.DEAL)).unit

    async def room(self, wanted: int, *, priority: Priority) -> int:
        """Wait until at least one witnessed write fits into the limits; return how many of `wanted` do, at least 1.

        Writes are taken to be of the kind that was written last; `write` defers what does not fit after all.
        """
        return await self._client.write_capacity(self._unit, wanted, priority=priority)

    async def write(
        self,
        writes: Sequence[Write],
        *,
        priority: Priority,
        before_send: Callable[[], Awaitable[None]],
    ) -> tuple[WriteOutcome, ...]:
        """Send one batch of units, each a fresh read directly before its update; outcomes in order.

        The batch halts at the first failing command, so no update runs without its witness. What the portal ignored,
        which it does without an error, shows in what the write left. Payments are those that the write was planned
        from. Raises `OutcomeUnknown` when the answer was lost; there must be at least one write.
        """
        planned = [_planned_from(write) for write in writes]
        words = {write.ref: self._vocabulary.of(write.ref.type) for write in writes}
        fields = {write.ref: self._to_write(words[write.ref], write) for write in writes}
        units = [(words[ref], ref, wanted) for ref, wanted in fields.items() if wanted]
        if not units:
            return (_OTHER_FIELD,) * len(writes)
        self._unit = units[0][0].unit
        answers, sent_at = await send_units(
            self._client, self._clock, units, priority=priority, before_send=before_send
        )
        by_ref = dict(zip((ref for _, ref, _ in units), answers, strict=True))
        return tuple(
            self._written(each, write.corrections, by_ref.get(each.ref, _OTHER_FIELD), sent_at)
            for each, write in zip(planned, writes, strict=True)
        )

    def _to_write(self, words: Words, write: Write) -> dict[str, object]:
        """Return the fields of an update; an empty text clears a field (php: crm/lib/controller/item.php)."""
        field = self._fields[write.ref.type]
        name = words.own(field.name, field.upper_name)
        ours = [one for one in write.corrections if isinstance(one, SetField) and one.field == field.name]
        return {name: ours[-1].after or ""} if ours else {}

    def _written(
        self,
        planned: PaidSnapshot,
        corrections: Sequence[Correction],
        answer: tuple[Row, Row] | WriteOutcome,
        read_at: float,
    ) -> WriteOutcome:
        if not isinstance(answer, tuple):
            return answer
        words = self._vocabulary.of(planned.ref.type)
        try:
            met, left = (self.row(words, planned.ref.type, row, read_at) for row in answer)
        except FieldGone as error:
            return Refused(error.code, error.description)
        except UnexpectedReply as error:
            return Unknown(str(error))
        if len(words.unit) > _ANSWERED_BY_ITSELF and _is_of_another(corrections, met, left):
            return Unknown("somebody changed the field between the update and the reading of what it left")
        after = replace(_seen_again(planned, left), written=planned.written_after(corrections))
        return Written(_seen_again(planned, met), after)


def _is_of_another(corrections: Sequence[Correction], met: PaidRow, left: PaidRow) -> bool:
    """Tell whether a field shows neither what was met there nor what was written."""
    wanted = [one.after for one in corrections if isinstance(one, SetField)]
    return not any(same_value(left.state.value, value) for value in (met.state.value, *wanted))


def _seen_again(planned: PaidSnapshot, row: PaidRow) -> PaidSnapshot:
    return replace(
        planned,
        updated_at=row.updated_at,
        amount=row.amount,
        currency=row.currency,
        state=row.state,
        read_at=row.read_at,
    )


def _planned_from(write: Write) -> PaidSnapshot:
    if not isinstance(write.snapshot, PaidSnapshot):
        message = f"{write.ref} was not read with its payments"
        raise TypeError(message)
    return write.snapshot
