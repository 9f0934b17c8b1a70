"""One request inside all limits, and what its answer taught."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from b24syncd.errors import OutcomeUnknown, PortalBlocked
from b24syncd.portal.pace.beside import UPDATE, Beside
from b24syncd.portal.pace.bucket import RequestBucket
from b24syncd.portal.pace.governor import OperatingGovernor
from b24syncd.portal.pace.group_sizes import GroupSizes
from b24syncd.portal.pace.levels import Levels
from b24syncd.portal.pace.limits import LimitsState
from b24syncd.portal.pace.serverclock import ServerClock
from b24syncd.portal.pace.signs import Signs
from b24syncd.portal.pace.waits import WaitCause, Waits
from b24syncd.portal.wire.batch import envelope, parse_timing, read_batch, read_plain, refused
from b24syncd.portal.wire.caller import Caller
from b24syncd.portal.wire.commands import Deferred, Outcome, Priority, Refused
from b24syncd.portal.wire.credentials import credentials_of
from b24syncd.portal.wire.faults import Reaction, lacks_own_scope, react_to_request
from b24syncd.portal.wire.observation import BATCH, Observation
from b24syncd.portal.wire.route import DIRECT
from b24syncd.portal.wire.traffic import Traffic
from b24syncd.portal.wire.transport import Transport
from b24syncd.portal.wire.transport_faults import (
    Blocked,
    FaultTold,
    NotAPortal,
    NotOurs,
    NotSent,
    TokenExpired,
    TooFast,
)

from .letting_in import again_if_expired, let_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

    from b24syncd.clock import Clock
    from b24syncd.portal.dates.marks import DateMark
    from b24syncd.portal.pace.limits import Limits, LimitsMemory
    from b24syncd.portal.pace.reservation import Reservation
    from b24syncd.portal.wire.commands import Command
    from b24syncd.portal.wire.credentials import ByApplication, Webhook
    from b24syncd.portal.wire.route import Route
    from b24syncd.portal.wire.transport import Reply


@dataclass(frozen=True, slots=True)
class Request:
    """Commands to send together, several as a batch; their encoded `queries` go with them.

    `before_send` is awaited directly before the request leaves; those that write are signed with the caller.
    """

    commands: Sequence[Command]
    queries: Sequence[str | None]
    priority: Priority
    halt: bool
    before_send: Callable[[], Awaitable[None]] | None = None
    writes: bool = False

    @property
    def method(self) -> str:
        """The method that the request calls."""
        return BATCH if len(self.commands) > 1 else self.commands[0].method

    def call(self) -> tuple[str, Mapping[str, object]]:
        """Return the method and its parameters."""
        if len(self.commands) == 1:
            return self.method, dict(self.commands[0].params)
        methods = [command.method for command in self.commands]
        return BATCH, envelope(methods, [query or "" for query in self.queries], halt=self.halt)


class Requests:
    """Sends requests when the limits let them go; an async context manager that owns the session."""

    def __init__(
        self,
        access: Webhook | ByApplication,
        limits: Limits,
        *,
        clock: Clock,
        memory: LimitsMemory,
        route: Route = DIRECT,
    ) -> None:
        """Call by this `access`, by this route and inside `limits`, remembering in `memory` what is learnt of them."""
        self._clock = clock
        self._memory = memory
        self.waits = Waits(clock)
        self.credentials = credentials_of(access)
        self._transport = Transport(self.credentials, limits.request_timeout_seconds, route)
        self.server_clock = ServerClock(clock)
        self.governor = OperatingGovernor(limits, self.server_clock, self.waits)
        self._bucket = RequestBucket(limits, clock, self.server_clock)
        self._let_fly(limits.in_flight)
        self._first = asyncio.Lock()
        self.sent = 0
        self._answered_before: float | None = None
        self.caller = Caller()
        self.signs = Signs(clock, self.governor.foreign)
        self.traffic = Traffic()
        self.group_sizes = GroupSizes(limits.witness_seconds)
        self.date_marks: dict[str, DateMark] = {}
        clock_of_portal, window = self.server_clock.careful_guess, limits.operating_window_seconds
        self.beside = Beside(clock_of_portal, window, self.governor.counts_batches, self.governor.delay)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Open the session, with what was learnt in an earlier life."""
        state = await self._memory.load()
        self.server_clock.carry_on(state)
        self.date_marks.update(state.dates)
        self.group_sizes.restore(state.group_sizes)
        self._answered_before, self.beside.rests = state.answered, state.second_family
        self.governor.restore(state)
        self._bucket.restore(state)
        async with self._transport:
            yield

    async def allow(self, limits: Limits) -> None:
        """Stay inside other limits from now on, with all that was learnt; waits until no request is on its way."""
        async with AsyncExitStack() as stack:
            for _ in range(self._most_in_flight):
                await stack.enter_async_context(self._slots)
            bucket = RequestBucket(limits, self._clock, self.server_clock)
            bucket.succeed(self._bucket)
            if self.server_clock.is_known:
                bucket.correct()
            self._bucket = bucket
            self.governor.allow(limits)
            self.group_sizes.allow(limits.witness_seconds)
            self._transport.wait_for(limits.request_timeout_seconds)
            self._let_fly(limits.in_flight)

    def _let_fly(self, requests: int) -> None:
        self._most_in_flight = requests
        self._slots = asyncio.Semaphore(requests)
        self._backfill_slots = asyncio.Semaphore(max(1, requests - 1))

    @property
    def turn_seconds(self) -> float:
        """The seconds in which the request limit lets two requests of a backfill leave."""
        return self._bucket.turn_seconds

    def levels(self) -> Levels:
        """Return how much of the limits is used now."""
        return Levels(*self._bucket.level, self._bucket.pace, self.governor.ratios())

    async def ready(self, requests: int, priority: Priority, *, within: float) -> int:
        """Wait until so many requests could leave in a row; return how many could leave `within` some seconds."""
        with self.waits.on(WaitCause.REQUEST_LIMIT, "request limit"):
            return await self._bucket.ready(requests, priority, within=within)

    async def send(self, request: Request, reservation: Reservation) -> tuple[Outcome, ...]:
        """Send one request; return the outcome of each command.

        Raises `NotSent`, `Blocked` or `NotAPortal` when nothing was done, `OutcomeUnknown` when something may have
        been, and `CredentialsRefused` and `PortalBlocked`. The reservation is settled in any case.
        """
        method, unsigned = request.call()
        params = self.caller.signed(unsigned) if request.writes else unsigned
        sent_at: float | None = None  # monotonic
        try:
            await let_in(self.credentials, self.signs)
            async with self._turn(request.priority):
                if request.before_send is not None:
                    await request.before_send()
                sent_at = self._clock.monotonic()
                self.sent += 1
                with self.traffic.request([command.method for command in request.commands]) as seen:
                    reply = await self._post(method, params)
                    self.caller.judge(reply.code, params, unsigned)
                    outcomes, observation = self._read(request, reply)
                    outcomes = again_if_expired(self.credentials, outcomes, reply.call)
                    seen.extend(outcomes)
        except PortalBlocked:
            self.beside.note_blocked()
            await self._memory.save(self._learnt())
            raise
        except (OutcomeUnknown, asyncio.CancelledError) as fault:
            if sent_at is not None:  # that nobody waits for it any more tells nothing of how long it takes
                self.governor.lose(reservation, took_too_long=isinstance(fault, OutcomeUnknown))
            raise
        finally:
            self.governor.release(reservation)
        await self._learn(reply, sent_at, reservation, observation)
        if not any(isinstance(outcome, Deferred) for outcome in outcomes):
            return outcomes
        return tuple(
            Deferred(self.governor.delay(command.method)) if isinstance(outcome, Deferred) else outcome
            for command, outcome in zip(request.commands, outcomes, strict=True)
        )

    async def _post(self, method: str, params: Mapping[str, object]) -> Reply:
        """Post, and take in whether there is a portal that answers."""
        began = self._clock.monotonic()
        try:
            with self.signs.waiting():
                reply = await self._transport.post(method, params)
        except (TooFast, TokenExpired) as fault:
            self.signs.answered()
            if isinstance(fault, TooFast):
                self.signs.refused_for_others()
            raise
        except (NotSent, NotAPortal, OutcomeUnknown) as fault:
            self.signs.failed(str(fault))
            raise
        self.signs.answered()
        reply.took = self._clock.monotonic() - began
        return reply

    @asynccontextmanager
    async def _turn(self, priority: Priority) -> AsyncIterator[None]:
        """Hold one of the requests that may be in flight, one of which backfills leave alone."""
        async with AsyncExitStack() as stack:
            if priority is Priority.BACKFILL:
                await stack.enter_async_context(self._backfill_slots)
            await stack.enter_async_context(self._slots)
            if not self.server_clock.is_known:
                # until the portal has told its time, the requests of an earlier life cannot be judged
                await stack.enter_async_context(self._first)
            with self.waits.on(WaitCause.REQUEST_LIMIT, "request limit"):
                await stack.enter_async_context(self._bucket.turn(priority))
            await self._memory.save(self._learnt())
            yield

    def _learnt(self) -> LimitsState:
        operating = self.governor.learnt()
        clock = self.server_clock
        return LimitsState(
            self._bucket.send_times,
            operating.costs,
            operating.operating,
            clock.reached,
            clock.utc_offset,
            clock.set_back_at,
            dict(self.date_marks),
            self._answered(),
            operating.ledgers,
            self.group_sizes.learnt(),
            undated=self._bucket.undated,
            operating_limits=operating.limits,
            second_family=self.beside.rests,
        )

    def _answered(self) -> float | None:
        """Return when the portal answered last, by its clock; in an earlier life, where it did not in this one."""
        if self.signs.answered_at is not None:
            silence = self._clock.monotonic() - self.signs.answered_at
            self._answered_before = self.server_clock.careful_guess() - silence
        return self._answered_before

    def _read(self, request: Request, reply: Reply) -> tuple[tuple[Outcome, ...], Observation]:
        commands = request.commands
        if not reply.is_error:
            if len(commands) > 1:
                return read_batch(commands, reply.body, halt=request.halt, took=reply.took)
            outcome, observation = read_plain(commands[0], reply.body, reply.took)
            return (outcome,), observation
        if not reply.code and "error" not in reply.body:
            message = f"the portal answered HTTP {reply.status} without a result; {self.credentials.cure}"
            raise NotOurs(message)
        if len(commands) == 1 and lacks_own_scope(reply.code, request.method):
            return (Refused(reply.code, reply.description),), Observation()
        text = f"the portal answered HTTP {reply.status} {reply.code}: {reply.description}".rstrip(": ")
        match react_to_request(reply.status, reply.code, reply.description, self.credentials.called):
            case Reaction.TOO_FAST:
                self._slow_down()
                raise TooFast(text)
            case Reaction.TOO_MUCH:
                raise Blocked(text, self.governor.block(request.method))
            case Reaction.UNCERTAIN:
                raise FaultTold(text) if reply.code else OutcomeUnknown(text)
            case Reaction.REFUSED:
                return refused(commands, reply.code, reply.description), Observation()

    async def _learn(self, reply: Reply, sent_at: float, reservation: Reservation, observation: Observation) -> None:
        timing = parse_timing(reply.body.get("time"))
        if timing is not None:
            was_known = self.server_clock.is_known
            self.server_clock.learn(timing, sent_at)
            if not was_known:
                self._bucket.correct()
        self.governor.settle(reservation, observation)
        self.beside.note_updates(timing.duration for timing in observation.timings.get(UPDATE, ()))
        if observation.is_too_fast:
            self._slow_down()
        else:
            self._bucket.recover()

    def _slow_down(self) -> None:
        self.signs.refused_for_others()
        self._bucket.slow_down()
