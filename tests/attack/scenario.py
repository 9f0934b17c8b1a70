"""A scenario: a portal and the program that keeps it right: what is asked of it, and what must hold of both."""

from __future__ import annotations

import asyncio
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any

import sqlite_utils
from tests.attack import field_promises, promises
from tests.attack.handed_over import Caller
from tests.attack.moves import Routes
from tests.attack.processes import Processes
from tests.attack.witnesses import called
from tests.engine.undone import release_all

from b24syncd.errors import SafetyStop
from b24syncd.simulator.tables.history import Edit
from b24syncd.store import holds, runs
from b24syncd.store.history import Filter
from b24syncd.store.reading import open_for_reading
from b24syncd.store.runs import RunKind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.attack.crashes import Crash
    from tests.attack.handed_over import HandedOver
    from tests.attack.processes import Limits
    from tests.simulated_time import Simulation

    from b24syncd.app import Summary
    from b24syncd.domain.entities import EntityRef
    from b24syncd.domain.moves import Move

YOUNG_SECONDS = 2.0


class Scenario(Processes):
    """One portal and one program; `canary` is the safety limit of that name."""

    def __init__(self, simulation: Simulation, folder: Path, limits: Limits, **options: Any) -> None:  # noqa: ANN401
        """Begin as `Processes` does."""
        super().__init__(simulation, folder, limits, **options)
        self.canary = 0
        self.routes = Routes(self.portal)

    def backfill(self, crash: Crash | None = None, *, goes_on: bool = False) -> bool:
        """Walk the whole portal."""
        return self.run(self.walk(goes_on=goes_on), crash)

    async def walk(self, *, goes_on: bool = False) -> None:
        """Do so in a process that runs already."""
        self.approved |= goes_on
        _raise_if_stopped(await self.world.backfill(goes_on=goes_on, seconds=1e6))

    def rebind(self, moves: tuple[Move, ...], crash: Crash | None = None, *, goes_on: bool = False) -> bool:
        """Work through a list of moves."""
        return self.run(self.work_through(moves, goes_on=goes_on), crash)

    async def work_through(self, moves: tuple[Move, ...], *, goes_on: bool = False) -> None:
        """Do so in a process that runs already."""
        self.approved |= goes_on
        _raise_if_stopped(await self.world.rebind(moves, goes_on=goes_on, seconds=1e6))

    def serve(self, commands: Iterable[HandedOver], seconds: float, crash: Crash | None = None) -> bool:
        """Let the daemon work for so long and execute commands; the crash is counted from when one is asked for."""

        async def live() -> None:
            callers = [Caller(self, command, f"caller {number}") for number, command in enumerate(commands)]
            asking = [asyncio.create_task(caller.ask(self.process, crash)) for caller in callers]
            try:
                with suppress(TimeoutError):
                    async with asyncio.timeout(seconds):
                        await self.kept_alive()
            finally:
                await asyncio.gather(*asking)  # none of them waits for ever, whatever became of the daemon

        return self.run(live())

    def undo(self, run: int | None, item: EntityRef | None, crash: Crash | None = None) -> bool:
        """Take back what a run did, or what was done to an item."""
        return self.run(self.world.undo(Filter(run_id=run, item=item), seconds=1e6), crash)

    def release(self) -> None:
        """Let the jobs correct again what was undone."""
        self.run(release_all(self.world))

    def forget(self) -> None:
        """Let the portal forget its past: what it holds now is what it has to hold, as if it had always been there."""
        history, meanings = self.portal.history, self.portal.meanings
        history.edits.clear()
        self.witnesses.written.clear()
        self.portal.person.clear()
        there = [(item, point) for item in promises.items(self.portal).values() for point in item.points.values()]
        for item, point in there:
            where = (item.entity_type_id, item.id, point.type_id, point.id)
            history.record(Edit(self.portal.clock(), "generator", *where, None, point.value))
        for value in meanings.keys() - {point.value for _, point in there}:
            del meanings[value]

    # -------------------------------------------------------------------------------------------- the state

    @property
    def has_state(self) -> bool:
        """Whether the program has ever kept anything."""
        if not self.world.state.exists():
            return False
        with closing(sqlite_utils.Database(self.world.state).conn) as connection:
            tables = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'journal'").fetchone()
        return bool(tables[0])

    @property
    def held(self) -> set[tuple[EntityRef, str]]:
        """What is held from a job: undone, or changed back and forth."""
        with open_for_reading(self.world.state) as db:
            return {hold.key for hold in holds.standing(db)}

    @property
    def undoing_runs(self) -> set[int]:
        """The runs that took corrections back."""
        with open_for_reading(self.world.state) as db:
            return set(runs.ids_of(db, RunKind.UNDO))

    @property
    def young_seconds(self) -> float:
        """How old a snapshot may be when its batch leaves."""
        share = self.world.settings.limits.share
        window = min(10, int(self.limits.burst * share))
        usual = 2 / (self.limits.per_second * share)
        return max(YOUNG_SECONDS, usual * window / max(1, window - 1) + 0.5)  # one of a window is kept for live work

    # ----------------------------------------------------------------------------------------- what must hold

    def assert_kept(self) -> None:
        """Hold what has to be true at any moment."""
        history = self.portal.history
        _hold_nothing([*history.limit_errors, *history.breaches, *self.witnesses.touched])
        _hold_nothing([name for verb in ("add", "delete") for name in called(verb) & history.commands.keys()])
        _hold_nothing(promises.unbound(self.portal))
        journal = self.world.journal() if self.has_state else []
        told = promises.Told(journal, self.young_seconds)
        _hold_nothing(promises.unkept(self.portal, self.witnesses, told))
        _hold_nothing(field_promises.overwritten(self.portal, self.witnesses, told))
        if journal and self.canary and not self.approved:
            _hold_nothing(promises.beyond(self.canary, journal, self.undoing_runs))

    def assert_settled(self) -> None:
        """Hold what has to be true after a backfill that nothing disturbed."""
        self.assert_kept()
        assert self.world.outcomes()["intent"] == 0
        _hold_nothing(promises.messy(self.portal, self.held))
        _hold_nothing(promises.untold(self.portal, self.witnesses, self.world.journal()))
        saves = self.portal.history.saves, self.portal.history.empty_saves
        assert self.backfill()
        assert (self.portal.history.saves, self.portal.history.empty_saves) == saves


def _raise_if_stopped(summary: Summary) -> None:
    """End as the command line does."""
    if summary.stopped is not None:
        raise SafetyStop(summary.stopped)


def _hold_nothing(found: list[Any]) -> None:
    """Hold that nothing was found, and show what was."""
    assert not found, found
