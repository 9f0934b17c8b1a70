"""One method's operating time: what is spent of it, and what a command of it costs.

The sum in an answer is not the whole truth (php: modules/rest/lib/engine/access/loadlimiter.php): what a request costs
is added only after its answer has left, and commands under 0.1 s are added per request but not shown. So our own ledger
runs beside it, in the same ten buckets, and the larger of the two counts.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .costs import Costs
from .learnt_limit import LearntLimit
from .spending import Spending

if TYPE_CHECKING:
    from collections.abc import Sequence

    from b24syncd.portal.wire.commands import Timing

_BUCKETS = 10
_GUESSED_COST = 0.5
_MARGIN = 1.15
_FAMILIAR_AFTER = 8
"""As long as fewer commands were answered, each may cost so many times more as are missing."""
_SILENT_ANSWERS = 3
_SILENT_SHARE = 0.05
_OURS = 0.8
"""A refusal when we ourselves spent so much of the limit tells that the portal allows less (php: its settings may)."""


@dataclass(slots=True)
class _Bucket:
    leaves_at: float
    seconds: float


class Meter:
    """The operating time of one method; all times are unix seconds of the portal's clock."""

    def __init__(self, window: float, limit: float, *, weight: float = 1.0) -> None:
        """Sum up over `window` seconds; `limit` is what is allowed in it, `weight` what counts of a second."""
        self._window = window
        self._limit = limit
        self.learnt_limit = LearntLimit()
        self._weight = weight
        self._buckets: dict[int, _Bucket] = {}
        self._reported: float | None = None
        self._reported_at = float("-inf")
        self._gone_at = float("-inf")
        self._carried, self._carried_until = 0.0, float("-inf")
        self._silent = 0
        self._strikes = 0
        self._answered = 0
        self._departed: Counter[float] = Counter()
        self._is_shared = False
        self.costs = Costs()
        self.is_counted = True
        self.is_told = False
        """Whether the portal told of anything that is spent, when it answered last in this life."""

        self.total = 0.0
        self.reset_at = float("-inf")
        self.reserved = 0.0
        self.blocked_until = float("-inf")
        self.live_waited_at = float("-inf")

    def allow(self, window: float, limit: float) -> None:
        """Sum up over another window, with another limit, from now on; what was spent leaves when it would have."""
        if window != self._window:
            self._buckets = {-number: one for number, one in enumerate(self._buckets.values(), start=1)}
        self._window, self._limit = window, limit

    def restore(
        self,
        *,
        cost: float | None,
        operating: tuple[float, float] | None,
        ledger: Sequence[tuple[float, float]] = (),
    ) -> None:
        """Take over what was learnt in an earlier life; the `ledger` tells when which parts of it leave the window."""
        if cost is not None:
            self.costs.restore(cost)
            self._answered = _FAMILIAR_AFTER
        if operating is not None:
            self._reported, self.reset_at = operating
            self._gone_at = self.reset_at + self._window
            # no number of a bucket is below 0: what was spent before never leaves earlier than it is told to
            self._buckets = {-number: _Bucket(*part) for number, part in enumerate(ledger, start=1)}
            if not ledger:
                self._carried, self._carried_until = operating[0], self._gone_at

    @property
    def limit(self) -> float:
        """The operating seconds that the portal allows in a window: what is known of it, or what it has shown since."""
        return self.learnt_limit.of(self._limit)

    @property
    def is_known(self) -> bool:
        """Whether anything is known of what a command costs."""
        return self.costs.operating is not None

    @property
    def in_flight(self) -> int:
        """How many requests are on their way, or about to leave."""
        return self._departed.total()

    @property
    def caution(self) -> float:
        """How many times as much as seen so far a command may cost and take: the first ones may have been cheap."""
        return max(1.0, _FAMILIAR_AFTER / self._answered) if self._answered else 1.0

    @property
    def reserved_cost(self) -> float:
        """The operating seconds to be reserved for one command."""
        cost = self.costs.operating
        return _MARGIN * self.caution * (_GUESSED_COST if cost is None else cost)

    @property
    def expected_seconds(self) -> float:
        """The seconds that one command will take at most, by what was seen so far."""
        seconds = self.costs.seconds
        return self.caution * (_GUESSED_COST if seconds is None else seconds)

    def spent(self, now: float) -> float:
        """Return the operating seconds that are spent of the window."""
        for number in [number for number, bucket in self._buckets.items() if bucket.leaves_at <= now]:
            left = self._buckets.pop(number)
            if self._reported is not None and self._reported_at < left.leaves_at:  # a later sum is without it
                self._reported = max(0.0, self._reported - left.seconds)
        if self._gone_at <= now:
            self._reported = None
        own = sum(bucket.seconds for bucket in self._buckets.values())
        if self._is_silent(own):
            return 0.0
        return max(own, self._reported or 0.0)

    def foreign(self, now: float) -> float:
        """Return the operating seconds of the window that others on this address have spent, as far as it is known.

        What an earlier life of ours spent passes for our own as long as any of it may count. A method that is refused
        for its time, though we spent little of it, is spent by others.
        """
        self.spent(now)
        own = sum(bucket.seconds for bucket in self._buckets.values())
        own += self._carried if now < self._carried_until else 0.0
        total = self._reported or 0.0
        if self.is_counted and self.blocked_until > now:
            total = max(total, self.limit)
        return max(0.0, total - own)

    def _is_silent(self, own: float) -> bool:
        """Tell whether this is charged to something else, such as the batch as a whole."""
        return self._silent >= _SILENT_ANSWERS and own >= _SILENT_SHARE * self.limit

    def spending(self, now: float, allowed: float) -> Spending | None:
        """Return how this stands where `allowed` seconds may be spent in a window; None where nothing is counted."""
        spent = self.spent(now)
        leaving = [(bucket.leaves_at - now, bucket.seconds) for bucket in self._buckets.values()]
        own = sum(seconds for _, seconds in leaving)
        if not self.is_counted or not self.total or self._is_silent(own):
            return None
        if spent > own:  # of others, or of an earlier life: nobody tells when it leaves, but when it is gone
            leaving.append((max(0.0, self._gone_at - now), spent - own))
        return Spending(self.total, allowed, self._window, tuple(sorted(leaving)))

    def may_probe(self, now: float) -> bool:
        """Tell whether a part of the last known sum has left since, so that one command can find out how much.

        Our own ledger tells when what we spent leaves; only of what others spent nobody knows.
        """
        spent = self.spent(now)
        own = sum(bucket.seconds for bucket in self._buckets.values())
        return self._reported_at < self.reset_at <= now and own < spent <= self.limit

    def next_change(self, now: float) -> float | None:
        """Return the next instant at which something leaves the window or a block ends."""
        instants = [bucket.leaves_at for bucket in self._buckets.values()]
        instants += [self.reset_at, self.blocked_until, self._gone_at]
        later = [instant for instant in instants if instant > now]
        return min(later, default=None)

    def depart(self, seconds: float, at: float) -> None:
        """Reserve the expected seconds of a request that is about to leave."""
        self._is_shared = self.in_flight > 0 or self._is_shared
        self._departed[at] += 1
        self.reserved += seconds

    def arrive(self, seconds: float, departed_at: float) -> None:
        """Give back what a request had reserved."""
        self._departed[departed_at] -= 1
        self._departed += Counter()
        self.reserved = self.reserved - seconds if self.in_flight else 0.0

    def charge(self, seconds: float, at: float) -> None:
        """Enter into the ledger what a request that began `at` cost."""
        number = int(at // (self._window / _BUCKETS))
        bucket = self._buckets.setdefault(number, _Bucket(at + self._window, 0.0))
        bucket.seconds += seconds * self._weight
        self.total += seconds * self._weight

    def learn(self, timings: Sequence[Timing]) -> None:
        """Take in the timings of all commands of this method in one answer."""
        self._strikes = 0
        self._answered += len(timings)
        sums = [timing.operating for timing in timings if timing.operating is not None]
        self.is_counted = bool(sums)
        until = min(self._departed, default=float("inf"))
        cost = self.costs.learn(timings, is_shared=self._is_shared, all_known_until=until)
        for timing in timings:
            self.charge(cost, timing.started_at)
        self._is_shared = self.in_flight > 0
        if sums and timings[-1].finished_at >= self._reported_at:
            self._report(sums[-1], timings[-1])
            self.learnt_limit.look(timings[-1].started_at, sums[-1] - cost)

    def learn_untimed(self, number: int) -> None:
        """Take in that commands were answered without their times."""
        self._strikes = 0
        self._answered += number
        self.is_counted = False
        if not self.is_known:
            self.costs.restore(_GUESSED_COST)

    def _report(self, operating: float, timing: Timing) -> None:
        self._reported, self._reported_at = operating, timing.finished_at
        self._gone_at = timing.finished_at + self._window
        self.reset_at = timing.operating_reset_at or timing.finished_at + self._window
        self._silent, self.is_told = self._silent + 1 if operating == 0 else 0, operating > 0

    def block(self, now: float) -> float:
        """Take in that the portal refused a command for its operating time; return the seconds to wait."""
        if self.blocked_until > now:
            return self.blocked_until - now
        if not self._strikes:
            self._learn_limit(now)
        wait = min(self._window / 60 * 2**self._strikes, self._window / 2)
        self._strikes += 1
        self.blocked_until = max(self.blocked_until, now + wait)
        if self.is_counted and self._strikes == 1 and self.reset_at > now:
            self.blocked_until = max(self.blocked_until, self.reset_at)
        return self.blocked_until - now

    def _learn_limit(self, now: float) -> None:
        """Take in that the portal allows no more than what is spent, where most of that is our own."""
        spent = self.spent(now)
        own = sum(bucket.seconds for bucket in self._buckets.values())
        if self.is_counted and spent and own >= _OURS * self.limit:
            self.learnt_limit.refused(spent, now)

    def remembered(self, now: float) -> tuple[float, float] | None:
        """Return the sum and when its oldest part leaves, None when there is nothing to remember."""
        spent = self.spent(now) + self.reserved
        if spent <= 0:
            return None
        leaves_at = min((bucket.leaves_at for bucket in self._buckets.values()), default=now + self._window)
        return spent, self.reset_at if self.reset_at > now else leaves_at

    def ledger(self, now: float) -> tuple[tuple[float, float], ...]:
        """Return when each part of what we spent leaves the window, and its size, with what is on its way."""
        self.spent(now)
        parts = [(bucket.leaves_at, bucket.seconds) for bucket in self._buckets.values()]
        return (*parts, (now + self._window, self.reserved)) if self.reserved else tuple(parts)
