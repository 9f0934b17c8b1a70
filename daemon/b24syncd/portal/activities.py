"""Activities with their bindings: reading, and witnessed writes of bindings and of the links of mirrored tasks."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from b24syncd.domain.activities import ActivitySnapshot
from b24syncd.errors import OutcomeUnknown

from .activity_reading import ActivityReader, nothing_done
from .activity_writes import ADD, LIST, commands_of, outcome_of
from .commands import Deferred, Unknown
from .governor import MOST_COMMANDS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from b24syncd.clock import Clock

    from .activity_reading import KnowsPast, KnowsSources
    from .client import PortalClient
    from .commands import Command, Outcome, Priority
    from .writes import Write, WriteOutcome


class Activities(ActivityReader):
    """Reads and writes activities; never retries a write."""

    def __init__(
        self, client: PortalClient, clock: Clock, sources: KnowsSources, past: KnowsPast = nothing_done
    ) -> None:
        """Speak through `client`; `clock` stamps the snapshots, `sources` and `past` complete them."""
        super().__init__(client, clock, sources, past)
        self._unit: tuple[str, ...] = (LIST, ADD)

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
        """Send one batch, a fresh read of its bindings directly before each activity's changes; outcomes in order.

        A batch of several does not halt, for the writes are independent and the portal itself refuses what does not
        fit the bindings that are there. Writes that are too many for one batch are deferred. Raises `OutcomeUnknown`
        when the answer was lost; there must be at least one write.
        """
        units = [commands_of(write.ref, write.corrections) for write in writes]
        lengths = list(accumulate(map(len, units)))
        # an activity that hangs on very many items may take more than one batch; it goes alone
        fitting = max(1, sum(length <= MOST_COMMANDS for length in lengths))
        self._unit = tuple(command.method for command in units[0][:MOST_COMMANDS])
        sent_at = 0.0

        async def stamped() -> None:
            nonlocal sent_at
            await before_send()
            sent_at = self._clock.monotonic()

        # a single change halts where its witness fails
        halt = fitting == 1 and len(units[0]) == len((LIST, ADD))
        commands = [command for unit in units[:fitting] for command in unit]
        outcomes = iter(await self._send(commands, priority, stamped, halt=halt))
        done = tuple(
            outcome_of(_planned_from(write), write.corrections, [next(outcomes) for _ in unit], sent_at)
            for write, unit in zip(writes[:fitting], units, strict=False)
        )
        return (*done, *(Deferred(0.0) for _ in writes[fitting:]))

    async def _send(
        self,
        commands: Sequence[Command],
        priority: Priority,
        before_send: Callable[[], Awaitable[None]],
        *,
        halt: bool,
    ) -> tuple[Outcome, ...]:
        """Send commands in as many batches as they need, mostly one; a lost answer ends them."""
        first, rest = commands[:MOST_COMMANDS], commands[MOST_COMMANDS:]
        outcomes = await self._client.write(first, priority=priority, before_send=before_send, halt=halt)
        while rest:
            part, rest = rest[:MOST_COMMANDS], rest[MOST_COMMANDS:]
            try:
                outcomes += await self._client.write(part, priority=priority, halt=False)
            except OutcomeUnknown as error:
                return (*outcomes, *(Unknown(str(error)) for _ in (*part, *rest)))
        return outcomes


def _planned_from(write: Write) -> ActivitySnapshot:
    if not isinstance(write.snapshot, ActivitySnapshot):
        message = f"{write.ref} is no activity"
        raise TypeError(message)
    return write.snapshot
