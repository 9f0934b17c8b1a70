"""Plans: what a planner wants done with one item."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .corrections import Correction
    from .entities import EntityRef
    from .reasons import Reason


@dataclass(frozen=True, slots=True)
class Review:
    """Something that a person must decide: the raw value, why, and a suggestion where there is one."""

    ref: EntityRef
    job: str
    point_id: int
    value: str
    reason: Reason
    suggestion: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The corrections to make and the reviews to ask for, of one job or of several, for one item.

    `ran` names the jobs that planned: of another one it tells nothing, not even that there is nothing to do. `title` is
    what people call the item, as far as that was read.
    """

    corrections: tuple[Correction, ...] = ()
    reviews: tuple[Review, ...] = ()
    ran: frozenset[str] = frozenset()
    title: str = field(default="", compare=False)

    def __add__(self, other: Plan) -> Plan:
        """Return both plans as one."""
        return Plan(self.corrections + other.corrections, self.reviews + other.reviews, self.ran | other.ran)


def joined(plans: Sequence[Plan]) -> Plan:
    """Return the plans of several jobs for one item as one."""
    corrections = tuple(chain.from_iterable(plan.corrections for plan in plans))
    reviews = tuple(chain.from_iterable(plan.reviews for plan in plans))
    return Plan(corrections, reviews, frozenset().union(*(plan.ran for plan in plans)))
