"""A lower operating limit than is configured, learnt where the portal refuses a command for what we spent ourselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_BELOW_REFUSAL = 0.95
_CONTRADICTING = 1.1
"""So many times the limit: what was under way at the same time is in the sums as well."""

_KEPT_SECONDS = 7 * 86400.0
"""A portal may allow more by then, and somebody else may have had a part in the refusal: it is tried anew."""

Remembered = tuple[float, float]
"""The operating seconds that a window allows, and when that was learnt, by the portal's clock."""


class LearntLimit:
    """What one method of the portal allows in a window, by what it refused; all that is configured until then."""

    def __init__(self) -> None:
        """Begin without a refusal."""
        self.remembered: Remembered | None = None

    def restore(self, remembered: Remembered | None) -> None:
        """Take over what was learnt in an earlier life."""
        self.remembered = remembered

    def refused(self, spent: float, now: float) -> None:
        """Take in a refusal where so much was spent, mostly by ourselves."""
        known = self.of(float("inf"))
        self.remembered = (min(known, _BELOW_REFUSAL * spent), now)

    def look(self, now: float, executed_at: float) -> None:
        """Forget what is too old, or does not hold: a command begun by now was executed though more had been spent."""
        if self.remembered is None:
            return
        limit, learnt_at = self.remembered
        if now - learnt_at > _KEPT_SECONDS or (now > learnt_at and executed_at > _CONTRADICTING * limit):
            self.remembered = None

    def of(self, configured: float) -> float:
        """Return the limit: what is configured, or less where the portal has shown that."""
        return configured if self.remembered is None else min(configured, self.remembered[0])


def limit_of(learnt: Mapping[str, Remembered], method: str, configured: float) -> float:
    """Return the limit of a method by what was remembered."""
    return min(configured, learnt[method][0]) if method in learnt else configured
