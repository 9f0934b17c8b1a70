"""Witnessed writes of items: a batch of units, each a read directly before its update, and what they answer."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from b24syncd.portal.pace.governor import MOST_COMMANDS
from b24syncd.portal.wire.commands import Answered, Deferred, Refused, Unknown
from b24syncd.portal.wire.replies import UnexpectedReply
from b24syncd.portal.words.vocabulary import id_of

from .writes import NotTried

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from b24syncd.clock import Clock
    from b24syncd.domain.entities import EntityRef
    from b24syncd.portal.wire.commands import Outcome, Priority
    from b24syncd.portal.words.vocabulary import Row, Words

    from .client import PortalClient
    from .writes import WriteOutcome

    Unit = tuple[Words, EntityRef, Mapping[str, object]]
    """An item, in which words it is written, and the fields to write."""


async def send_units(
    client: PortalClient,
    clock: Clock,
    units: Sequence[Unit],
    *,
    priority: Priority,
    before_send: Callable[[], Awaitable[None]],
) -> tuple[list[tuple[Row, Row] | WriteOutcome], float]:
    """Send units in one batch that halts at the first failure; return the rows before and after, in order.

    No item is in a batch twice: the portal keeps what it has read of an item's contact points until the whole batch
    is answered (php: modules/crm/lib/Service/MultifieldStorage.php), so the second witness would be as old as the
    first. What does not fit into the batch is deferred, and what follows on it. The second value is the clock's time
    directly before the batch left.
    """
    commands = [words.write(ref.id, fields) for words, ref, fields in units]
    fitting = sum(length <= MOST_COMMANDS for length in accumulate(map(len, commands)))
    fitting = min(fitting, _before_the_first_repeated([ref for _, ref, _ in units]))
    sent_at = 0.0

    async def stamped() -> None:
        nonlocal sent_at
        await before_send()
        sent_at = clock.monotonic()

    flat = [command for unit in commands[:fitting] for command in unit]
    outcomes = iter(await client.write(flat, priority=priority, before_send=stamped))
    answers = [
        _rows(words, ref, [next(outcomes) for _ in unit])
        for (words, ref, _), unit in zip(units[:fitting], commands, strict=False)
    ]
    return [*answers, *(Deferred(0.0) for _ in units[fitting:])], sent_at


def _before_the_first_repeated(refs: Sequence[EntityRef]) -> int:
    """Return how many items there are before one that was among them already."""
    seen: set[EntityRef] = set()
    for index, ref in enumerate(refs):
        if ref in seen:
            return index
        seen.add(ref)
    return len(refs)


def _rows(words: Words, ref: EntityRef, outcomes: Sequence[Outcome]) -> tuple[Row, Row] | WriteOutcome:
    """Return the item before and after a write, or what became of the write otherwise."""
    witness, update, *_ = outcomes
    answers = [outcome.result for outcome in outcomes if isinstance(outcome, Answered)]
    if len(answers) == len(outcomes):
        try:
            rows = words.met_and_left(answers)
            ids = {id_of(words, row, ref.type) for row in rows}
        except UnexpectedReply as error:
            return Unknown(str(error))
        return rows if ids == {ref.id} else Unknown(f"another item than {ref} was answered")
    if isinstance(update, Answered):
        return Unknown("the update was done but what was read before or after it was not answered")
    if isinstance(update, Deferred) and not isinstance(witness, Answered | Deferred):
        return words.refusal(witness) if isinstance(witness, Refused) else NotTried(witness.reason)
    return words.refusal(update) if isinstance(update, Refused) else update
