"""Progress: of what is settled, never all of it before the end, never backwards; and what is left by what is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from b24syncd.engine.forecast import Pace, seconds_left
from b24syncd.engine.progress import ITEMS, InHand, Progress, Watched
from b24syncd.engine.tally import Count, Tally
from b24syncd.portal.pace.spending import Spending
from b24syncd.portal.pace.waits import Wait, WaitCause, Waits

if TYPE_CHECKING:
    from collections.abc import Mapping

ALLOWED, WINDOW = 388.8, 600.0
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.seconds)

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds


class Client:
    """What a progress wants to know of a client."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.waits = Waits(self.clock)
        self.requests_sent = 0
        self.spendings: Mapping[str, Spending] = {}


class Walking(RuleBasedStateMachine):
    """Pages of two feeds are taken, written and settled in any order, while time passes and limits are waited for."""

    @initialize(first=st.integers(0, 1000), second=st.integers(0, 1000), settled=st.integers(0, 1200))
    def begin(self, first: int, second: int, settled: int) -> None:
        self.client, self.progress = Client(), Progress(Tally())
        self.watched = Watched(self.progress, self.client)
        self.progress.expect({"contact": first, "lead": second})
        self.progress.resume({"contact": settled})
        self.last, self.finished = self.watched.now(), False
        self.pages: list[InHand] = []

    @rule(part=st.sampled_from(["contact", "lead"]), weight=st.floats(0, 400), items=st.integers(0, 300))
    def take(self, part: str, weight: float, items: int) -> None:
        self.pages.append(self.progress.take(part, weight, items))

    @precondition(lambda self: self.pages)
    @rule(data=st.data(), left=st.integers(0, 100))
    def write(self, data: st.DataObject, left: int) -> None:
        data.draw(st.sampled_from(self.pages)).note_left(left)

    @precondition(lambda self: self.pages)
    @rule(data=st.data(), settles=st.booleans())
    def end_page(self, data: st.DataObject, settles: bool) -> None:  # noqa: FBT001 # drawn
        page = data.draw(st.sampled_from(self.pages))
        self.pages.remove(page)
        (self.progress.settle if settles else self.progress.drop)(page)

    @rule(part=st.sampled_from(["contact", "lead"]))
    def complete(self, part: str) -> None:
        self.progress.complete(part)

    @rule(seconds=st.floats(0, 900), total=st.floats(0, 1e5), spent=st.floats(0, ALLOWED))
    def pass_time(self, seconds: float, total: float, spent: float) -> None:
        before = self.client.spendings.get("update")
        total += 0.0 if before is None else before.total
        self.client.spendings = {"update": Spending(total, ALLOWED, WINDOW, ((WINDOW / 2, spent),))}
        self.client.clock.seconds += seconds

    @rule(seconds=st.floats(0, 700))
    def wait(self, seconds: float) -> None:
        with self.client.waits.on(WaitCause.OPERATING_TIME, "operating time of update", seconds=seconds):
            now = self.watched.now()
        assert now.waiting_until is not None
        waiting = (now.waiting_until - self.client.clock.now()).total_seconds()
        assert waiting == pytest.approx(seconds, abs=1e-3)
        assert now.eta_seconds is None or self.finished or now.eta_seconds >= waiting - 1e-3

    @rule()
    def finish(self) -> None:
        self.progress.finish()
        self.finished = True

    @invariant()
    def it_tells_the_truth(self) -> None:
        now = self.watched.now()
        assert self.last.share <= now.share <= 1
        assert (now.share == 1) == (now.percent == 100) == self.finished
        assert now.eta_seconds is None or (isfinite(now.eta_seconds) and now.eta_seconds >= 0)
        assert now.rate is None or (isfinite(now.rate) and now.rate >= 0)
        assert now.read_ahead >= 0
        self.last = now


TestWalking = Walking.TestCase


SPENDINGS = st.builds(
    Spending,
    st.just(0.0),
    st.floats(1, 1e4),
    st.floats(1, 1e4),
    st.lists(st.tuples(st.floats(0, 1e4), st.floats(0, 100)), max_size=12).map(tuple),
)


@given(SPENDINGS, st.floats(0.001, 1e6), st.floats(0.001, 100))
def test_the_limit_makes_nothing_faster_and_takes_whole_windows(spending: Spending, needed: float, pace: float) -> None:
    seconds = spending.seconds_for(needed, pace)
    assert isfinite(seconds)
    assert seconds >= needed / pace * 0.999
    assert seconds >= (needed / spending.allowed - 2) * spending.window


def test_operating_time_is_waited_for_where_it_is_spent() -> None:
    spent = Spending(0, 100, 600, ((500, 60), (560, 40)))
    assert spent.seconds_for(50, 2) == 525  # the first 60 s come free after 500
    assert spent.seconds_for(80, 2) == 570
    assert Spending(0, 100, 600, ()).seconds_for(50, 2) == 25
    assert Spending(0, 100, 600, ()).seconds_for(350, 2) == 3 * 600 + 25


def test_what_the_limit_lets_be_done_in_a_burst_is_no_measure_for_the_rest() -> None:
    """A tenth of the portal in 100 s, and all operating time is spent: nine more windows, not 900 s."""
    pace = Pace(0.0, 0.0, 0.0)
    for second in range(1, 101):
        pace.note(second, second / 1000, second * 20, is_held_up=False)
    spending = Spending(ALLOWED, ALLOWED, WINDOW, tuple((500.0 + 60 * part, ALLOWED / 2) for part in range(2)))
    left = seconds_left(pace, 0.9, waiting=500.0, spent=[(spending, ALLOWED)])
    assert left == pytest.approx(9 * WINDOW, rel=0.05)


def test_time_that_is_only_waited_slows_nothing_down_that_comes_after_it() -> None:
    pace = Pace(0.0, 0.0, 0.0)
    for second in range(101):
        pace.note(second, second / 200, second, is_held_up=False)
    for second in range(101, 700):
        pace.note(second, 0.5, 100, is_held_up=True)
    assert seconds_left(pace, 0.5) == pytest.approx(100, rel=0.02)
    assert seconds_left(pace, 0.5, waiting=60) == pytest.approx(160, rel=0.02)
    assert pace.rate == pytest.approx(0, abs=0.1)  # of the last ten minutes


def test_nothing_is_said_of_the_rest_while_nothing_is_known() -> None:
    client, progress = Client(), Progress(Tally())
    watched = Watched(progress, client)
    progress.expect({"contact": 1000})
    progress.resume({"contact": 500})
    client.clock.seconds = 60
    assert (watched.now().percent, watched.now().eta_seconds) == (50, None)  # what was done before tells no pace
    progress.settle(progress.take("contact", 250, 200))
    progress.tally.add(Count.READ, 200)
    assert (watched.now().percent, watched.now().eta_seconds) == (75, 60)
    assert watched.now().rate == pytest.approx(200 / 60)
    progress.complete("contact")
    assert (watched.now().percent, watched.now().eta_seconds) == (99.9, None)
    progress.finish()
    assert (watched.now().percent, watched.now().eta_seconds) == (100, 0)


def test_what_is_read_and_waits_for_writing_is_not_done() -> None:
    progress = Progress(Tally({"read": 40}))
    progress.expect_items(200)
    page = progress.take(ITEMS, 100, 100)
    assert (progress.share, progress.items, progress.read_ahead) == (0, 40, 100)
    page.note_left(80)
    progress.tally.add(Count.READ, 20)  # what is written is counted as read
    page.note_left(60)
    assert (progress.share, progress.items, progress.read_ahead) == (0.125, 60, 75)  # the page may be interrupted
    page.note_left(70)  # a repair came
    assert progress.share == 0.125
    progress.tally.add(Count.READ, 80)
    progress.settle(page)
    assert (progress.share, progress.items, progress.read_ahead) == (0.5, 140, 0)


def test_what_is_waited_for_is_told_with_its_end() -> None:
    client = Client()
    watched = Watched(Progress(Tally()), client)
    operating = (WaitCause.OPERATING_TIME, "operating time of crm.item.update")
    with client.waits.on(*operating, seconds=528), client.waits.on(WaitCause.REQUEST_LIMIT, "request limit"):
        assert client.waits.foremost == Wait("operating time of crm.item.update", 0.0, WaitCause.OPERATING_TIME, 528.0)
        now = watched.now()
    assert (now.waiting_for, now.waiting_until) == ("operating time of crm.item.update", NOON + timedelta(seconds=528))
    assert watched.now().waiting_for is None
