"""Decisions: what a person decided of reviews, and what of it is not written after all."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .corrections import Correction
    from .entities import EntityRef


class Kept(StrEnum):
    """Why a value stays although something else was decided; part of the outside."""

    CHANGED = "changed"
    """The value that was decided about does not stand there any more: a person's edit wins."""
    GONE = "gone"
    """The entry or the item is gone."""
    STALE = "stale"
    """By the rules of today the value is read otherwise than when it was asked about."""
    EXCLUDED = "excluded"
    """The configuration excludes the item."""
    NOT_CONFIGURED = "not_configured"
    """The job is off, or not for items of this type."""
    REFUSED = "refused"
    """The portal does not show the item, or refused the write."""
    NOT_WRITTEN = "not_written"
    """The work was cut short, or went wrong again and again; the review is still open."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to stand in the place of the `value` that a review asked about.

    `is_suggestion` tells that it is what the review suggested; else a person wrote it, `to_the_letter` if need be.
    """

    review_id: int
    ref: EntityRef
    job: str
    point_id: int
    value: str
    becomes: str
    is_suggestion: bool = True
    to_the_letter: bool = False


@dataclass(frozen=True, slots=True)
class LeftOpen:
    """A decision that is not written, and why."""

    decision: Decision
    why: Kept


@dataclass(frozen=True, slots=True)
class Deciding:
    """What writes the decisions about one subject, and which of them are left."""

    corrections: tuple[Correction, ...] = ()
    left: tuple[LeftOpen, ...] = ()
