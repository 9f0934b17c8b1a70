"""The life of a portal and of the program that keeps it right, in simulated time: runs, crashes, people, faults."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from contextlib import AsyncExitStack, closing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlite_utils
from tests.attack import promises
from tests.attack.crashes import Victim
from tests.engine.undone import release_all
from tests.engine.world import World

from b24syncd.errors import B24SyncError, SafetyStop
from b24syncd.simulator.history import Edit
from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.server import serve
from b24syncd.store import holds
from b24syncd.store.history import Filter
from b24syncd.store.reading import open_for_reading

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable
    from pathlib import Path

    from tests.attack.crashes import Crash
    from tests.simulated_time import Simulation

    from b24syncd.domain.entities import EntityRef

    Meanwhile = Callable[[], Coroutine[Any, Any, None]]

COSTS = {
    **dict.fromkeys(promises.called("update"), 0.3),
    **dict.fromkeys(promises.called("get"), 0.04),
    **dict.fromkeys(promises.called("list"), 0.1),
    "crm.activity.list": 0.1,
    "crm.activity.binding.list": 0.02,
    "crm.activity.binding.move": 0.05,
    "crm.item.payment.list": 0.05,
}
YOUNG_SECONDS = 2.0
RESTART_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Both limits, as the portal has them and the program is told."""

    burst: int = 50
    per_second: float = 2.0
    operating_seconds: float = 480.0
    operating_window_seconds: float = 600.0


class Life:
    """One portal and one program; `figures` counts what happened to them."""

    def __init__(self, simulation: Simulation, folder: Path, limits: Limits, **options: Any) -> None:  # noqa: ANN401
        """Serve a portal with these limits and further options."""
        self.simulation = simulation
        self.time, self.loop = simulation.time, simulation.loop
        self.figures: Counter[str] = Counter()
        self.said: list[str] = []
        self.stopped = False
        """Whether the last run ended at a safety limit."""
        self.limits = limits
        bounds = {name: getattr(limits, name) for name in Limits.__slots__}
        self.portal = Portal(Options(costs=COSTS, real_time=True, **bounds, **options), clock=self.time.of_portal)
        self.witnesses = promises.Witnesses(self.portal)
        self.portal.watchers.append(self.witnesses)
        self._process: Victim
        self._stack = AsyncExitStack()
        server = simulation.run(self._stack.enter_async_context(serve(self.portal)))
        self.world = World(self.portal, server, folder, clock=self.time)
        self.world.configure(limits__request_timeout_seconds=70, limits__request_cut_seconds=60)
        self.world.configure(changes__interval_seconds=30, changes__overlap_seconds=120)
        self.world.configure(**{f"limits__{name}": value for name, value in bounds.items()})

    def close(self) -> None:
        self.simulation.run(self._stack.aclose())

    # ------------------------------------------------------------------------------------------ the program

    def run(self, work: Coroutine[Any, Any, object], crash: Crash | None = None) -> bool:
        """Run a command of the program as a process of its own; return whether it came to its own end."""
        return bool(self.simulation.run(self._lived(work, crash)))

    async def _lived(self, work: Coroutine[Any, Any, object], crash: Crash | None) -> bool:
        self.loop.live()
        self.stopped = False
        task = asyncio.create_task(work)
        self._process = Victim(task, self.loop, crash)
        with self._process.endangered(self.portal):
            try:
                await task
            except asyncio.CancelledError:
                if not self._process.struck:
                    raise
            except B24SyncError as error:
                self._note(error)
                return False
        self.figures["runs"] += 1
        if crash is not None and self._process.struck:
            self.figures[f"runs ended by {crash.how}"] += 1
        return not self._process.struck

    def _note(self, error: B24SyncError) -> None:
        """Note an error that the command line would tell."""
        self.said.append(str(error))
        self.stopped = isinstance(error, SafetyStop)
        self.figures["runs stopped by a safety limit" if self.stopped else "runs that failed"] += 1

    def backfill(self, crash: Crash | None = None, *, goes_on: bool = False) -> bool:
        """Walk the whole portal."""
        return self.run(self._walked(goes_on=goes_on), crash)

    async def _walked(self, *, goes_on: bool) -> None:
        summary = await self.world.backfill(goes_on=goes_on, seconds=1e6)
        if summary.stopped is not None:
            raise SafetyStop(summary.stopped)  # as the command line ends

    def follow(self, seconds: float, crash: Crash | None = None, meanwhile: Iterable[Meanwhile] = ()) -> bool:
        """Let the daemon work for so long, then stop it; `meanwhile` other things happen."""

        async def live() -> None:
            others = [asyncio.create_task(happen()) for happen in meanwhile]
            try:
                async with asyncio.timeout(seconds):
                    await self._kept_alive()
            except TimeoutError:
                pass
            finally:
                for other in others:
                    if not other.cancel():
                        other.result()

        return self.run(live(), crash)

    async def _kept_alive(self) -> None:
        """Let the daemon follow, and start it again where it ends with an error, as systemd does."""
        has_failed = True
        while has_failed:
            task = self._process.task = asyncio.create_task(self.world.follow(seconds=1e9))
            try:
                await asyncio.shield(task)
                has_failed = False
            except SafetyStop:
                raise  # there it is not started again
            except B24SyncError as error:
                self._note(error)
                await asyncio.sleep(RESTART_SECONDS)
            finally:
                if not task.done():
                    await self._stopped(task)

    async def _stopped(self, task: asyncio.Task[None]) -> None:
        """Tell the daemon to stop."""
        if not self.loop.signal(signal.SIGTERM):
            task.cancel()
        with suppress(asyncio.CancelledError, B24SyncError):
            await task

    def undo(self, run: int | None, item: EntityRef | None, crash: Crash | None = None) -> bool:
        """Take back what a run did, or what was done to an item."""
        return self.run(self.world.undo(Filter(run_id=run, item=item), seconds=1e6), crash)

    def release(self) -> None:
        """Let the jobs correct again what was undone."""
        self.run(release_all(self.world))

    def wait(self, seconds: float) -> None:
        """Let time pass in which nobody does anything."""
        self.simulation.run(asyncio.sleep(seconds))

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
        _hold_nothing([name for verb in ("add", "delete") for name in promises.called(verb) & history.commands.keys()])
        journal = self.world.journal() if self.has_state else []
        _hold_nothing(promises.unkept(self.portal, self.witnesses, journal, self.young_seconds))

    def assert_settled(self) -> None:
        """Hold what has to be true after a backfill that nothing disturbed."""
        self.assert_kept()
        assert self.world.outcomes()["intent"] == 0
        _hold_nothing(promises.messy(self.portal, self.held))
        _hold_nothing(promises.untold(self.portal, self.world.journal()))
        saves = self.portal.history.saves, self.portal.history.empty_saves
        assert self.backfill()
        assert (self.portal.history.saves, self.portal.history.empty_saves) == saves


def _hold_nothing(found: list[Any]) -> None:
    """Hold that nothing was found, and show what was."""
    assert not found, found
