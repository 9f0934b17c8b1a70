"""The request limit in virtual time, against a model of the portal written from docs limits.md."""

from __future__ import annotations

import asyncio
import selectors
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b24syncd.portal.pace.bucket import RequestBucket
from b24syncd.portal.pace.limits import Limits, LimitsState
from b24syncd.portal.pace.serverclock import ServerClock
from b24syncd.portal.wire.commands import Priority, Timing

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

EPOCH = 1_700_000_000.0


class _JumpingSelector(selectors.SelectSelector):
    """Instead of waiting, lets the time pass."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        assert timeout is not None, "everything waits for something that never comes"
        self.now += max(0.0, timeout)
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now


@dataclass(frozen=True)
class VirtualClock:
    loop: VirtualLoop
    skew: float = 0.0

    def monotonic(self) -> float:
        return self.loop.time()

    def now(self) -> datetime:
        return datetime.fromtimestamp(EPOCH + self.loop.time() + self.skew, UTC)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def server(self) -> float:
        return EPOCH + self.loop.time()


def run_virtually(main: Callable[[VirtualLoop], Coroutine[Any, Any, None]]) -> None:
    loop = VirtualLoop()
    with pytest.MonkeyPatch.context() as patch, asyncio.Runner(loop_factory=lambda: loop) as runner:
        # the library asks the system for the time; here the loop is the system
        patch.setattr("asyncio_throttle.throttler.time", VirtualClock(loop))
        runner.run(main(loop))


@dataclass
class LeakyBucket:
    """The portal's: each request adds 1, `per_second` drains, above `burst` the next is blocked."""

    burst: float
    per_second: float
    level: float = 0.0
    at: float = 0.0

    def add(self, now: float) -> None:
        self.level = max(0.0, self.level - (now - self.at) * self.per_second) + 1
        self.at = now
        assert self.level <= self.burst + 1e-6


@dataclass(frozen=True)
class Arrival:
    after: float
    priority: Priority


ARRIVALS = st.lists(
    st.builds(Arrival, st.one_of(st.just(0.0), st.floats(0, 0.5), st.floats(0, 30)), st.sampled_from(list(Priority))),
    min_size=1,
    max_size=60,
)


async def one_life(
    clock: VirtualClock, limits: Limits, remembered: LimitsState, arrivals: Sequence[Arrival], portal: LeakyBucket
) -> LimitsState:
    """Send requests as they arrive, die with the last one that got through; return what was saved by then."""
    server_clock = ServerClock(clock)
    bucket = RequestBucket(limits, clock, server_clock)
    bucket.restore(remembered)
    first = asyncio.Lock()

    async def send(priority: Priority) -> None:
        nonlocal remembered
        async with bucket.turn(priority):
            remembered = LimitsState(bucket.send_times, undated=bucket.undated)
            portal.add(clock.monotonic())
        if not server_clock.is_known:
            server_clock.learn(Timing(clock.server(), clock.server(), 0.0), clock.monotonic())
            bucket.correct()

    async def request(priority: Priority) -> None:
        if not server_clock.is_known:
            async with first:
                await send(priority)
        else:
            await send(priority)

    async with asyncio.TaskGroup() as group:
        for arrival in arrivals:
            await asyncio.sleep(arrival.after)
            group.create_task(request(arrival.priority))
    return remembered


LIMITS = st.builds(Limits, burst=st.integers(1, 60), per_second=st.floats(0.5, 5), share=st.floats(0.2, 1)).filter(
    lambda limits: limits.burst * limits.share >= 1
)


@given(
    lives=st.lists(ARRIVALS, min_size=1, max_size=4),
    pause=st.floats(0, 20),
    limits=LIMITS,
    skew=st.one_of(st.just(0.0), st.floats(-86400, 86400)),
)
def test_the_portals_bucket_is_never_overfilled_also_across_restarts(
    lives: list[list[Arrival]], pause: float, limits: Limits, skew: float
) -> None:
    portal = LeakyBucket(limits.burst, limits.per_second)

    async def main(loop: VirtualLoop) -> None:
        remembered = LimitsState()
        for arrivals in lives:
            remembered = await one_life(VirtualClock(loop, skew), limits, remembered, arrivals, portal)
            await asyncio.sleep(pause)

    run_virtually(main)


@given(arrivals=ARRIVALS, limits=LIMITS)
def test_a_bucket_of_our_share_is_never_overfilled_so_the_rest_is_left_to_others(
    arrivals: list[Arrival], limits: Limits
) -> None:
    ours = LeakyBucket(limits.burst * limits.share, limits.per_second * limits.share)

    async def main(loop: VirtualLoop) -> None:
        await one_life(VirtualClock(loop), limits, LimitsState(), arrivals, ours)

    run_virtually(main)


def known_bucket(clock: VirtualClock, limits: Limits) -> RequestBucket:
    """Return the bucket of a client that the portal has told its time."""
    server_clock = ServerClock(clock)
    server_clock.learn(Timing(clock.server(), clock.server(), 0.0, utc_offset=0.0), clock.monotonic())
    return RequestBucket(limits, clock, server_clock)


async def send(bucket: RequestBucket, priority: Priority) -> None:
    """Send a request that is answered at once."""
    async with bucket.turn(priority):
        pass


def test_live_requests_go_first_and_find_slots_that_backfills_left() -> None:
    order: list[tuple[str, float]] = []

    async def main(loop: VirtualLoop) -> None:
        clock = VirtualClock(loop)
        bucket = known_bucket(clock, Limits())

        async def named(name: str, priority: Priority) -> None:
            await send(bucket, priority)
            order.append((name, clock.monotonic()))

        async with asyncio.TaskGroup() as group:
            for _ in range(45):
                group.create_task(named("backfill", Priority.BACKFILL))
            await asyncio.sleep(0.1)
            for _ in range(5):
                group.create_task(named("live", Priority.LIVE))

    run_virtually(main)
    assert [name for name, _ in order[:46]] == ["backfill"] * 41 + ["live"] * 5
    assert order[44][1] == pytest.approx(0.1)
    assert order[46][0] == "backfill"


def test_live_requests_in_a_row_find_room_however_fast_a_backfill_goes() -> None:
    waited: list[float] = []

    async def main(loop: VirtualLoop) -> None:
        clock = VirtualClock(loop)
        bucket = known_bucket(clock, Limits())

        async def backfill() -> None:
            while True:
                await send(bucket, Priority.BACKFILL)

        async with asyncio.TaskGroup() as group:
            walking = group.create_task(backfill())
            for pause in range(20, 40):
                await asyncio.sleep(pause + pause / 10)
                began = clock.monotonic()
                for _ in range(4):
                    await send(bucket, Priority.LIVE)
                waited.append(clock.monotonic() - began)
            walking.cancel()

    run_virtually(main)
    assert max(waited) < 0.1


@pytest.mark.parametrize(("within", "number"), [(1.0, 42), (12.0, 62)])
def test_what_may_leave_soon_is_told_as_it_will_be(within: float, number: int) -> None:
    async def main(loop: VirtualLoop) -> None:
        clock = VirtualClock(loop)
        bucket = known_bucket(clock, Limits())
        assert await bucket.ready(1, Priority.BACKFILL, within=within) == number
        for _ in range(number):
            await send(bucket, Priority.BACKFILL)
        assert clock.monotonic() <= within

    run_virtually(main)


def test_who_waits_for_several_gets_them_in_a_row_though_others_ask_later() -> None:
    async def main(loop: VirtualLoop) -> None:
        clock = VirtualClock(loop)
        bucket = known_bucket(clock, Limits())
        for _ in range(41):
            await send(bucket, Priority.BACKFILL)
        async with asyncio.TaskGroup() as group:
            waiting = group.create_task(bucket.ready(9, Priority.BACKFILL, within=1))
            await asyncio.sleep(0)
            for _ in range(3):
                group.create_task(send(bucket, Priority.BACKFILL))
            assert await waiting == 10
        assert clock.monotonic() == pytest.approx(9 / 1.8)
        assert await bucket.ready(9, Priority.LIVE, within=1) > 4  # what is kept for live ones is enough for those
        assert clock.monotonic() == pytest.approx(9 / 1.8)

    run_virtually(main)


def test_who_waits_for_more_than_the_bucket_holds_waits_no_longer_than_for_all_of_it() -> None:
    """Pages of bindings ask for as many as left since the one before, those of rounds that passed it included."""

    async def main(loop: VirtualLoop) -> None:
        clock = VirtualClock(loop)
        bucket = known_bucket(clock, Limits())

        async def live() -> None:
            while True:
                await send(bucket, Priority.LIVE)
                await asyncio.sleep(0.6)

        for _ in range(41):
            await send(bucket, Priority.BACKFILL)
        async with asyncio.TaskGroup() as group:
            others = group.create_task(live())
            await bucket.ready(300, Priority.BACKFILL, within=0.0)
            others.cancel()
        assert clock.monotonic() < 60

    run_virtually(main)


def test_refusals_halve_the_pace_and_it_recovers_slowly() -> None:
    async def main(loop: VirtualLoop) -> None:
        clock = VirtualClock(loop)
        bucket = known_bucket(clock, Limits(burst=1, per_second=1.0, share=1.0))

        async def seconds_for(number: int) -> float:
            began = clock.monotonic()
            for _ in range(number):
                await send(bucket, Priority.LIVE)
            return clock.monotonic() - began

        await seconds_for(1)
        assert await seconds_for(3) == pytest.approx(3, abs=0.2)
        bucket.slow_down()
        bucket.slow_down()  # of the same storm
        assert await seconds_for(3) == pytest.approx(6, abs=0.2)
        bucket.recover()
        assert 5 < await seconds_for(3) < 6
        for _ in range(30):
            await seconds_for(1)
            bucket.recover()
        assert await seconds_for(3) == pytest.approx(3, abs=0.2)

    run_virtually(main)


def test_after_a_refusal_no_burst_leaves_until_the_pace_is_the_full_one_again() -> None:
    async def main(loop: VirtualLoop) -> None:
        clock = VirtualClock(loop)
        bucket = known_bucket(clock, Limits())
        bucket.slow_down()
        assert bucket.level == (45, 45)
        assert await bucket.ready(1, Priority.LIVE, within=0) == 1
        assert clock.monotonic() == pytest.approx(1 / 0.9)
        await asyncio.sleep(600)
        assert bucket.level == (31, 45)  # ten may leave, and four that are kept for live ones

    run_virtually(main)
