"""Planning: all jobs applied to one snapshot, within what a person allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.domain.corrections import touched
from b24syncd.domain.plans import Plan

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from b24syncd.domain.entities import EntityRef, EntityType
    from b24syncd.domain.states import AnySnapshot
    from b24syncd.jobs.catalogue import Job


class Guard:
    """Keeps the engine's hands off items that a person excluded."""

    def __init__(self, excluded: Collection[EntityRef]) -> None:
        """Exclude these items."""
        self._excluded = frozenset(excluded)

    def allows(self, ref: EntityRef) -> bool:
        """Tell whether corrections and reviews of this item are wanted."""
        return ref not in self._excluded


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
            plan += job.plan(snapshot)
        return self._allowed(plan)

    def _allowed(self, plan: Plan) -> Plan:
        """Return the plan without what touches excluded items; a rebinding touches both of its ends."""
        is_allowed = all(map(self._guard.allows, touched(plan.corrections)))
        reviews = tuple(review for review in plan.reviews if self._guard.allows(review.ref))
        return Plan(plan.corrections if is_allowed else (), reviews)
