"""The portal's clock, learnt from the `time` of its answers and carried on by this machine's monotonic one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from b24syncd.clock import Clock
    from b24syncd.portal.wire.commands import Timing

    from .limits import LimitsState

_DRIFT = 0.001
"""Seconds per second by which an earlier reading is trusted less, so that a drifting clock is followed."""

_STEP_SECONDS = 60.0
"""A reading that lies further back than this means that the portal's clock was set, not that an answer was slow."""


class ServerClock:
    """Never ahead of the portal's clock, and behind it by no more than the fastest answer was under way.

    Where whole seconds are told of when an answer was begun, the first ones may leave it a second more behind.
    """

    def __init__(self, clock: Clock) -> None:
        """Count on with `clock`."""
        self._clock = clock
        self._offset: float | None = None
        self._latest = 0.0
        self._learnt_at = 0.0
        self._carried: float | None = None
        self.utc_offset: float | None = None
        self.set_back_at: float | None = None

    @property
    def is_known(self) -> bool:
        """Whether the portal has told its time yet."""
        return self._offset is not None

    def carry_on(self, state: LimitsState) -> None:
        """Take over how far the portal's time had come in an earlier life, and what the clock on its wall showed."""
        if state.reached is not None:
            self._carried = state.reached - self._clock.monotonic()
        self.utc_offset, self.set_back_at = state.utc_offset, state.set_back_at

    @property
    def reached(self) -> float | None:
        """The portal's time; before its first answer a time that it has certainly reached, None if none is known."""
        offset = self._carried if self._offset is None else self._offset
        return None if offset is None else self._clock.monotonic() + offset

    def learn(self, timing: Timing, sent_at: float) -> None:
        """Take in the `time` of an answer that has just arrived, to a request sent at `sent_at` (monotonic)."""
        now = self._clock.monotonic()
        latest = timing.started_at + timing.slack - sent_at
        offset = min(timing.finished_at - now, timing.started_at - sent_at)
        if self._offset is not None:
            earlier = self._offset - _DRIFT * (now - self._learnt_at)
            if earlier - offset < _STEP_SECONDS:
                offset = max(offset, earlier)
            latest = min(latest, self._latest + _DRIFT * (now - self._learnt_at))
        self._offset, self._latest, self._learnt_at = offset, max(latest, offset), now
        if timing.utc_offset is not None:
            if self.utc_offset is not None and timing.utc_offset < self.utc_offset:
                self.set_back_at = timing.finished_at
            self.utc_offset = timing.utc_offset

    def was_set_back(self, since: float) -> bool:
        """Tell whether the clock on the portal's wall was seen to be set back since an instant, as every autumn."""
        return self.set_back_at is not None and since < self.set_back_at

    def now(self) -> float:
        """Return the portal's time in unix seconds; raise `LookupError` before the first answer."""
        if self._offset is None:
            message = "the portal has not told its time yet"
            raise LookupError(message)
        return self._clock.monotonic() + self._offset

    def at_latest(self) -> float:
        """Return a time that the portal's clock has not passed, as far as answers tell; raise as `now` does."""
        return self.now() + self._latest - (self._offset or 0.0)

    def guess(self) -> float:
        """Return the portal's time, or this machine's as long as the portal's is unknown."""
        return self.now() if self.is_known else self._clock.now().timestamp()

    def careful_guess(self) -> float:
        """Return the portal's time, or how far it has certainly come: nothing passes for over by a wrong clock of ours.

        That is this machine's clock only where the portal never told its time.
        """
        return self.guess() if self.reached is None else self.reached
