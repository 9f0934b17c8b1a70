"""What a command of one method costs, learnt from the sums of operating time that answers tell.

`duration` may understate it, so the steps of the sum from command to command are looked at. Within one answer they are
what a command costs, unless requests overlap: then the commands of others lie between two of its own. Therefore the
answers of all that overlapped are put in the order in which their commands were finished, once all of these are known;
each step is then that of one command. That holds where the portal adds up at the end of each command; where it adds up
at the end of a request (php: modules/rest/lib/engine/access/loadlimiter.php `finalize`), sums of overlapping requests
go up and down, and the small ones among the steps within each answer are right. Never the mean counts: what somebody
else spends arrives in lumps.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean, median, quantiles
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from b24syncd.portal.wire.commands import Timing

_RISE, _FALL = 0.5, 0.2
_STEPS = 60
_ENOUGH_STEPS = 5
_MOSTLY = 0.9
_NOTHING = 1e-6


@dataclass(frozen=True, slots=True)
class _Told:
    """A command's end, the sum that it told, when it began, and which answer told it."""

    finished_at: float
    operating: float
    started_at: float
    answer: int


class Costs:
    """The costs of one method's commands: operating seconds, and those that pass."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self.operating: float | None = None
        self.seconds: float | None = None
        self._is_bound = False
        """Whether nothing but a bound is known of the seconds: they may be much fewer."""
        self._excess: float | None = None
        self._answers = 0
        self._open: list[_Told] = []
        self._last: _Told | None = None
        self._in_alone: deque[float] = deque(maxlen=_STEPS)
        self._in_shared: deque[float] = deque(maxlen=_STEPS)
        self._steps: deque[float] = deque(maxlen=_STEPS)

    def restore(self, cost: float) -> None:
        """Take over what was learnt in an earlier life."""
        self.operating = self.seconds = cost

    def learn(self, timings: Sequence[Timing], *, is_shared: bool, all_known_until: float) -> float:
        """Take in the times of one answer; return what each of its commands is taken to have cost.

        `is_shared` tells that other requests overlapped it; what was finished `all_known_until` then is known whole.
        """
        seconds = fmean(timing.duration for timing in timings)
        sums = [timing.operating for timing in timings if timing.operating is not None]
        own = self._in_shared if is_shared else self._in_alone
        own.extend(later - earlier for earlier, later in pairwise(sums))
        self._take_in(timings, all_known_until)
        step = self._step_of_shared() if is_shared else (median(own) if own else None)
        is_first_step = step is not None and self._excess is None
        if step is not None:
            self._excess = max(0.0, step - seconds)
        cost = seconds + (self._excess or 0.0) if sums else seconds
        self._learn_seconds(timings)
        # what `duration` told alone was no measure
        self.operating = max(cost, self.operating or 0.0) if is_first_step else _moved(self.operating, cost)
        return cost

    def _learn_seconds(self, timings: Sequence[Timing]) -> None:
        """Take in how long commands took; where only bounds are told, no more than that it was within them.

        An answer that was long on its way would pass for a slow command otherwise.
        """
        told = [timing.duration for timing in timings if not timing.slack]
        if told:
            self.seconds = _moved(None if self._is_bound else self.seconds, fmean(told))
            self._is_bound = False
            return
        most = fmean(timing.duration for timing in timings)
        least = fmean(max(0.0, timing.duration - timing.slack) for timing in timings)
        if self.seconds is None:
            self.seconds, self._is_bound = most, True
        else:
            self.seconds = _moved(self.seconds, min(max(self.seconds, least), most))

    def _take_in(self, timings: Sequence[Timing], until: float) -> None:
        self._answers += 1
        self._open += [
            _Told(timing.finished_at, timing.operating, timing.started_at, self._answers)
            for timing in timings
            if timing.operating is not None
        ]
        # of those that were finished at about the same time the sum tells the order
        self._open.sort(key=lambda told: (round(told.finished_at, 2), told.operating))
        known = [told for told in self._open if told.finished_at <= until]
        self._open = self._open[len(known) :]
        for told in known:
            last, self._last = self._last, told
            # what was spent in a pause is not a command's
            if last is not None and (told.answer == last.answer or told.started_at <= last.finished_at):
                self._steps.append(told.operating - last.operating)

    def _step_of_shared(self) -> float | None:
        """Return the step from command to command by sums of requests that overlapped; None where they tell none."""
        rising = [step for step in self._steps if step > _NOTHING]
        if len(rising) >= max(_ENOUGH_STEPS, _MOSTLY * len(self._steps)):
            # within an answer others only add to a step, and no clock of another server can put it out of order
            own = [step for step in self._in_shared if step > _NOTHING]
            return min(median(rising), median(own)) if len(own) >= _ENOUGH_STEPS else median(rising)
        if min(len(self._steps), len(self._in_shared)) < _ENOUGH_STEPS:
            return None
        # up to half of them hold what a whole request of others took, where these are short
        return quantiles(self._in_shared)[0]


def _moved(known: float | None, seen: float) -> float:
    """Return an estimate moved towards what was seen: fast upwards, slowly downwards."""
    if known is None:
        return seen
    return known + (_RISE if seen > known else _FALL) * (seen - known)
