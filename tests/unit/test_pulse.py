"""The pulse is told purely: what loops told, and what follows from it at a moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from b24syncd.engine.pulse import ROUNDS, LoopState, Pulse
from b24syncd.portal.pace.waits import Wait, WaitCause
from b24syncd.web.pulse import told
from b24syncd.web.pulse_messages import PulseTold

if TYPE_CHECKING:
    from datetime import datetime

LIMITED = Wait("request limit", 5.0, WaitCause.REQUEST_LIMIT)
NAMES = st.sampled_from([ROUNDS, "poll contact", "commands"])
EVENTS = st.lists(st.tuples(st.sampled_from(["succeeded", "failed", "waits"]), NAMES, st.floats(0, 1000)), max_size=30)


def replayed(events: list[tuple[str, str, float]]) -> Pulse:
    """Return the pulse after events, each so many seconds after the one before."""
    pulse, at = Pulse(0.0), 0.0
    for what, name, seconds in events:
        at += seconds
        match what:
            case "succeeded":
                pulse = pulse.succeeded(name, at)
            case "failed":
                pulse = pulse.failed(name, f"failed at {at}", at)
            case _:
                pulse = pulse.waits(name, "changes", at)
    return pulse


@given(EVENTS)
def test_failures_in_a_row_are_counted_from_the_first(events: list[tuple[str, str, float]]) -> None:
    pulse = replayed(events)
    for name in pulse.loops:
        own, at = [], 0.0
        for what, of, seconds in events:
            at += seconds
            if of == name and what != "waits":
                own.append((what, at))
        row = [at for what, at in own[_after_last_success(own) :] if what == "failed"]
        successes = [at for what, at in own if what == "succeeded"]
        state = pulse.loop(name)
        assert state.failures == len(row)
        assert state.failing_since == (row[0] if row else None)
        assert (state.detail is None) is not bool(row)
        assert state.last_success == (successes[-1] if successes else None)


def _after_last_success(own: list[tuple[str, float]]) -> int:
    return max((place + 1 for place, (what, _) in enumerate(own) if what == "succeeded"), default=0)


@given(EVENTS, st.floats(0, 1e6), st.floats(0, 1e6))
def test_it_lives_until_it_is_silent_for_too_long(
    events: list[tuple[str, str, float]], silence: float, within: float
) -> None:
    pulse = replayed(events)
    at = pulse.last_sign + silence
    assert pulse.is_alive(at, within=within) is (at - pulse.last_sign <= within)
    assert pulse.succeeded(ROUNDS, at).is_alive(at, within=0.0)


def test_what_is_waited_for_already_is_waited_for_since_then() -> None:
    pulse = Pulse(0.0).waits(ROUNDS, "changes", 1.0).waits(ROUNDS, "changes", 2.0)
    assert pulse.waiting == Wait("changes", 1.0, WaitCause.CHANGES)
    assert pulse.waits(ROUNDS, "a person", 3.0, WaitCause.PERSON).waiting == Wait("a person", 3.0, WaitCause.PERSON)
    again = pulse.waits(ROUNDS, None, 3.0).waits(ROUNDS, "changes", 4.0)
    assert again.waiting == Wait("changes", 4.0, WaitCause.CHANGES)
    assert pulse.waits(ROUNDS, None, 3.0).waiting is None


def test_a_portal_that_is_away_stands_above_everything_else() -> None:
    """It is away since the first failure, whatever was tried since, and however long the last pause is."""
    limited = Pulse(0.0, portal=LIMITED).waits(ROUNDS, "changes", 1.0)
    assert limited.waiting == LIMITED
    away = limited.failed(ROUNDS, "HTTP 503", 7.0).failed(ROUNDS, "it broke", 9.0)
    assert away.waiting == Wait("the portal (it broke)", 7.0, WaitCause.PORTAL)
    assert away.succeeded(ROUNDS, 11.0).waiting == LIMITED


def test_a_loop_of_which_nothing_is_known_neither_failed_nor_succeeded() -> None:
    assert Pulse(0.0).loop("sweep of deal") == LoopState()


@given(EVENTS, st.floats(0, 1e6), st.datetimes())
def test_instants_are_told_as_times(events: list[tuple[str, str, float]], later: float, now: datetime) -> None:
    pulse = replayed(events)
    at = pulse.last_sign + later
    if now.year < 1990:  # no clock is set so far back that a pulse began before all time
        now = now.replace(year=1990)
    found = told(pulse, is_alive=True, monotonic=at, now=now)
    assert PulseTold.model_validate_json(found.model_dump_json()) == found
    assert (found.at - found.last_sign).total_seconds() == round(at - pulse.last_sign, 6)
    assert [loop.name for loop in found.loops] == sorted(pulse.loops)
    for loop in found.loops:
        assert loop.failures == pulse.loop(loop.name).failures
        assert loop.failing_since is None or loop.last_success is None or loop.failing_since >= loop.last_success
