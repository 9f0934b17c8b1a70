"""The portal's client: commands in, outcomes out, inside all limits."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Self

from b24syncd.errors import OutcomeUnknown, RetryLater
from b24syncd.portal.pace.governor import MOST_COMMANDS
from b24syncd.portal.pace.lengths import Lengths
from b24syncd.portal.pace.patience import Patience
from b24syncd.portal.wire.commands import Answered, Deferred, Outcome, Unknown
from b24syncd.portal.wire.route import DIRECT
from b24syncd.portal.wire.transport_faults import Blocked, NotAPortal, NotSent

from .chunks import encoded, next_chunk
from .requests import Request, Requests
from .retries import Retries, usable_prefix, wait_for
from .together import soon_after_now

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from random import Random
    from types import TracebackType

    from b24syncd.clock import Clock
    from b24syncd.portal.dates.marks import DateMark
    from b24syncd.portal.pace.levels import Levels
    from b24syncd.portal.pace.limits import Limits, LimitsMemory
    from b24syncd.portal.pace.spending import Spending
    from b24syncd.portal.wire.commands import Command, Priority
    from b24syncd.portal.wire.credentials import ByApplication, Webhook
    from b24syncd.portal.wire.route import Route


class PortalClient:
    """Reads and writes as one webhook or application by one `clock`; an async context manager that owns one session."""

    def __init__(  # noqa: PLR0913 # where to, how, and what is remembered
        self,
        access: Webhook | ByApplication,
        limits: Limits,
        *,
        clock: Clock,
        random: Random,
        memory: LimitsMemory,
        route: Route = DIRECT,
    ) -> None:
        """Call by this `access`, by this route and inside `limits`, remembering in `memory` what is learnt of them."""
        self.clock = clock
        self._random, self._backoff = random, limits.backoff
        self._requests = requests = Requests(access, limits, clock=clock, memory=memory, route=route)
        self.waits, self.traffic = requests.waits, requests.traffic
        self.governor, self.signs = requests.governor, requests.signs
        self.credentials, self.caller = requests.credentials, requests.caller
        self.group_sizes, self.beside = requests.group_sizes, requests.beside
        self._writes = self._patience()
        self._lengths = Lengths()
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._stack.enter_async_context(self._requests.open())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    @property
    def spendings(self) -> Mapping[str, Spending]:
        """How the operating time of each method stands."""
        return self.governor.spendings()

    @property
    def requests_sent(self) -> int:
        """How many requests have left."""
        return self._requests.sent

    def levels(self) -> Levels:
        """Return how much of the limits is used now."""
        return self._requests.levels()

    @property
    def has_answered_before(self) -> bool:
        """Whether the portal told its time, now or in an earlier life."""
        return self._requests.server_clock.reached is not None

    def server_now(self) -> float:
        """Return the portal's time in unix seconds; raise `LookupError` before its first answer."""
        return self._requests.server_clock.now()

    @property
    def knows_time(self) -> bool:
        """Whether the portal has told its time yet."""
        return self._requests.server_clock.is_known

    @property
    def utc_offset(self) -> float | None:
        """How far the clock on the portal's wall is ahead of UTC in seconds, as it was last told."""
        return self._requests.server_clock.utc_offset

    @property
    def date_marks(self) -> dict[str, DateMark]:
        """What was found out about the date filters of lists, remembered along with the limits."""
        return self._requests.date_marks

    def was_set_back(self, since: float) -> bool:
        """Tell whether the clock on the portal's wall was set back since an instant of its time."""
        return self._requests.server_clock.was_set_back(since)

    async def read(
        self, commands: Sequence[Command], *, priority: Priority, chained: bool = False
    ) -> tuple[Outcome, ...]:
        """Execute reading commands in as few requests as the limits allow; outcomes in order, `Answered` or `Refused`.

        Passing faults are tried again until `RetryLater`, first with fewer commands at a time, single commands that
        fail without a reason a few times, last alone; blocked methods are waited out. With `chained` the commands go in
        one batch in this order and may refer to each other; limits and faults may shorten it, and a refused command
        ends it: then there are fewer outcomes than commands, but at least one.
        """
        patience = self._patience()
        queries = encoded(commands)
        if chained:
            return await self._read_chain(commands, queries, priority, patience)
        outcomes: dict[int, Outcome] = {}
        pending = list(range(len(commands)))
        retries = Retries(commands, self.credentials.called)
        while pending:
            chunk = next_chunk(retries.first_of(pending), queries)
            sent = [commands[index] for index in chunk]
            chunk = chunk[: self._lengths.most(sent)]
            try:
                got = await self._read_some(chunk, commands, queries, priority)
                final = retries.final(got)
            except Blocked:
                continue
            except (NotSent, NotAPortal, OutcomeUnknown) as fault:
                got = final = retries.lost(chunk, fault)
                if not final:
                    await self._wait_after(fault, sent, len(chunk), patience)
                    continue
            if final:
                self._lengths.went_well(sent, len(got))
                outcomes |= final
                pending = [index for index in pending if index not in final]
                patience.success()
            else:
                await wait_for(next(iter(got.values())), patience)
        return tuple(outcomes[index] for index in range(len(commands)))

    async def _read_some(
        self, chunk: Sequence[int], commands: Sequence[Command], queries: Sequence[str | None], priority: Priority
    ) -> dict[int, Outcome]:
        methods = [commands[index].method for index in chunk]
        reservation = await self.governor.reserve(methods, priority, whole=False)
        taken = chunk[: len(reservation.methods)]
        request = Request(
            [commands[index] for index in taken], [queries[index] for index in taken], priority, halt=False
        )
        outcomes = await self._requests.send(request, reservation)
        return dict(zip(taken, outcomes, strict=True))

    async def _read_chain(
        self, commands: Sequence[Command], queries: Sequence[str | None], priority: Priority, patience: Patience
    ) -> tuple[Outcome, ...]:
        if None in queries:  # it would arrive changed or cut short in a batch, so it goes by itself
            commands = commands[: max(1, list(queries).index(None))]
        methods = [command.method for command in commands]
        retries = Retries(commands, self.credentials.called)
        while True:
            most = self._lengths.most(commands)
            reservation = await self.governor.reserve(methods[:most], priority, whole=False)
            number = len(reservation.methods)
            request = Request(commands[:number], queries[:number], priority, halt=True)
            try:
                outcomes = await self._requests.send(request, reservation)
            except Blocked:
                continue
            except (NotSent, NotAPortal, OutcomeUnknown) as fault:
                await self._wait_after(fault, commands, number, patience)
                continue
            self._lengths.went_well(commands, number)
            usable = usable_prefix(outcomes)
            if usable and retries.final({0: outcomes[0]}):
                return usable
            await wait_for(outcomes[0], patience)

    async def _wait_after(self, fault: Exception, commands: Sequence[Command], sent: int, patience: Patience) -> None:
        """Wait after a request without a usable answer; fewer commands at a time get patience of their own."""
        is_shorter = not isinstance(fault, NotSent) and self._lengths.failed(commands, sent)
        try:
            await patience.wait(fault)
        except RetryLater as error:
            if sent > 1 or isinstance(fault, NotSent) or not self.knows_time:
                raise  # it says no more, or it is not known whether a portal answers there at all
            message = f"{commands[0].method} fails even by itself: {error}"
            raise RetryLater(message, error.delay) from None
        if is_shorter:
            patience.renew(sent)

    async def allow(self, limits: Limits) -> None:
        """Stay inside other limits from now on, with all that was learnt; waits until no request is on its way."""
        await self._requests.allow(limits)

    @property
    def turn_seconds(self) -> float:
        """The seconds in which the request limit lets two requests of a backfill leave."""
        return self._requests.turn_seconds

    async def ready(self, requests: int, *, priority: Priority, within: float) -> int:
        """Wait until the request limit lets so many requests leave in a row, within reason.

        Returns how many it would let leave `within` the next seconds.
        """
        return await self._requests.ready(requests, priority, within=within)

    async def write_capacity(self, commands_per_unit: Sequence[str], wanted: int, *, priority: Priority) -> int:
        """Wait until a unit of commands of these methods fits into the limits; return how many of `wanted` do."""
        return await self.governor.capacity(commands_per_unit, wanted, priority)

    def affordable(self, commands_per_unit: Sequence[str], wanted: int, *, priority: Priority) -> int:
        """Return for how many of `wanted` units of these commands there is operating time now."""
        return self.governor.affordable(commands_per_unit, wanted, priority)

    async def capacities(self, units: Sequence[Sequence[str]], wanted: int, *, priority: Priority) -> tuple[int, ...]:
        """Wait until one of several units fits into the limits; return how many of `wanted` do of each."""
        return await self.governor.capacities(units, wanted, priority)

    async def write(
        self,
        commands: Sequence[Command],
        *,
        priority: Priority,
        before_send: Callable[[], Awaitable[None]] | None = None,
        halt: bool = True,
    ) -> tuple[Outcome, ...]:
        """Send writing commands once, in one batch that halts at the first failure unless told otherwise; in order.

        `before_send` is awaited after all waiting, directly before the request leaves. What the portal certainly did
        not execute is `Deferred`. Raises `OutcomeUnknown` when the answer was lost, after a pause, so that a portal in
        trouble is not sent one write after the other; and `RetryLater` when either happened too often in a row.
        Commands that cannot be in a batch go as plain calls one after another, with the same halt; a lost answer ends
        them in any case, and so does a long wait between two: what was read by the one is too old for the other.
        """
        if len(commands) > MOST_COMMANDS:
            message = f"{len(commands)} commands are more than a batch holds"
            raise ValueError(message)
        outcomes: list[Outcome] = []
        queries = encoded(commands)
        while len(outcomes) < len(commands):
            first = len(outcomes)
            part = next_chunk(range(first, len(commands)), queries, in_order=True)
            chosen, texts = [commands[index] for index in part], [queries[index] for index in part]
            try:
                got = await self._write_part(Request(chosen, texts, priority, halt, before_send, writes=True))
            except OutcomeUnknown as fault:
                if not outcomes:
                    await self._writes.wait(fault)
                    raise
                got, halt = (Unknown(str(fault)),) * len(part), True
            outcomes.extend(got)
            before_send = soon_after_now(self.clock) if halt else None
            if halt and not all(isinstance(outcome, Answered) for outcome in got):
                break
        return (*outcomes, *(Deferred(0.0) for _ in range(len(commands) - len(outcomes))))

    async def _write_part(self, request: Request) -> tuple[Outcome, ...]:
        methods = [command.method for command in request.commands]
        reservation = await self.governor.reserve(methods, request.priority, whole=True)
        try:
            outcomes = await self._requests.send(request, reservation)
        except Blocked as fault:
            return (Deferred(fault.delay),) * len(methods)
        except (NotSent, NotAPortal) as fault:
            return (Deferred(self._writes.delay(fault)),) * len(methods)
        self._writes.success()
        return outcomes

    async def write_once(
        self, command: Command, *, priority: Priority, before_send: Callable[[], Awaitable[None]]
    ) -> Outcome:
        """Send one writing command that nothing depends on; what becomes of it is nothing to `write` and its patience.

        `before_send` is as in `write`. Raises `NotSent`, `NotAPortal` or `OutcomeUnknown` at once.
        """
        reservation = await self.governor.reserve([command.method], priority, whole=True)
        request = Request([command], encoded([command]), priority, True, before_send, writes=True)  # noqa: FBT003
        (outcome,) = await self._requests.send(request, reservation)
        return outcome

    def _patience(self) -> Patience:
        is_known = self._requests.server_clock
        return Patience(
            self._backoff,
            clock=self.clock,
            random=self._random,
            waits=self.waits,
            is_known=lambda: is_known.is_known,
        )
