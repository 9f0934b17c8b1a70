"""What is known of one method's operating time (docs limits.md; the published server's limiter)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b24syncd.portal.pace.budget import Budget
from b24syncd.portal.pace.governor import OperatingGovernor
from b24syncd.portal.pace.limits import Limits, LimitsState
from b24syncd.portal.pace.meter import Meter
from b24syncd.portal.pace.serverclock import ServerClock
from b24syncd.portal.pace.waits import Waits
from b24syncd.portal.wire.commands import Priority, Timing
from b24syncd.portal.wire.observation import BATCH, Observation

START = 600_000.0


def timings(number: int, seconds: float, *, at: float = START, before: float | None = 0.0) -> list[Timing]:
    """Commands of so many seconds one after another; `before` is what was spent when they began."""
    found = []
    for index in range(number):
        began = at + index * seconds
        spent = None if before is None else before + (index + 1) * seconds
        found.append(Timing(began, began + seconds, seconds, spent, at + 600))
    return found


def meter() -> Meter:
    return Meter(600.0, 480.0)


def test_the_larger_of_the_portals_sum_and_our_own_ledger_counts() -> None:
    known = meter()
    known.learn(timings(2, 5.0, before=100.0))
    assert known.spent(START + 10) == pytest.approx(110)
    known.charge(150.0, START + 10)
    assert known.spent(START + 10) == pytest.approx(160)


def test_what_leaves_the_window_is_taken_off_the_portals_sum() -> None:
    known = meter()
    known.learn(timings(2, 5.0, before=100.0))
    known.learn(timings(1, 5.0, at=START + 120, before=110.0))
    assert known.spent(START + 599) == pytest.approx(115)
    assert known.spent(START + 600) == pytest.approx(105)
    assert known.spent(START + 120 + 605) == 0


def test_when_a_part_has_left_unseen_one_command_may_find_out() -> None:
    known = meter()
    known.restore(cost=1.0, operating=(430.0, START + 60))
    assert not known.may_probe(START + 59)
    assert known.may_probe(START + 60)
    known.learn(timings(1, 1.0, at=START + 61, before=430.0))
    assert not known.may_probe(START + 62)
    assert known.next_change(START + 62) == START + 661


def test_nobody_probes_while_the_sum_may_still_exceed_the_limit() -> None:
    known = meter()
    known.restore(cost=1.0, operating=(500.0, START + 60))
    assert not known.may_probe(START + 60)
    assert known.spent(START + 60 + 600) == 0


def test_a_portal_that_charges_something_else_is_believed_after_some_answers() -> None:
    known = meter()
    for number in range(3):
        assert known.spent(START + 30 * number) == pytest.approx(20 * number)
        free = [Timing(START, START + 20, 20.0, 0.0, None)]
        known.learn(free)
    assert known.spent(START + 60) == 0


def test_commands_without_counters_are_not_limited() -> None:
    known = meter()
    known.learn(timings(1, 5.0, before=None))
    assert not known.is_counted
    untimed = meter()
    untimed.learn_untimed(3)
    assert not untimed.is_counted


def test_the_cost_follows_what_was_seen_and_ignores_lumps_that_others_spend() -> None:
    known = meter()
    lump = [Timing(START, START + 1, 1.0, spent, None) for spent in (1.0, 2.0, 90.0, 91.0)]
    known.learn(lump)
    assert known.costs.operating == pytest.approx(1.0)
    known.learn(timings(1, 3.0))
    assert known.costs.operating == pytest.approx(2.0)
    known.learn(timings(1, 1.0))
    assert known.costs.operating == pytest.approx(1.8)


def lasted(seconds: float, *, slack: float = 0.0) -> Timing:
    return Timing(START, START + seconds, seconds, slack=slack)


def test_an_answer_that_was_long_on_its_way_makes_no_command_slow() -> None:
    """Where whole seconds are told, all that is known of the first command of a request is how long it took at most."""
    known = meter()
    known.learn([lasted(0.4, slack=0.4)])
    assert known.costs.seconds == pytest.approx(0.4)
    known.learn([lasted(0.7, slack=0.7), lasted(0.1), lasted(0.1)])  # the first measure takes the place of a bound
    assert known.costs.seconds == pytest.approx(0.1)
    known.learn([lasted(0.9, slack=0.9)])
    assert known.costs.seconds == pytest.approx(0.1)
    known.learn([lasted(0.05, slack=0.05)])
    assert known.costs.seconds == pytest.approx(0.09)
    known.learn([lasted(1.5, slack=0.91)])  # half a second more, at least
    assert known.costs.seconds == pytest.approx(0.34)
    known.learn([lasted(0.84)])
    assert known.costs.seconds == pytest.approx(0.59)


def test_a_method_that_costs_more_than_it_takes_is_noticed() -> None:
    known = meter()
    known.learn([Timing(START, START, 0.001, 0.3 * number, None) for number in (1, 2, 3)])
    assert known.costs.operating == pytest.approx(0.3)


def test_the_cost_is_learnt_where_requests_overlap_and_commands_cost_more_than_they_take() -> None:
    known = meter()
    for request in range(3):
        known.depart(1.0, START + request / 10)
    # a command of each in turn, 0.1 s after the one before, and each adds 0.4 s to the sum
    for request in range(3):
        known.arrive(1.0, START + request / 10)
        ends = [START + 0.3 * step + 0.1 * request + 0.3 for step in range(10)]
        sums = [0.4 * (3 * step + request + 1) for step in range(10)]
        known.learn([Timing(end - 0.3, end, 0.3, told, None) for end, told in zip(ends, sums, strict=True)])
    assert known.costs.seconds == pytest.approx(0.3)
    for _ in range(9):
        known.depart(1.0, START + 10)
        known.depart(1.0, START + 10)
        known.arrive(1.0, START + 10)
        known.learn([Timing(START + 10, START + 10.3, 0.3, 12.4, None)])
        known.arrive(1.0, START + 10)
    assert known.costs.operating == pytest.approx(0.4, rel=0.01)


def test_answers_whose_times_tell_another_order_than_their_sums_make_no_command_dear() -> None:
    known = meter()
    known.depart(1.0, START)
    known.depart(1.0, START + 0.1)
    # the second was executed after the first, by a server whose clock is behind
    for request, at in enumerate((START, START + 0.096)):
        known.arrive(1.0, START + request / 10)
        known.learn(timings(40, 0.01, at=at, before=request * 0.4))
    assert known.costs.operating == pytest.approx(0.01)


def test_a_refusal_waits_for_the_reset_and_then_longer_and_longer() -> None:
    known = meter()
    known.learn(timings(1, 1.0))
    assert known.block(START + 100) == pytest.approx(500)
    assert known.block(START + 200) == pytest.approx(400)
    waits = []
    now = START + 600
    for _ in range(5):
        waits.append(known.block(now))
        now = known.blocked_until
    assert waits == [20, 40, 80, 160, 300]


def test_what_is_on_its_way_is_remembered_as_spent() -> None:
    known = meter()
    assert known.remembered(START) is None
    known.depart(7.0, START)
    assert known.remembered(START) == (7.0, START + 600)
    known.learn(timings(1, 2.0))
    known.arrive(7.0, START)
    assert known.remembered(START + 2) == (2.0, START + 600)


@dataclass
class StoppedClock:
    seconds: float = 0.0

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return datetime.fromtimestamp(START + self.seconds, UTC)

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds


def governor(clock: StoppedClock, **costs: float) -> OperatingGovernor:
    made = OperatingGovernor(Limits(), ServerClock(clock), Waits(clock))
    made.restore(LimitsState(costs=costs))
    return made


async def test_a_batch_stays_far_from_the_cut() -> None:
    assert await governor(StoppedClock(), get=0.1, update=0.9).capacity(["get", "update"], 25, Priority.LIVE) == 10
    assert await governor(StoppedClock(), get=0.01, update=0.01).capacity(["get", "update"], 99, Priority.LIVE) == 25
    assert await governor(StoppedClock(), get=5.0, update=40.0).capacity(["get", "update"], 9, Priority.LIVE) == 1


async def test_a_lost_answer_makes_the_next_batch_smaller() -> None:
    made = governor(StoppedClock(), update=1.0)
    reservation = await made.reserve(["update"] * 10, Priority.LIVE, whole=True)
    made.lose(reservation)
    made.release(reservation)
    assert await made.capacity(["update"], 10, Priority.LIVE) == 5


def told(spent: float) -> Observation:
    """Return what tells so much to be spent of `update`."""
    return Observation({"update": [Timing(START, START + 1, 1.0, spent, START + 600)]})


async def settle_at(made: OperatingGovernor, spent: float) -> None:
    """Let the portal tell what is spent of `update`."""
    made.settle(await made.reserve(["update"], Priority.LIVE, whole=True), told(spent))


async def test_a_backfill_spends_our_whole_share_and_live_commands_a_part_of_the_rest() -> None:
    made = governor(StoppedClock(), update=1.0)
    # 480 s · 0.9 are ours
    await settle_at(made, 423.0)
    assert await made.capacity(["update"], 50, Priority.BACKFILL) == 7
    await settle_at(made, 432.0)
    assert await made.capacity(["update"], 50, Priority.LIVE) == 10
    await settle_at(made, 463.0)
    assert await made.capacity(["update"], 50, Priority.LIVE) == 4


async def test_nothing_is_lent_any_more_once_live_commands_had_to_wait() -> None:
    made = governor(StoppedClock(), update=1.0)
    answers = [await made.reserve(["update"], Priority.LIVE, whole=True) for _ in range(2)]
    made.settle(answers[0], told(467.5))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await made.capacity(["update"], 1, Priority.LIVE)
    made.settle(answers[1], told(380.0))
    assert await made.capacity(["update"], 50, Priority.BACKFILL) == 7  # a tenth of 432 s is kept


@given(limit=st.floats(1, 1000), share=st.floats(0.1, 1))
def test_a_budget_never_reaches_the_limit_but_by_a_share_that_does(limit: float, share: float) -> None:
    budget = Budget(limit, share)
    assert 0.96 * budget.ours - 1e-6 <= budget.backfill <= budget.ours <= budget.live
    assert budget.live <= budget.ours + 0.75 * (limit - budget.ours) + 1e-6
    assert budget.live - budget.backfill >= 0.04 * budget.ours - 1e-6


async def test_what_is_on_its_way_counts_as_spent() -> None:
    made = governor(StoppedClock(), update=1.0)
    await settle_at(made, 451.0)
    assert await made.capacity(["update"], 10, Priority.LIVE) == 10
    # live commands may spend 468 s, 451 are spent, and ten commands of 1.15 s are not answered yet
    await made.reserve(["update"] * 10, Priority.LIVE, whole=True)
    assert await made.capacity(["update"], 10, Priority.LIVE) == 4


async def test_a_batch_that_must_leave_whole_waits_though_its_first_command_has_room() -> None:
    made = governor(StoppedClock(), get=0.01, update=1.0)
    await settle_at(made, 431.0)
    first = await made.reserve(["get", *["update"] * 20], Priority.LIVE, whole=True)
    waiting = asyncio.create_task(made.reserve(["get", *["update"] * 20], Priority.LIVE, whole=True))
    await asyncio.sleep(0)
    assert not waiting.done()
    made.release(first)
    assert len((await waiting).methods) == 21


async def test_what_nobody_waits_for_any_more_is_charged_and_tells_nothing_of_how_long_it_takes() -> None:
    made = governor(StoppedClock(), update=1.0)
    before = made.seconds("update")
    for took_too_long, factor in ((False, 1.0), (True, 2.0)):
        lost = await made.reserve(["update"], Priority.LIVE, whole=True)
        made.lose(lost, took_too_long=took_too_long)
        assert made.seconds("update") == pytest.approx((before or 0) * factor)
    assert made.ratios()["update"] == pytest.approx(2.3 / 480)


async def test_one_command_goes_first_and_a_cheap_one_is_followed_by_a_whole_batch() -> None:
    for seconds, number in ((0.02, 50), (0.2, 6), (2.0, 1)):
        made = OperatingGovernor(Limits(), ServerClock(clock := StoppedClock()), Waits(clock))
        first = await made.reserve(["update"] * 50, Priority.LIVE, whole=False)
        assert len(first.methods) == 1
        made.settle(first, Observation({"update": timings(1, seconds)}))
        # if each took eight times as long as the only one that was seen, they would still end in time
        assert await made.capacity(["update"], 50, Priority.LIVE) == number


async def test_a_batch_that_is_charged_as_a_whole_is_limited_as_a_whole() -> None:
    clock = StoppedClock()
    made = governor(clock, update=1.0)
    whole = Timing(START, START + 10, 10.0, 466.0, START + 600)
    free = [Timing(START, START, 1.0, 0.0, None) for _ in range(10)]
    made.settle(
        await made.reserve(["update"] * 10, Priority.LIVE, whole=True), Observation({"update": free, BATCH: [whole]})
    )
    assert made.counts_batches()
    learnt, later = made.learnt(), OperatingGovernor(Limits(), ServerClock(clock), Waits(clock))
    later.restore(LimitsState(costs=learnt.costs, operating=learnt.operating, ledgers=learnt.ledgers))
    assert not later.counts_batches()  # what is remembered of it may be our own guess
    # two seconds are left for batches, but a single command is none
    reservation = await made.reserve(["update"] * 10, Priority.LIVE, whole=False)
    assert len(reservation.methods) == 2
    made.release(reservation)
    made.block(BATCH)
    assert len((await made.reserve(["update"] * 10, Priority.LIVE, whole=False)).methods) == 1


def test_what_others_spend_is_what_the_portal_counts_beyond_our_own() -> None:
    known = meter()
    assert known.foreign(START) == 0
    known.learn(timings(2, 5.0))
    assert known.foreign(START + 10) == pytest.approx(0)
    known.learn(timings(1, 5.0, at=START + 20, before=310.0))
    assert known.foreign(START + 25) == pytest.approx(300)
    assert known.foreign(START + 1300) == 0


def test_what_an_earlier_life_of_ours_spent_is_not_that_of_others() -> None:
    known = meter()
    known.restore(cost=5.0, operating=(300.0, START + 100))
    known.learn(timings(1, 5.0, before=300.0))
    assert known.foreign(START + 5) == pytest.approx(0)


def test_a_method_that_is_refused_though_we_spent_little_is_spent_by_others() -> None:
    known = meter()
    known.learn(timings(1, 5.0))
    known.block(START + 10)
    assert known.foreign(START + 11) == pytest.approx(475)


@pytest.mark.parametrize("refused_at", [420.0, 380.0])
async def test_a_portal_that_allows_less_than_is_configured_is_learnt_where_the_spending_was_ours(
    refused_at: float,
) -> None:
    known = meter()
    known.learn(timings(int(refused_at / 5), 5.0))
    known.block(START + 430)
    is_ours = refused_at >= 0.8 * 480
    assert known.limit == pytest.approx(0.95 * 420 if is_ours else 480)
    assert known.foreign(START + 430) == pytest.approx(0 if is_ours else 480 - refused_at)
    known.block(known.blocked_until)  # once more without an answer in between: that says nothing new
    known.allow(600.0, 1000.0)
    assert known.limit == pytest.approx(0.95 * 420 if is_ours else 1000)


def test_what_the_portal_allows_less_is_remembered_until_it_shows_more_or_a_week_has_passed() -> None:
    known, again = meter(), meter()
    known.learn(timings(84, 5.0))
    known.block(START + 430)
    again.learnt_limit.restore(known.learnt_limit.remembered)
    assert again.limit == known.limit == pytest.approx(399)
    again.learn(timings(1, 5.0, at=START + 1000, before=437.0))
    assert again.limit == known.limit
    again.learn(timings(1, 5.0, at=START + 1010, before=440.0))
    assert again.limit == 480
    known.learn(timings(1, 5.0, at=START + 8 * 86400))
    assert known.limit == 480


def test_what_had_left_before_the_portal_told_its_sum_is_not_taken_off_it_again() -> None:
    known = meter()
    known.learn(timings(1, 100.0))
    known.learn(timings(1, 1.0, at=START + 610, before=200.0))
    assert known.spent(START + 620) == pytest.approx(201)


async def test_the_method_is_told_of_which_others_spend_most() -> None:
    one = governor(StoppedClock())
    assert one.foreign() is None
    for method, before in (("crm.item.list", 50.0), ("crm.item.get", 200.0)):
        reservation = await one.reserve([method], Priority.LIVE, whole=True)
        one.settle(reservation, Observation({method: timings(1, 1.0, before=before)}))
    found = one.foreign()
    assert found is not None
    assert (found.method, found.limit) == ("crm.item.get", 480.0)
    assert found.seconds == pytest.approx(200)
