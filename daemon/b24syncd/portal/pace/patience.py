"""How often a passing fault is tried again before it is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.errors import RetryLater
from b24syncd.observe.logs import get_logger
from b24syncd.portal.wire.transport_faults import NotAPortal, NotOurs

from .waits import WaitCause

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from b24syncd.clock import Clock

    from .backoff import Backoff
    from .waits import Waits

log = get_logger()


class Patience:
    """The delays after faults in a row; nothing is forgiven until a success."""

    def __init__(
        self, backoff: Backoff, *, clock: Clock, random: Random, waits: Waits, is_known: Callable[[], bool]
    ) -> None:
        """Wait by `backoff`; as long as the portal is not `is_known`, only `total_at_start` seconds in all."""
        self._backoff = backoff
        self._clock = clock
        self._random = random
        self._waits = waits
        self._is_known = is_known
        self._delays = backoff.delays(random)
        self._waited = 0.0
        self._failing_since: float | None = None
        self._shortest: int | None = None

    def success(self) -> None:
        """Forget the faults so far."""
        self._shortest = self._failing_since = None
        self._begin_again()

    def renew(self, length: int) -> None:
        """Forget the faults of requests of this length, for a shorter one; once for each, so that this has an end."""
        if self._is_known() and (self._shortest is None or length < self._shortest):
            self._shortest = length
            self._begin_again()

    def _begin_again(self) -> None:
        if self._waited:
            self._delays = self._backoff.delays(self._random)
            self._waited = 0.0

    def delay(self, fault: Exception) -> float:
        """Return the seconds to wait after `fault`; raise `RetryLater` with its text when there were too many.

        Raises `NotAPortal` at once where the portal is not known yet and that is what answers.
        """
        first_contact = not self._is_known()
        if first_contact and isinstance(fault, NotAPortal):
            raise fault
        if first_contact and isinstance(fault, NotOurs):
            raise NotAPortal(str(fault)) from None
        delay = next(self._delays, None)
        if delay is None or (first_contact and self._waited + delay > self._backoff.total_at_start):
            raise RetryLater(str(fault), self._backoff.longest) from None
        delay = max(delay, getattr(fault, "delay", 0.0))
        self._waited += delay
        log.warning("portal_fault", reason=str(fault), retry_in=round(delay, 1))
        return delay

    async def wait(self, fault: Exception) -> None:
        """Wait after `fault`, or raise as `delay` does."""
        delay = self.delay(fault)
        if self._failing_since is None:
            self._failing_since = self._clock.monotonic()
        with self._waits.on(WaitCause.PORTAL, f"the portal ({fault})", since=self._failing_since, seconds=delay):
            await self._clock.sleep(delay)
