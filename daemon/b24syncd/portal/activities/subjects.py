"""Activities with their bindings: reading, and witnessed writes of bindings and of the links of mirrored tasks."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import accumulate, takewhile
from typing import TYPE_CHECKING

from b24syncd.domain.activities import ActivitySnapshot
from b24syncd.errors import OutcomeUnknown
from b24syncd.portal.pace.governor import MOST_COMMANDS
from b24syncd.portal.wire.commands import Answered, Deferred, Priority, Unknown

from .reading import ActivityReader
from .target_proofs import first_failure, prove, targets_of
from .writing import ADD, LIST, commands_of, outcome_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence

    from b24syncd.clock import Clock
    from b24syncd.domain.bindings import Binding
    from b24syncd.portal.before import KnowsBefore
    from b24syncd.portal.client import PortalClient
    from b24syncd.portal.wire.commands import Command, Outcome
    from b24syncd.portal.writes import Write, WriteOutcome

    from .reading import KnowsSources


_READ_BY_REQUEST = MOST_COMMANDS - 1
"""One command reads the tasks that activities mirror."""

_MOST_TOGETHER = 5
"""So many requests read what is worked on at once: fewer would end in too many batches that are not full, and more
would be old before they are written."""

_REQUESTS_EACH = 5.5
"""Requests that it takes to read so many, and to write each twice: 22 writes fill one."""

_WHILE_WRITTEN = 1.5
"""Seconds in which what was read is still young, and in which further requests may leave."""


class Activities(ActivityReader):
    """Reads and writes activities; never retries a write."""

    def __init__(
        self, client: PortalClient, clock: Clock, sources: KnowsSources, before: KnowsBefore | None = None
    ) -> None:
        """Speak through `client`; `clock` stamps the snapshots, `sources` and what was done `before` complete them."""
        super().__init__(client, clock, sources, before)
        self._unit: tuple[str, ...] = (LIST, ADD)
        self._has_written = False
        self._sent_before = client.requests_sent

    def takes(self, write: Write, *, priority: Priority) -> bool:  # noqa: ARG002 # see Subjects
        """Tell whether a write may be in the batch for which there is room."""
        return True

    async def room(self, wanted: Sequence[Write], *, priority: Priority, renewed: bool = False) -> int:
        """Wait until at least one witnessed write fits into the limits; return how many of the first do, in one batch.

        Of operating time they are taken to need as much as what was written last; `write` defers what does not fit
        after all. With `renewed` there is to be room for reading their bindings again before as well: read when there
        is room for no more than that, they would be old again before they are written.
        """
        if renewed:
            await self._client.write_capacity(self._renewed_unit, 1, priority=priority)
        room = await self._client.write_capacity(self._unit, len(wanted), priority=priority)
        return max(1, min(room, _most_together(_units(wanted))))

    def renewable(self, wanted: int, *, priority: Priority) -> int:
        """Return how many of `wanted` could be read again and written before operating time runs out, perhaps none.

        They are no more than one request reads: those of a second one would mostly be old before their turn comes.
        """
        return self._client.affordable(self._renewed_unit, min(wanted, _READ_BY_REQUEST), priority=priority)

    async def page_fits(self, *, priority: Priority) -> int:
        """Wait until a page can be read and written at once; return how many requests are to read it.

        What is read before would be old. A backfill has as many requests in a row for a page as the one before took,
        and the operating time for its size: half a window's at most. What is live waits for nothing.
        """
        governor, sent = self._client.governor, self._client.requests_sent
        taken, self._sent_before = sent - self._sent_before, sent
        written = (LIST, *self._unit, *self._unit)
        unit = written if self._has_written else (LIST,)
        drained = _WHILE_WRITTEN * 2 / self._client.turn_seconds  # a turn is the time of two
        by_requests = int((self._client.levels().most_requests + drained) / _REQUESTS_EACH)
        by_time = governor.affordable(written, _MOST_TOGETHER * _READ_BY_REQUEST * 2, None)
        together = max(1, min(_MOST_TOGETHER, by_requests, by_time // _READ_BY_REQUEST // 2))
        if priority is Priority.BACKFILL:
            await governor.until_affordable(unit, together * _READ_BY_REQUEST, priority)
            await self._client.ready(max(1, taken), priority=priority, within=0.0)
        return together

    @property
    def renewed_by_request(self) -> int:
        """How many of them one request reads again at least: one command each, and their tasks."""
        return _READ_BY_REQUEST

    @property
    def _renewed_unit(self) -> tuple[str, ...]:
        return (LIST, *self._unit)

    async def write(
        self,
        writes: Sequence[Write],
        *,
        priority: Priority,
        before_send: Callable[[], Awaitable[None]],
    ) -> tuple[WriteOutcome, ...]:
        """Send one batch, a fresh read of its bindings directly before each activity's changes; outcomes in order.

        What is to be bound, or left to, is proved to be there before, once in a batch. The batch halts at the first
        failure, so no write runs without its proofs and its witness. Writes that are too many for one batch are
        deferred. Raises `OutcomeUnknown` when the answer was lost; there must be at least one write.
        """
        units = list(_units(writes))
        # an activity that hangs on very many items may take more than one batch; it goes alone
        fitting = max(1, _most_together(units))
        self._unit = _usual(units[:fitting])
        self._has_written = True
        sent_at = 0.0

        async def stamped() -> None:
            nonlocal sent_at
            await before_send()
            sent_at = self._clock.monotonic()

        commands = [command for unit in units[:fitting] for command in unit.commands]
        outcomes = iter(await self._send(commands, priority, stamped))
        proofs: dict[Binding, Outcome] = {}
        answers: list[list[Outcome]] = []
        for unit in units[:fitting]:
            proofs |= {target: next(outcomes) for target in unit.proves}
            answers.append([next(outcomes) for _ in unit.writes])
        done = tuple(
            first_failure(unit.needs, proofs, answer)
            or outcome_of(_planned_from(write), write.corrections, answer, sent_at)
            for write, unit, answer in zip(writes[:fitting], units, answers, strict=False)
        )
        return (*done, *(Deferred(0.0) for _ in writes[fitting:]))

    async def _send(
        self, commands: Sequence[Command], priority: Priority, before_send: Callable[[], Awaitable[None]]
    ) -> tuple[Outcome, ...]:
        """Send commands in as many batches as they need, mostly one; a failure or a lost answer ends them."""
        first, rest = commands[:MOST_COMMANDS], commands[MOST_COMMANDS:]
        outcomes = await self._client.write(first, priority=priority, before_send=before_send)
        while rest and all(isinstance(outcome, Answered) for outcome in outcomes):
            part, rest = rest[:MOST_COMMANDS], rest[MOST_COMMANDS:]
            try:
                outcomes += await self._client.write(part, priority=priority)
            except OutcomeUnknown as error:
                return (*outcomes, *(Unknown(str(error)) for _ in (*part, *rest)))
        return (*outcomes, *(Deferred(0.0) for _ in rest))


@dataclass(frozen=True, slots=True)
class _Unit:
    """One write in a batch: the items that it `needs`, those that it `proves` for all that follow, and its commands."""

    needs: tuple[Binding, ...]
    proves: tuple[Binding, ...]
    writes: tuple[Command, ...]

    @property
    def commands(self) -> tuple[Command, ...]:
        """The proofs, the witness and the changes."""
        return (*map(prove, self.proves), *self.writes)


def _units(writes: Iterable[Write]) -> Iterator[_Unit]:
    proved: set[Binding] = set()
    for write in writes:
        needs = targets_of(write.corrections)
        proves = tuple(target for target in needs if target not in proved)
        proved.update(proves)
        yield _Unit(needs, proves, commands_of(write.ref, write.corrections))


def _most_together(units: Iterable[_Unit]) -> int:
    """Return how many of the first writes one batch holds."""
    lengths = accumulate(len(unit.proves) + len(unit.writes) for unit in units)
    return sum(1 for _ in takewhile(lambda length: length <= MOST_COMMANDS, lengths))


def _usual(units: Sequence[_Unit]) -> tuple[str, ...]:
    """Return the methods of a write of the kind that most of these are: a task is written by more commands."""
    kinds = Counter(tuple(command.method for command in unit.writes[:MOST_COMMANDS]) for unit in units)
    return kinds.most_common(1)[0][0]


def _planned_from(write: Write) -> ActivitySnapshot:
    if not isinstance(write.snapshot, ActivitySnapshot):
        message = f"{write.ref} is no activity"
        raise TypeError(message)
    return write.snapshot
