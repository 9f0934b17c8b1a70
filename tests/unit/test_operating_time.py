"""The operating limit in virtual time, against the portal's own rule and the one of its documentation."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.test_portal_limits import VirtualClock, VirtualLoop, run_virtually

from b24syncd.portal.pace.governor import OperatingGovernor
from b24syncd.portal.pace.limits import Limits, LimitsState
from b24syncd.portal.pace.serverclock import ServerClock
from b24syncd.portal.pace.spending import Spending
from b24syncd.portal.pace.waits import Waits
from b24syncd.portal.wire.commands import Priority, Timing
from b24syncd.portal.wire.observation import Observation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from b24syncd.portal.pace.reservation import Reservation

LIMITS = Limits()
UNIT = ("get", "update")
WORKERS = 3
ANSWER_SECONDS = 0.05


@dataclass(frozen=True)
class Load:
    """What one command of each method takes on average, how many times that counts, and what else happens."""

    reading: float = 0.02
    writing: float = 0.2
    factor: float = 1.0
    spread: float = 0.0
    at_once: bool = False
    foreign: float = 0.0
    live_every: float = 0.0
    dies_after: float = float("inf")
    seed: int = 0


@dataclass
class OperatingPortal:
    """Counts as the published server does, or with `at_once` as the documentation has it.

    The server looks up the minute once in a request, adds up the buckets of the last ten minutes, refuses where that is
    above the limit, and enters what a request took into the bucket of its minute when its answer has left, if it was
    more than 0.1 s (php: modules/rest/lib/engine/access/loadlimiter.php). By the documentation the countdown of a
    bucket starts with the first call in it (docs: limits.md).
    """

    clock: VirtualClock
    load: Load
    spent: dict[str, dict[int, list[float]]] = field(default_factory=lambda: defaultdict(dict))
    refused: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    batches: list[tuple[float, int]] = field(default_factory=list)
    """When each batch came, and of how many commands."""

    def __post_init__(self) -> None:
        self.costs = {"get": self.load.reading, "update": self.load.writing}
        self.random = Random(self.load.seed)  # noqa: S311 # has to be repeatable

    def sum(self, method: str, minute: int) -> float:
        buckets = self.spent[method]
        if self.load.at_once:
            now = self.clock.server()
            return sum(seconds for first, seconds in buckets.values() if now < first + 600)
        return sum(seconds for number, (_, seconds) in buckets.items() if minute - 10 < number <= minute)

    def charge(self, method: str, seconds: float, began: float, minute: int) -> None:
        self.spent[method].setdefault(minute, [began, 0.0])[1] += seconds

    def reset_at(self, method: str, began: float, minute: int) -> float:
        known = [first for number, (first, _) in self.spent[method].items() if minute - 10 < number]
        return float(int(min([*known, began]) + 600))

    def spend_elsewhere(self, seconds: float) -> None:
        """Let somebody else spend with the same webhook, as far as they may."""
        now = self.clock.server()
        if self.sum("update", int(now // 60)) <= LIMITS.operating_seconds:
            self.charge("update", seconds, now, int(now // 60))

    async def batch(self, methods: Sequence[str]) -> Observation:
        minute = int(self.clock.server() // 60)
        self.batches.append((self.clock.monotonic(), len(methods)))
        timings: dict[str, list[Timing]] = defaultdict(list)
        blocked: set[str] = set()
        own: dict[str, list[tuple[float, float]]] = defaultdict(list)
        for method in methods:
            began = self.clock.server()
            minute = int(began // 60) if self.load.at_once else minute
            before = self.sum(method, minute) + sum(seconds for seconds, _ in own[method] if seconds > 0.1)
            if before > LIMITS.operating_seconds:
                self.refused[method] += 1
                blocked.add(method)
                break
            seconds = self.costs[method] * self.random.uniform(1 - self.load.spread, 1 + self.load.spread)
            await self.clock.sleep(seconds)
            counted = seconds * self.load.factor
            self.done[method] += 1
            if self.load.at_once:
                self.charge(method, counted, began, minute)
                before = self.sum(method, minute) - counted
            else:
                own[method].append((counted, began))
            told = before + (counted if self.load.at_once or counted > 0.1 else 0.0)
            reset_at = self.reset_at(method, own[method][0][1] if own[method] else began, minute)
            timings[method].append(Timing(began, self.clock.server(), seconds, told, reset_at))
        self.clock.loop.call_later(ANSWER_SECONDS / 2, self._finalize, own, minute)
        await self.clock.sleep(ANSWER_SECONDS)
        return Observation(timings, blocked=frozenset(blocked))

    def _finalize(self, own: dict[str, list[tuple[float, float]]], minute: int) -> None:
        for method, charged in own.items():
            if (total := sum(seconds for seconds, _ in charged)) > 0.1:
                self.charge(method, total, charged[0][1], minute)


@dataclass
class Backfill:
    """Writes `wanted` updates in as many lives as it takes, beside what is live; `waited` is how long that waited."""

    clock: VirtualClock
    portal: OperatingPortal
    wanted: float
    waited: list[float] = field(default_factory=list)
    state: LimitsState = field(default_factory=LimitsState)
    lives: int = 0

    @property
    def is_done(self) -> bool:
        return self.portal.done["update"] >= self.wanted

    async def run(self) -> None:
        while not self.is_done:
            self.lives += 1
            governor = OperatingGovernor(LIMITS, ServerClock(self.clock), Waits(self.clock))
            governor.restore(self.state)
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._write(governor)) for _ in range(WORKERS)]
                if self.portal.load.live_every:
                    tasks.append(group.create_task(self._live(governor)))
                dies_at = self.clock.monotonic() + self.portal.load.dies_after
                while not self.is_done and self.clock.monotonic() < dies_at:
                    await self.clock.sleep(0.5)
                for task in tasks:
                    task.cancel()

    async def _send(self, governor: OperatingGovernor, units: int, priority: Priority) -> None:
        reservation = await governor.reserve(list(UNIT) * units, priority, whole=True)
        learnt = governor.learnt()  # as it is before a request leaves
        self.state = LimitsState((), learnt.costs, learnt.operating, ledgers=learnt.ledgers)
        governor.settle(reservation, await self._answered(reservation))

    async def _answered(self, reservation: Reservation) -> Observation:
        # the portal goes on when whoever asked is dead
        return await asyncio.shield(asyncio.ensure_future(self.portal.batch(reservation.methods)))

    async def _write(self, governor: OperatingGovernor) -> None:
        while True:
            await self._send(governor, await governor.capacity(UNIT, 25, Priority.BACKFILL), Priority.BACKFILL)

    async def _live(self, governor: OperatingGovernor) -> None:
        while True:
            await self.clock.sleep(self.portal.load.live_every)
            began = self.clock.monotonic()
            await governor.capacity(UNIT, 1, Priority.LIVE)
            self.waited.append(self.clock.monotonic() - began)
            await self._send(governor, 1, Priority.LIVE)


async def spending_elsewhere(portal: OperatingPortal) -> None:
    while True:
        await portal.clock.sleep(7)
        portal.spend_elsewhere(7 * portal.load.foreign)


def backfill(load: Load, updates: float) -> tuple[Backfill, float]:
    """Run one to its end; return it with the seconds that it took."""
    took: list[tuple[Backfill, float]] = []

    async def main(loop: VirtualLoop) -> None:
        clock = VirtualClock(loop)
        await clock.sleep(load.seed % 60)
        portal = OperatingPortal(clock, load)
        found = Backfill(clock, portal, updates)
        began = clock.monotonic()
        async with asyncio.TaskGroup() as group:
            others = group.create_task(spending_elsewhere(portal)) if load.foreign else None
            await found.run()
            if others is not None:
                others.cancel()
        took.append((found, clock.monotonic() - began))

    run_virtually(main)
    return took[0]


def fewest_seconds(load: Load, updates: float) -> float:
    """Return how long it takes whoever spends our share of every window to its last second, as soon as they may."""
    ours = LIMITS.operating_seconds * LIMITS.share - 600 * load.foreign
    counted = load.writing * load.factor
    pace = WORKERS * counted / (load.reading + load.writing)
    return Spending(0.0, ours, LIMITS.operating_window_seconds, ()).seconds_for(updates * counted, pace)


CLOUD = {
    "a backfill": Load(),
    "by the documentation": Load(writing=0.5, at_once=True, seed=29),
    "commands that count twice": Load(writing=0.5, factor=2, at_once=True),
    "commands that count thrice, by the server's rule": Load(factor=3),
    "beside what is live": Load(writing=0.5, live_every=13),
    "of a program that is killed again and again": Load(writing=0.5, dies_after=170, seed=41),
    "beside somebody else": Load(writing=0.5, foreign=0.2),
}


@pytest.mark.parametrize("name", CLOUD)
def test_a_long_backfill_uses_its_whole_share_of_the_operating_time_and_nothing_is_refused(name: str) -> None:
    load = CLOUD[name]
    updates = 4.3 * LIMITS.operating_seconds * LIMITS.share / (load.writing * load.factor)
    found, seconds = backfill(load, updates)
    assert not found.portal.refused
    assert seconds <= 1.05 * fewest_seconds(load, updates)
    assert max(found.waited, default=0.0) < 5


@pytest.mark.parametrize("at_once", [False, True])
@pytest.mark.parametrize(("writing", "full"), [(0.005, 50), (0.2, 50), (2.0, 8)])
def test_one_write_tells_a_new_state_enough_for_full_batches_soon(writing: float, full: int, *, at_once: bool) -> None:
    found, _ = backfill(Load(writing=writing, at_once=at_once, factor=3), 150)
    (began, first), *others = found.portal.batches
    assert first == len(UNIT)
    assert next(at for at, commands in others if commands == full) - began <= 10 * writing + 2 * ANSWER_SECONDS
    assert not found.portal.refused


LOADS = st.builds(
    Load,
    reading=st.sampled_from((0.05, 0.3, 2.0)),
    writing=st.sampled_from((0.3, 1.0, 8.0)),
    spread=st.sampled_from((0.0, 0.5)),
    dies_after=st.sampled_from((float("inf"), 100.0, 500.0)),
    live_every=st.sampled_from((0.0, 45.0)),
    seed=st.integers(0, 1000),
)
COUNTED = st.one_of(st.none(), st.sampled_from((1.0, 1.5, 3.0)))
"""By the server's rule, or how many times what a command took by the documentation's."""


@settings(max_examples=10)
@given(load=LOADS, counted=COUNTED)
def test_nothing_is_ever_refused_for_its_operating_time_whatever_commands_cost(
    load: Load, counted: float | None
) -> None:
    counting = replace(load, factor=counted or 1.0, at_once=counted is not None)
    dearest = counting.factor * max(load.reading, load.writing)
    found, _ = backfill(counting, 2 * LIMITS.operating_seconds / dearest)
    assert not found.portal.refused


def test_what_others_spent_is_found_out_by_one_write_and_not_by_a_whole_batch() -> None:
    async def main(loop: VirtualLoop) -> None:
        clock = VirtualClock(loop)
        governor = OperatingGovernor(LIMITS, ServerClock(clock), Waits(clock))
        spent = {"update": (431.9, clock.server() + 60)}
        governor.restore(LimitsState(costs={"get": 0.02, "update": 0.2}, operating=spent))
        await clock.sleep(400)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(100):
                await governor.reserve(UNIT * 25, Priority.BACKFILL, whole=True)
        async with asyncio.timeout(1):
            await governor.reserve(UNIT, Priority.BACKFILL, whole=True)

    run_virtually(main)
