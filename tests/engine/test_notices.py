"""People are told, once; and whatever becomes of that, the work goes on."""

from __future__ import annotations

import asyncio
import errno
import io
import json
import os
import sqlite3
from contextlib import closing, suppress
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs
from tests.engine.scripting import Watcher
from tests.engine.telling import SCOPES, attempts, events, heard, shown, tell
from tests.simulated_time import SimulatedLoop, time_of_the_loop

from b24syncd.domain.conditions import ConditionKind
from b24syncd.domain.notices import Channel, Event, Notice, Topic
from b24syncd.engine.notice_channels import CommandChannel, Teller
from b24syncd.engine.notices import Notifier
from b24syncd.errors import CredentialsRefused
from b24syncd.observe.logs import configure_logs
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.store import conditions
from b24syncd.store.database import open_for_writing
from b24syncd.store.reading import open_for_reading
from b24syncd.telling import telling_at_end

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from tests.engine.world import World

    from b24syncd.domain.conditions import Condition
    from b24syncd.portal.client import PortalClient
    from b24syncd.simulator.methods.calls import Call

    MakeWorld = Callable[..., Coroutine[None, None, World]]

MESSY, CLEAN, ODD = "8 (916) 123-45-67", "+79161234567", "call after six"
ADD = "im.notify.personal.add"
FINISHED = ("walk_finished", "walk", "")


@pytest.fixture
async def world(make_world: MakeWorld) -> World:
    return await make_world(scopes=SCOPES)


def failing(world: World) -> list[Condition]:
    with open_for_reading(world.state) as db:
        return [one for one in conditions.standing(db) if one.kind is ConditionKind.NOTICE_FAILED]


def lines_of(file: Path) -> list[str]:
    return file.read_text("utf-8").splitlines()


async def test_a_walk_that_finished_is_told_through_both_channels_once(world: World) -> None:
    item = world.add(MESSY)
    tell(world)
    await world.backfill()
    assert world.phones(item) == [CLEAN]
    assert shown(world) == ["b24syncd acme: the walk through the portal is finished"]
    assert events(world) == [FINISHED]
    [told] = heard(world)
    assert (told["counts"]["read"], told["counts"]["corrected"]) == (1, 1)
    assert [one.to for one in world.portal.notifications] == [1]
    async with world.following():
        await world.rounds(2)
    assert (len(shown(world)), len(heard(world))) == (1, 1)
    await world.backfill("phones")
    assert [one["id"] for one in heard(world)] == ["walk/1", "walk/3"]


async def test_a_walk_through_a_part_is_not_told(world: World) -> None:
    item = world.add(MESSY)
    tell(world)
    await world.backfill(only=[f"contact:{item}"])
    await world.backfill(limit=1)
    assert (shown(world), heard(world)) == ([], [])


async def test_nothing_is_asked_of_the_portal_where_nobody_is_told(world: World) -> None:
    tell(world, user=0, command="")
    await world.backfill()
    assert attempts(world) == {}
    assert world.portal.history.commands["scope"] == 1


async def test_reviews_are_told_once_a_day_by_whoever_follows(world: World) -> None:
    world.add(ODD)
    tell(world, digest_at="09:05", on="reviews")
    await world.backfill()
    assert (shown(world), heard(world)) == ([], [])
    world.configure(changes__interval_seconds=60)
    began = time_of_the_loop().now()
    async with world.following():
        await world.until(lambda: shown(world) and heard(world), seconds=600)
        assert timedelta(minutes=5) <= time_of_the_loop().now() - began < timedelta(minutes=6)
        await world.rounds(3)
    assert shown(world) == ["b24syncd acme: reviews that wait for a person: 1"]
    assert [(one["event"], one["counts"]) for one in heard(world)] == [("reviews_wait", {"contains_text": 1})]
    assert ODD not in world.portal.notifications[0].message


async def test_a_scope_that_is_missing_stands_in_the_state_and_is_told_by_the_other_channel(world: World) -> None:
    world.portal.access.scopes = ("crm",)
    item = world.add(MESSY)
    world.configure(changes__interval_seconds=60)
    tell(world)
    await world.backfill()
    assert world.phones(item) == [CLEAN]
    [missing] = failing(world)
    assert missing.about == "user"
    assert missing.detail.startswith("the webhook has no permission 'im'")
    assert events(world) == [FINISHED]
    world.portal.access.scopes = SCOPES
    async with world.following():
        await world.until(lambda: len(heard(world)) == 3)
    assert events(world)[1:] == [("began", "notice_failed", "user"), ("over", "notice_failed", "user")]
    assert shown(world) == ["b24syncd acme: the walk through the portal is finished"]
    assert failing(world) == []


async def test_who_does_not_work_there_cannot_be_told(world: World) -> None:
    tell(world, user=404, command="")
    await world.backfill()
    [failed] = failing(world)
    assert failed.detail == "the portal has no active user 404"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("exit 3", "/bin/sh ended with code 3"),
        ("kill -9 $$", "/bin/sh ended with signal 9"),
        ("exec sleep 600", "/bin/sh did not end within 0.05 s"),
        ("sleep 600 & wait", "/bin/sh did not end within 0.05 s"),
        ("exit 1; the secret of a token >&2", "/bin/sh ended with code 1"),
    ],
)
async def test_a_command_that_fails_disturbs_nothing(world: World, line: str, reason: str) -> None:
    item = world.add(MESSY)
    tell(world, user=0, command=line, command_seconds=0.05 if "sleep" in line else 10)
    await world.backfill()
    assert world.phones(item) == [CLEAN]
    [failed] = failing(world)
    assert (failed.about, failed.detail) == ("command", reason)
    assert attempts(world) == {("command", "walk/1"): (1, False, reason)}


async def test_whoever_waits_for_a_command_no_more_leaves_nothing_of_it(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    lines = asyncio.StreamReader()
    opened = os.fdopen(os.open(fifo, os.O_RDONLY | os.O_NONBLOCK), "rb")
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), opened)
    line = f"exec 3>{fifo}; sleep 5 & echo begun >&3; wait"
    channel = CommandChannel(("/bin/sh", "-c", line), 5.0, Teller("acme"), os.environ)
    sending = asyncio.create_task(channel.send(Notice("walk/1", Event.WALK_FINISHED, "walk")))
    assert await lines.readline() == b"begun\n"
    sending.cancel()
    assert await lines.read() == b""  # nobody holds the other end any more
    assert time_of_the_loop().elapsed < 5
    with pytest.raises(asyncio.CancelledError):
        await sending


async def test_a_command_that_cannot_be_killed_is_left_to_itself(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    item = world.add(MESSY)
    tell(world, user=0, command="exec sleep 2", command_seconds=0.05)
    monkeypatch.setattr(os, "killpg", refuse)  # what the system says once a command has become another user
    await world.backfill()
    assert world.phones(item) == [CLEAN]
    assert [one.detail for one in failing(world)] == ["/bin/sh did not end within 0.05 s"]


async def test_a_command_that_is_not_there_disturbs_nothing(world: World) -> None:
    world.configure(notify__command='["/no/such/program"]')
    await world.backfill()
    assert [one.detail for one in failing(world)] == ["/no/such/program cannot be run: No such file or directory"]
    with capture_logs() as logs:
        async with world.following():
            await world.rounds(1)
    (told,) = [line["detail"] for line in logs if line["event"] == "notices_cannot_go_out"]
    assert told.startswith("notify.command: /no/such/program is no file that this user may execute")


async def test_what_is_logged_of_a_notice_names_the_portal_and_no_empty_field(world: World) -> None:
    tell(world, user=0)
    stream = io.StringIO()
    configure_logs("json", stream=stream)
    await world.backfill()
    told = [json.loads(line) for line in stream.getvalue().splitlines()]
    (sent,) = [line for line in told if line["event"] == "notice_sent"]
    assert sent["portal"] == "acme"
    assert "about" not in sent


class Broken:
    """A channel that fails as none should."""

    channel = Channel.COMMAND

    async def send(self, notice: Notice) -> None:
        raise ZeroDivisionError(notice.subject)


async def test_what_nobody_thought_of_is_a_notice_that_failed(world: World) -> None:
    await world.backfill()
    async with open_for_writing(world.state) as database:
        await Notifier(database, [Broken()], frozenset(Topic), world.clock).tell()
    reason = "unexpected failure: ZeroDivisionError"
    assert [(one.about, one.detail) for one in failing(world)] == [("command", reason)]
    assert attempts(world) == {("command", "walk/1"): (1, False, reason)}


async def test_a_state_that_takes_no_note_of_notices_ends_nothing(world: World) -> None:
    world.configure(changes__interval_seconds=60)
    tell(world, user=0)
    await world.backfill()
    async with world.following():
        await world.rounds(1)
        with closing(sqlite3.connect(world.state)) as db:
            db.execute("ALTER TABLE notices RENAME TO elsewhere")
        with capture_logs() as logs:
            await asyncio.sleep(60)
        with closing(sqlite3.connect(world.state)) as db:
            db.execute("ALTER TABLE elsewhere RENAME TO notices")
        await world.rounds(1)
    assert "notices_not_told" in [line["event"] for line in logs]


async def test_what_ended_a_process_is_raised_where_the_state_takes_no_note_of_it(world: World) -> None:
    await world.backfill()
    tell(world)
    with closing(sqlite3.connect(world.state)) as db:
        db.execute("ALTER TABLE conditions RENAME TO elsewhere")
    world.portal.access.scopes = ()
    with capture_logs() as logs, pytest.raises(CredentialsRefused):
        await world.backfill()
    reasons = [line["detail"] for line in logs if line["event"] == "end_not_noted"]
    assert [reason.partition(" in ")[0] for reason in reasons] == ["unexpected failure: OperationalError"]


async def test_what_ended_a_process_is_raised_whatever_fails_in_telling(world: World) -> None:
    await world.backfill()
    tell(world, command="")

    def connect() -> AbstractAsyncContextManager[PortalClient]:
        raise ZeroDivisionError

    async with open_for_writing(world.state) as database:
        with capture_logs() as logs, pytest.raises(CredentialsRefused):
            async with telling_at_end(lambda: world.settings, database, world.clock, connect):
                raise CredentialsRefused
        async with telling_at_end(lambda: world.settings, database, world.clock, connect):
            pass
    assert [line["event"] for line in logs] == ["notices_not_told"]


async def test_a_command_gets_none_of_our_variables_and_may_say_what_it_likes(
    world: World, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("B24SYNCD_PORTAL__WEBHOOK", "https://acme.bitrix24.ru/rest/1/secret/")
    seen = world.folder / "seen"
    tell(world, user=0, command=f"env > {seen}; pwd >> {seen}; echo talk; echo trouble >&2")
    await world.backfill()
    lines = lines_of(seen)
    assert lines[-1] == "/"
    assert any(line.startswith("PATH=") for line in lines)
    assert not any("B24SYNCD" in line for line in lines)
    assert "talk" not in capfd.readouterr().out
    assert failing(world) == []


async def test_what_failed_is_tried_again_with_growing_pauses_while_the_daemon_lives(world: World) -> None:
    world.configure(changes__interval_seconds=60)
    tell(world, command="")
    world.portal.faults.add(Fault(kind=Kind.COMMAND_ERROR, match=ADD, times=2, code="ERROR_CORE"))
    await world.backfill()
    began = time_of_the_loop().now()
    async with world.following():
        await world.until(lambda: shown(world), seconds=86400)
    assert attempts(world)["user", "walk/1"][0] == 3
    # a minute, then five
    assert timedelta(minutes=6) <= time_of_the_loop().now() - began < timedelta(minutes=8)


@pytest.mark.parametrize("kind", [Kind.RESET, Kind.HANG])
async def test_a_portal_that_is_gone_at_the_end_is_not_waited_for(world: World, kind: Kind) -> None:
    item = world.add(MESSY)
    tell(world)
    world.portal.faults.add(Fault(kind=kind, match="scope", nth=2, times=None))
    began = time_of_the_loop().now()
    with capture_logs() as logs:
        await world.backfill()
    assert world.phones(item) == [CLEAN]
    assert time_of_the_loop().now() - began < timedelta(seconds=25)
    assert "notices_not_told" in [line["event"] for line in logs]
    assert (shown(world), events(world)) == ([], [FINISHED])
    world.portal.faults.clear()
    await world.backfill(limit=1)
    assert shown(world) == ["b24syncd acme: the walk through the portal is finished"]


async def test_a_channel_that_nobody_configures_any_more_fails_no_more(world: World) -> None:
    tell(world, user=404, command="")
    await world.backfill()
    assert len(failing(world)) == 1
    tell(world, user=0, command="")
    async with world.following():
        await world.rounds(1)
    assert failing(world) == []


@pytest.mark.parametrize("kind", [Kind.RESET, Kind.HANG, Kind.TRUNCATED])
async def test_a_lost_answer_is_a_failure_so_that_a_notice_may_come_twice(world: World, kind: Kind) -> None:
    world.configure(changes__interval_seconds=60)
    tell(world, command="")
    world.portal.faults.add(Fault(kind=kind, match=ADD, when="after"))
    await world.backfill()
    assert len(failing(world)) == 1
    async with world.following():
        await world.until(lambda: len(shown(world)) == 2, seconds=600)
    assert len(set(shown(world))) == 1


async def test_a_portal_that_hangs_over_a_notice_holds_up_nobody_for_long(world: World) -> None:
    world.configure(changes__interval_seconds=60, limits__in_flight=1, limits__request_timeout_seconds=600)
    await world.backfill()
    tell(world, command="")
    world.portal.faults.add(Fault(kind=Kind.HANG, match=ADD, times=None))
    async with world.following():
        await world.rounds(2)
        await world.until(lambda: failing(world), seconds=60)
    assert [one.detail for one in failing(world)] == ["the portal did not answer within 15 s"]


async def test_what_becomes_of_notices_is_nothing_to_the_work(world: World) -> None:
    world.configure(changes__interval_seconds=60)
    await world.backfill()
    tell(world, command="")
    world.portal.faults.add(Fault(kind=Kind.RESET, match=ADD, times=None))
    with capture_logs() as logs:
        async with world.following():
            await world.until(lambda: failing(world), seconds=600)
    assert "portal_fault" not in [line["event"] for line in logs]


async def test_a_process_that_dies_between_telling_and_remembering_tells_once_more(world: World) -> None:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, SimulatedLoop)
    tell(world, command="")
    task = asyncio.create_task(world.backfill())

    def die(_: int, call: Call) -> None:
        if call.method == ADD:
            loop.die()
            task.cancel()

    world.portal.watchers.append(Watcher(die))
    with suppress(asyncio.CancelledError):
        await task
    loop.live()
    assert attempts(world) == {("user", "walk/1"): (1, False, None)}
    world.portal.watchers.clear()
    world.configure(changes__interval_seconds=60)
    async with world.following():
        await world.until(lambda: len(shown(world)) == 2, seconds=600)
        await world.rounds(2)
    assert attempts(world) == {("user", "walk/1"): (2, True, None)}
    assert len(shown(world)) == 2
