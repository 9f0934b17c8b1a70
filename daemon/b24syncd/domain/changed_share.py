"""When a run would change too large a share of the items that it looks at. Pure."""

from __future__ import annotations

_FEWEST = 50
"""Of fewer items than these no share is told: two of three would be most of them."""


def is_too_large(changed: int, looked_at: int, most: float) -> bool:
    """Tell whether so many changed items are a larger share than the one that is allowed; a share of 1 allows all."""
    return most < 1 and changed > most * max(looked_at, _FEWEST)
