"""Conditions that a daemon meets: told once, on record from when they show until they are over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.domain.conditions import ENDINGS, PASSING, Condition, ConditionKind, changes
from b24syncd.errors import Rejected
from b24syncd.observe.logs import get_logger
from b24syncd.portal.item_rows import FieldGone
from b24syncd.portal.wire.faults import is_of_no_type
from b24syncd.store import conditions
from b24syncd.store.runs import RunKind

from .safety import Limit

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from b24syncd.clock import Clock
    from b24syncd.domain.entities import EntityType
    from b24syncd.engine.writing.lane import Lane
    from b24syncd.errors import B24SyncError
    from b24syncd.feeders.pages import Feed
    from b24syncd.store.database import Database

_TOLD_ELSEWHERE = frozenset({ConditionKind.SAFETY_STOP, ConditionKind.WRONG_REGION})
"""What is logged when it happens: these stop or pause the work."""

_OF_WORK = frozenset(
    {
        ConditionKind.RIGHT_MISSING,
        ConditionKind.TYPE_REFUSED,
        ConditionKind.TYPE_OFF,
        ConditionKind.FIELD_MISSING,
        ConditionKind.SETTINGS_INVALID,
    }
)
"""What a whole round meets again where it is still so."""

_OF_ROUNDS = _OF_WORK | {ConditionKind.EVENTS_UNAVAILABLE}

_OWN_STOPS = (f"{RunKind.RUN.value}/", Limit.FIELD.value)

log = get_logger()


def name_of(lane: Lane) -> str:
    """Return the name of a lane: its jobs, or the types of what it only settles."""
    jobs = lane.kind.planner.job_names
    return ", ".join(jobs or [entity_type.value for entity_type in lane.kind.types])


def names_for(lane: Lane, feed: Feed) -> str:
    """Return the names of the jobs that a feed is for."""
    return ", ".join(lane.kind.planner.names_for(feed.entity_type)) or name_of(lane)


def of_refusal(error: B24SyncError, entity_type: EntityType | None, jobs: str) -> tuple[ConditionKind, str]:
    """Return what it is that the portal refuses a feed of a type, or the queue of these jobs, and about what."""
    if isinstance(error, FieldGone):
        return ConditionKind.FIELD_MISSING, jobs
    if not isinstance(error, Rejected):
        return ConditionKind.SETTINGS_INVALID, jobs
    if entity_type is None:
        return ConditionKind.RIGHT_MISSING, jobs
    return of_type(error), entity_type.value


def of_type(error: Rejected) -> ConditionKind:
    """Return what it is that the portal refuses a type."""
    return ConditionKind.TYPE_OFF if is_of_no_type(error.code) else ConditionKind.TYPE_REFUSED


class Conditions:
    """What this process meets, each where it is met: a feed, a requirement, a limit.

    What stands from an earlier process is over once this one could have met it: after the first whole round, or where
    `is_past` says so.
    """

    def __init__(self, database: Database, clock: Clock, is_past: Callable[[Condition], bool] | None = None) -> None:
        """Begin with what is on record."""
        self._database = database
        self._clock = clock
        self._is_past = is_past
        self._met: dict[str, Condition] = {}
        self._ever_met: set[tuple[ConditionKind, str]] = set()
        self._is_round_whole = False
        self._recorded: tuple[Condition, ...] = ()

    def meet(self, where: str, kind: ConditionKind, about: str, detail: str, *, since: datetime | None = None) -> None:
        """Take note of what is met in a place, in the stead of what was met there before; tell it once."""
        now = Condition(kind, about, since or self._clock.now(), detail)
        before = self._met.get(where)
        if before is not None and before.key == now.key:
            now = Condition(kind, about, before.since, detail)
        is_of_work = kind in _OF_WORK or kind is ConditionKind.SAFETY_STOP
        is_known = any(one.key == now.key and (one.detail == detail or not is_of_work) for one in self._met.values())
        self._met[where] = now
        self._ever_met.add(now.key)
        level = log.debug if is_known or kind in _TOLD_ELSEWHERE else log.warning
        if is_of_work:
            level("feed_refused", feed=where, detail=detail)
        else:
            level("condition", kind=kind.value, detail=detail)

    def pass_by(self, where: str) -> None:
        """Take note that nothing is in the way there any more."""
        self._met.pop(where, None)

    def whole_round(self) -> None:
        """Take note that everything that a round could meet has been looked at."""
        self._is_round_whole = True

    @property
    def standing(self) -> tuple[Condition, ...]:
        """What stands at this moment, also what could not be put on record."""
        return changes(self._recorded, self._met.values(), judged=self._judge()).standing

    async def store(self) -> None:
        """Put on record what stands now."""
        await self.store_beside(await self._database.read(conditions.standing))

    async def store_beside(self, recorded: tuple[Condition, ...]) -> None:
        """Put on record what stands now, where that differs from what was just read there."""
        met, now, judged = tuple(self._met.values()), self._clock.now(), self._judge()
        self._recorded = recorded
        if not changes(self._recorded, met, judged=judged).are_any:
            return
        found = await self._database.write(lambda db: conditions.note(db, met, judged=judged, now=now))
        self._recorded = found.standing
        for one in found.over:
            log.info("condition_over", kind=one.kind.value, about=one.about, since=one.since.isoformat())

    def _judge(self) -> Callable[[Condition], bool]:
        """Return what tells whether one is over that is not met, by what is known now: its write may wait for long."""
        ever_met, is_round_whole = frozenset(self._ever_met), self._is_round_whole

        def is_judged(one: Condition) -> bool:
            if one.key in ever_met or one.kind in PASSING or (self._is_past is not None and self._is_past(one)):
                return True
            is_own_stop = one.kind is ConditionKind.SAFETY_STOP and one.about.startswith(_OWN_STOPS)
            return is_round_whole and (one.kind in ENDINGS | _OF_ROUNDS or is_own_stop)

        return is_judged
