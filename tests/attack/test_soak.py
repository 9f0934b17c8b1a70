"""A month of a portal's life with the daemon at work: memory flat, the state bounded, nothing behind, all right.

The short form has two days, and leaves the memory out: they prove nothing of it, and tracing costs three times as much.

Days pass in simulated time. Every day has its storms: limits that others exhaust, lost answers, an outage of hours, a
burst of edits; the daemon is stopped or killed now and then, and this machine's clock is set wrong.
"""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from tests.attack.crashes import Crash
from tests.attack.processes import Limits
from tests.attack.promises import items, messy
from tests.attack.scenario import Scenario
from tests.simulated_time import simulation
from tests.variants import IS_LONG

import b24syncd
from b24syncd.feeders import poll
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.people.person import Action, PersonEdit
from b24syncd.simulator.seeds import mess
from b24syncd.store import cursors
from b24syncd.store.reading import open_for_reading

if TYPE_CHECKING:
    from collections.abc import Callable

    Record = Callable[[str, object], None]

DAYS = 30 if IS_LONG else 2
KEPT_DAYS = 7 if IS_LONG else 1
BURST = 500 if IS_LONG else 30
INTERVAL = 600.0 if IS_LONG else 1800.0
HOUR = 3600.0
OUTAGE_HOURS = 3.0
EDITS_A_DAY = 24
WARM_DAYS = KEPT_DAYS if IS_LONG else 0
"""After so many days everything has been seen once, and the journal begins to be shortened."""

MOST_GROWN_KIB = 1024
SETTLED_WITHIN = 4 * HOUR
"""How long after the last storm of a day everything may take to be right."""

CACHE = type(lru_cache(str))


class Month:
    """The days of one portal; the seed decides what happens."""

    def __init__(self, scenario: Scenario, seed: int) -> None:
        """Begin in a portal that was walked once."""
        self.scenario = scenario
        self.rng = Random(seed)  # noqa: S311 # has to be repeatable
        scenario.world.configure(changes__interval_seconds=INTERVAL, state__keep_journal_days=KEPT_DAYS)
        scenario.world.fill(seed, contacts=60, companies=20, leads=20)
        assert scenario.backfill()

    def day(self, number: int) -> int:
        """Let the daemon work for a day, in which it is restarted now and then; return how large its file is then.

        Holds that the day ends well.
        """
        scenario, rng = self.scenario, self.rng
        hours = 4.0 + 4.0 * rng.random()
        scenario.time.wrong_by = timedelta(hours=24 * 40 if number == WARM_DAYS else rng.choice((0, -5, 30)))
        self._live(hours, [*self._storms(), self._set_clock_right])
        kill = Crash("command", rng.randrange(5, 40), rng.choice(("kill", "cut")), rng.randrange(40))
        scenario.follow(HOUR, rng.choice((None, kill)))
        self._live(24.0 - SETTLED_WITHIN / HOUR - hours - 1.0, self._storms())
        scenario.portal.faults.clear()
        self._live(SETTLED_WITHIN / HOUR, [])
        scenario.assert_kept()
        self._assert_up_to_date(number)
        self._assert_short()
        scenario.forget()
        return self.file_kib()

    def _live(self, hours: float, storms: list[Callable[[], None]]) -> None:
        """Let the daemon follow for so long, while people work and storms come one after the other."""
        scenario, rng = self.scenario, self.rng

        async def people() -> None:
            for _ in range(max(1, round(EDITS_A_DAY * hours / 24))):
                await asyncio.sleep(rng.random() * 2 * hours * HOUR / EDITS_A_DAY)
                self._edit()

        async def weather() -> None:
            for storm in storms:
                await asyncio.sleep(hours * HOUR / (len(storms) + 1))
                storm()

        scenario.follow(hours * HOUR, meanwhile=(people, weather))

    def _storms(self) -> list[Callable[[], None]]:
        def refused() -> None:
            kind = self.rng.choice((Kind.ERROR_503, Kind.ERROR_429, Kind.OVERLOAD))
            self.scenario.portal.faults.add(Fault(kind=kind, times=30, probability=0.5))

        def lost() -> None:
            for kind in (Kind.RESET, Kind.HTML, Kind.HANG):
                self.scenario.portal.faults.add(Fault(kind=kind, when="after", times=3, probability=0.3))
            self._edits(10)

        def out() -> None:
            ends = self.scenario.portal.clock() + OUTAGE_HOURS * HOUR
            self.scenario.portal.faults.add(
                Fault(kind=Kind.HTML, match=lambda _: self.scenario.portal.clock() < ends, times=None)
            )

        def burst() -> None:
            self._edits(BURST)

        storms = [refused, lost, out, burst]
        self.rng.shuffle(storms)
        return storms[:2]

    def _set_clock_right(self) -> None:
        self.scenario.time.wrong_by = timedelta()

    def _edits(self, number: int) -> None:
        for _ in range(number):
            self._edit()

    def _edit(self) -> None:
        """Change, add or delete one entry; the items stay small."""
        rng, portal = self.rng, self.scenario.portal
        item = rng.choice(list(items(portal).values()))
        points = [point for point in item.points.values() if point.type_id in {"PHONE", "EMAIL"}]
        action = Action.ADD if not points else Action.CHANGE if len(points) < 4 else Action.DELETE
        if points and len(points) < 4 and rng.random() < 0.2:
            action = Action.ADD
        point = rng.choice(points) if action is not Action.ADD else None
        type_id = point.type_id if point else rng.choice(("PHONE", "EMAIL"))
        entry = mess.some(rng, mess.PHONES if type_id == "PHONE" else mess.EMAILS)
        edit = PersonEdit(
            action=action,
            entity_type_id=item.entity_type_id,
            item_id=item.id,
            point_id=point.id if point else None,
            type_id=type_id,
            value=entry.value,
            canonical=entry.canonical or (),
        )
        portal.person.edit(edit)

    # ----------------------------------------------------------------------------------------- what must hold

    def _assert_up_to_date(self, number: int) -> None:
        """Hold that all edits are canonical, no intent is open, and no cursor is behind by more than it may be."""
        scenario = self.scenario
        found = messy(scenario.portal, set())
        assert not found, (number, found)
        assert scenario.world.outcomes()["intent"] == 0
        assert scenario.world.waiting() == 0
        with open_for_reading(scenario.world.state) as db:
            for name in ("lead", "contact", "company"):
                position = cursors.get(db, poll.cursor_name(name))
                assert position is not None
                assert scenario.portal.clock() - poll.instant_of(position) < 2 * INTERVAL + 60, (number, name)
                swept = cursors.get(db, f"sweep/{name}")
                assert swept is not None
                assert scenario.portal.clock() - float(str(swept["began"])) < 2 * 24 * HOUR + INTERVAL, (number, name)

    def _assert_short(self) -> None:
        """Hold that the journal is short: whatever was too old when the daemon started last is gone."""
        oldest = min(row.at for row in self.scenario.world.journal())
        kept = timedelta(days=KEPT_DAYS, seconds=SETTLED_WITHIN + HOUR)
        assert self.scenario.time.now() - oldest < kept

    def file_kib(self) -> int:
        """Return how large the state's file is, with what waits beside it to be written into it."""
        state = self.scenario.world.state
        return sum(file.stat().st_size for file in state.parent.iterdir() if file.name.startswith(state.name)) // 1024


def held_kib() -> int:
    """Return what the program itself holds of the memory that it took since tracing began.

    Its caches are emptied: they are bounded, but a month does not fill them.
    """
    gc.collect()
    for cached in gc.get_objects():
        if isinstance(cached, CACHE) and cached.__module__.startswith(f"{b24syncd.__name__}."):
            cached.cache_clear()
    root = Path(b24syncd.__file__).parent
    parts = ((True, f"{root}/*"), (False, f"{root}/simulator/*"))
    own = [tracemalloc.Filter(*part) for part in parts]
    statistics = tracemalloc.take_snapshot().filter_traces(own).statistics("filename")
    return sum(one.size for one in statistics) // 1024


def test_days_of_storms(tmp_path: Path, record_property: Record) -> None:
    with simulation() as simulated:
        scenario = Scenario(simulated, tmp_path, Limits())
        try:
            month = Month(scenario, 1)
            files = [month.day(number) for number in range(WARM_DAYS)]
            if IS_LONG:
                tracemalloc.start()
            files.append(month.day(WARM_DAYS))
            held = held_kib() if IS_LONG else 0
            files += [month.day(number) for number in range(WARM_DAYS + 1, DAYS)]
            grown = held_kib() - held if IS_LONG else 0
        finally:
            tracemalloc.stop()
            scenario.close()
    assert grown < MOST_GROWN_KIB
    assert max(files[DAYS // 2 :]) < 1.5 * max(files[: DAYS // 2])
    history = scenario.portal.history
    assert history.limit_errors == {}
    figures = {"simulated days": DAYS, "faults": history.faults.total(), "edits": history.person_edits}
    record_property("figures", {**figures, **scenario.figures})
