"""Notices: what a person is told where they read, and when; each once, and once more when it is over.

What stands, what was told and what time it is give what is to be told: nothing is remembered but that. Each way of
telling (`Channel`) is told everything, and has its own record of what reached it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence  # noqa: TC003 - fields of dataclasses
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from .conditions import Condition, ConditionKind, Severity, cure_of

if TYPE_CHECKING:
    from collections.abc import Iterator


class Topic(StrEnum):
    """What notices are about, as `notify.on` names it."""

    STOPS = "stops"
    ACCESS = "access"
    PORTAL = "portal"
    LIMITS = "limits"
    REVIEWS = "reviews"
    WALKS = "walks"


class Channel(StrEnum):
    """How a person is told."""

    USER = "user"
    COMMAND = "command"


class Event(StrEnum):
    """What a notice tells."""

    BEGAN = "began"
    OVER = "over"
    REVIEWS_WAIT = "reviews_wait"
    WALK_FINISHED = "walk_finished"


_KIND = ConditionKind
TOPICS: Final[Mapping[ConditionKind, Topic | None]] = {
    _KIND.SAFETY_STOP: Topic.STOPS,
    _KIND.WRONG_REGION: Topic.STOPS,
    _KIND.SETTINGS_INVALID: Topic.STOPS,
    _KIND.STOPPED_BY_ERROR: Topic.STOPS,
    _KIND.DISK_FULL: Topic.STOPS,
    _KIND.CREDENTIALS_REFUSED: Topic.ACCESS,
    _KIND.RIGHT_MISSING: Topic.ACCESS,
    _KIND.TYPE_REFUSED: Topic.ACCESS,
    _KIND.FIELD_MISSING: Topic.ACCESS,
    _KIND.PORTAL_AWAY: Topic.PORTAL,
    _KIND.PORTAL_BLOCKED: Topic.PORTAL,
    _KIND.OPERATING_LIMIT: Topic.LIMITS,
    _KIND.FOREIGN_REQUESTS: Topic.LIMITS,
    _KIND.QUEUE_GROWING: Topic.LIMITS,
    _KIND.NOTICE_FAILED: Topic.STOPS,
    _KIND.TYPE_OFF: None,
    _KIND.JOB_PAUSED: None,
    _KIND.EVENTS_UNAVAILABLE: None,
}
"""What each kind of condition belongs to; what harms nothing is never told."""

SILENCING: Final = frozenset({_KIND.PORTAL_AWAY, _KIND.PORTAL_BLOCKED, _KIND.CREDENTIALS_REFUSED})
"""While one of these stands nobody can be told through the portal."""

PATIENCE: Final[Mapping[ConditionKind, timedelta]] = {_KIND.PORTAL_AWAY: timedelta(hours=1)}
"""So long a condition has to stand before it is told; all others are told at once."""

PAUSES: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 360))
"""How long to wait after each failure; the last one over and over."""

_QUIET = timedelta(hours=1)
_QUIET_WHERE_IT_HEALS = timedelta(days=1)
"""What comes and goes is told anew only when so much has passed since it was told last."""

_LATEST = timedelta(hours=1)
"""What was over before it was first tried to tell of it is news for so long."""

_GIVEN_UP = timedelta(days=3)
"""What could not be told for so long after it was over is told no more."""


@dataclass(frozen=True, slots=True)
class Known:
    """A condition with its number on record, and when it was over."""

    id: int
    condition: Condition
    over_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Walk:
    """A walk through the whole portal that came to its end."""

    run: str
    finished_at: datetime
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of telling a subject through one channel: how often it was tried, when last, when it arrived."""

    times: int
    tried_at: datetime
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Digest:
    """When the reviews that wait are told each day; without a `zone` by this machine's clock on the wall."""

    at: time
    zone: tzinfo | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What there is to be told. Reviews are counted by their reasons; `digest` is None where nobody follows."""

    conditions: Sequence[Known] = ()
    reviews: Mapping[str, int] = field(default_factory=dict)
    walks: Sequence[Walk] = ()
    digest: Digest | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice. `subject` names what it tells for good: nothing with the same subject is told twice.

    `kind` is that of the condition, or what the event says; nothing in it is a name, a title or a value of a customer.
    """

    subject: str
    event: Event
    kind: str
    about: str = ""
    since: datetime | None = None
    until: datetime | None = None
    detail: str = ""
    cure: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    condition_id: int | None = None


def due(
    facts: Facts, attempts: Mapping[str, Attempt], now: datetime, *, channel: Channel, topics: frozenset[Topic]
) -> tuple[Notice, ...]:
    """Return what is to be told now through this channel, of which `attempts` tells what was told, by subject."""
    if channel is Channel.USER and any(_silences(one) for one in facts.conditions):
        return ()
    wanted = [*_of_conditions(facts, attempts, now, channel, topics)]
    if Topic.REVIEWS in topics:
        wanted += _of_reviews(facts, now)
    if Topic.WALKS in topics:
        wanted += _of_walks(facts, attempts, now)
    if not any(notice.subject in attempts and attempts[notice.subject].sent_at is None for notice in wanted):
        wanted += _of_own_failure(facts, now, channel)
    return tuple(notice for notice in wanted if _may_be_tried(attempts.get(notice.subject), now))


def pause_after(times: int) -> timedelta:
    """Return how long to wait after so many attempts."""
    return PAUSES[min(times, len(PAUSES)) - 1]


def _may_be_tried(before: Attempt | None, now: datetime) -> bool:
    if before is None:
        return True
    return before.sent_at is None and not _is_within(pause_after(before.times), before.tried_at, now)


def _is_within(span: timedelta, since: datetime, now: datetime) -> bool:
    """Tell whether no more than that has passed; of what lies ahead nobody knows, for the clock was wrong then."""
    return timedelta() <= now - since < span


def _silences(known: Known) -> bool:
    return known.over_at is None and known.condition.kind in SILENCING


def _of_conditions(
    facts: Facts, attempts: Mapping[str, Attempt], now: datetime, channel: Channel, topics: frozenset[Topic]
) -> Iterator[Notice]:
    for known in facts.conditions:
        condition = known.condition
        own_failure = condition.kind is ConditionKind.NOTICE_FAILED and condition.about == channel
        if TOPICS[condition.kind] not in topics or own_failure:
            continue
        began, over = _began(known), _over(known)
        told = attempts.get(began.subject)
        if known.over_at is None:
            told_before = _last_told(facts, attempts, known)
            is_quiet = told is None and told_before is not None and _is_within(_quiet(condition, now), told_before, now)
            if now - condition.since >= PATIENCE.get(condition.kind, timedelta()) and not is_quiet:
                yield began
        elif now - known.over_at < _GIVEN_UP and (told is not None or _was_untold(known, channel, now)):
            yield over


def _last_told(facts: Facts, attempts: Mapping[str, Attempt], known: Known) -> datetime | None:
    """Return when an earlier condition of the same kind, about the same, was told last."""
    alike = [one for one in facts.conditions if one.condition.key == known.condition.key and one.id != known.id]
    told = [attempts[subject] for one in alike if (subject := _began(one).subject) in attempts]
    return max((one.tried_at for one in told), default=None)


def _quiet(condition: Condition, now: datetime) -> timedelta:
    return _QUIET_WHERE_IT_HEALS if condition.severity(now) is Severity.WAITING else _QUIET


def _was_untold(known: Known, channel: Channel, now: datetime) -> bool:
    """Tell whether this is over since a moment, was long enough to be told, and could not be, because of itself."""
    condition, over_at = known.condition, known.over_at
    if channel is not Channel.USER or condition.kind not in SILENCING or over_at is None:
        return False
    lasted = over_at - condition.since
    return lasted >= PATIENCE.get(condition.kind, timedelta()) and now - over_at < _LATEST


def _began(known: Known) -> Notice:
    one = known.condition
    subject, cure = f"condition/{known.id}", cure_of(one)
    return Notice(subject, Event.BEGAN, one.kind, one.about, one.since, None, one.detail, cure, condition_id=known.id)


def _over(known: Known) -> Notice:
    one = known.condition
    subject, until = f"over/{known.id}", known.over_at
    return Notice(subject, Event.OVER, one.kind, one.about, one.since, until, one.detail, condition_id=known.id)


def _of_own_failure(facts: Facts, now: datetime, channel: Channel) -> Iterator[Notice]:
    """Yield, where a channel failed and nothing is left to be tried through it, that it does so no more.

    Where it arrives, it is true; nothing else would ever show that.
    """
    for known in facts.conditions:
        one = known.condition
        if known.over_at is None and one.key == (ConditionKind.NOTICE_FAILED, channel.value):
            yield Notice(f"failed/{known.id}", Event.OVER, one.kind, one.about, one.since, now, one.detail)


def _of_reviews(facts: Facts, now: datetime) -> Iterator[Notice]:
    """Yield today's digest once its hour has come, if anything waits."""
    digest = facts.digest
    if digest is None or not sum(facts.reviews.values()):
        return
    local = now.astimezone(digest.zone)
    if local.time() >= digest.at:
        cure = "`b24syncd review list` shows them, docs/reviews.md tells what to do"
        yield Notice(f"reviews/{local.date()}", Event.REVIEWS_WAIT, "reviews", cure=cure, counts=facts.reviews)


def _of_walks(facts: Facts, attempts: Mapping[str, Attempt], now: datetime) -> Iterator[Notice]:
    """Yield walks that came to their end a moment ago, and those of which it was tried to tell before."""
    for walk in facts.walks:
        notice = Notice(f"walk/{walk.run}", Event.WALK_FINISHED, "walk", until=walk.finished_at, counts=walk.counts)
        if now - walk.finished_at < (_GIVEN_UP if notice.subject in attempts else _LATEST):
            yield notice
