"""Signs: since when no portal is found, and how often others had our requests refused."""

from __future__ import annotations

from datetime import UTC, datetime

from b24syncd.portal.pace.signs import Fault, Signs


class SetClock:
    """A clock that shows what a test sets."""

    at = 5.0

    def monotonic(self) -> float:
        return self.at

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.at, UTC)

    async def sleep(self, seconds: float) -> None:
        self.at += seconds


def now_of(signs: Signs) -> tuple[Fault | None, float | None]:
    return signs.fault, signs.answered_at


def test_a_portal_is_away_since_the_first_of_several_faults_until_it_answers() -> None:
    clock = SetClock()
    signs = Signs(clock, lambda: None)
    assert now_of(signs) == (None, None)
    signs.failed("refused")
    clock.at = 9.0
    signs.failed("timeout")
    assert now_of(signs) == (Fault("timeout", 5.0), None)
    signs.answered()
    assert now_of(signs) == (None, 9.0)


def test_a_portal_that_takes_requests_and_answers_none_is_silent_since_the_first_of_them() -> None:
    clock = SetClock()
    signs = Signs(clock, lambda: None)
    with signs.waiting():
        clock.at = 20.0
        with signs.waiting():
            clock.at = 35.0
            assert signs.silence is None
            clock.at = 35.5
            assert (signs.silence or Fault("", 0)).since == 5.0
            signs.answered()
            assert signs.silence is None
            clock.at = 70.0
            assert signs.silence is None
    assert signs.silence is None


def test_what_was_refused_for_others_is_counted() -> None:
    clock = SetClock()
    signs = Signs(clock, lambda: None)
    signs.refused_for_others()
    clock.at = 7.0
    signs.refused_for_others()
    assert (signs.foreign, signs.foreign_at) == (2, 7.0)
