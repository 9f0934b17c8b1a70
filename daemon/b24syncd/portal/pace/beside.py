"""Whether the classic methods write beside the universal ones, and what ends that for a day.

A second budget is worth having only where the portal counts by method and bears the load: where it counts batches as
wholes (php: modules/rest, `LoadLimiter::BATCH_TIME_WEIGHT`), where the universal update takes markedly longer once both
are in use, where requests are blocked as too many, or where the classic methods refuse one item after the other,
everything goes the universal way for a day. That outlives restarts.
"""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime
from statistics import median
from typing import TYPE_CHECKING

from b24syncd.observe.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

log = get_logger()

UPDATE = "crm.item.update"
"""The method whose pace tells how the portal bears both."""

_REST_SECONDS = 86_400.0
_JUDGED = 25
"""So many updates tell how long one takes, before both are used and while they are; fewer tell nothing."""

_FORGOTTEN_AFTER = 6
_SLOWER = 2.0
_AT_LEAST_SECONDS = 0.1
_REFUSALS_IN_A_ROW = 5

OF_BATCHES = "the portal counts the operating time of batches as wholes, so nothing is gained by a second family"
OF_REFUSALS = f"the classic methods refused {_REFUSALS_IN_A_ROW} items in a row"
OF_OVERLOAD = "the portal blocked its REST API because of overload"
OF_PACE = "updates by the universal methods take more than twice as long since both are used"


class Beside:
    """Tells whether classic updates may leave; all times are unix seconds of the portal's clock."""

    def __init__(
        self,
        now: Callable[[], float],
        window: float,
        counts_batches: Callable[[], bool],
        blocked: Callable[[str], float],
    ) -> None:
        """Begin without any use of it; what was used six windows ago says nothing of the pace of now."""
        self._now = now
        self._forgotten_after = _FORGOTTEN_AFTER * window
        self._counts_batches = counts_batches
        self._blocked = blocked
        self._alone: deque[float] = deque(maxlen=_JUDGED)
        self._together: deque[float] = deque(maxlen=_JUDGED)
        self._used_at: float | None = None
        self._refusals = 0
        self.rests: tuple[float, str] | None = None
        """Until when they rest, and why; None where nothing was met."""

    def is_allowed(self) -> bool:
        """Tell whether a classic update may leave: nothing speaks against it."""
        if self._counts_batches():
            self.rest(OF_BATCHES)
        if self.rests is not None and self.rests[0] > self._now():
            return False
        self.rests = None
        return True

    def is_alone(self) -> bool:
        """Tell whether only a classic update may leave, for the portal refuses the others their operating time."""
        return self.is_allowed() and self._blocked(UPDATE) > 0

    def note_used(self) -> None:
        """Take in that classic updates leave."""
        self._used_at = self._now()

    def note_updates(self, seconds: Iterable[float]) -> None:
        """Take in how long updates by the universal methods took."""
        if self._used_at is not None and self._now() - self._used_at > self._forgotten_after:
            self._forget()
        if self._used_at is None:
            self._alone.extend(seconds)
            return
        self._together.extend(seconds)
        if len(self._alone) == len(self._together) == _JUDGED:
            before, now = median(self._alone), median(self._together)
            if now > _SLOWER * before and now > before + _AT_LEAST_SECONDS:
                self.rest(OF_PACE)

    def note_written(self) -> None:
        """Take in that a classic update was executed."""
        self._refusals = 0

    def note_refused(self) -> None:
        """Take in that one was refused, which the universal methods may not do."""
        self._refusals += 1
        if self._refusals == _REFUSALS_IN_A_ROW:
            self.rest(OF_REFUSALS)

    def note_blocked(self) -> None:
        """Take in that the portal blocked everything; that is of concern where both were used."""
        if self._used_at is not None:
            self.rest(OF_OVERLOAD)

    def rest(self, why: str) -> None:
        """Let the classic methods rest for a day, and say so once."""
        if self.rests is not None and self.rests[0] > self._now():
            return
        until = self._now() + _REST_SECONDS
        self.rests = until, why
        self._forget()
        told = datetime.fromtimestamp(until, UTC).isoformat(timespec="seconds")
        log.warning("second_family_rests", reason=why, until=told)

    def _forget(self) -> None:
        self._alone.clear()
        self._together.clear()
        self._used_at, self._refusals = None, 0
