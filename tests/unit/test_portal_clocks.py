from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

import pytest

from b24syncd.errors import B24SyncError, RetryLater
from b24syncd.portal.pace.backoff import Backoff
from b24syncd.portal.pace.limits import LimitsState
from b24syncd.portal.pace.patience import Patience
from b24syncd.portal.pace.serverclock import ServerClock
from b24syncd.portal.pace.waits import Wait, WaitCause, Waits
from b24syncd.portal.wire.commands import Timing
from b24syncd.portal.wire.transport_faults import NotAPortal, NotOurs, NotSent


@dataclass
class StoppedClock:
    seconds: float = 100.0

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC)

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds


def test_the_portals_time_is_unknown_at_first_and_then_counts_on() -> None:
    clock = StoppedClock()
    server = ServerClock(clock)
    assert not server.is_known
    with pytest.raises(LookupError):
        server.now()
    assert server.guess() == datetime(2026, 1, 1, tzinfo=UTC).timestamp()
    server.learn(Timing(5000.0, 5001.0, 1.0), sent_at=98.0)
    clock.seconds += 10
    assert server.now() == pytest.approx(5011.0)


def test_what_an_earlier_life_knew_counts_on_until_the_portal_tells_its_time() -> None:
    clock = StoppedClock()
    server = ServerClock(clock)
    assert server.reached is None
    assert server.careful_guess() == server.guess()
    server.carry_on(LimitsState(reached=4000.0))
    clock.seconds += 10
    assert not server.is_known
    assert server.careful_guess() == server.reached == pytest.approx(4010.0)
    assert server.guess() == datetime(2026, 1, 1, tzinfo=UTC).timestamp()
    server.learn(Timing(5000.0, 5001.0, 1.0), sent_at=98.0)
    assert server.careful_guess() == server.now() == pytest.approx(5001.0)


def test_a_slow_answer_does_not_set_the_clock_back_but_a_new_time_does() -> None:
    clock = StoppedClock()
    server = ServerClock(clock)
    server.learn(Timing(5000.0, 5000.0, 0.0), sent_at=100.0)
    clock.seconds += 10
    server.learn(Timing(5001.0, 5002.0, 1.0), sent_at=101.0)  # 8 s on its way back
    assert server.now() == pytest.approx(5010.0, abs=0.1)
    server.learn(Timing(1000.0, 1000.0, 0.0), sent_at=110.0)
    assert server.now() == pytest.approx(1000.0)


def test_a_portal_that_claims_to_have_finished_later_than_now_is_not_believed() -> None:
    clock = StoppedClock()
    server = ServerClock(clock)
    server.learn(Timing(5000.0, 5060.0, 60.0), sent_at=99.9)
    assert server.now() == pytest.approx(5000.1)


def test_whole_seconds_of_the_beginning_leave_the_clock_behind_and_never_ahead() -> None:
    clock = StoppedClock()
    server = ServerClock(clock)
    server.learn(Timing(5000.0, 5001.0, 1.0, slack=1.0), sent_at=99.5)  # at 5000.8, as it will show
    assert (server.now(), server.at_latest()) == (5000.5, 5001.5)
    clock.seconds += 1
    server.learn(Timing(5002.0, 5002.1, 0.1, slack=1.0), sent_at=100.75)
    assert server.now() == pytest.approx(5002.1)


def make_patience(clock: StoppedClock, *, known: bool) -> Patience:
    random = Random(1)  # noqa: S311 # has to be repeatable
    return Patience(Backoff(), clock=clock, random=random, waits=Waits(clock), is_known=lambda: known)


async def wait_until_it_ends(patience: Patience) -> None:
    while True:
        await patience.wait(NotSent("unreachable"))


async def test_the_waits_double_and_end() -> None:
    clock = StoppedClock()
    with pytest.raises(RetryLater, match="unreachable"):
        await wait_until_it_ends(make_patience(clock, known=True))
    assert 300 <= clock.seconds - 100 < 360


async def test_at_first_contact_they_end_sooner() -> None:
    clock = StoppedClock()
    with pytest.raises(RetryLater):
        await wait_until_it_ends(make_patience(clock, known=False))
    assert 3 <= clock.seconds - 100 <= 10


@pytest.mark.parametrize("kind", [NotAPortal, NotOurs])
async def test_what_is_no_portal_at_first_contact_is_told_at_once(kind: type[B24SyncError]) -> None:
    clock = StoppedClock()
    with pytest.raises(RetryLater, match="is this"):
        await make_patience(clock, known=False).wait(kind("is this a portal?"))
    assert clock.seconds == 100


async def test_a_strange_answer_of_a_portal_that_answered_before_is_tried_again() -> None:
    clock = StoppedClock()
    await make_patience(clock, known=True).wait(NotOurs("an HTML page"))
    assert clock.seconds > 100


async def test_a_success_begins_anew_and_a_delay_that_was_told_is_kept() -> None:
    clock = StoppedClock()
    patience = make_patience(clock, known=True)
    await patience.wait(NotSent("blocked", 400.0))
    assert clock.seconds == 500
    patience.success()
    assert patience.delay(NotSent("unreachable")) <= 1.0


def test_the_latest_wait_is_told_with_its_beginning() -> None:
    clock = StoppedClock()
    waits = Waits(clock)
    with waits.on(WaitCause.REQUEST_LIMIT, "one"):
        began, clock.seconds = clock.seconds, clock.seconds + 5
        with waits.on(WaitCause.PORTAL, "two", since=began):
            assert waits.latest == Wait("two", began, WaitCause.PORTAL)
        assert waits.latest == Wait("one", began, WaitCause.REQUEST_LIMIT)
        assert waits.changed_at == clock.seconds
        clock.seconds += 5
    assert waits.latest is None
    assert waits.changed_at == clock.seconds


def test_what_several_wait_for_at_once_counts_once() -> None:
    clock = StoppedClock()
    waits = Waits(clock)
    with waits.on(WaitCause.REQUEST_LIMIT, "one"):
        clock.seconds += 3
        with waits.on(WaitCause.REQUEST_LIMIT, "another"), waits.spending(WaitCause.PERSON):
            clock.seconds += 4
            assert waits.seconds()[WaitCause.REQUEST_LIMIT] == 7  # what still goes on counts as well
    clock.seconds += 100
    with waits.spending(WaitCause.REQUEST_LIMIT):
        clock.seconds += 1
        assert waits.latest is None
    assert {cause: spent for cause, spent in waits.seconds().items() if spent} == {
        WaitCause.REQUEST_LIMIT: 8,
        WaitCause.PERSON: 4,
    }


def test_foremost_is_what_takes_longest_of_what_has_an_end() -> None:
    clock = StoppedClock()
    waits = Waits(clock)
    with (
        waits.on(WaitCause.OPERATING_TIME, "long", seconds=500),
        waits.on(WaitCause.PORTAL, "short", seconds=2),
        waits.on(WaitCause.REQUEST_LIMIT, "a turn"),
    ):
        assert waits.foremost == Wait("long", clock.seconds, WaitCause.OPERATING_TIME, clock.seconds + 500)
    with waits.on(WaitCause.REQUEST_LIMIT, "a turn"):
        assert waits.foremost == waits.latest
    assert waits.foremost is None


async def test_faults_in_a_row_are_one_wait() -> None:
    class Telling(StoppedClock):
        async def sleep(self, seconds: float) -> None:
            told.append(waits.latest)
            await super().sleep(seconds)

    told: list[Wait | None] = []
    clock = Telling()
    waits = Waits(clock)
    patience = Patience(Backoff(), clock=clock, random=Random(1), waits=waits, is_known=lambda: True)  # noqa: S311 # has to be repeatable
    for _ in range(2):
        await patience.wait(NotSent("gone"))
    patience.success()
    resumed = clock.seconds
    await patience.wait(NotSent("gone"))
    assert [wait.since for wait in told if wait is not None] == [100.0, 100.0, resumed]
