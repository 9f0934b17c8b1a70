"""A served portal, a configuration that points to it, and whatever one may do to both."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.engine.scripting import CONTACT, Watcher, edit
from tests.fresh_state import lay
from tests.hidden import CLIENT_ID, CLIENT_SECRET, TOKEN_KEY
from tests.simulated_time import SimulatedLoop

from b24syncd import app
from b24syncd.app import Narrowed
from b24syncd.app.login import log_in
from b24syncd.clock import SYSTEM_CLOCK
from b24syncd.domain.entities import EntityRef
from b24syncd.settings import load_settings
from b24syncd.simulator.judges.items import lost_values, mistakes
from b24syncd.simulator.people.person import Action
from b24syncd.simulator.seeds.items import generate
from b24syncd.simulator.tables.applications import Application
from b24syncd.simulator.tables.model import PointChange
from b24syncd.store import history, queue, reviews
from b24syncd.store.reading import open_for_reading
from b24syncd.web.unix_door import serving

if TYPE_CHECKING:
    import signal
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence
    from pathlib import Path

    from b24syncd.app import Summary, Undone
    from b24syncd.app.follow import Serving
    from b24syncd.clock import Clock
    from b24syncd.domain.moves import Move
    from b24syncd.domain.plans import Plan
    from b24syncd.engine.how_far import Watching
    from b24syncd.settings import Settings
    from b24syncd.simulator.http.server import Server
    from b24syncd.simulator.methods.calls import Call
    from b24syncd.simulator.people.person import PersonEdit
    from b24syncd.simulator.portal import Portal
    from b24syncd.store.history import Filter, JournalEntry
    from b24syncd.store.queue import QueueEntry
    from b24syncd.store.stored_reviews import StoredReview

__all__ = ["CONTACT", "CUT_SECONDS", "World", "edit"]

CUT_SECONDS = 0.5
_OAUTH = "B24SYNCD_PORTAL__OAUTH__ADDRESS"

# Nothing of this binds unless a test makes it.
_LIMITS = {
    "burst": 10,  # so that time passes from request to request, as it does everywhere
    "per_second": 2000.0,
    "request_timeout_seconds": 5.0,
    "request_cut_seconds": CUT_SECONDS,
}
_CHANGES = {"interval_seconds": 0.1, "overlap_seconds": 2.0}


@dataclass
class World:
    """A served portal, and a configuration that points to it; every run takes up the state of the one before."""

    portal: Portal
    server: Server
    folder: Path
    overrides: dict[str, str] = field(default_factory=dict)
    file: Path | None = None
    clock: Clock = SYSTEM_CLOCK
    longest_backfill: float = 60.0
    """Seconds, by the loop's clock."""
    serving: Serving = serving
    """What lets others ask the daemon."""
    has_brake: bool = False
    """Whether the first corrections of the state are limited, as they are where nobody sets a canary."""

    @property
    def state(self) -> Path:
        return self.folder / "state" / "portal.db"

    @property
    def environ(self) -> dict[str, str]:
        environ = {
            "B24SYNCD_PORTAL__WEBHOOK": self.server.webhook_url,
            "B24SYNCD_PORTAL__REGION": "RU",
            "B24SYNCD_STATE__PATH": str(self.state),
            **({} if self.has_brake else {"B24SYNCD_SAFETY__CANARY": "0"}),
            **{f"B24SYNCD_LIMITS__{key.upper()}": str(value) for key, value in _LIMITS.items()},
            **{f"B24SYNCD_CHANGES__{key.upper()}": str(value) for key, value in _CHANGES.items()},
        }
        if _OAUTH in self.overrides:
            del environ["B24SYNCD_PORTAL__WEBHOOK"]
        return environ | self.overrides

    @property
    def settings(self) -> Settings:
        return load_settings(self.file, self.environ)

    def configure(self, **overrides: object) -> None:
        """Set keys of the configuration, written as `limits__burst=5`."""
        self.overrides |= {f"B24SYNCD_{key.upper()}": str(value) for key, value in overrides.items()}

    async def by_application(self, *, token_seconds: float = 3600.0, root: str = "") -> None:
        """Let a local application in, in the place of the webhook, and log in; `root` is where all is asked."""
        applications, user = self.portal.applications, self.portal.options.user_id
        applications.token_seconds = token_seconds
        applications.install(Application(CLIENT_ID, CLIENT_SECRET, self.portal.access.scopes))
        key = self.folder / "token_key"
        key.write_text(f"{TOKEN_KEY}\n", encoding="utf-8")
        key.chmod(0o600)
        self.configure(
            portal__oauth__address=root or self.server.url,
            portal__oauth__client_id=CLIENT_ID,
            portal__oauth__client_secret=CLIENT_SECRET,
            portal__oauth__key_file=key,
            portal__oauth__server=root or self.server.url,
        )
        await log_in(self.settings, applications.authorize(CLIENT_ID, user), clock=self.clock)

    def rebind_by(self, *rules: str, include_tasks: bool = True) -> None:
        """Let only the job `bindings` be enabled, with these rules, each a table in TOML."""
        off = "".join(f"[jobs.{name}]\nenabled = false\n" for name in ("phones", "emails"))
        bindings = f"[jobs.bindings]\ninclude_tasks = {str(include_tasks).lower()}\n"
        self.file = self.folder / "b24syncd.toml"
        self.file.write_text(off + bindings + "".join(rules), encoding="utf-8")

    async def backfill(
        self,
        *jobs: str,
        only: Sequence[str] = (),
        limit: int | None = None,
        goes_on: bool = False,
        seconds: float | None = None,
    ) -> Summary:
        """Run a backfill to its end, which has to come within `seconds`, or the world's longest."""
        lay(self.state)
        narrowed = Narrowed(jobs, tuple(map(EntityRef.parse, only)), limit)
        async with asyncio.timeout(self.longest_backfill if seconds is None else seconds):
            return await app.backfill(self.settings, narrowed, _unshown, goes_on=goes_on, clock=self.clock)

    async def preview(self, *, only: Sequence[str] = (), limit: int | None = None) -> tuple[Summary, list[Plan]]:
        plans: list[Plan] = []
        narrowed = Narrowed((), tuple(map(EntityRef.parse, only)), limit)
        summary = await app.preview(self.settings, narrowed, _unshown, plans.append, clock=self.clock)
        return summary, plans

    async def rebind(self, moves: tuple[Move, ...], *, goes_on: bool = False, seconds: float = 60.0) -> Summary:
        """Work through a list of moves."""
        lay(self.state)
        async with asyncio.timeout(seconds):
            return await app.rebind(self.settings, moves, "moves.csv", _unshown, goes_on=goes_on, clock=self.clock)

    async def undo(self, which: Filter, *, seconds: float = 60.0) -> Undone:
        """Take back what the journal tells of it."""
        lay(self.state)
        async with asyncio.timeout(seconds):
            return await app.undo(self.settings, which, _unshown, clock=self.clock)

    async def follow(self, seconds: float = 60.0, *, goes_on: bool = False) -> None:
        """Run the daemon until it ends by itself."""
        lay(self.state)
        async with asyncio.timeout(seconds):
            await app.follow(self.settings, goes_on=goes_on, serving=self.serving, clock=self.clock)

    @asynccontextmanager
    async def following(self) -> AsyncIterator[asyncio.Task[None]]:
        """Let the daemon run for as long as the context lasts; it is cut off at its end."""
        lay(self.state)
        task = asyncio.create_task(app.follow(self.settings, serving=self.serving, clock=self.clock))
        try:
            yield task
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def until(self, condition: Callable[[], object], *, seconds: float = 300.0) -> None:
        """Wait for something that can be seen in the portal or the state; look after each command that passes."""
        passed = asyncio.Event()
        watcher = Watcher(lambda _number, _call: passed.set())
        self.portal.watchers.append(watcher)
        try:
            async with asyncio.timeout(seconds):
                while not condition():
                    passed.clear()
                    await passed.wait()
        finally:
            self.portal.watchers.remove(watcher)

    async def rounds(self, number: int = 2) -> None:
        """Wait until the daemon has polled all types and settled what it found, so many times from now on."""
        begun = 0

        def count(_: int, call: Call) -> None:
            nonlocal begun
            wanted = call.parameters.get("filter")
            begun += isinstance(wanted, dict) and ">=updatedTime" in wanted and str(wanted.get(">id")) == "0"

        types = len({entity for rules in self.settings.jobs.values() for entity in rules.entities})
        watcher = Watcher(count)
        self.portal.watchers.append(watcher)
        try:
            await self.until(lambda: begun > (number + 1) * types)
        finally:
            self.portal.watchers.remove(watcher)

    @contextmanager
    def at_command(self, number: int, act: Callable[[], object]) -> Iterator[None]:
        """Act before the command of this number, counted from now on."""
        watcher = Watcher(lambda seen, _call: act() if seen == number else None)
        self.portal.watchers.append(watcher)
        try:
            yield
        finally:
            self.portal.watchers.remove(watcher)

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process, which has to listen by now."""
        loop = asyncio.get_running_loop()
        assert isinstance(loop, SimulatedLoop)
        assert loop.signal(number)

    async def cut_off(self, number: int) -> bool:
        """Begin a backfill and cancel it at a command; return whether it ended before."""
        task = asyncio.create_task(self.backfill())
        with self.at_command(number, task.cancel), suppress(asyncio.CancelledError):
            await task
            return True
        return False

    async def killed(self, number: int) -> bool:
        """As `cut_off`, but the run stands as a killed process leaves it: as if it were still going on."""
        if await self.cut_off(number):
            return True
        with closing(sqlite3.connect(self.state)) as db:
            db.execute("UPDATE runs SET state = 'running', finished_at = NULL WHERE id = (SELECT max(id) FROM runs)")
            db.commit()
        return False

    # ------------------------------------------------------------------------------------------- the portal

    def add(self, *phones: str, emails: Sequence[str] = (), type_id: int = CONTACT) -> int:
        """Add an item that nobody changed for longer than any zone can shift a date filter; return its id."""
        points = [PointChange(None, "PHONE", "WORK", value) for value in phones]
        points += [PointChange(None, "EMAIL", "WORK", value) for value in emails]
        return self.portal.create(type_id, {}, points, "generator", int(self.portal.clock()) - 3 * 86400).id

    def fill(self, seed: int, *, contacts: int = 0, companies: int = 0, leads: int = 0) -> None:
        generate(self.portal, seed, contacts=contacts, companies=companies, leads=leads)

    def phones(self, item_id: int, type_id: int = CONTACT) -> list[str]:
        item = self.portal.find(type_id, item_id)
        return [] if item is None else [point.value for point in item.points.values() if point.type_id == "PHONE"]

    def change(self, item_id: int, value: str, **more: object) -> PersonEdit:
        """Return a person's new value for the first phone of a contact."""
        return edit(Action.CHANGE, item_id, value=value, **more)

    def adding(self, item_id: int, value: str) -> PersonEdit:
        """Return a person's new phone of a contact."""
        return edit(Action.ADD, item_id, value=value)

    # -------------------------------------------------------------------------------------------- the state

    def journal(self) -> list[JournalEntry]:
        with open_for_reading(self.state) as db:
            return list(history.iterate(db))

    def outcomes(self) -> Counter[str]:
        return Counter(entry.outcome.value for entry in self.journal())

    def reviews(self, *, all_states: bool = False) -> list[StoredReview]:
        with open_for_reading(self.state) as db:
            return list(reviews.each_review(db, all_states=all_states))

    def given_up(self) -> list[QueueEntry]:
        with open_for_reading(self.state) as db:
            return list(queue.given_up(db))

    def waiting(self) -> int:
        with open_for_reading(self.state) as db:
            return queue.counts(db)[queue.QueueState.WAITING]

    # ----------------------------------------------------------------------------------------- what must hold

    def assert_right(self, *, repeated: bool = False) -> None:
        """Hold what has to be true after every finished run, whatever happened during it."""
        assert mistakes(self.portal) == []
        assert lost_values(self.portal) == []
        if not repeated:
            assert self.portal.history.repeated_writes() == []
        assert self.outcomes()["intent"] == 0
        assert self.portal.history.limit_errors == {}

    async def assert_settled(self, *, repeated: bool = False) -> None:
        """Hold that all is right, and that another backfill finds nothing to write."""
        self.assert_right(repeated=repeated)
        saves = self.portal.history.saves, self.portal.history.empty_saves
        await self.backfill()
        assert (self.portal.history.saves, self.portal.history.empty_saves) == saves


@asynccontextmanager
async def _unshown(_progress: Watching) -> AsyncIterator[None]:
    yield
