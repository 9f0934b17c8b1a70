"""The operating limit, per method: no command leaves that the portal would refuse for its operating time.

A request reserves what its commands will probably cost, and settles when it is answered. Of a method that nobody knows
one command goes first; that tells how many may follow, with caution. The same keeps a batch far from the portal's cut.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

from b24syncd.portal.wire.commands import Priority
from b24syncd.portal.wire.observation import BATCH

from .budget import Budget
from .learnt import learnt_of, restore
from .meter import Meter
from .reservation import Reservation
from .share import Share
from .signs import Foreign
from .waits import WaitCause

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from b24syncd.portal.wire.observation import Observation

    from .limits import LearntOperating, Limits, LimitsState
    from .serverclock import ServerClock
    from .spending import Spending
    from .waits import Waits

MOST_COMMANDS = 50
_LONGEST_BATCH = 10.0
_CUT_SHARE = 1 / 6
_BATCH_WEIGHT = 0.5
"""What a server that charges a batch as a whole counts of its seconds (php: `LoadLimiter::BATCH_TIME_WEIGHT`)."""

_SLOW_AFTER_LOSS = 2.0
_MOST_PROBING = 6  # commands: one write of an item, or of an activity


class OperatingGovernor:
    """Decides how many commands may leave now, and learns from every answer."""

    def __init__(self, limits: Limits, server_clock: ServerClock, waits: Waits) -> None:
        """Stay inside `limits`; tell in `waits` what holds requests up."""
        self._server_clock = server_clock
        self._waits = waits
        self._meters: dict[str, Meter] = {}
        self._changed = asyncio.Event()
        self.allow(limits)

    def allow(self, limits: Limits) -> None:
        """Stay inside these limits from now on; what was spent stays spent."""
        self._limits = limits
        self._share, self.prices = Share(limits, self._server_clock), limits.prices
        self._target = min(_LONGEST_BATCH, limits.request_cut_seconds * _CUT_SHARE)
        for meter in self._meters.values():
            meter.allow(limits.operating_window_seconds, limits.operating_seconds)
        self._announce()

    def restore(self, state: LimitsState) -> None:
        """Take over what was learnt in an earlier life."""
        restore(state, self._meter)

    def learnt(self) -> LearntOperating:
        """Return what is to be remembered."""
        return learnt_of(self._meters, self._server_clock.careful_guess())

    def seconds(self, method: str) -> float | None:
        """Return how long a command of this method takes, None where that is not known."""
        return self._meter(method).costs.seconds

    def _budget(self, meter: Meter) -> Budget:
        return Budget(meter.limit, self._share.now())

    def ratios(self) -> dict[str, float]:
        """Return what is spent of each method's operating time, of 1, where the portal counts it."""
        now = self._server_clock.careful_guess()
        return {method: meter.spent(now) / meter.limit for method, meter in self._meters.items() if meter.is_counted}

    def spendings(self) -> dict[str, Spending]:
        """Return how the operating time of each method stands that a backfill may spend."""
        now = self._server_clock.careful_guess()
        found = {method: meter.spending(now, self._budget(meter).backfill) for method, meter in self._meters.items()}
        return {method: spending for method, spending in found.items() if spending is not None}

    def _meter(self, method: str) -> Meter:
        meter = self._meters.get(method)
        if meter is None:
            window, limit = self._limits.operating_window_seconds, self._limits.operating_seconds
            meter = self._meters[method] = Meter(window, limit, weight=_BATCH_WEIGHT if method == BATCH else 1.0)
        return meter

    def seconds_of(self, method: str) -> float | None:
        """Return how many seconds one command of a method takes, None where nobody knows."""
        meter = self._meter(method)
        return meter.expected_seconds if meter.costs.seconds is not None else None

    def fitting(self, methods: Sequence[str], priority: Priority) -> int:
        """Return how many of the first `methods` may leave now, in one batch."""
        return self._fitting(methods, priority, least=1)

    async def capacity(self, unit: Sequence[str], wanted: int, priority: Priority) -> int:
        """Wait until at least one `unit` of commands fits; return how many of `wanted` do, in one batch."""
        return (await self.capacities((unit,), wanted, priority))[0]

    async def capacities(self, units: Sequence[Sequence[str]], wanted: int, priority: Priority) -> tuple[int, ...]:
        """Wait until at least one of several units fits; return how many of `wanted` do of each, in one batch.

        The first one goes alone as long as nothing is known of it.
        """
        while True:
            tried = units[: 1 if self.cost(units[0]) is None else None]
            if any(found := tuple(self._capacity(unit, wanted, priority) for unit in tried)):
                return *found, *(0 for _ in units[len(tried) :])
            await self._wait({method for unit in tried for method in unit}, priority)

    def _capacity(self, unit: Sequence[str], wanted: int, priority: Priority) -> int:
        most = max(1, min(wanted, MOST_COMMANDS // len(unit)))
        fitting = self._fitting(list(unit) * most, priority, least=len(unit))
        return fitting // len(unit) or int(self._are_free(unit, priority))

    def cost(self, unit: Sequence[str]) -> float | None:
        """Return the operating seconds of a unit, all methods together; None where one of them is not known."""
        costs = [self._meter(method).costs.operating for method in unit]
        return None if None in costs else sum(filter(None, costs))

    def counts_batches(self) -> bool:
        """Tell whether the portal was seen to count the operating time of a batch as a whole."""
        return self._meter(BATCH).is_told

    async def until_affordable(self, unit: Sequence[str], wanted: int, priority: Priority) -> None:
        """Wait until there is operating time for `wanted` units, or for as many as a window has it."""
        while self.affordable(unit, wanted, priority) < self.affordable(unit, wanted, None):
            await self._wait(unit, priority)

    def affordable(self, unit: Sequence[str], wanted: int, priority: Priority | None) -> int:
        """Return for how many of `wanted` units there is operating time now, in as many batches as it takes.

        Without a priority, for how many a backfill has it in a whole window.
        """
        now = self._server_clock.careful_guess()
        rooms = {method: self._room(method, priority, now) for method in unit}
        costs = {method: number * self._meter(method).reserved_cost for method, number in Counter(unit).items()}
        return max(0, int(min([wanted, *(room / costs[method] for method, room in rooms.items() if costs[method])])))

    async def reserve(self, methods: Sequence[str], priority: Priority, *, whole: bool) -> Reservation:
        """Reserve for as many of the first `methods` as fit now, waiting for the first; for all of them if `whole`."""
        while True:
            fitting = self._fitting(methods, priority, least=len(methods) if whole else 1)
            if whole and fitting < len(methods):
                fitting = len(methods) if self._are_free(methods, priority) else 0
            if not (fitting or whole) and self._are_free(methods[:1], priority):
                fitting = 1
            if fitting:
                return self._hold(methods[:fitting])
            await self._wait(methods if whole else methods[:1], priority)

    def _fitting(self, methods: Sequence[str], priority: Priority, *, least: int) -> int:
        """Return how many of the first `methods` fit; the first `least` may take longer than a batch should."""
        now = self._server_clock.careful_guess()
        room: dict[str, float] = {}
        taken: Counter[str] = Counter()
        seconds = 0.0
        batch_room = self._room(BATCH, priority, now)
        for fitting, method in enumerate(methods[:MOST_COMMANDS]):
            meter = self._meter(method)
            if method not in room:
                room[method] = self._room(method, priority, now)
            taken[method] += 1
            seconds += meter.expected_seconds
            if (
                taken[method] * meter.reserved_cost > room[method]
                or (fitting and seconds > batch_room)
                or (fitting >= least and (seconds > self._target or (taken[method] > 1 and not meter.is_known)))
                or (not meter.is_known and meter.in_flight)
            ):
                return fitting
        return min(len(methods), MOST_COMMANDS)

    def _room(self, method: str, priority: Priority | None, now: float) -> float:
        meter = self._meter(method)
        if not meter.is_counted:
            return 0.0 if meter.blocked_until > now else float("inf")
        budget = self._budget(meter)
        if priority is None:
            return budget.backfill_beside_live - meter.foreign(now)
        if meter.blocked_until > now:
            return 0.0
        if priority is Priority.LIVE:
            allowed = budget.live
        elif now - meter.live_waited_at < self._limits.operating_window_seconds:
            allowed = budget.backfill_beside_live
        else:
            allowed = budget.backfill
        return allowed - meter.spent(now) - meter.reserved

    def _are_free(self, methods: Sequence[str], priority: Priority) -> bool:
        """Tell whether these may leave whatever they cost: their windows are empty, or may have emptied unseen.

        Those of which the window has room for these may be as they are. A few find out what has left, no whole batch.
        """
        now = self._server_clock.careful_guess()
        if len(methods) > 1 and self._meter(BATCH).blocked_until > now:
            return False
        for method, number in Counter(methods).items():
            meter = self._meter(method)
            is_idle = not meter.in_flight and meter.blocked_until <= now
            may_probe = len(methods) <= _MOST_PROBING and meter.may_probe(now)
            is_empty = is_idle and (meter.spent(now) <= 0 or may_probe)
            has_room = meter.is_known and number * meter.reserved_cost <= self._room(method, priority, now)
            if not is_empty and not has_room:
                return False
        return True

    def _hold(self, methods: Sequence[str]) -> Reservation:
        now = self._server_clock.careful_guess()
        expected = {method: number * self._meter(method).reserved_cost for method, number in Counter(methods).items()}
        if len(methods) > 1:
            expected[BATCH] = sum(expected.values())
        for method, seconds in expected.items():
            self._meter(method).depart(seconds, now)
        return Reservation(methods, expected, now)

    def release(self, reservation: Reservation) -> None:
        """Give back what was reserved; nothing when that was done before."""
        if not reservation.is_open:
            return
        reservation.is_open = False
        for method, seconds in reservation.expected.items():
            self._meter(method).arrive(seconds, reservation.at)
        self._announce()

    def settle(self, reservation: Reservation, observation: Observation) -> None:
        """Learn from an answer and give back what was reserved."""
        self.release(reservation)
        for method, timings in observation.timings.items():
            self._meter(method).learn(timings)
        for method, number in observation.untimed.items():
            self._meter(method).learn_untimed(number)
        now = self._server_clock.careful_guess()
        for method in observation.blocked:
            self._meter(method).block(now)
        self._announce()

    def lose(self, reservation: Reservation, *, took_too_long: bool = True) -> None:
        """Take in that a request was not answered, or not waited for: it may have cost all that was reserved."""
        self.release(reservation)
        for method, seconds in reservation.expected.items():
            meter = self._meter(method)
            meter.charge(seconds, self._server_clock.careful_guess())
            if took_too_long and meter.costs.seconds is not None:
                meter.costs.seconds *= _SLOW_AFTER_LOSS

    def block(self, method: str) -> float:
        """Take in that the portal refuses this method for its operating time; return the seconds to wait."""
        return self._meter(method).block(self._server_clock.careful_guess())

    def delay(self, method: str) -> float:
        """Return the seconds until a blocked method may be called again."""
        return max(0.0, self._meter(method).blocked_until - self._server_clock.careful_guess())

    def foreign(self) -> Foreign | None:
        """Return the method of which others on this address spend most; None where nobody does."""
        now = self._server_clock.careful_guess()
        found = [Foreign(method, meter.foreign(now), meter.limit) for method, meter in self._meters.items()]
        most = max(found, key=lambda one: one.seconds, default=None)
        return most if most is not None and most.seconds > 0 else None

    def _announce(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def _wait(self, methods: Iterable[str], priority: Priority) -> None:
        now = self._server_clock.careful_guess()
        meters = {method: self._meter(method) for method in {*methods, BATCH}}
        changes = [change for meter in meters.values() if (change := meter.next_change(now)) is not None]
        tightest = min(meters, key=lambda method: self._room(method, priority, now))
        if priority is Priority.LIVE and self._room(tightest, priority, now) < meters[tightest].reserved_cost:
            meters[tightest].live_waited_at = now
        if changes:
            # the portal tells whole seconds
            seconds: float | None = min(changes) - now + self._limits.operating_window_seconds / 600
            text = f"operating time of {tightest}"
        else:
            seconds, text = None, "the first answers"
        changed = self._changed
        with self._waits.on(WaitCause.OPERATING_TIME, text, seconds=seconds):
            try:
                async with asyncio.timeout(seconds):
                    await changed.wait()
            except TimeoutError:
                return
