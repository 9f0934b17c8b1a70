"""Health: whether it is well, since when, why not, and what to do; from the state, and from a daemon while one lives.

`status`, `/readyz`, `/metrics` and notices tell the same, as all of them begin here.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from b24syncd.domain.conditions import ENDINGS, PASSING, SKIPS, STOPS, Condition, ConditionKind, Severity, cure_of
from b24syncd.store import conditions, cursors, event_queue, limits, outcomes, reviews, runs
from b24syncd.store.runs import Count, RunState

from .report import Report

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import sqlite_utils

_POLL = "poll/"
_RESTING: Final = frozenset({ConditionKind.RIGHT_MISSING, ConditionKind.FIELD_MISSING, ConditionKind.SETTINGS_INVALID})
_KILLED = "run {run} ended without a word: its process was killed, or the machine went down"


class Verdict(StrEnum):
    """Whether it is well: `WAITING` heals by itself, `TROUBLE` needs a person."""

    WELL = "well"
    WAITING = "waiting"
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class WaitingReport(Report):
    """What a running daemon waits for, since when, and until when it takes where that is known."""

    what: str
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ConditionReport(Report):
    """Something that is not as it should be, and what to do about it."""

    kind: ConditionKind
    about: str
    severity: Severity
    since: datetime
    detail: str
    cure: str


@dataclass(frozen=True, slots=True)
class LagReport(Report):
    """How far a feed is behind the present, and up to when everything of it is settled."""

    feed: str
    seconds: float
    read_until: datetime


@dataclass(frozen=True, slots=True)
class ErrorReport(Report):
    """The last error that ended a round or a process, and when that was over; None while it is not."""

    kind: ConditionKind
    detail: str
    since: datetime
    over_at: datetime | None


@dataclass(frozen=True, slots=True)
class Living:
    """What a living daemon tells of itself that its state may not know: `conditions` also where nothing can be written.

    `last_contact` is when the portal last answered.
    """

    last_contact: datetime | None = None
    waiting: WaitingReport | None = None
    conditions: tuple[Condition, ...] = ()
    feeds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a state tells of how it is."""

    has_run: bool = False
    conditions: tuple[Condition, ...] = ()
    last_contact: datetime | None = None
    read_until: Mapping[str, datetime] = field(default_factory=dict)
    last_error: ErrorReport | None = None
    unverified: int = 0
    open_intents: int = 0
    open_reviews: Mapping[str, int] = field(default_factory=dict)
    killed: Condition | None = None
    """What to tell of a process that left a run open, where none holds the state any more."""


@dataclass(frozen=True, slots=True)
class Health(Report):
    """How it is: the `verdict`, `since` when, and every condition, the gravest first.

    `since` is None where it is well and nothing ever was otherwise. `is_running` tells whether a process works.
    """

    verdict: Verdict
    since: datetime | None
    is_running: bool
    has_run: bool
    conditions: tuple[ConditionReport, ...]
    last_contact: datetime | None
    waiting: WaitingReport | None
    lag: tuple[LagReport, ...]
    paused_jobs: tuple[str, ...]
    skipped_types: tuple[str, ...]
    unverified: int
    open_intents: int
    open_reviews: Mapping[str, int]
    last_error: ErrorReport | None
    safety_stops: tuple[str, ...]


def recorded_in(db: sqlite_utils.Database) -> Recorded:
    """Return what a state tells of how it is."""
    (*latest,) = runs.latest_runs(db, limit=1)
    told = limits.load_limits(db).get("answered")
    answered = datetime.fromtimestamp(told, UTC) if isinstance(told, float | int) else None
    return Recorded(
        has_run=bool(latest),
        conditions=conditions.standing(db),
        last_contact=answered,
        read_until=read_until(db),
        last_error=_last_error(db),
        unverified=runs.total(db, Count.UNVERIFIED),
        open_intents=outcomes.open_count(db),
        open_reviews=reviews.open_by_reason(db),
        killed=_killed(latest[0], answered) if latest else None,
    )


def read_until(db: sqlite_utils.Database) -> dict[str, datetime]:
    """Return up to when everything of each feed is settled; of one that events tell of, taken up by the queue."""
    polled = {
        one.name.removeprefix(_POLL): datetime.fromtimestamp(float(str(one.position["since"])), UTC)
        for one in cursors.all_cursors(db)
        if one.name.startswith(_POLL) and "since" in one.position
    }
    told = event_queue.told(db)
    return {name: max(until, told.get(name, until)) for name, until in polled.items()}


def with_disk(recorded: Recorded, lack: str | None, now: datetime) -> Recorded:
    """Return what is recorded, and what the disk lacks, which no state can record once it is full."""
    if lack is None or any(one.kind is ConditionKind.DISK_FULL for one in recorded.conditions):
        return recorded
    full = Condition(ConditionKind.DISK_FULL, "", now, lack)
    return replace(recorded, conditions=(*recorded.conditions, full))


def health_of(recorded: Recorded, now: datetime, *, is_held: bool, living: Living | None = None) -> Health:
    """Return how it is by `now`; `is_held` tells whether a process holds the state, `living` what it answered."""
    standing = tuple(_standing(recorded, is_held=is_held, living=living))
    told = sorted((_told(one, now) for one in standing), key=lambda one: (-_RANKS[one.severity], one.since, one.kind))
    verdict, since = _verdict(told), None
    if verdict is not Verdict.WELL:
        since = min(one.since for one in told if one.severity.value == verdict.value)
    elif recorded.last_error is not None:
        since = recorded.last_error.over_at
    feeds = recorded.read_until if living is None or not living.feeds else living.feeds
    return Health(
        verdict=verdict,
        since=since,
        is_running=is_held,
        has_run=recorded.has_run,
        conditions=tuple(told),
        last_contact=_latest(recorded.last_contact, None if living is None else living.last_contact),
        waiting=None if living is None else living.waiting,
        lag=tuple(
            LagReport(name, max(0.0, (now - until) / timedelta(seconds=1)), until)
            for name, until in recorded.read_until.items()
            if name in feeds
        ),
        paused_jobs=_abouts(standing, _RESTING),
        skipped_types=_abouts(standing, SKIPS),
        unverified=recorded.unverified,
        open_intents=recorded.open_intents,
        open_reviews=recorded.open_reviews,
        last_error=recorded.last_error,
        safety_stops=tuple(one.detail for one in standing if one.kind in STOPS),
    )


_RANKS = {severity: rank for rank, severity in enumerate(Severity)}


def _standing(recorded: Recorded, *, is_held: bool, living: Living | None) -> Iterable[Condition]:
    """Yield what stands: as the daemon knows it where it answers, for it may not be able to write."""
    if living is not None:
        known = {one.key: one for one in (*living.conditions, *recorded.conditions)}
        return known.values()
    standing = [one for one in recorded.conditions if is_held or one.kind not in PASSING]
    is_full = any(one.kind is ConditionKind.DISK_FULL for one in standing)  # then nobody could note how it ended
    if not is_held and recorded.killed is not None and not is_full:
        standing.append(recorded.killed)
    return standing


def _verdict(told: Iterable[ConditionReport]) -> Verdict:
    severities = {one.severity for one in told}
    if Severity.TROUBLE in severities:
        return Verdict.TROUBLE
    return Verdict.WAITING if Severity.WAITING in severities else Verdict.WELL


def _told(one: Condition, now: datetime) -> ConditionReport:
    return ConditionReport(one.kind, one.about, one.severity(now), one.since, one.detail, cure_of(one))


def _abouts(standing: Iterable[Condition], kinds: frozenset[ConditionKind]) -> tuple[str, ...]:
    return tuple(sorted({one.about for one in standing if one.kind in kinds and one.about}))


def _latest(*moments: datetime | None) -> datetime | None:
    return max((one for one in moments if one is not None), default=None)


def _last_error(db: sqlite_utils.Database) -> ErrorReport | None:
    last = conditions.last_of(db, ENDINGS)
    if last is None:
        return None
    return ErrorReport(last.condition.kind, last.condition.detail, last.condition.since, last.over_at)


def _killed(run: runs.Run, answered: datetime | None) -> Condition | None:
    if run.state is not RunState.RUNNING:
        return None
    since = _latest(run.started_at, answered) or run.started_at
    return Condition(ConditionKind.STOPPED_BY_ERROR, "", since, _KILLED.format(run=run.id))
