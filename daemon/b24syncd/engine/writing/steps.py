"""Steps: what of an item's plan is written next. All of it in one update, for each save starts the portal's automation.

Where the portal refused such an update, the item goes unit by unit from then on: contact points job by job, and each
field by itself. So a refused field never holds back a phone, nor a phone a field, and what is refused is told of the
unit that is.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from b24syncd.domain.corrections import first_step, units_of
from b24syncd.domain.plans import Plan

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from b24syncd.domain.corrections import Correction
    from b24syncd.domain.entities import EntityRef
    from b24syncd.domain.states import AnySnapshot

    from .failures import Failures
    from .refusals import Refusals


_NO_REVIEWS = Plan()


@dataclass(frozen=True, slots=True)
class Step:
    """The corrections to write now, and those that a refusal which stands keeps from it.

    `reviews` are what goes on being asked for of these; `detail` is set where a refusal is news to this process.
    """

    corrections: tuple[Correction, ...]
    refused: tuple[Correction, ...] = ()
    reviews: Plan = _NO_REVIEWS
    detail: str | None = None


class Steps:
    """Chooses steps, for one run."""

    def __init__(self, refusals: Refusals, failures: Failures) -> None:
        """Leave out what stands refused; what the portal fails at again and again goes unit by unit as well."""
        self._refusals = refusals
        self._failures = failures
        self._apart: set[EntityRef] = set()

    def go_apart(self, ref: EntityRef) -> None:
        """Let an item's corrections be written unit by unit from now on."""
        self._apart.add(ref)
        self._failures.forget(ref)

    def next(self, snapshot: AnySnapshot, planned: Collection[Correction], now: datetime) -> Step:
        """Return what of a plan is written next."""
        free: list[tuple[Correction, ...]] = []
        refused: list[Correction] = []
        reviews = Plan()
        details: list[str] = []
        for unit in units_of(first_step(tuple(planned))):
            standing = self._refusals.standing(snapshot, unit, now)
            if standing is None:
                free.append(unit)
                continue
            refused += unit
            reviews += standing.reviews
            details += [standing.detail] * standing.is_news
        if snapshot.ref in self._apart:
            free = free[:1]
        told = "; ".join(dict.fromkeys(details)) if details else None
        return Step(tuple(chain.from_iterable(free)), tuple(refused), reviews, told)
