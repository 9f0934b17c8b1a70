"""Planning: all jobs applied to one snapshot, within what a person allowed."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from b24syncd.domain.corrections import touched
from b24syncd.domain.plans import Plan
from b24syncd.domain.undoing import undone_review

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from b24syncd.domain.entities import EntityRef, EntityType
    from b24syncd.domain.plans import Review
    from b24syncd.domain.states import AnySnapshot
    from b24syncd.jobs.catalogue import Job


class Guard:
    """Keeps the engine's hands off items that a person excluded, and jobs off what was undone.

    `held` are the items and activities that were undone, each with the job and the run that undid it.
    """

    def __init__(
        self, excluded: Collection[EntityRef], held: Mapping[tuple[EntityRef, str], int] = MappingProxyType({})
    ) -> None:
        """Exclude these items, and hold what was undone."""
        self._excluded = frozenset(excluded)
        self.held = held

    def allows(self, ref: EntityRef) -> bool:
        """Tell whether corrections and reviews of this item are wanted."""
        return ref not in self._excluded

    def undone(self, ref: EntityRef, job: str) -> Review | None:
        """Return the review that stands in the place of a job's corrections of what was undone."""
        run_id = self.held.get((ref, job))
        return None if run_id is None else undone_review(ref, job, run_id)


class Planner:
    """The plans of all enabled jobs for one item, as one plan; pure but for what it was made of."""

    def __init__(self, jobs: Sequence[Job], guard: Guard) -> None:
        """Plan with `jobs`; excluded items get an empty plan."""
        self._jobs = tuple(jobs)
        self._guard = guard

    @property
    def job_names(self) -> tuple[str, ...]:
        """The names of the jobs, in the order in which they plan."""
        return tuple(job.name for job in self._jobs)

    @property
    def entity_types(self) -> tuple[EntityType, ...]:
        """The entity types that any job looks at, each once, in the order of the configuration."""
        return tuple(dict.fromkeys(entity_type for job in self._jobs for entity_type in job.rules.entities))

    def plan(self, snapshot: AnySnapshot) -> Plan:
        """Return what should be done with this item."""
        if not self._guard.allows(snapshot.ref):
            return Plan()
        plan = Plan()
        for job in self._jobs:
            undone = self._guard.undone(snapshot.ref, job.name)
            plan += job.plan(snapshot) if undone is None else _without_corrections(job.plan(snapshot), undone)
        return self._allowed(plan)

    def _allowed(self, plan: Plan) -> Plan:
        """Return the plan without what touches excluded items; a rebinding touches both of its ends."""
        is_allowed = all(map(self._guard.allows, touched(plan.corrections)))
        reviews = tuple(review for review in plan.reviews if self._guard.allows(review.ref))
        return Plan(plan.corrections if is_allowed else (), reviews)


def _without_corrections(plan: Plan, undone: Review) -> Plan:
    key = (undone.ref, undone.point_id)
    return Plan(reviews=(*(review for review in plan.reviews if (review.ref, review.point_id) != key), undone))
