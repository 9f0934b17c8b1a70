"""The request limit against the portal's own rule (docs limits.md), over lives, delays and wrong clocks."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from math import floor
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.test_portal_limits import VirtualClock, run_virtually

from b24syncd.portal.pace.bucket import RequestBucket
from b24syncd.portal.pace.limits import Limits, LimitsState, ScheduledShare
from b24syncd.portal.pace.serverclock import ServerClock
from b24syncd.portal.pace.share import Share
from b24syncd.portal.wire.commands import Priority, Timing

if TYPE_CHECKING:
    from tests.unit.test_portal_limits import VirtualLoop

HOUR = 3600


@dataclass
class Counter:
    """The portal's: each request that arrives adds 1, once per second `per_second` is taken off it."""

    burst: float
    per_second: float
    first_tick: float
    counted: float = 0.0
    ticks: int = 0

    def arrive(self, now: float) -> None:
        ticks = floor(now - self.first_tick) + 1
        self.counted = max(0.0, self.counted - (ticks - self.ticks) * self.per_second) + 1
        self.ticks = ticks
        assert self.counted <= self.burst


@dataclass(frozen=True)
class Sent:
    """A request: how long after the one before it is wanted, how long it is on its way there, worked on, and back."""

    after: float
    priority: Priority
    there: float
    work: float
    back: float


DELAYS = st.one_of(st.just(0.0), st.floats(0, 0.3), st.floats(0, 4))
REQUESTS = st.lists(
    st.builds(
        Sent,
        st.one_of(st.just(0.0), st.floats(0, 0.5), st.floats(0, 30)),
        st.sampled_from(Priority),
        DELAYS,
        DELAYS,
        DELAYS,
    ),
    min_size=1,
    max_size=30,
)
PLANS = st.sampled_from([(50, 2.0), (250, 5.0)])


@dataclass
class Life:
    """A process that sends requests until it is killed; what it saved last is `remembered`."""

    clock: VirtualClock
    limits: Limits
    remembered: LimitsState
    portal: Counter
    on_their_way: int = 0
    slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(4))
    first: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self.server_clock = ServerClock(self.clock)
        self.server_clock.carry_on(self.remembered)
        self.bucket = RequestBucket(self.limits, self.clock, self.server_clock)
        self.bucket.restore(self.remembered)

    async def live(self, requests: list[Sent], seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds), asyncio.TaskGroup() as group:
                for sent in requests:
                    await asyncio.sleep(sent.after)
                    group.create_task(self._queue(sent))
        except TimeoutError:
            pass
        for _ in range(self.on_their_way):  # what the machine had handed to the network arrives all the same
            self.portal.arrive(self.clock.monotonic())

    async def _queue(self, sent: Sent) -> None:
        async with self.slots:
            if not self.server_clock.is_known:
                async with self.first:
                    await self._send(sent)
            else:
                await self._send(sent)

    async def _send(self, sent: Sent) -> None:
        async with self.bucket.turn(sent.priority):
            reached = self.server_clock.reached
            self.remembered = LimitsState(self.bucket.send_times, reached=reached, undated=self.bucket.undated)
            sent_at = self.clock.monotonic()
            self.on_their_way += 1
            await asyncio.sleep(sent.there)
            self.on_their_way -= 1
            self.portal.arrive(self.clock.monotonic())
            began = self.clock.server()
            await asyncio.sleep(sent.work)
            ended = self.clock.server()
            await asyncio.sleep(sent.back)
        was_known = self.server_clock.is_known
        self.server_clock.learn(Timing(began, ended, ended - began, utc_offset=0.0), sent_at)
        if not was_known:
            self.bucket.correct()


@settings(max_examples=50)
@given(
    lives=st.lists(st.tuples(REQUESTS, st.floats(0.01, 60), st.floats(0, 20)), min_size=1, max_size=5),
    plan=PLANS,
    share=st.floats(0.05, 1),
    first_tick=st.floats(0, 1),
    skews=st.lists(st.floats(-86400, 86400), min_size=5, max_size=5),
)
def test_the_counter_of_the_portal_is_never_overfilled_whatever_the_clocks_and_the_network_do(
    lives: list[tuple[list[Sent], float, float]],
    plan: tuple[int, float],
    share: float,
    first_tick: float,
    skews: list[float],
) -> None:
    portal = Counter(*plan, first_tick)

    async def main(loop: VirtualLoop) -> None:
        remembered = LimitsState()
        for (requests, seconds, pause), skew in zip(lives, skews, strict=False):
            life = Life(VirtualClock(loop, skew), Limits(*plan, share=share), remembered, portal)
            # so many at once that it is the bucket that binds
            at_once = [Sent(0.0, sent.priority, sent.there, sent.work, sent.back) for sent in requests] * 4
            await life.live([*requests, *at_once], seconds)
            remembered = life.remembered
            await asyncio.sleep(pause)

    run_virtually(main)


@dataclass
class Rule:
    """What the rule allows to whoever knows only when requests left and when they were answered."""

    limits: Limits
    answered: list[float] = field(default_factory=list)
    under_way: int = 0

    def level(self, now: float) -> float:
        rate = self.limits.per_second * self.limits.share
        level, before = 0.0, self.answered[0] if self.answered else now
        for at in self.answered:
            level, before = max(0.0, level - (at - before) * rate) + 1, at
        return max(0.0, level - (now - before) * rate) + self.under_way


@settings(max_examples=50)
@given(requests=REQUESTS, plan=PLANS, share=st.floats(0.1, 0.95))
def test_no_request_waits_longer_than_the_rule_and_the_reserve_demand(
    requests: list[Sent], plan: tuple[int, float], share: float
) -> None:
    limits = Limits(*plan, share=share)
    rule = Rule(limits)
    most = limits.burst * share
    reserve = max(1, floor(most / 10))

    async def main(loop: VirtualLoop) -> None:
        clock = VirtualClock(loop)
        server_clock = ServerClock(clock)
        server_clock.learn(Timing(clock.server(), clock.server(), 0.0), clock.monotonic())
        bucket = RequestBucket(limits, clock, server_clock)

        async def send(sent: Sent) -> None:
            wanted_at = clock.monotonic()
            async with bucket.turn(sent.priority):
                rule.under_way += 1
                now = clock.monotonic()
                if now > wanted_at:
                    # it has left as soon as it fitted, so that there is no room for another one
                    assert rule.level(now) >= most - reserve - 1e-3
                assert rule.level(now) <= most + 1e-3
                await asyncio.sleep(sent.there + sent.work + sent.back)
            rule.under_way -= 1
            rule.answered.append(clock.monotonic())

        async with asyncio.TaskGroup() as group:
            for sent in requests * 4:
                await asyncio.sleep(sent.after / 10)
                group.create_task(send(sent))

    run_virtually(main)


def test_a_full_bucket_of_an_earlier_life_holds_up_the_first_request_alone() -> None:
    async def main(loop: VirtualLoop) -> None:
        portal = Counter(50, 2.0, 0.0)
        clock = VirtualClock(loop)
        life = Life(clock, Limits(), LimitsState(), portal)
        await life.live([Sent(0.0, Priority.LIVE, 0.0, 0.0, 0.0)] * 45, seconds=1)
        assert clock.monotonic() == 0.0
        await asyncio.sleep(HOUR)
        began = clock.monotonic()
        life = Life(VirtualClock(loop, skew=-7 * 86400), Limits(), life.remembered, portal)
        await life.live([Sent(0.0, Priority.LIVE, 0.0, 0.0, 0.0)] * 40, seconds=10)
        assert clock.monotonic() - began == pytest.approx(1 / 1.8, abs=0.01)

    run_virtually(main)


@pytest.mark.parametrize(("burst", "per_second"), [(50, 2.0), (250, 5.0), (5000, 2000.0)])
@pytest.mark.parametrize("priority", Priority)
def test_after_a_refusal_of_the_portal_there_is_still_room_for_whoever_waits(
    priority: Priority, burst: int, per_second: float
) -> None:
    async def main(loop: VirtualLoop) -> None:
        clock = VirtualClock(loop)
        bucket = RequestBucket(Limits(burst=burst, per_second=per_second), clock, ServerClock(clock))
        for _ in range(3):
            bucket.slow_down()
            await asyncio.sleep(60)
        assert bucket.pace < 1
        async with asyncio.timeout(600):
            await bucket.ready(1000, priority, within=1)
            for _ in range(20):
                async with bucket.turn(priority):
                    pass

    run_virtually(main)


def test_a_bucket_that_takes_the_place_of_another_is_as_full_and_as_slow() -> None:
    async def main(loop: VirtualLoop) -> None:
        clock = VirtualClock(loop)
        former, then = (RequestBucket(Limits(burst=burst), clock, ServerClock(clock)) for burst in (50, 40))
        async with former.turn(Priority.LIVE):
            pass
        former.slow_down()
        then.succeed(former)
        assert then.pace == former.pace < 1
        assert then.send_times == former.send_times != ()
        then.slow_down()  # it was slowed at this very moment
        assert then.pace == former.pace

    run_virtually(main)


MONDAY_AT_NOON = 4 * 24 * HOUR + 12 * HOUR
"""In unix seconds, which begin on a Thursday."""


@dataclass
class PortalTime:
    """A clock of this machine, and what the portal's shows at the same time."""

    clock: VirtualClock
    at: float
    utc_offset: float = 0.0

    def told(self) -> ServerClock:
        server = ServerClock(self.clock)
        at = self.at + self.clock.monotonic()
        server.learn(Timing(at, at, 0.0, utc_offset=self.utc_offset), self.clock.monotonic())
        return server


def test_the_share_goes_by_the_clock_on_the_portals_wall_and_is_the_least_before_that_is_known() -> None:
    night = ScheduledShare(begins=22 * 60, ends=24 * 60, share=1.0)
    limits = Limits(share=0.2, schedule=(night,))

    async def main(loop: VirtualLoop) -> None:
        clock = VirtualClock(loop)
        assert Share(limits, ServerClock(clock)).now() == 0.2
        assert Share(limits, PortalTime(clock, MONDAY_AT_NOON).told()).now() == 0.2
        for hours_ahead, share in ((9, 0.2), (10, 1.0), (11, 1.0), (12, 0.2)):
            server = PortalTime(clock, MONDAY_AT_NOON, hours_ahead * HOUR).told()
            assert Share(limits, server).now() == share

    run_virtually(main)


def test_a_change_of_the_share_takes_effect_at_once_and_never_overfills_the_bucket() -> None:
    noon = 12 * 60
    limits = Limits(schedule=(ScheduledShare(begins=noon + 10, ends=noon + 11, share=0.2),))
    portal = Counter(50, 2.0, 0.0)

    async def main(loop: VirtualLoop) -> None:
        clock = VirtualClock(loop)
        bucket = RequestBucket(limits, clock, PortalTime(clock, MONDAY_AT_NOON).told())

        async def send() -> None:
            async with bucket.turn(Priority.LIVE):
                portal.arrive(clock.monotonic())

        await asyncio.sleep(599)
        for _ in range(45):
            await send()
        await asyncio.sleep(2)
        assert bucket.level == (10, 10)  # what is in it besides drains beside that
        await send()
        assert clock.monotonic() == pytest.approx(602, abs=2.6)
        await asyncio.sleep(40)
        assert bucket.level == (0, 10)
        await asyncio.sleep(20)
        assert bucket.level == (0, 45)

    run_virtually(main)


@settings(max_examples=30)
@given(
    shares=st.lists(st.floats(0.05, 1), min_size=1, max_size=4),
    requests=st.lists(st.tuples(st.floats(0, 20), st.integers(1, 60)), max_size=12),
)
def test_no_schedule_lets_the_counter_of_the_portal_be_overfilled(
    shares: list[float], requests: list[tuple[float, int]]
) -> None:
    noon = 12 * 60
    spans = tuple(ScheduledShare(noon + minute, noon + minute + 1, share) for minute, share in enumerate(shares))
    portal = Counter(50, 2.0, 0.0)

    async def main(loop: VirtualLoop) -> None:
        clock = VirtualClock(loop)
        bucket = RequestBucket(Limits(schedule=spans), clock, PortalTime(clock, MONDAY_AT_NOON).told())
        for after, number in requests:
            await asyncio.sleep(after)
            for _ in range(number):
                async with bucket.turn(Priority.LIVE):
                    portal.arrive(clock.monotonic())

    run_virtually(main)
