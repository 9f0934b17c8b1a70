"""The numbers behind the metrics, from what was observed.

Every label has few values, all known beforehand or from the configuration; none names an item, a person or what
somebody wrote.
"""

from __future__ import annotations

import platform
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from b24syncd import __version__, errors
from b24syncd.domain.conditions import ConditionKind
from b24syncd.domain.job_names import JOBS
from b24syncd.domain.reasons import Reason
from b24syncd.errors import B24SyncError
from b24syncd.portal.pace.waits import WaitCause
from b24syncd.portal.wire.traffic import RequestOutcome
from b24syncd.reports.health import Verdict
from b24syncd.store.journal import Outcome
from b24syncd.store.queue import QueueState

from .methods import OTHER, label_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from b24syncd.reports.health import Health

    from .observing import Observed, StateNumbers, Working

Labels = tuple[str, ...]
Sample = tuple[Labels, float]
"""The values of the labels, and the number."""


_SETTLED: Final = tuple(outcome.value for outcome in Outcome if outcome is not Outcome.INTENT)
_REASONS: Final = frozenset(reason.value for reason in Reason)
_ERRORS: Final = (
    *(
        errors.name_of(kind)
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, B24SyncError) and kind is not B24SyncError
    ),
    errors.UNEXPECTED,
)


def _summed(counts: Iterable[Sample], zeros: Iterable[Labels] = ()) -> Iterable[Sample]:
    """Return what has the same labels as one; `zeros` are there in any case, so that a first increase shows as one."""
    found: defaultdict[Labels, float] = defaultdict(float, dict.fromkeys(zeros, 0.0))
    for labels, number in counts:
        found[labels] += number
    return found.items()


def _among(known: Collection[str], name: str) -> str:
    return name if name in known else OTHER


def build(_: Observed) -> Iterable[Sample]:
    """Yield the release."""
    yield (__version__, platform.python_version()), 1.0


def following(seen: Observed) -> Iterable[Sample]:
    """Yield whether a daemon follows the portal by now."""
    yield (), float(seen.working is not None)


def database(seen: Observed) -> Iterable[Sample]:
    """Yield whether the state answered."""
    if seen.working is not None:
        yield (), float(seen.state is not None)


def verdict(seen: Observed) -> Iterable[Sample]:
    """Yield 1 for the one that holds; a state that does not answer is trouble, whatever else is known."""
    if seen.health is None:
        return ()
    found = seen.health.verdict if seen.fault is None else Verdict.TROUBLE
    return [((each.value,), float(found is each)) for each in Verdict]


def conditions(health: Health) -> Iterable[Sample]:
    """Yield how many stand of each kind."""
    return _summed((((one.kind.value,), 1.0) for one in health.conditions), ((kind.value,) for kind in ConditionKind))


def requests(working: Working) -> Iterable[Sample]:
    """Yield the requests by outcome."""
    counts = working.traffic.requests
    return [((outcome.value,), counts[outcome]) for outcome in RequestOutcome]


def commands(working: Working) -> Iterable[Sample]:
    """Yield the commands by method and outcome."""
    counts = working.traffic.commands.items()
    return _summed(((label_of(method), outcome.value), number) for (method, outcome), number in counts)


def fill(working: Working) -> Iterable[Sample]:
    """Yield how many requests had so many commands."""
    return [((str(number),), requests) for number, requests in working.traffic.fill.items()]


def bucket(working: Working) -> Iterable[Sample]:
    """Yield the requests that still count."""
    yield (), working.levels.requests


def bucket_limit(working: Working) -> Iterable[Sample]:
    """Yield how many may."""
    yield (), working.levels.most_requests


def pace(working: Working) -> Iterable[Sample]:
    """Yield how fast requests may leave."""
    yield (), working.levels.pace


def operating(working: Working) -> Iterable[Sample]:
    """Yield of each method what is spent; of several with one label the highest."""
    highest: defaultdict[Labels, float] = defaultdict(float)
    for method, ratio in working.levels.operating.items():
        labels = (label_of(method),)
        highest[labels] = max(highest[labels], ratio)
    return highest.items()


def waited(working: Working) -> Iterable[Sample]:
    """Yield the seconds by cause."""
    spent = working.waited.items()
    return [((cause.value,), seconds) for cause, seconds in spent if cause is not WaitCause.COMMANDS]


def errors_met(working: Working) -> Iterable[Sample]:
    """Yield the errors by class."""
    counts = working.errors.items()
    return _summed((((kind,), number) for kind, number in counts), ((kind,) for kind in _ERRORS))


def last_success(working: Working) -> Iterable[Sample]:
    """Yield for each entity type the last success of that of its feeds whose is the longest ago."""
    oldest: dict[Labels, float] = {}
    for feed in working.feeds:
        at = working.last_success.get(feed.name)
        if at is not None:
            labels = (feed.entity_type.value,)
            oldest[labels] = min(oldest.get(labels, at.timestamp()), at.timestamp())
    return oldest.items()


def lag(seen: Observed) -> Iterable[Sample]:
    """Yield for each entity type how far that of its feeds is behind that is the furthest."""
    if seen.working is None or seen.state is None or seen.working.server_now is None:
        return ()
    furthest: dict[Labels, float] = {}
    for feed in seen.working.feeds:
        until = seen.state.recorded.read_until.get(feed.name)
        if until is not None:
            labels = (feed.entity_type.value,)
            furthest[labels] = max(furthest.get(labels, 0.0), seen.working.server_now - until.timestamp())
    return furthest.items()


def queue(state: StateNumbers) -> Iterable[Sample]:
    """Yield the entries by how they stand."""
    return [((each.value,), state.queue.get(each, 0)) for each in QueueState]


def corrections(state: StateNumbers) -> Iterable[Sample]:
    """Yield the corrections by job and outcome."""
    counts = state.outcomes.counts.items()
    told = (((_among(JOBS, job), outcome), number) for (job, outcome), number in counts)
    return _summed(told, ((job, outcome) for job in JOBS for outcome in _SETTLED))


def open_corrections(state: StateNumbers) -> Iterable[Sample]:
    """Yield how many wait for their outcome."""
    yield (), state.recorded.open_intents


def unverified(state: StateNumbers) -> Iterable[Sample]:
    """Yield how many were ever made without an answer."""
    yield (), state.recorded.unverified


def reviews(state: StateNumbers) -> Iterable[Sample]:
    """Yield the open ones by reason."""
    counts = state.recorded.open_reviews.items()
    told = (((_among(_REASONS, reason),), number) for reason, number in counts)
    return _summed(told, ((reason,) for reason in sorted(_REASONS)))
