"""Holds: what a job leaves alone until a person releases it."""

from __future__ import annotations

from dataclasses import dataclass

from .entities import EntityRef
from .plans import Review
from .reasons import Reason

HOLDING = frozenset({Reason.UNDONE, Reason.ALTERNATES, Reason.HALF_MADE})
"""The reasons of reviews that tell of a hold."""

Held = tuple[EntityRef, str]
"""An item or activity, and the name of the job that leaves it alone."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a job leaves an item or an activity alone, and which run decided so.

    `reason` is `UNDONE` for what was undone, `ALTERNATES` for what another program changes back again and again, where
    `detail` says between what, and `HALF_MADE` for a write of which a part may be missing, where it says of what.
    """

    ref: EntityRef
    job: str
    run_id: int
    reason: Reason = Reason.UNDONE
    detail: str = ""

    @property
    def key(self) -> Held:
        """What is held."""
        return self.ref, self.job

    @property
    def review(self) -> Review:
        """What a person is told of it."""
        return Review(self.ref, self.job, 0, self.detail or f"run {self.run_id}", self.reason)
