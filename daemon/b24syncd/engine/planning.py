"""Planning: all jobs applied to one snapshot, within what a person allowed."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from b24syncd.domain.corrections import touched
from b24syncd.domain.plans import Plan, joined
from b24syncd.domain.snapshots import Parts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from b24syncd.domain.entities import EntityRef, EntityType
    from b24syncd.domain.holds import Held, Hold
    from b24syncd.domain.states import AnySnapshot
    from b24syncd.engine.updates import Update
    from b24syncd.jobs.catalogue import Job


class Guard:
    """Keeps the engine's hands off items that a person excluded, and jobs off what is held."""

    def __init__(
        self, excluded: Collection[EntityRef], held: Iterable[Hold] = (), by_people: Collection[EntityRef] = ()
    ) -> None:
        """Exclude the items that the settings name, and those that people did, and hold these."""
        self._by_settings = frozenset(excluded)
        self._excluded = self._by_settings.union(by_people)
        self._held: dict[Held, Hold] = {}
        self.heeds_pauses = False
        self.paused: frozenset[str] = frozenset()
        self.hold_only(held)

    def hold_only(self, held: Iterable[Hold]) -> None:
        """Hold these and nothing else from now on."""
        self._held = {hold.key: hold for hold in held}

    def exclude_only(self, by_people: Collection[EntityRef]) -> None:
        """Exclude these from now on, and of all others only what the settings name."""
        self._excluded = self._by_settings.union(by_people)

    def pause_only(self, jobs: Collection[str]) -> None:
        """Let these jobs rest from now on, and no others, where it `heeds_pauses`.

        A walk does not: it is interrupted, or it would go past what it leaves out.
        """
        self.paused = frozenset(jobs) if self.heeds_pauses else frozenset()

    def hold(self, hold: Hold) -> None:
        """Hold one more."""
        self._held[hold.key] = hold

    @property
    def excludes_any(self) -> bool:
        """Whether there are items of which corrections and reviews are not wanted."""
        return bool(self._excluded)

    def allows(self, ref: EntityRef) -> bool:
        """Tell whether corrections and reviews of this item are wanted."""
        return ref not in self._excluded

    def holds(self, ref: EntityRef, job: str) -> Hold | None:
        """Return the hold that keeps a job off an item, if there is one."""
        return self._held.get((ref, job))


class Planner:
    """The plans of all enabled jobs for one item, as one plan; pure but for what it was made of."""

    def __init__(self, jobs: Sequence[Job], guard: Guard) -> None:
        """Plan with `jobs`; excluded items get an empty plan."""
        self._jobs = tuple(jobs)
        self._guard = guard
        self._at_rest: frozenset[str] = frozenset()

    def allows(self, ref: EntityRef) -> bool:
        """Tell whether corrections and reviews of this item are wanted."""
        return self._guard.allows(ref)

    def still_wants(self, update: Update) -> bool:
        """Tell whether an update is wanted as it was planned, whatever people decided since; repairs are owed."""
        is_planned = update.repair_batch is None
        jobs = (correction.job for correction in update.corrections)
        return not is_planned or (self.allows(update.ref) and self.at_rest.isdisjoint(jobs))

    def hold(self, hold: Hold) -> None:
        """Keep a job off an item from now on."""
        self._guard.hold(hold)

    @property
    def jobs(self) -> tuple[Job, ...]:
        """The jobs, in the order in which they plan."""
        return self._jobs

    def rest(self, names: Collection[str]) -> None:
        """Let these jobs rest, and all others work."""
        self._at_rest = frozenset(names)

    @property
    def at_rest(self) -> frozenset[str]:
        """The jobs that rest: for want of what they need, or because a person paused them."""
        paused = self._guard.paused
        return self._at_rest | (paused & self.all_jobs) if paused else self._at_rest

    @property
    def fields_at_rest(self) -> frozenset[tuple[EntityType, str]]:
        """The fields, by type and name, that only jobs need which rest."""
        resting, working = self._fields_of(self.at_rest), self._fields_of(self.all_jobs - self.at_rest)
        return resting - working

    @property
    def points_at_rest(self) -> frozenset[EntityType]:
        """The types whose contact points only jobs need which rest."""
        return self._with_points(self.at_rest) - self._with_points(self.all_jobs - self.at_rest)

    def _with_points(self, names: Collection[str]) -> frozenset[EntityType]:
        jobs = [job for job in self._jobs if job.name in names]
        return frozenset(kind for job in jobs for kind in job.rules.entities if job.needs(kind).points)

    def _fields_of(self, names: Collection[str]) -> frozenset[tuple[EntityType, str]]:
        jobs = [job for job in self._jobs if job.name in names]
        return frozenset((kind, name) for job in jobs for kind in job.rules.entities for name in job.needs(kind).fields)

    @property
    def types_at_rest(self) -> frozenset[EntityType]:
        """The types of which a job rests."""
        return frozenset(kind for job in self._jobs if job.name in self.at_rest for kind in job.rules.entities)

    def is_idle(self, entity_type: EntityType) -> bool:
        """Tell whether all jobs that are for a type rest."""
        names = self.names_for(entity_type)
        return bool(names) and self.at_rest.issuperset(names)

    @property
    def rests(self) -> bool:
        """Whether all jobs rest."""
        return bool(self._jobs) and self.at_rest >= self.all_jobs

    def names_for(self, entity_type: EntityType) -> tuple[str, ...]:
        """Return the names of the jobs that are for a type."""
        return tuple(job.name for job in self._jobs if entity_type in job.rules.entities)

    def needs(self, entity_type: EntityType) -> Parts:
        """Return what is to be read of an item for all jobs that are for it."""
        parts = (job.needs(entity_type) for job in self._jobs if entity_type in job.rules.entities)
        return reduce(or_, parts, Parts())

    @property
    def job_names(self) -> tuple[str, ...]:
        """The names of the jobs, in the order in which they plan."""
        return tuple(job.name for job in self._jobs)

    @property
    def entity_types(self) -> tuple[EntityType, ...]:
        """The entity types that any job looks at, each once, in the order of the configuration."""
        return tuple(dict.fromkeys(entity_type for job in self._jobs for entity_type in job.rules.entities))

    @property
    def all_jobs(self) -> frozenset[str]:
        """The names of the jobs."""
        return frozenset(self.job_names)

    def is_whole(self, ref: EntityRef, plan: Plan) -> bool:
        """Tell whether every job that is for the item planned it: of another one nothing is known."""
        return all(job.name in plan.ran for job in self._jobs if ref.type in job.rules.entities)

    def plan(self, snapshot: AnySnapshot) -> Plan:
        """Return what should be done with this item."""
        if not self._guard.allows(snapshot.ref):
            return Plan(ran=frozenset(self.job_names))
        plans, at_rest = [], self.at_rest
        for job in self._jobs:
            if job.name in at_rest:
                continue
            hold = self._guard.holds(snapshot.ref, job.name)
            plans.append(job.plan(snapshot) if hold is None else _without_corrections(job.plan(snapshot), hold))
        plan = joined(plans)
        return self._allowed(plan) if self._guard.excludes_any else plan

    def _allowed(self, plan: Plan) -> Plan:
        """Return the plan without what touches excluded items; a rebinding touches both of its ends."""
        is_allowed = all(map(self._guard.allows, touched(plan.corrections)))
        reviews = tuple(review for review in plan.reviews if self._guard.allows(review.ref))
        return Plan(plan.corrections if is_allowed else (), reviews, plan.ran)


def _without_corrections(plan: Plan, hold: Hold) -> Plan:
    told = hold.review
    key = (told.ref, told.point_id)
    others = (review for review in plan.reviews if (review.ref, review.point_id) != key)
    return Plan(reviews=(*others, told), ran=plan.ran)
