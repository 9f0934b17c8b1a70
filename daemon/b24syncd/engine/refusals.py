"""Refusals: what the portal will not let this webhook do, as reviews where a person can decide otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.domain.corrections import AddBinding, BindingCorrection, MoveBinding, RemoveBinding, SetTaskLinks
from b24syncd.domain.plans import Review
from b24syncd.domain.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from b24syncd.domain.corrections import Correction
    from b24syncd.domain.entities import EntityRef


def refusal_of(ref: EntityRef, corrections: Sequence[Correction], detail: str) -> Review | None:
    """Return the review that a refused rebinding becomes; None for other corrections, which count as failed."""
    rebindings = [correction for correction in corrections if isinstance(correction, BindingCorrection)]
    if not rebindings:
        return None
    wanted = ", ".join(map(_described, rebindings))
    return Review(ref, rebindings[0].job, 0, f"{wanted}: {detail}", Reason.REFUSED)


def _described(correction: BindingCorrection) -> str:
    match correction:
        case MoveBinding():
            return f"move from {correction.source} to {correction.target}"
        case AddBinding():
            return f"bind to {correction.target}"
        case RemoveBinding():
            return f"unbind from {correction.source}"
        case SetTaskLinks():
            return f"link task {correction.task_id} with {', '.join(correction.after)}"
