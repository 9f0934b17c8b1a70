"""What a rehearsal on a foreign portal taught of rebinding: errors that prove nothing, readings that fail, comments."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from tests.engine.paying import DAY, PAYMENTS, date_paid, day_of, deal, pay, shown
from tests.engine.rebinding import (
    ADD,
    CONVERTED,
    DELETE,
    WITH_TASKS,
    WITNESS,
    assert_settled,
    assert_unbroken,
    bound,
    call,
    company,
    item,
    lead_of,
    reviews,
    rule,
    small,
    written,
)

from b24syncd.cli.backfill import exit_code
from b24syncd.errors import ExitCode
from b24syncd.reports.summary import walk_lines
from b24syncd.reports.wording import ACTIVITIES
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.tables.fields import DEAL

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.engine.rebinding import MakeWorld
    from tests.engine.world import World

    from b24syncd.simulator.methods.calls import Call

NOTHING_SAID = ("", "0", "ERROR_CORE")
PASSING = ("internal_error", "INTERNAL_SERVER_ERROR", "error_unexpected_answer")


def fault(match: str | Callable[[Call], bool], code: str, **more: Any) -> Fault:  # noqa: ANN401 # fields of a fault
    return Fault(kind=Kind.COMMAND_ERROR, match=match, code=code, description="It is said so.", **more)


def in_batch(method: str) -> Callable[[Call], bool]:
    return lambda command: command.method == method and command.position is not None


def of_sources(command: Call) -> bool:
    """Tell whether items are listed with what names their targets; such a list is never missing, however slow it is."""
    fields = command.parameter("select")
    return command.method == "crm.item.list" and isinstance(fields, dict) and len(fields) > 1


def about(method: str, activity_id: int) -> Callable[[Call], bool]:
    return lambda command: command.method == method and str(command.parameter("activityid")) == str(activity_id)


async def leads_with_calls(make_world: MakeWorld, number: int = 12) -> tuple[World, dict[int, tuple[int, int]]]:
    """Return a portal with converted leads of one call each, and where each call belongs."""
    world = await make_world(**WITH_TASKS)
    world.rebind_by(rule(where=CONVERTED))
    targets = [company(world) for _ in range(number)]
    return world, {call(world, lead_of(world, target)): target for target in targets}


async def test_a_failed_update_does_not_refuse_the_others_of_its_batch(make_world: MakeWorld) -> None:
    """Of an activity that is full, some bindings are not shown: its update fails, and spoils its batch."""
    world = await make_world(**WITH_TASKS, trims_bindings=False)
    world.rebind_by(rule(where=CONVERTED))
    others = [item(world, DEAL, title="Another") for _ in range(99)]
    world.portal.hidden.update(others[:9])
    targets = [company(world) for _ in range(9)]
    must_be = {}
    for number, target in enumerate(targets):
        lead = lead_of(world, target)
        if number in {3, 5}:
            full = call(world, lead, *others)
            must_be[full] = {lead, *others}
        else:
            must_be[call(world, lead)] = {target}
    await world.backfill()
    assert {activity: bound(world, activity) for activity in must_be} == must_be
    assert [reason for _, reason in reviews(world)] == ["refused", "refused"]
    await assert_settled(world)


@pytest.mark.parametrize("method", [ADD, DELETE])
@pytest.mark.parametrize("code", [*NOTHING_SAID, "SOMETHING_NEW"])
async def test_an_undocumented_error_of_a_moment_refuses_nothing(make_world: MakeWorld, method: str, code: str) -> None:
    world, must_be = await leads_with_calls(make_world)
    for struck in sorted(must_be)[1:3]:  # twice in a row would refuse it
        world.portal.faults.add(fault(about(method, struck), code))
    summary = await world.backfill()
    assert summary.counts["failed"] == 0
    assert {activity: bound(world, activity) for activity in must_be} == {a: {t} for a, t in must_be.items()}
    assert reviews(world) == []
    await assert_settled(world)


async def test_what_is_refused_alone_as_well_becomes_a_review_and_rests(make_world: MakeWorld) -> None:
    world, must_be = await leads_with_calls(make_world)
    broken = sorted(must_be)[4]
    world.portal.faults.add(fault(about(ADD, broken), "0", times=None))
    await world.backfill()
    assert [(ref.id, reason) for ref, reason in reviews(world)] == [(broken, "refused")]
    assert world.portal.history.faults["command_error"] == 2
    assert all(bound(world, activity) == {target} for activity, target in must_be.items() if activity != broken)
    await assert_settled(world)


@pytest.mark.every(5)
@pytest.mark.parametrize("code", [*NOTHING_SAID, *PASSING])
async def test_readings_that_fail_once_leave_nothing_out(make_world: MakeWorld, code: str) -> None:
    async def run(match: str | Callable[[Call], bool]) -> None:
        found = await small(make_world)
        found.world.portal.faults.add(fault(match, code, times=2))
        summary = await found.world.backfill()
        assert found.world.portal.history.faults["command_error"] == 2
        assert exit_code(summary) is ExitCode.DONE
        found.assert_right()
        assert reviews(found.world) == []
        await assert_settled(found.world)

    # most of their time passes with waiting: all at once
    await asyncio.gather(run(in_batch(WITNESS)), run(of_sources), run("crm.activity.list"), run("tasks.task.list"))


@pytest.mark.parametrize("code", ["", "INTERNAL_SERVER_ERROR"])
async def test_an_activity_that_can_never_be_read_is_listed_and_holds_up_nothing(
    make_world: MakeWorld, code: str
) -> None:
    world, must_be = await leads_with_calls(make_world)
    broken = sorted(must_be)[4]
    world.portal.faults.add(fault(about(WITNESS, broken), code, times=None))
    summary = await world.backfill()
    assert [str(entry.ref) for entry in summary.failed] == [f"activity:{broken}"]
    assert exit_code(summary) is ExitCode.SOME_FAILED
    assert all(bound(world, activity) == {target} for activity, target in must_be.items() if activity != broken)
    world.portal.faults.clear()
    summary = await world.backfill()
    assert bound(world, broken) == {must_be[broken]}
    assert world.given_up() == []
    assert_unbroken(world)


async def test_a_list_that_is_refused_for_good_ends_its_rule_and_no_other(make_world: MakeWorld) -> None:
    found = await small(make_world)

    def of_twins(command: Call) -> bool:
        return command.method == "crm.item.list" and "NEW" in str(command.parameter("filter"))

    def of_walk(command: Call) -> bool:
        asked = str(command.parameter("filter"))
        return of_twins(command) and ">id" in asked and "@id" not in asked

    found.world.portal.faults.add(fault(of_walk, "", times=None))
    summary = await found.world.backfill()
    assert list(summary.refused_feeds) == ["bindings/twins"]
    assert "ended early, bindings/twins: no code: It is said so." in list(walk_lines(summary, ACTIVITIES))
    assert exit_code(summary) is ExitCode.SOME_FAILED
    assert written(found.world)
    found.world.portal.faults.clear()
    assert exit_code(await found.world.backfill()) is ExitCode.DONE
    found.assert_right()
    await assert_settled(found.world)


async def test_a_write_that_goes_alone_halts_where_its_witness_fails(make_world: MakeWorld) -> None:
    world, must_be = await leads_with_calls(make_world, 1)
    (activity,) = must_be
    seen: list[int] = []

    def witness(command: Call) -> bool:
        is_witness = about(WITNESS, activity)(command) and command.position == 1  # behind the proof of its target
        seen.extend([1] if is_witness else [])
        return is_witness and not written(world)

    world.portal.faults.add(fault(witness, "0", nth=1))
    await world.backfill()
    assert seen
    assert bound(world, activity) == {must_be[activity]}
    assert world.outcomes()["unverified"] == 0
    await assert_settled(world)


@pytest.mark.parametrize("include_tasks", [True, False])
async def test_comments_of_a_task_stay_with_their_task(make_world: MakeWorld, *, include_tasks: bool) -> None:
    world = await make_world(**WITH_TASKS)
    world.rebind_by(rule(where=CONVERTED), include_tasks=include_tasks)
    target = company(world)
    lead = lead_of(world, target)
    values = {"typeId": 6, "providerId": "CRM_TASKS_TASK_COMMENT", "direction": 0, "associatedEntityId": 7}
    comment, plain = call(world, lead, **values), call(world, lead)
    await world.backfill()
    assert bound(world, comment) == {lead}
    assert bound(world, plain) == {target}
    await assert_settled(world)


async def test_where_the_queue_cannot_be_read_the_walk_ends_with_a_sentence(make_world: MakeWorld) -> None:
    """An answer is lost after the effect; then the rules' items are not shown to what judges it."""
    world, must_be = await leads_with_calls(make_world)
    world.portal.faults.add(Fault(kind=Kind.RESET, match=ADD, when="after"))

    def is_judging(command: Call) -> bool:
        return "@id" in str(command.parameter("filter")) and world.portal.history.faults["reset"] > 0

    def denied(command: Call) -> bool:
        return command.method == "crm.item.list" and is_judging(command)

    world.portal.faults.add(fault(denied, "ACCESS_DENIED", times=None))
    summary = await world.backfill()
    assert summary.refused_feeds
    assert exit_code(summary) is ExitCode.SOME_FAILED
    world.portal.faults.clear()
    await world.backfill()
    assert {activity: bound(world, activity) for activity in must_be} == {a: {t} for a, t in must_be.items()}
    await assert_settled(world)


@pytest.mark.parametrize("code", ["", "0", "INTERNAL_ERROR"])
async def test_payments_that_are_never_shown_are_listed_and_those_shown_later_count(
    make_world: MakeWorld, code: str
) -> None:
    world = await make_world(custom_fields=(DAY,))
    date_paid(world)
    deals = [deal(world) for _ in range(6)]
    paid = {deal_id: day_of(world, pay(world, deal_id)) for deal_id in deals}

    def of(deal_id: int) -> Callable[[Call], bool]:
        return lambda command: command.method == PAYMENTS and str(command.parameter("entityid")) == str(deal_id)

    world.portal.faults.add(fault(of(deals[1]), code, times=None), fault(of(deals[4]), code, times=2))
    summary = await world.backfill()
    assert [str(entry.ref) for entry in summary.failed] == [f"deal:{deals[1]}"]
    assert exit_code(summary) is ExitCode.SOME_FAILED
    assert {one: shown(world, one) for one in deals} == {**paid, deals[1]: None}
    world.portal.faults.clear()
    assert exit_code(await world.backfill()) is ExitCode.DONE
    assert {one: shown(world, one) for one in deals} == paid
    assert world.given_up() == []
