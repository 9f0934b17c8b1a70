"""While a daemon holds the state, it carries out what other commands ask for, and follows meanwhile."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import stat
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs
from tests.engine.paying import DAY, date_paid, deal, pay, shown
from tests.engine.rebinding import WITH_TASKS, bound, call, company, lead_of, listed
from tests.engine.scripting import edit
from tests.engine.undone import release_reviews, undo

from b24syncd import app
from b24syncd.engine.progress import every
from b24syncd.errors import Detached, HandedOverFailed, SafetyStop, StateLocked, UsageInvalid
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.people.edits import Action
from b24syncd.simulator.tables.model import PointChange
from b24syncd.store import runs
from b24syncd.store.history import Filter
from b24syncd.store.lock import socket_of
from b24syncd.store.reading import open_for_reading

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

    from tests.engine.world import World

    from b24syncd.engine.how_far import HowFar, Watching

    MakeWorld = Callable[..., Coroutine[None, None, World]]

MESSY, CANONICAL = "8 (495) 123-45-67", "+74951234567"


@asynccontextmanager
async def served(world: World) -> AsyncIterator[asyncio.Task[None]]:
    """Let a daemon follow the world's portal, and wait until it can be spoken to."""
    async with world.following() as daemon:
        await world.until(lambda: world.state.exists() and socket_of(world.state) is not None)
        yield daemon


def states(world: World) -> list[tuple[str, str]]:
    with open_for_reading(world.state) as db:
        return [(run.kind.value, run.state.value) for run in reversed(runs.latest_runs(db))]


async def test_a_backfill_is_carried_out_by_the_daemon(world: World) -> None:
    world.fill(1, contacts=60, companies=10, leads=10)
    async with served(world):
        summary = await world.backfill()
        assert summary.counts["read"] == 80
        assert summary.requests > 0
        assert states(world) == [("run", "running"), ("backfill", "done")]
        world.assert_right()
        assert (await world.backfill()).counts["corrected"] == 0
    await world.assert_settled()


async def test_everything_a_summary_tells_comes_across(world: World) -> None:
    frozen, review = world.add(MESSY), world.add("call me")
    world.portal.frozen.add((3, frozen))
    async with served(world):
        handed = await world.backfill(only=[f"contact:{frozen}", f"contact:{review}", "contact:999"])
    direct = await world.backfill(only=[f"contact:{frozen}", f"contact:{review}", "contact:999"])
    assert [str(ref) for ref in handed.missing] == ["contact:999"]
    assert handed.missing == direct.missing
    assert [(str(one.ref), one.detail) for one in handed.failed] == [
        (f"contact:{frozen}", "ACCESS_DENIED: Access denied")
    ]
    assert (handed.failed, handed.open_reviews) == (direct.failed, direct.open_reviews)


async def test_what_people_do_meanwhile_is_followed(world: World) -> None:
    """A backfill takes long; an edit is not to wait for its end."""
    world.configure(limits__per_second=40.0, limits__burst=10, changes__interval_seconds=0.2)
    edited = world.add(CANONICAL, type_id=4)
    async with served(world):
        await world.rounds(1)
        for _ in range(400):
            world.add(MESSY)
        backfill = asyncio.create_task(world.backfill("phones"))
        await world.until(lambda: world.portal.history.saves > 20)
        assert world.portal.person.edit(world.change(edited, MESSY, entity_type_id=4))
        await world.until(lambda: world.phones(edited, 4) == [CANONICAL])
        assert not backfill.done()
        await backfill
    world.assert_right()


async def test_the_progress_is_shown(world: World) -> None:
    world.fill(1, contacts=100)
    told: list[HowFar] = []

    @asynccontextmanager
    async def show(progress: Watching) -> AsyncIterator[None]:
        yield
        told.append(progress.now())

    async with served(world):
        await app.backfill(world.settings, app.Narrowed(), show, clock=world.clock)
    (last,) = told
    assert (last.phase, last.percent, last.eta_seconds, last.settled) == ("finished", 100.0, 0.0, 100)
    assert last.counts["read"] == 100
    assert last.requests > 0


async def test_a_list_of_moves_is_handed_over(make_world: MakeWorld) -> None:
    world = await make_world(**WITH_TASKS)
    target = company(world)
    lead = lead_of(world)
    activities = [call(world, lead) for _ in range(5)]
    async with served(world):
        summary = await world.rebind(listed((lead, target)))
    assert summary.counts["corrected"] == 5
    assert [bound(world, activity) for activity in activities] == [{target}] * 5


async def test_an_undo_is_handed_over_and_not_corrected_again_by_the_daemon(world: World) -> None:
    items = [world.add(MESSY) for _ in range(30)]
    kept = world.add(MESSY)
    await world.backfill()
    assert world.portal.person.edit(world.change(kept, "+74957654321", late=86400.0))
    async with served(world):
        undone = await undo(world, 1)
        assert undone.summary.counts["corrections"] == 30
        assert [(str(left.correction.ref), left.why.value) for left in undone.left] == [(f"contact:{kept}", "changed")]
        for item in items:
            assert world.portal.person.edit(edit(Action.SET_FIELD, item, value="called today"))
        latest = world.portal.create(3, {}, [PointChange(None, "PHONE", "WORK", MESSY)], "person").id
        await world.until(lambda: world.phones(latest) == [CANONICAL])  # so those before it have been looked at
        await world.rounds(1)
        assert [world.phones(item) for item in items] == [[MESSY]] * 30
        assert await release_reviews(world) == 30
        await world.until(lambda: all(world.phones(item) == [CANONICAL] for item in items))


async def test_reviews_are_dismissed_while_the_daemon_works(world: World) -> None:
    world.add("call me")
    await world.backfill()
    async with served(world):
        (review,) = world.reviews()
        assert await app.dismiss(world.settings, [review.id]) == 1
        with pytest.raises(HandedOverFailed, match="no open review has the number 99"):
            await app.dismiss(world.settings, [99])
    assert world.reviews() == []


async def test_who_asked_may_go_and_the_daemon_goes_on(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.configure(limits__per_second=40.0, limits__burst=10)
    for _ in range(100):
        world.add(MESSY)
    async with served(world):
        backfill = asyncio.create_task(world.backfill())
        await world.until(lambda: world.portal.history.saves > 5)
        world.send(signal.SIGINT)
        with pytest.raises(Detached, match="goes on with it"):
            await backfill
        await world.until(lambda: states(world)[-1] == ("backfill", "done"))
    world.assert_right()
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []


async def test_who_asked_for_what_has_not_begun_is_told_so(world: World) -> None:
    world.configure(limits__per_second=40.0, limits__burst=10)
    for _ in range(100):
        world.add(MESSY)
    progresses: list[Watching] = []

    @asynccontextmanager
    async def noted(progress: Watching) -> AsyncIterator[None]:
        progresses.append(progress)
        yield

    async with served(world):
        first = asyncio.create_task(world.backfill())
        await world.until(lambda: world.portal.history.saves > 5)
        second = asyncio.create_task(app.backfill(world.settings, app.Narrowed(), noted, clock=world.clock))
        await world.until(lambda: [one.now().phase for one in progresses] == ["waiting for another command"])
        world.send(signal.SIGINT)
        with pytest.raises(Detached, match="begins it when it has done the one before"):
            await second
        await first


async def test_a_command_is_told_what_the_service_waits_for(world: World) -> None:
    told = asyncio.Event()

    @asynccontextmanager
    async def noted(progress: Watching) -> AsyncIterator[None]:
        def look() -> None:
            if "broke" in str(progress.now().waiting_for):
                told.set()

        async with every(0.05, look):
            yield

    async with served(world):
        await world.rounds(1)
        world.portal.faults.add(Fault(kind=Kind.RESET, times=None))
        backfill = asyncio.create_task(app.backfill(world.settings, app.Narrowed(), noted, clock=world.clock))
        async with asyncio.timeout(20):
            await told.wait()
        world.portal.faults.clear()
        await backfill


async def test_orders_are_carried_out_one_after_the_other(world: World) -> None:
    world.fill(1, contacts=100)
    async with served(world):
        first, second = await asyncio.gather(world.backfill(), world.backfill())
    assert min(summary.counts["corrected"] for summary in (first, second)) == 0
    assert states(world)[1:] == [("backfill", "done")] * 2
    await world.assert_settled()


async def test_a_safety_limit_stops_the_command_and_not_the_daemon(world: World) -> None:
    world.configure(safety__canary=3)
    async with served(world) as daemon:
        await world.rounds(1)
        for _ in range(10):
            world.add(MESSY)
        assert str((await world.backfill()).stopped).startswith("safety.canary = 3")
        await world.rounds(2)
        assert not daemon.done()
        assert (await world.backfill(goes_on=True)).stopped is None
    assert world.outcomes() == {"done": 10}


async def test_lost_answers_of_a_command_are_judged_and_not_written_twice(world: World) -> None:
    world.fill(2, contacts=80)
    world.portal.faults.add(Fault(kind=Kind.RESET, when="after", match="crm.item.update", times=3))
    async with served(world):
        await world.backfill()
    world.assert_right()
    assert world.outcomes()["unverified"] > 0


async def test_a_daemon_that_is_stopped_ends_the_command_which_goes_on_later(world: World) -> None:
    world.configure(limits__per_second=40.0, limits__burst=10)
    for _ in range(150):
        world.add(MESSY)
    with capture_logs() as logged:
        async with served(world) as daemon:
            backfill = asyncio.create_task(world.backfill())
            await world.until(lambda: world.portal.history.saves > 5)
            waiting = asyncio.create_task(world.undo(Filter(run_id=1)))
            saves = world.portal.history.saves
            await world.until(lambda: world.portal.history.saves > saves + 5)
            daemon.cancel()
            with pytest.raises(HandedOverFailed, match="the same command goes on from here") as ended:
                await backfill
            assert ended.value.exit_code == 4
            with pytest.raises(HandedOverFailed, match="the service ends before"):
                await waiting
    assert [one["command"] for one in logged if one["event"] == "handed_over_not_begun"] == ["undo"]
    await world.backfill()
    await world.assert_settled()


async def test_jobs_that_are_not_enabled_are_told_at_once(world: World) -> None:
    async with served(world):
        with pytest.raises(UsageInvalid, match="'dates' is not an enabled job"):
            await world.backfill("dates")


async def test_other_settings_than_the_daemons_are_refused_by_name(world: World) -> None:
    async with served(world):
        world.configure(jobs__phones__split="false", limits__share=0.5, log__level="error")
        with pytest.raises(HandedOverFailed, match=r"\(jobs.phones.split, limits.share\)") as refused:
            await world.backfill()
        assert refused.value.exit_code == 2


async def test_fields_are_not_made_twice(make_world: MakeWorld) -> None:
    world = await make_world(custom_fields=(DAY,))
    date_paid(world)
    async with served(world):
        one = deal(world)
        pay(world, one)
        await world.backfill()
    assert shown(world, one) is not None


async def test_garbage_at_the_socket_harms_nobody(world: World) -> None:
    async with served(world) as daemon:
        path = socket_of(world.state)
        assert path is not None
        for sent in (b"\n", b"{}\n", b"\xff\xfe\n", b"x" * 100_000, b'{"order": 1}\n'):
            with socket.socket(socket.AF_UNIX) as line:
                line.connect(str(path))
                line.sendall(sent)
        await world.rounds(2)
        assert not daemon.done()
        assert (await world.backfill()).stopped is None


async def test_the_socket_is_its_owners_and_goes_with_the_daemon(world: World) -> None:
    async with served(world):
        path = socket_of(world.state)
        assert path is not None
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert world.settings.portal.webhook.secret not in path.parent.joinpath("portal.db.lock").read_text("utf-8")
    assert not path.exists()
    assert socket_of(world.state) is None
    assert (await world.backfill()).run_id is not None  # by itself


async def test_a_daemon_that_is_ended_as_it_begins_to_listen_leaves_no_socket(world: World) -> None:
    path = world.settings.state.socket
    daemon = asyncio.create_task(world.follow())
    async with asyncio.timeout(20):
        while not path.exists():  # noqa: ASYNC110 # looked at after each step of the loop, of which nothing tells
            await asyncio.sleep(0)
    daemon.cancel()
    with suppress(asyncio.CancelledError):
        await daemon
    assert not path.exists()


async def test_what_a_killed_daemon_left_is_no_hindrance(world: World) -> None:
    world.add(MESSY)
    async with served(world):
        path = socket_of(world.state)
    assert path is not None
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    world.state.with_name("portal.db.lock").write_text(f"{os.getpid()}\n{path}\n", encoding="utf-8")
    await world.backfill()
    async with served(world):
        assert (await world.backfill()).counts["corrected"] == 0


async def test_a_path_of_any_length_will_do(world: World) -> None:
    deep = world.folder.joinpath(*(["a-folder-with-a-long-name"] * 8))
    deep.mkdir(parents=True)
    world.configure(state__path=deep / "portal.db")
    world.add(MESSY)
    async with world.following():
        await world.until(lambda: socket_of(deep / "portal.db") is not None)
        assert (await world.backfill()).counts["corrected"] == 1


async def test_a_backfill_beside_a_backfill_is_kept_out(world: World) -> None:
    world.configure(limits__per_second=40.0, limits__burst=10)
    for _ in range(60):
        world.add(MESSY)
    first = asyncio.create_task(world.backfill())
    await world.until(lambda: world.portal.history.saves > 5)
    with pytest.raises(StateLocked):
        await world.backfill()
    await first


async def test_a_limit_that_is_lifted_by_a_command_is_lifted_for_the_daemon(world: World) -> None:
    world.configure(safety__canary=3)
    items = [world.add(MESSY) for _ in range(9)]
    async with served(world):
        await world.rounds(1)
        assert (await world.backfill(goes_on=True)).stopped is None
        assert world.portal.person.edit(world.change(items[0], "8 (495) 765-43-21"))
        await world.until(lambda: world.phones(items[0]) == ["+74957654321"])


async def test_what_was_handed_over_counts_for_the_canary_of_the_daemon(world: World) -> None:
    world.configure(safety__canary=3)
    items = [world.add(MESSY) for _ in range(9)]

    async def hand_over_and_go_on() -> None:
        async with served(world) as daemon:
            await world.rounds(1)
            assert str((await world.backfill()).stopped).startswith("safety.canary = 3")
            assert world.portal.person.edit(world.change(items[0], MESSY))
            await asyncio.wait({daemon})

    with pytest.raises(SafetyStop, match=r"safety.canary = 3"):
        await hand_over_and_go_on()
    assert world.portal.history.saves == 3
