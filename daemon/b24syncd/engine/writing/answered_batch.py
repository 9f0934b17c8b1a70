"""What the answers to one batch bring, and what a run notes of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from .batch_results import BatchResults

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from collections.abc import Set as AbstractSet

    from b24syncd.domain.corrections import Correction
    from b24syncd.domain.entities import EntityRef
    from b24syncd.domain.states import AnySnapshot
    from b24syncd.engine.updates import PendingUpdates, SentBatch, Update

    from .failures import Failures
    from .hindrances import Hindrances
    from .refusals import Refusals
    from .steps import Steps


@dataclass(slots=True)
class AnsweredBatch:
    """What the answers to one batch bring while they are gone through.

    `read_back` holds the items that were looked at afterwards, `doubted` those whose refusal proves nothing yet,
    `unknown` the updates of which nobody can tell what was done, `again` what is to be written next.
    """

    batch: SentBatch
    work: PendingUpdates
    read_back: Mapping[EntityRef, AnySnapshot]
    doubted: AbstractSet[EntityRef]
    results: BatchResults = field(default_factory=BatchResults)
    unknown: list[Update] = field(default_factory=list)
    again: list[Update] = field(default_factory=list)


class Notes(Protocol):
    """What a run notes of what became of its writes."""

    refusals: Refusals
    failures: Failures
    hindrances: Hindrances
    steps: Steps

    def leave_open(self, refs: Iterable[EntityRef]) -> None:
        """Note items with an open intent."""

    def give_up_on(
        self, snapshot: AnySnapshot, corrections: tuple[Correction, ...], reason: str, results: BatchResults
    ) -> None:
        """List an item at which the portal keeps failing, or, where several units were written at once, go apart."""
