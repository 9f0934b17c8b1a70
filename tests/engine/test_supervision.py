"""Whoever supervises the service is told how it is; at SIGHUP it takes over its settings anew."""

from __future__ import annotations

import asyncio
import signal
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs
from tests.engine.editing import item_of, save, value
from tests.engine.notifying import NotifySocket, notify_socket
from tests.engine.test_handing_over import CANONICAL, MESSY, states
from tests.engine.test_pulse import AWAY, stuck

from b24syncd import app
from b24syncd.app.settings_anew import settings_anew
from b24syncd.app.supervision import Supervision
from b24syncd.domain.edits import FieldEdit
from b24syncd.settings import load_settings
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.store import approvals, runs
from b24syncd.store.lock import socket_of
from b24syncd.store.reading import open_for_reading

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, MutableMapping
    from typing import Any

    from tests.engine.test_pulse import MakeWorld
    from tests.engine.world import World

    from b24syncd.app.daemon import Daemon
    from b24syncd.settings import Settings


RULE = '[[jobs.fields.rules]]\nname = "names"\nentity = "contact"\nfield = "{field}"\ntrim = true'


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[NotifySocket]:
    with notify_socket(tmp_path / "notify") as listening:
        yield listening


@asynccontextmanager
async def supervised(world: World, systemd: NotifySocket) -> AsyncIterator[asyncio.Task[None]]:
    """Let a daemon run as systemd runs it, and wait until it can be spoken to."""
    world.configure(changes__interval_seconds=30)
    supervision = Supervision(systemd.environ, lambda: load_settings(world.file, world.environ))

    async def follow() -> None:
        async with supervision.watching():
            serving, settings, clock = world.serving, world.settings, world.clock
            await app.follow(settings, serving=serving, clock=clock, supervision=supervision)

    task = asyncio.create_task(follow())
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def follows(world: World) -> None:
    await world.until(lambda: world.state.exists() and socket_of(world.state) is not None)


async def counted(systemd: NotifySocket, seconds: int) -> int:
    """Let so much time pass; return how often the watchdog was told. A queue of the kernel's holds ten datagrams."""
    told = 0
    for _ in range(seconds // 20):
        await asyncio.sleep(20)
        told += systemd.count()
    return told


async def test_systemd_hears_of_the_service_from_its_start_to_its_end(world: World, systemd: NotifySocket) -> None:
    world.portal.faults.add(AWAY)
    async with supervised(world, systemd) as task:
        await asyncio.sleep(200)  # a portal that is away at the start is waited for
        told = systemd.read()
        assert told.index("READY=1") < next(n for n, one in enumerate(told) if one.startswith("STATUS=waits for the"))
        world.portal.faults.clear()
        await follows(world)
        await world.rounds(2)
        await counted(systemd, 120)
        statuses = [one for one in systemd.told if one.endswith("0 items in the queue, waits for changes")]
        assert statuses
        assert systemd.told.count("WATCHDOG=1") >= 4
        world.send(signal.SIGTERM)
        await task
    assert "STOPPING=1" in systemd.read()


async def test_a_loop_that_hangs_silences_the_watchdog_whatever_else_goes_on(
    world: World, systemd: NotifySocket
) -> None:
    supervision, opened = Supervision(systemd.environ), world.serving

    @asynccontextmanager
    async def both(daemon: Daemon) -> AsyncIterator[None]:
        async with supervision.serving(daemon), opened(daemon):
            yield

    world.serving = both
    item = item_of(world, "contact", name="Anna")
    async with supervision.watching():
        assert systemd.count() == 1
        async with stuck(world):
            told = []
            for number in range(6):
                systemd.read()
                names = ("Anna", "Bella") if number % 2 == 0 else ("Bella", "Anna")
                await save(world, item, FieldEdit("name", *names))
                told.append(await counted(systemd, 240))
            assert min(told[:3]) >= 7
            assert told[-1] == 0
    assert any(one.startswith("STATUS=stuck: no sign of life of rounds") for one in systemd.told)


@pytest.mark.parametrize(
    "changed",
    [{"NOTIFY_SOCKET": ""}, {"WATCHDOG_USEC": ""}, {"WATCHDOG_USEC": "0"}, {"WATCHDOG_PID": "1"}],
    ids=lambda changed: next(iter(changed)),
)
async def test_who_is_not_watched_tells_no_watchdog(systemd: NotifySocket, changed: dict[str, str]) -> None:
    async with Supervision(systemd.environ | changed).watching():
        await asyncio.sleep(30)
    assert systemd.count() == 0


async def test_a_socket_may_be_abstract_and_one_that_fails_harms_nobody(tmp_path: Path) -> None:
    name = f"@{tmp_path.name}"
    with notify_socket(Path(name)) as abstract:
        async with Supervision(abstract.environ).watching():
            assert abstract.count() == 1
    async with Supervision({"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "1000000"}).watching():
        await asyncio.sleep(10)


def put(world: World, **sections: str) -> None:
    """Write the configuration: sections of TOML."""
    world.file = world.folder / "b24syncd.toml"
    text = "".join(f"[{name.replace('__', '.')}]\n{keys}\n" for name, keys in sections.items())
    world.file.write_text(text, encoding="utf-8")


async def reload(world: World, event: str = "following", *, seconds: float = 300.0) -> list[MutableMapping[str, Any]]:
    """Send SIGHUP; return what was logged until something of this name happened."""
    heard = asyncio.Event()

    def hear(_logger: object, _name: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        if line["event"] == event:
            heard.set()
        return line

    with capture_logs(processors=[hear]) as logs:
        world.send(signal.SIGHUP)
        async with asyncio.timeout(seconds):
            await heard.wait()
    return logs


async def test_other_rules_are_taken_over_while_commands_and_their_answers_go_on(
    make_world: MakeWorld, systemd: NotifySocket
) -> None:
    world = await make_world(burst=10, per_second=1.0)
    world.fill(1, contacts=120)
    world.configure(limits__per_second=1, limits__burst=10)
    put(world, jobs__emails="enabled = false")
    async with supervised(world, systemd):
        await follows(world)
        walk = asyncio.create_task(world.backfill(seconds=1e6))
        await world.until(lambda: world.portal.history.saves > 30, seconds=1e6)
        systemd.read()
        put(world, jobs__emails="enabled = false", changes="sweep_hours = 12", limits="share = 1.0")
        await reload(world)
        assert (await walk).counts["read"] == 120  # it went on, with what it had counted
        told = [one.partition("=")[0] for one in systemd.read() if not one.startswith(("STATUS", "WATCHDOG"))]
        assert told == ["RELOADING", "MONOTONIC_USEC", "READY"]
        assert states(world) == [("run", "done"), ("backfill", "done"), ("run", "running")]
        with open_for_reading(world.state) as db:
            assert len({run.fingerprint for run in runs.latest_runs(db)}) == 1  # the rules are what they were
        put(world, jobs__emails="enabled = true", limits="share = 0.8")
        item = world.add(emails=["ANNA@Example.COM "])
        await reload(world)
        await world.backfill(seconds=1e6)
        found = world.portal.find(3, item)
        assert found is not None
        assert [point.value for point in found.points.values()] == ["anna@example.com"]
    world.assert_right()


async def test_what_a_person_let_go_on_approves_nothing_of_the_rules_that_are_taken_over_meanwhile(
    make_world: MakeWorld, systemd: NotifySocket
) -> None:
    world = await make_world(burst=10, per_second=1.0)
    for _ in range(60):
        world.add(MESSY, emails=["ANNA@Example.COM "])
    world.configure(limits__per_second=1, limits__burst=10)
    put(world, jobs__emails="enabled = false")
    async with supervised(world, systemd):
        await follows(world)
        walk = asyncio.create_task(world.backfill(goes_on=True, seconds=1e6))
        await world.until(lambda: world.portal.history.saves > 10, seconds=1e6)
        put(world, jobs__emails="enabled = true")
        await reload(world)
        assert not (await walk).interrupted
    with open_for_reading(world.state) as db:
        found = [(run.kind.value, bool(approvals.approved(db, run.fingerprint))) for run in runs.latest_runs(db)]
    assert sorted(found) == [("backfill", False), ("backfill", True), ("run", False), ("run", True)]


@pytest.mark.parametrize(
    ("sections", "why"),
    [
        ({"limits": "share = 2"}, "limits.share"),
        ({"jobs__phones": "enabled = false", "jobs__emails": "enabled = false"}, "no job is enabled"),
        ({"portal": 'name = "other"', "http": 'listen = "127.0.0.1:1"'}, "another portal.name, http.listen: restart"),
        ({"jobs__fields": RULE.format(field="UF_GONE")}, "UF_GONE"),
    ],
    ids=["wrong", "empty", "lasting", "unfit"],
)
async def test_what_cannot_be_taken_over_is_told_in_a_line_and_the_service_goes_on(
    world: World, systemd: NotifySocket, sections: dict[str, str], why: str
) -> None:
    item = world.add(CANONICAL)
    async with supervised(world, systemd):
        await follows(world)
        await world.rounds(1)
        systemd.read()
        put(world, **sections)
        (refused,) = [one for one in await reload(world, "settings_refused") if one["event"] == "settings_refused"]
        assert why in refused["detail"]
        assert "\n" not in refused["detail"]
        assert world.portal.person.edit(world.change(item, MESSY))
        await world.until(lambda: world.phones(item) == [CANONICAL])
        assert {"RELOADING=1", "READY=1"} <= set(systemd.read())
        world.file = None
        await reload(world, "settings_unchanged")
        assert states(world) == [("run", "running")]


async def test_a_failure_that_nobody_thought_of_refuses_settings_and_harms_nobody(
    world: World, systemd: NotifySocket
) -> None:
    def load() -> Settings:
        raise ZeroDivisionError

    with capture_logs() as logs:
        assert settings_anew(world.settings, Supervision(systemd.environ, load)) is None
        assert settings_anew(world.settings, Supervision(systemd.environ)) is None
    assert [one["event"] for one in logs] == ["settings_refused"] * 2
    assert "ZeroDivisionError" in logs[0]["detail"]
    assert logs[1]["detail"].endswith("restart it")


async def test_settings_that_a_portal_which_is_away_cannot_judge_wait_for_it(
    world: World, systemd: NotifySocket
) -> None:
    async with supervised(world, systemd):
        await follows(world)
        await world.rounds(1)
        world.portal.faults.add(AWAY)
        put(world, jobs__fields=RULE.format(field="name"))
        await reload(world, "settings_put_off")
        world.portal.faults.clear()
        with capture_logs() as logs:
            await asyncio.sleep(200)
        assert "settings_taken_over" in [one["event"] for one in logs]
        assert states(world) == [("run", "done"), ("run", "running")]


async def test_a_person_who_waits_has_their_answer_and_only_logs_need_no_new_beginning(
    world: World, systemd: NotifySocket
) -> None:
    item = item_of(world, "contact", name="Anna")
    async with supervised(world, systemd):
        await follows(world)
        world.portal.faults.add(Fault(kind=Kind.LATE, match="crm.item.update", seconds=3.0))
        saving = asyncio.create_task(save(world, item, FieldEdit("name", "Anna", "Bella")))
        await asyncio.sleep(1)
        put(world, changes="sweep_hours = 5")
        await reload(world)
        assert not (await saving).interrupted
        assert value(world, item, "name") == "Bella"
        put(world, log='level = "warning"', changes="sweep_hours = 5")
        await reload(world, "settings_taken_over")
        assert states(world)[-1] == ("run", "running")
        assert len(states(world)) == 3


async def test_what_waits_for_an_answer_for_too_long_ends_as_gently_as_at_a_stop(
    world: World, systemd: NotifySocket
) -> None:
    world.fill(1, contacts=30)
    item = item_of(world, "contact", name="Anna")
    async with supervised(world, systemd):
        await follows(world)
        await world.rounds(1)
        world.portal.faults.add(Fault(kind=Kind.HANG, match="crm.item.update", times=None))
        walk = asyncio.create_task(world.backfill(seconds=1e6))
        saving = asyncio.create_task(save(world, item, FieldEdit("name", "Anna", "Bella")))
        await asyncio.sleep(20)
        put(world, changes="sweep_hours = 5")
        await reload(world)
        assert (await saving).interrupted
        world.portal.faults.clear()
        assert not (await walk).interrupted  # it began again, and has ended
    world.assert_right()
