"""Conditions: what is not as it should be, from when it shows until it is over.

Whoever watches tells what it meets; what stands on record, compared with that, tells what begins, what goes on and
what is over.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

PATIENCE: Final = timedelta(minutes=1)
"""So long a portal may be away before that is trouble: restarts and updates of its servers take less."""


class Severity(StrEnum):
    """How grave a condition is: `TROUBLE` needs a person, `WAITING` heals by itself, `NOTED` harms nothing."""

    NOTED = "noted"
    WAITING = "waiting"
    TROUBLE = "trouble"


class ConditionKind(StrEnum):
    """What is not as it should be; the names are stored, and shown in JSON and as labels of metrics."""

    PORTAL_AWAY = "portal_away"
    PORTAL_BLOCKED = "portal_blocked"
    CREDENTIALS_REFUSED = "credentials_refused"
    RIGHT_MISSING = "right_missing"
    TYPE_REFUSED = "type_refused"
    TYPE_OFF = "type_off"
    FIELD_MISSING = "field_missing"
    SETTINGS_INVALID = "settings_invalid"
    WRONG_REGION = "wrong_region"
    SAFETY_STOP = "safety_stop"
    OPERATING_LIMIT = "operating_limit"
    FOREIGN_REQUESTS = "foreign_requests"
    QUEUE_GROWING = "queue_growing"
    DISK_FULL = "disk_full"
    NOTICE_FAILED = "notice_failed"
    STOPPED_BY_ERROR = "stopped_by_error"
    JOB_PAUSED = "job_paused"
    EVENTS_UNAVAILABLE = "events_unavailable"


PASSING: Final = frozenset({ConditionKind.OPERATING_LIMIT, ConditionKind.FOREIGN_REQUESTS, ConditionKind.QUEUE_GROWING})
"""What is only so while a process works: without one nothing is known of it."""

ENDINGS: Final = frozenset(
    {
        ConditionKind.PORTAL_AWAY,
        ConditionKind.PORTAL_BLOCKED,
        ConditionKind.CREDENTIALS_REFUSED,
        ConditionKind.SETTINGS_INVALID,
        ConditionKind.DISK_FULL,
        ConditionKind.STOPPED_BY_ERROR,
    }
)
"""What ends a process; it is over as soon as a later one works."""

NO_ANSWER: Final = frozenset(
    {ConditionKind.PORTAL_AWAY, ConditionKind.PORTAL_BLOCKED, ConditionKind.CREDENTIALS_REFUSED}
)
"""What keeps the portal from answering at all; it is over as soon as it answers a process that begins."""

SKIPS: Final = frozenset({ConditionKind.TYPE_REFUSED, ConditionKind.TYPE_OFF})
"""What stands about a type until it is seen again."""

STOPS: Final = frozenset({ConditionKind.SAFETY_STOP, ConditionKind.WRONG_REGION})
"""What a person has to look at before a run goes on."""

_WAITING = frozenset({ConditionKind.OPERATING_LIMIT, ConditionKind.FOREIGN_REQUESTS})
_NOTED = frozenset({ConditionKind.TYPE_OFF, ConditionKind.JOB_PAUSED, ConditionKind.EVENTS_UNAVAILABLE})

_GO_ON = "if all is as it should be, `b24syncd backfill --continue`"
_STOPS = {
    "canary": f"look at the first corrections with `b24syncd journal`; {_GO_ON}",
    "share": f"look at `b24syncd backfill --dry-run` for what would be changed; {_GO_ON}",
    "empty": "look in the portal whether the items are there and the user that b24syncd works as may see"
    f" them; {_GO_ON}",
    "denied": "give the user that b24syncd works as the right to read and change these items; then"
    " `b24syncd backfill --continue`",
    "field": "make the field again in the portal, or name another one in the configuration; then"
    " `b24syncd backfill --continue`",
}
"""The cures of safety stops, by the name of the limit."""

_CURES: Final = {
    ConditionKind.PORTAL_AWAY: "nothing is lost, it goes on by itself once the portal answers; if the portal opens in a"
    " browser, look at this machine's network, name service and proxy",
    ConditionKind.PORTAL_BLOCKED: "look in a browser whether the portal is open and its plan paid; then start b24syncd"
    " again",
    ConditionKind.CREDENTIALS_REFUSED: "look in the portal under Developer resources whether the webhook, or the"
    " application, is there, has its permissions, and its user is active; put a webhook's new address where the old one"
    " stands, or let the application in by `b24syncd auth login`, then start b24syncd again",
    ConditionKind.RIGHT_MISSING: "give the webhook, or the application, or its user what is missing (an application:"
    " call `b24syncd auth login` after that); {about} goes on by itself within ten minutes",
    ConditionKind.TYPE_REFUSED: "give the user that b24syncd works as the right to read and change items of the type"
    " {about}, or take the type out of `entities`; it goes on by itself",
    ConditionKind.TYPE_OFF: "switch {about} on in the portal, or take the type out of `entities`; nothing else suffers"
    " by it",
    ConditionKind.FIELD_MISSING: "bring back in the portal what is missing, or change the rules of {about} and start"
    " b24syncd again",
    ConditionKind.SETTINGS_INVALID: "mend the configuration, let `b24syncd config check` look at it, then start"
    " b24syncd again",
    ConditionKind.WRONG_REGION: "set portal.region to where the numbers are written; if it is right,"
    " `b24syncd backfill --continue`",
    ConditionKind.OPERATING_LIMIT: "it goes on by itself when the portal lets it; let the other program on this address"
    " do less, give it a webhook of another user, or make limits.share smaller",
    ConditionKind.FOREIGN_REQUESTS: "it goes on by itself, more slowly; let the other program on this machine's address"
    " do less, or make limits.share smaller",
    ConditionKind.QUEUE_GROWING: "look at what fails with `b24syncd status` and in the log; what waits is tried again"
    " by itself",
    ConditionKind.DISK_FULL: "make room on the disk of the state, then start b24syncd again; docs/state.md tells more",
    ConditionKind.NOTICE_FAILED: "mend [notify] in the configuration, or what it names; the work goes on meanwhile",
    ConditionKind.STOPPED_BY_ERROR: "start b24syncd again, it goes on where it was; if it ends so again, set"
    " B24SYNCD_LOG__LEVEL=debug and look at the log",
    ConditionKind.JOB_PAUSED: "`b24syncd job resume {about}` lets it go on; what changed meanwhile is looked at then",
    ConditionKind.EVENTS_UNAVAILABLE: "nothing is missed, for changes are polled meanwhile; give the application what"
    ' it lacks, or set changes.source = "polling"',
}


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that is not as it should be, `about` a job, an entity type or a feed, or as a whole.

    A safety stop is about the kind of run and the limit that ended it (`backfill/share`), a wrong region about that
    region. `detail` is one clear sentence without secrets and without values of customers.
    """

    kind: ConditionKind
    about: str
    since: datetime
    detail: str

    @property
    def key(self) -> tuple[ConditionKind, str]:
        """What it is, whatever is told of it: only one with the same key stands at any time."""
        return self.kind, self.about

    def severity(self, now: datetime) -> Severity:
        """Return how grave it is by now."""
        if self.kind is ConditionKind.PORTAL_AWAY and now - self.since < PATIENCE:
            return Severity.WAITING
        if self.kind in _WAITING:
            return Severity.WAITING
        return Severity.NOTED if self.kind in _NOTED else Severity.TROUBLE


_OTHER_STOP = f"look at what stopped it; {_GO_ON}"

CURES: Final = (*_STOPS.values(), _OTHER_STOP, *_CURES.values())
"""All sentences that tell what to do, for whoever translates them; some have a place for what they are about."""


def cure_of(condition: Condition, worded: Callable[[str], str] = str) -> str:
    """Return in one clear sentence what to do about it, as it is `worded` in another language."""
    if condition.kind is ConditionKind.SAFETY_STOP:
        return worded(_STOPS.get(condition.about.rpartition("/")[2], _OTHER_STOP))
    return worded(_CURES[condition.kind]).format(about=condition.about or "it")


@dataclass(frozen=True, slots=True)
class Changes:
    """What became of conditions: those that have `begun`, those that are `going_on`, and those that are `over`.

    One that goes on stands since it began, with what is told of it now.
    """

    begun: tuple[Condition, ...] = ()
    going_on: tuple[Condition, ...] = ()
    over: tuple[Condition, ...] = ()
    retold: tuple[Condition, ...] = ()
    """Those of `going_on` of which something else is told than before."""

    @property
    def are_any(self) -> bool:
        """Whether what is on record changes at all."""
        return bool(self.begun or self.over or self.retold)

    @property
    def standing(self) -> tuple[Condition, ...]:
        """What stands from now on, the oldest first."""
        return tuple(sorted((*self.going_on, *self.begun), key=lambda each: (each.since, each.key)))


def changes(standing: Iterable[Condition], met: Iterable[Condition], *, judged: Callable[[Condition], bool]) -> Changes:
    """Compare what stands with what was met; what is not met is over, where whoever met these has `judged` it.

    Of several that were met with the same key the first counts.
    """
    before = {one.key: one for one in standing}
    now: dict[tuple[ConditionKind, str], Condition] = {}
    for one in met:
        now.setdefault(one.key, one)
    begun = tuple(one for key, one in now.items() if key not in before)
    missing = [one for key, one in before.items() if key not in now]
    goes_on = [replace(one, since=before[key].since) for key, one in now.items() if key in before]
    goes_on += [one for one in missing if not judged(one)]
    retold = tuple(one for one in goes_on if one != before[one.key])
    return Changes(begun, tuple(goes_on), tuple(one for one in missing if judged(one)), retold)
