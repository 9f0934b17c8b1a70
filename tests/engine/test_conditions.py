"""What is not as it should be stands in the state within a minute, with its cure, and is over when it is over."""

from __future__ import annotations

import asyncio
import signal
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlite_utils
from tests.engine.paying import DAY, SHOP, date_paid
from tests.engine.scripting import Watcher, edit
from tests.engine.telling import SCOPES, tell
from tests.engine.test_handing_over import CANONICAL, MESSY, served
from tests.engine.test_pulse import AWAY, pulse
from tests.engine.test_wrong_region import fill
from tests.engine.undone import undo
from tests.unit.test_written_regions import RUSSIAN

from b24syncd import app
from b24syncd.app.health import health_within
from b24syncd.cli.backfill import exit_code
from b24syncd.domain.conditions import Condition, ConditionKind
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.engine.watch import is_growing
from b24syncd.errors import CredentialsRefused, ExitCode, RetryLater, SafetyStop
from b24syncd.reports.health import Verdict, health_of, recorded_in
from b24syncd.reports.summary import walk_lines
from b24syncd.reports.wording import ITEMS
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.people.person import Action
from b24syncd.simulator.tables.fields import LEAD
from b24syncd.simulator.tables.state import access_of
from b24syncd.store import conditions, queue
from b24syncd.store.reading import open_for_reading
from b24syncd.web.unix_door import serving as to_others

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

    from tests.engine.world import World

    from b24syncd.app.follow import Daemon
    from b24syncd.reports.health import Health
    from b24syncd.simulator.methods.calls import Call
    from b24syncd.simulator.portal import Options

    MakeWorld = Callable[..., Coroutine[None, None, World]]

A_MINUTE = 60.0


def health(world: World, *, is_held: bool = True) -> Health:
    with open_for_reading(world.state) as db:
        return health_of(recorded_in(db), world.clock.now(), is_held=is_held)


def kinds(world: World, *, is_held: bool = True) -> list[str]:
    return [one.kind.value for one in health(world, is_held=is_held).conditions]


def change(world: World, **options: object) -> None:
    before: Options = world.portal.options
    world.portal.options = replace(before, **options)  # type: ignore[arg-type] # they vary
    world.portal.access = access_of(world.portal.options)


@pytest.fixture
async def world(make_world: MakeWorld) -> World:
    """A portal that a daemon asks twice in a minute."""
    world = await make_world()
    world.configure(changes__interval_seconds=30)
    world.add(CANONICAL)
    return world


async def test_a_portal_that_is_away_is_waited_for_and_then_trouble_until_it_is_back(world: World) -> None:
    async with served(world):
        await world.rounds(1)
        await asyncio.sleep(20)
        assert (health(world).verdict, kinds(world)) == (Verdict.WELL, [])
        world.portal.faults.add(AWAY)
        went = world.clock.now()
        await asyncio.sleep(A_MINUTE)
        early = health(world)
        assert (early.verdict, kinds(world)) == (Verdict.WAITING, ["portal_away"])
        assert early.since is not None
        assert early.since - went <= timedelta(seconds=31)
        await asyncio.sleep(A_MINUTE)
        late = health(world)
        assert (late.verdict, late.since) == (Verdict.TROUBLE, early.since)
        assert "goes on by itself" in late.conditions[0].cure
        assert late.last_contact is not None
        assert late.last_contact - went < timedelta(seconds=1)  # what is sent since then is no contact
        world.portal.faults.clear()
        await asyncio.sleep(700)
        found = health(world)
        assert (found.verdict, found.conditions) == (Verdict.WELL, ())
        assert found.last_error is not None
        assert found.since == found.last_error.over_at
        told = await pulse(world)
        assert told.last_contact is not None
        assert world.clock.now() - told.last_contact < timedelta(seconds=40)


async def test_a_portal_is_still_away_when_the_daemon_is_told_to_stop(world: World) -> None:
    async with served(world) as following:
        await world.rounds(1)
        world.portal.faults.add(AWAY)
        await asyncio.sleep(A_MINUTE)
        world.send(signal.SIGTERM)
        await following
    assert kinds(world, is_held=False) == ["portal_away"]
    world.portal.faults.clear()
    await world.backfill()
    assert kinds(world, is_held=False) == []


async def test_a_webhook_that_is_revoked_ends_it_and_is_told_until_a_later_run_works(world: World) -> None:
    following = asyncio.create_task(world.follow(seconds=1e4))
    await world.rounds(1)
    change(world, scopes=())
    before = world.clock.now()
    with pytest.raises(CredentialsRefused):
        await following
    assert world.clock.now() - before < timedelta(seconds=A_MINUTE)
    first = health(world, is_held=False)
    assert (first.verdict, [one.kind for one in first.conditions]) == (
        Verdict.TROUBLE,
        [ConditionKind.CREDENTIALS_REFUSED],
    )
    with pytest.raises(CredentialsRefused):
        await world.backfill()
    assert health(world, is_held=False).since == first.since
    change(world, scopes=("crm",))
    await world.backfill()
    assert kinds(world, is_held=False) == []


async def test_a_portal_that_cannot_be_reached_at_all_is_told_as_well(world: World) -> None:
    await world.backfill()
    world.portal.faults.add(AWAY)
    with pytest.raises(RetryLater):
        await world.backfill()
    assert kinds(world, is_held=False) == ["portal_away"]
    world.portal.faults.clear()
    async with served(world):
        await world.rounds(2)
        assert kinds(world) == []


@pytest.mark.parametrize(("leads", "kind"), [("refused", "type_refused"), ("off", "type_off")])
async def test_a_type_that_is_withdrawn_and_given_back(world: World, leads: str, kind: str) -> None:
    async with served(world):
        await world.rounds(1)
        change(world, leads=leads)
        await asyncio.sleep(A_MINUTE)
        found = health(world)
        assert [(one.kind.value, one.about) for one in found.conditions] == [(kind, "lead")]
        assert found.verdict is (Verdict.TROUBLE if leads == "refused" else Verdict.WELL)
        assert found.skipped_types == ("lead",)
        change(world, leads="on")
        await asyncio.sleep(A_MINUTE)
        assert health(world).conditions == ()


def withdraw_at(world: World, after: str) -> None:
    """Take the right to read leads away when the page after this id is asked for."""

    def withdraw(_: int, call: Call) -> None:
        wanted = call.parameters.get("filter")
        if isinstance(wanted, dict) and str(wanted.get(">id")) == after:
            change(world, leads="refused")

    world.portal.watchers.append(Watcher(withdraw))


@pytest.mark.parametrize("after", ["400", "100"])
async def test_a_walk_ends_as_refused_where_the_right_goes_in_its_middle(world: World, after: str) -> None:
    """The list is empty from then on, as if all that is left were deleted; the first request has eight pages."""
    for _ in range(401):
        last = world.add(CANONICAL, "call me", type_id=LEAD)
    await world.backfill(only=[f"lead:{last}"])
    withdraw_at(world, after)
    summary = await world.backfill()
    assert (list(summary.refused_feeds), exit_code(summary)) == (["lead"], ExitCode.SOME_FAILED)
    assert last in {review.ref.id for review in world.reviews()}


@pytest.mark.parametrize("after", ["400", "100"])
async def test_a_preview_tells_that_the_right_went_in_its_middle(world: World, after: str) -> None:
    for _ in range(401):
        world.add(CANONICAL, type_id=LEAD)
    withdraw_at(world, after)
    summary, _ = await world.preview()
    assert (list(summary.refused_feeds), exit_code(summary)) == (["lead"], ExitCode.SOME_FAILED)


async def test_what_changed_while_a_job_was_paused_is_met_though_the_right_is_missing_when_it_goes_on(
    world: World,
) -> None:
    world.configure(changes__interval_seconds=40, changes__overlap_seconds=5, changes__sweep_hours=0)
    lead = world.add(CANONICAL, type_id=LEAD)
    async with served(world):
        await world.rounds(1)
        await asyncio.sleep(10)  # the round is over
        await app.pause(world.settings, "phones")
        assert world.portal.person.edit(edit(Action.CHANGE, lead, value=MESSY, entity_type_id=LEAD))
        await asyncio.sleep(200)
        await app.resume(world.settings, "phones")
        change(world, leads="refused")
        await asyncio.sleep(200)
        assert kinds(world) == ["type_refused"]
        change(world, leads="on")
        await asyncio.sleep(600)
        assert world.phones(lead, LEAD) == [CANONICAL]


async def test_an_edit_is_met_though_the_right_was_missing_when_it_was_to_be_read(world: World) -> None:
    """The right goes between the look at all types and the poll of the one, whose list then is empty."""
    world.configure(changes__interval_seconds=30, changes__overlap_seconds=5)
    lead = world.add(CANONICAL, type_id=LEAD)
    await world.backfill()
    async with served(world):
        await world.rounds(1)
        await asyncio.sleep(10)  # the round is over, the next one has not begun

        def withdraw(_: int, call: Call) -> None:
            if ">=updatedTime" in str(call.parameters):
                change(world, leads="refused")

        watcher = Watcher(withdraw)
        assert world.portal.person.edit(edit(Action.CHANGE, lead, value=MESSY, entity_type_id=LEAD))
        world.portal.watchers.append(watcher)
        await world.until(lambda: kinds(world) == ["type_refused"])
        world.portal.watchers.remove(watcher)
        await asyncio.sleep(300)
        change(world, leads="on")
        await asyncio.sleep(600)
        assert world.phones(lead, LEAD) == [CANONICAL]


@pytest.mark.parametrize(
    ("leads", "kind", "code"), [("refused", "type_refused", ExitCode.SOME_FAILED), ("off", "type_off", ExitCode.DONE)]
)
async def test_a_walk_that_skips_a_type_says_so_until_the_type_is_seen_again(
    make_world: MakeWorld, leads: str, kind: str, code: ExitCode
) -> None:
    world = await make_world(leads=leads)
    world.add(MESSY)
    summary, _ = await world.preview()
    assert exit_code(summary) is code
    summary = await world.backfill()
    assert exit_code(summary) is code
    assert len([line for line in walk_lines(summary, ITEMS) if "lead: " in line]) == 1
    assert kinds(world, is_held=False) == [kind]
    change(world, leads="on")
    assert exit_code(await world.backfill()) is ExitCode.DONE
    assert kinds(world, is_held=False) == []


async def test_a_scope_that_one_job_misses(make_world: MakeWorld) -> None:
    world = await make_world(custom_fields=(DAY,), **SHOP)
    world.configure(changes__interval_seconds=30)
    date_paid(world, others=True)
    async with served(world):
        await world.rounds(1)
        change(world, scopes=("crm", "user_brief"))
        await asyncio.sleep(A_MINUTE)
        found = health(world)
        assert [(one.kind.value, one.about) for one in found.conditions] == [("right_missing", "payment_dates")]
        assert found.paused_jobs == ("payment_dates",)


async def test_a_wrong_region_is_told_until_another_one_is_configured(world: World) -> None:
    fill(world, *RUSSIAN)
    world.configure(portal__region="US")
    assert (await world.backfill()).stopped is not None
    found = health(world, is_held=False)
    assert [(one.kind.value, one.about) for one in found.conditions] == [("wrong_region", "US")]
    assert "portal.region" in found.conditions[0].cure
    assert len(found.safety_stops) == 1
    world.configure(portal__region="RU")
    async with served(world):
        await world.rounds(1)
        await asyncio.sleep(20)
        assert kinds(world) == []


async def test_a_safety_stop_is_told_until_a_person_lets_it_go_on(world: World) -> None:
    world.configure(safety__canary=1)
    items = [world.add(CANONICAL) for _ in range(3)]
    following = asyncio.create_task(world.follow(seconds=1e4))
    await world.rounds(1)
    for item in items:
        assert world.portal.person.edit(world.change(item, MESSY))
    with pytest.raises(SafetyStop):
        await following
    found = health(world, is_held=False)
    assert [(one.kind.value, one.about) for one in found.conditions] == [("safety_stop", "run/canary")]
    assert "--continue" in found.conditions[0].cure
    assert (await world.backfill()).stopped is not None
    assert len(kinds(world, is_held=False)) == 2
    assert (await world.backfill(goes_on=True)).stopped is None
    assert kinds(world, is_held=False) == []


async def test_a_daemon_tells_from_within_also_what_it_cannot_put_on_record(world: World) -> None:
    daemons: list[Daemon] = []

    @asynccontextmanager
    async def serving(daemon: Daemon) -> AsyncIterator[None]:
        daemons.append(daemon)
        yield

    world.serving = serving
    async with world.following():
        await world.rounds(1)
        await asyncio.sleep(5)
        (daemon,) = daemons
        found = await health_within(daemon)
        assert (found.verdict, {one.feed for one in found.lag}) == (Verdict.WELL, {"lead", "contact", "company"})
        assert found.last_contact is not None
        daemon.conditions.meet("disk", ConditionKind.DISK_FULL, "", "database or disk is full")
        assert kinds(world) == []
        assert [one.kind.value for one in (await health_within(daemon)).conditions] == ["disk_full"]


async def test_requests_that_are_refused_for_the_sake_of_others(world: World) -> None:
    async with served(world):
        await world.rounds(1)
        world.portal.faults.add(Fault(kind=Kind.ERROR_503, times=2))
        await asyncio.sleep(A_MINUTE)
        found = health(world)
        assert (found.verdict, kinds(world)) == (Verdict.WAITING, ["foreign_requests"])
        assert "refused 2 requests" in found.conditions[0].detail
        (told,) = (await pulse(world)).conditions
        assert (told.kind, told.since) == ("foreign_requests", found.since)
        await asyncio.sleep(400)
        assert kinds(world) == []


async def test_operating_time_that_another_program_spends(world: World) -> None:
    async with served(world):
        await world.rounds(2)
        portal = world.portal
        portal.operating.charge(portal.options.secret, "crm.item.list", 440.0, portal.clock())
        await asyncio.sleep(A_MINUTE)
        found = health(world)
        assert (found.verdict, kinds(world)) == (Verdict.WAITING, ["operating_limit"])
        assert "of crm.item.list" in found.conditions[0].detail
        await asyncio.sleep(1300)
        assert kinds(world) == []


async def test_a_queue_that_grows(world: World) -> None:
    async with served(world):
        await world.rounds(1)
        for step in range(8):
            await asyncio.sleep(10)
            put_off(world, range(20 * step + 1, 20 * step + 21))
        assert kinds(world) == ["queue_growing"]
        await asyncio.sleep(2 * A_MINUTE)
        assert kinds(world) == []


def put_off(world: World, ids: range) -> None:
    """Let items fail that are looked at again much later."""
    db = sqlite_utils.Database(world.state)
    with db.conn:
        due = world.clock.now() + timedelta(days=1)
        queue.add(db, [EntityRef(EntityType.CONTACT, number) for number in ids], "failed", due_at=due)
    db.close()


def put_on_record(world: World, kind: ConditionKind, about: str = "") -> None:
    """Let something stand that an earlier process met."""
    db = sqlite_utils.Database(world.state)
    now = world.clock.now()
    with db.conn:
        conditions.note(db, [Condition(kind, about, now, "so it is")], judged=lambda _: False, now=now)
    db.close()


def test_a_queue_grows_that_never_shrinks_and_got_much_longer() -> None:
    assert is_growing([0, 10, 20, 30, 40, 50])
    assert not is_growing([0, 10, 20, 30, 40])
    assert not is_growing([0, 10, 20, 19, 40, 60])
    assert not is_growing([500] * 6)


async def test_what_the_portal_answers_at_the_start_is_over_though_the_first_round_pauses(world: World) -> None:
    tell(world, command="")
    change(world, scopes=SCOPES)
    world.has_brake = True
    items = [world.add(CANONICAL) for _ in range(130)]
    await world.backfill()
    put_on_record(world, ConditionKind.CREDENTIALS_REFUSED)
    for item in items:
        assert world.portal.person.edit(world.change(item, MESSY))
    async with served(world):
        await asyncio.sleep(2 * A_MINUTE)
        assert kinds(world) == ["safety_stop"]
        assert any("canary" in one.message for one in world.portal.notifications)


async def test_what_a_daemon_has_is_not_ended_by_what_it_is_handed(world: World) -> None:
    daemons: list[Daemon] = []

    @asynccontextmanager
    async def serving(daemon: Daemon) -> AsyncIterator[None]:
        daemons.append(daemon)
        async with to_others(daemon):
            yield

    world.serving = serving
    async with served(world):
        await world.rounds(1)
        daemons[0].conditions.meet("disk", ConditionKind.DISK_FULL, "", "no room")
        await daemons[0].conditions.store()
        before = health(world).conditions
        await world.backfill()
        assert health(world).conditions == before
        assert kinds(world) == ["disk_full"]


async def test_only_a_whole_walk_ends_what_stops_walks_and_only_rules_what_ended_processes(world: World) -> None:
    await world.backfill()
    standing = [
        (ConditionKind.WRONG_REGION, "RU"),
        (ConditionKind.SAFETY_STOP, "field"),
        (ConditionKind.SETTINGS_INVALID, ""),
    ]
    for kind, about in standing:
        put_on_record(world, kind, about)
    await undo(world)
    assert sorted(kinds(world, is_held=False)) == ["safety_stop", "settings_invalid", "wrong_region"]
    await world.backfill(limit=1)
    assert sorted(kinds(world, is_held=False)) == ["safety_stop", "wrong_region"]
    await world.backfill()
    assert kinds(world, is_held=False) == []
