"""What a refusal says of itself: how long it is not asked again hangs on it, so the journal keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Ground(StrEnum):
    """Why the portal refused something."""

    STATED = "stated"
    """By a documented code, about what was asked for."""
    UNSTATED = "unstated"
    """Nobody knows: it may be of the moment, or of another command."""
    MALFORMED = "malformed"
    """A malformed entry stays in the item, and the portal saves nothing of such."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refusal in words, and its ground; it has none where the portal agreed, and reading shows that nothing is so."""

    words: str
    ground: Ground | None = None


IGNORED = Refusal("the portal answered that it was done, but the item does not show it")
"""How it is told that an update was taken, and changed nothing."""
