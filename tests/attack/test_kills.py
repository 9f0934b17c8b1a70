"""The kill matrix: `kill -9` at random moments, again and again, and the end is that of an undisturbed run."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

import pytest
from tests.attack.kill_world import (
    Made,
    assert_journal_fits,
    assert_unharmed,
    held,
    made,
    open_intents,
    served,
    write_moves,
)
from tests.attack.killed_process import KILLED, fork_server, some_moment
from tests.variants import IS_LONG

from b24syncd.simulator.people.person import Action, PersonEdit
from b24syncd.simulator.tables.fields import CONTACT, DEAL, LEAD

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from tests.attack.killed_process import ForkServer
    from tests.engine.world import World

    Record = Callable[[str, object], None]

TIMES = 12 if IS_LONG else 1
PATIENCE_SECONDS = 4.0
"""A daemon whose moment does not come is killed anyway."""


@dataclass
class Killing:
    """Kills in a row, and what was going on when they came."""

    fork_server: ForkServer
    rng: Random
    wanted: int
    figures: Counter[str] = field(default_factory=Counter)

    @property
    def are_enough(self) -> bool:
        return self.figures["kills in total"] >= self.wanted

    async def live(self, world: World, *arguments: str, patience: float = 60.0) -> int:
        """Let the program live until it is killed or comes to its end; return its code."""
        before = open_intents(world)
        requests = world.portal.history.requests.total()
        moment = some_moment(self.rng, frozenset(before.values()))
        code, said = await self.fork_server.live(world, *arguments, moment=moment, patience=patience)
        if code != KILLED:
            return code
        after = open_intents(world)
        has_asked = world.portal.history.requests.total() > requests
        self.figures += Counter(
            {
                "kills in total": 1,
                "kills that left open intents": int(bool(after)),
                "kills during recovery": int(has_asked and bool(before.keys() & after.keys())),
                "kills before the first request": int(not has_asked),
                "kills while nothing was open": int(has_asked and not after),
            }
        )
        assert not said or "unexpected failure" not in said
        return code


@dataclass
class Undisturbed:
    """What a run that nobody disturbed leaves."""

    held: dict[str, object]
    made: Made
    saves: int
    repeated: int
    """An undo gives an item back what it held twice."""
    code: int

    @classmethod
    def by(cls, world: World, code: int) -> Undisturbed:
        history = world.portal.history
        return cls(held(world), made(world), history.saves, len(history.repeated_writes()), code)

    def assert_same(self, world: World, code: int) -> None:
        assert Undisturbed.by(world, code) == self


async def prepared(fork_server: ForkServer, world: World, command: str) -> tuple[str, ...]:
    """Do what comes before a command; return its arguments."""
    if command == "undo":
        assert (await fork_server.live(world, "backfill"))[0] == 0
        return "undo", "1"
    return ("rebind", "--map", write_moves(world)) if command == "rebind" else (command,)


@asynccontextmanager
async def undisturbed(
    fork_server: ForkServer, seed: int, folder: Path, *, api: str, command: str
) -> AsyncIterator[tuple[World, tuple[str, ...], Undisturbed]]:
    """Serve a portal, with a command for it and what that leaves in another one of the same seed."""
    at = time.time()
    async with served(seed, folder / "undisturbed", api=api, stands_at=at) as world:
        arguments = await prepared(fork_server, world, command)
        code, _ = await fork_server.live(world, *arguments)
        assert_journal_fits(world)
        assert_unharmed(world)
        end = Undisturbed.by(world, code)
    async with served(seed, folder / "killed", api=api, stands_at=at) as world:
        yield world, await prepared(fork_server, world, command), end


@pytest.mark.parametrize(
    ("command", "api", "wanted"),
    [
        ("backfill", "universal", 4),
        ("backfill", "classic", 2),
        ("backfill", "both", 2),
        ("undo", "universal", 2),
        ("rebind", "universal", 2),
    ],
)
async def test_a_command_that_is_killed_again_and_again_ends_as_an_undisturbed_one(
    command: str, api: str, wanted: int, tmp_path: Path, record_property: Record
) -> None:
    async with fork_server() as start:
        killing = Killing(start, Random(f"{command} {api}"), wanted * TIMES)  # noqa: S311 # has to be repeatable
        seed = 0
        while not killing.are_enough:
            seed += 1
            async with undisturbed(start, seed, tmp_path / str(seed), api=api, command=command) as (world, call, end):
                code = KILLED
                while code == KILLED and not killing.are_enough:
                    code = await killing.live(world, *call)
                if code == KILLED:
                    code, _ = await start.live(world, *call)
                end.assert_same(world, code)
                assert_journal_fits(world)
                assert_unharmed(world)
                await start.live(world, *call)
                assert world.portal.history.saves == end.saves
                await start.live(world, "backfill")  # others leave the queue to it
                assert world.waiting() == 0
                assert_in_words_of(world, api)
    record_property("figures", dict(killing.figures))


def assert_in_words_of(world: World, api: str) -> None:
    """Hold that items were written by the families of methods that are meant."""
    sent = world.portal.history.commands
    classic = sum(sent[f"crm.{name}.update"] for name in ("lead", "contact", "company"))
    assert (sent["crm.item.update"] > 0, classic > 0) == (api != "classic", api != "universal")


def a_day_of(rng: Random, day: int) -> list[PersonEdit]:
    """Return what people do between two lives of the daemon: they dial, convert a lead, are paid."""
    day_paid = f"2030-01-{day % 28 + 1:02}T10:00:00Z"
    return [
        _edit(Action.SET_FIELD, LEAD, 6 + day % 5, "CONVERTED", name="stageId"),
        *(_edit(Action.ADD, CONTACT, one, f"8 (916) 300-{day:02}-{one:02}") for one in rng.sample(range(1, 15), 4)),
        *(_edit(Action.PAY, DEAL, one, day_paid) for one in rng.sample(range(9, 20), 2)),
    ]


def _edit(action: Action, entity_type_id: int, item_id: int, value: str, name: str = "") -> PersonEdit:
    return PersonEdit(action=action, entity_type_id=entity_type_id, item_id=item_id, value=value, name=name)


def rewind(world: World) -> None:
    """Let the converted leads be in work still."""
    for item in world.portal.table(LEAD):
        if item.values.get("stageId") == "CONVERTED":
            item.values["stageId"] = "IN_PROCESS"


async def test_a_daemon_that_is_killed_again_and_again_leaves_what_one_walk_leaves(
    tmp_path: Path, record_property: Record
) -> None:
    at, days = time.time(), 4 * TIMES
    rng = Random("run")  # noqa: S311 # has to be repeatable
    life = [a_day_of(rng, day) for day in range(days)]
    async with fork_server() as start:
        async with served(1, tmp_path / "walked", api="universal", stands_at=at) as world:
            rewind(world)
            for edit in [edit for day in life for edit in day]:
                world.portal.person.edit(edit)
            assert (await start.live(world, "backfill"))[0] == 0
            end = held(world)
        async with served(1, tmp_path / "followed", api="universal", stands_at=at) as world:
            rewind(world)
            assert (await start.live(world, "backfill"))[0] == 0
            killing = Killing(start, rng, days)
            for day in life:
                for edit in day:
                    world.portal.person.edit(edit)
                assert await killing.live(world, "run", patience=PATIENCE_SECONDS) == KILLED
            daemon = await start.start(world, "run")
            said = world.folder / "err.txt"
            await world.until(
                lambda: '"following"' in said.read_text() and held(world) == end and not open_intents(world)
            )
            os.kill(daemon, signal.SIGTERM)
            assert (await start.end(world))[0] == 0
            assert_journal_fits(world)
            assert_unharmed(world)
            assert world.portal.history.repeated_writes() == []
            saves = world.portal.history.saves
            assert (await start.live(world, "backfill"))[0] == 0
            assert (world.portal.history.saves, held(world)) == (saves, end)
    record_property("figures", dict(killing.figures))
