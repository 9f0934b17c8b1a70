"""How a state is: what ran, how far it is, what waits, what was learnt of the portal's limits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from b24syncd.domain.conditions import Severity
from b24syncd.store import cursors, limits, meta, outcomes, queue, reviews
from b24syncd.store.disk import lack_at
from b24syncd.store.queue import QueueState

from .health import health_of, recorded_in, with_disk
from .health_lines import health_lines, verdict_lines
from .regions import regions_for_open
from .report import Report, plain
from .runs import latest_runs
from .wording import counted, listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import sqlite_utils

    from b24syncd.domain.entities import EntityRef
    from b24syncd.domain.rules import Rules
    from b24syncd.store.cursors import Cursor
    from b24syncd.store.queue import QueueEntry

    from .health import Health, Living, WaitingReport
    from .regions import RegionsReport
    from .runs import RunReport

Times = Callable[[datetime], str]
"""Gives a time as people, or programs, read it."""

_GIVEN_UP = 100
_INSTANTS = ("since", "began")
"""What is an instant in the position of a cursor."""


@dataclass(frozen=True, slots=True)
class CursorReport(Report):
    """How far a feed is."""

    name: str
    position: Mapping[str, object]
    changed_at: datetime

    def told_position(self, told: Times = plain) -> str:
        """Return the position in words: an instant of the portal's clock as a time, no zeros."""
        there = {name: value for name, value in self.position.items() if value or value is False}
        return listed({name: _shown(name, value, told) for name, value in there.items()})


@dataclass(frozen=True, slots=True)
class GivenUpReport(Report):
    """An item that is not tried again until it changes, and why."""

    item: EntityRef
    reason: str
    detail: str | None
    attempts: int
    at: datetime


@dataclass(frozen=True, slots=True)
class MethodReport(Report):
    """What was learnt of a method: what one costs, and what of its operating time is spent until it resets.

    In seconds; None is what is not known.
    """

    method: str
    cost: float | None
    operating: float | None
    resets_at: datetime | None


@dataclass(frozen=True, slots=True)
class RestingReport(Report):
    """What keeps jobs from their work, or a type from being looked at."""

    jobs: str
    where: str
    detail: str


@dataclass(frozen=True, slots=True)
class Status(Report):
    """All of it; `writer` is the process that holds the state, and what rests is told only while there is one.

    `waiting` is what that process told when it was asked, if it answered and waits for something.
    """

    portal: str | None
    configured: str
    state: Path
    writer: int | None
    waiting: WaitingReport | None
    runs: tuple[RunReport, ...]
    cursors: tuple[CursorReport, ...]
    resting: tuple[RestingReport, ...]
    open_intents: int
    queue: Mapping[str, int]
    given_up: tuple[GivenUpReport, ...]
    reviews: Mapping[str, int]
    other_regions: RegionsReport
    limits: Mapping[str, object]
    health: Health

    def facts(self, told: Callable[[datetime], str]) -> Iterator[tuple[str, str]]:
        """Yield what is told first, each with what it is about; `told` writes times."""
        yield from verdict_lines(self.health, told)
        yield from health_lines(self.health, told)
        other = f", but the configuration names {self.configured}" if self.portal not in {None, self.configured} else ""
        yield "portal", f"{self.portal or 'not known yet'}{other}"
        yield "state", str(self.state)
        if not self.health.has_run:
            return
        yield "writer", self._writer(told)
        yield "queue", _told_queue(self.queue)
        yield "reviews", listed(self.reviews)
        if self.health.open_reviews:
            yield "reasons", listed(self.health.open_reviews)
        for line in self.other_regions.lines():
            yield "phones", line
        unverified = f", {self.health.unverified} are unverified" if self.health.unverified else ""
        yield "journal", f"{self.open_intents} corrections wait for their outcome{unverified}"

    def sentences(self) -> Iterator[str]:
        """Yield what there is to say of the runs beside their counts; a stop that stands is told first of all."""
        standing = set(self.health.safety_stops)
        yield from (told for run in self.runs if run.stopped not in standing and (told := run.sentence()) is not None)

    def _writer(self, told: Callable[[datetime], str]) -> str:
        """Return which process works, and what it waits for."""
        if self.writer is None:
            return "none: nothing is running"
        if self.waiting is None:
            return f"process {self.writer}"
        until = "" if self.waiting.until is None else f" until {told(self.waiting.until)}"
        return f"process {self.writer}, which waits for {self.waiting.what} since {told(self.waiting.since)}{until}"

    def second_family(self, told: Callable[[datetime], str]) -> str | None:
        """Return why the classic methods rest beside the universal ones, and until when; None where they do not."""
        match self.limits.get("second_family"):
            case [float() | int() as until, str() as why]:
                return f"until {told(_time(until))} updates go by the universal methods alone: {why}"
            case _:
                return None

    def methods(self) -> Iterator[MethodReport]:
        """Yield each method of which something was learnt."""
        costs, operating = _mapping(self.limits.get("costs")), _mapping(self.limits.get("operating"))
        for method in sorted({*costs, *operating}):
            cost = _seconds(costs.get(method))
            match operating.get(method):
                case [float() | int() as spent, float() | int() as resets_at]:
                    yield MethodReport(method, cost, spent, _time(resets_at))
                case _:
                    yield MethodReport(method, cost, None, None)


@dataclass(frozen=True, slots=True)
class Configured:
    """What is configured: the portal's host, the rules of jobs, and where the state stands."""

    host: str
    jobs: Mapping[str, Rules]
    path: Path


@dataclass(frozen=True, slots=True)
class Writer:
    """The process that holds a state, and what it answered when it was asked."""

    process: int
    living: Living | None


def status_of(
    db: sqlite_utils.Database, configured: Configured, writer: Writer | None, *, now: datetime, runs_shown: int
) -> Status:
    """Return how a state is, for what is configured."""
    recorded = with_disk(recorded_in(db), lack_at(configured.path), now)
    health = health_of(recorded, now, is_held=writer is not None, living=None if writer is None else writer.living)
    return Status(
        portal=meta.bound_portal(db),
        configured=configured.host,
        state=configured.path,
        writer=None if writer is None else writer.process,
        waiting=health.waiting,
        runs=tuple(latest_runs(db, is_held=writer is not None, limit=runs_shown)),
        cursors=tuple(map(_cursor, cursors.all_cursors(db))),
        resting=() if writer is None else tuple(_resting(health)),
        open_intents=outcomes.open_count(db),
        queue={state.value: number for state, number in queue.counts(db).items()},
        given_up=tuple(map(_given_up, queue.given_up(db, limit=_GIVEN_UP))),
        reviews={state.value: number for state, number in reviews.counts(db).items()},
        other_regions=regions_for_open(db, configured.jobs),
        limits=limits.load_limits(db),
        health=health,
    )


def _told_queue(queue: Mapping[str, int]) -> str:
    """Return in words how many items are to be looked at again, and how many are not any more."""
    due, given_up = queue[QueueState.WAITING.value], queue[QueueState.GAVE_UP.value]
    return f"{counted(due, 'item')} to look at again, {given_up} refused for good"


def _resting(health: Health) -> Iterator[RestingReport]:
    for one in health.conditions:
        if one.about and one.severity is not Severity.WAITING:
            yield RestingReport(one.about, one.kind.value, one.detail)


def _cursor(cursor: Cursor) -> CursorReport:
    return CursorReport(cursor.name, cursor.position, cursor.changed_at)


def _given_up(entry: QueueEntry) -> GivenUpReport:
    return GivenUpReport(entry.ref, entry.reason, entry.detail, entry.attempts, entry.due_at)


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _seconds(value: object) -> float | None:
    return value if isinstance(value, float | int) else None


def _shown(name: str, value: object, told: Times) -> object:
    match value:
        case bool():
            return "yes" if value else "no"
        case float() | int() if name in _INSTANTS:
            return told(_time(value))
        case _:
            return value


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
