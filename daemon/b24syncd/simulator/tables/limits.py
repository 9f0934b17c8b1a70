"""Both limits of the portal.

Source: docs limits.md: the leaky bucket per source address (503), and the operating time per webhook and method in ten
buckets whose countdown starts with the first call in each (429). A refused request adds nothing to the bucket.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil

BUCKETS = 10


@dataclass(slots=True)
class _Level:
    amount: float = 0.0
    at: float = 0.0


class RequestLimit:
    """A leaky bucket per source address: each request adds 1, `per_second` drains away, `burst` is the brim."""

    def __init__(self, burst: float, per_second: float) -> None:
        """Begin with empty buckets."""
        self.burst = burst
        self.per_second = per_second
        self.maximum = 0.0
        self._levels: dict[str, _Level] = {}

    def admit(self, address: str, now: float) -> bool:
        """Return whether a request may pass, and count it when it may."""
        level = self._levels.setdefault(address, _Level(at=now))
        level.amount = max(0.0, level.amount - (now - level.at) * self.per_second)
        level.at = now
        if level.amount + 1 > self.burst:
            return False
        level.amount += 1
        self.maximum = max(self.maximum, level.amount)
        return True


@dataclass(slots=True)
class _Usage:
    """Seconds spent, by bucket: number → (time of the first call in it, sum)."""

    buckets: dict[int, tuple[float, float]] = field(default_factory=dict)


class OperatingLimit:
    """Operating seconds per (webhook, method) in the last window; `seconds=None` switches limit and figures off."""

    def __init__(self, seconds: float | None, window: float) -> None:
        """Begin with nothing spent."""
        self.seconds = seconds
        self.window = window
        self.maximum: dict[str, float] = {}
        self._usage: dict[tuple[str, str], _Usage] = {}

    def spent(self, webhook: str, method: str, now: float) -> float:
        """Return the sum over the buckets that still count."""
        usage = self._usage.get((webhook, method))
        if usage is None:
            return 0.0
        for number in [number for number, (first, _) in usage.buckets.items() if first + self.window <= now]:
            del usage.buckets[number]
        return sum(amount for _, amount in usage.buckets.values())

    def blocked(self, webhook: str, method: str, now: float) -> bool:
        """Return whether the method is blocked: the sum so far exceeds the limit."""
        return self.seconds is not None and self.spent(webhook, method, now) > self.seconds

    def charge(self, webhook: str, method: str, amount: float, now: float) -> dict[str, float]:
        """Add a call's seconds; return what `time` tells about it (`operating_reset_at`, `operating`)."""
        if self.seconds is None:
            return {}
        usage = self._usage.setdefault((webhook, method), _Usage())
        total = self.spent(webhook, method, now) + amount
        number = int(now // (self.window / BUCKETS))
        first, before = usage.buckets.get(number, (now, 0.0))
        usage.buckets[number] = (first, before + amount)
        self.maximum[method] = max(self.maximum.get(method, 0.0), total)
        oldest = min(start for start, _ in usage.buckets.values())
        return {"operating_reset_at": ceil(oldest + self.window), "operating": total}
