"""Stopping: what is under way is waited for, unless somebody does not want to wait."""

from __future__ import annotations

import asyncio
import signal
from contextlib import redirect_stderr

import pytest
from tests.unit.terminals import Stderr

from b24syncd.cli.stopping import run_stoppable
from b24syncd.engine.lifecycle import Stop, run_until_stopped, stop_on_signals, stops_told_by

LONG = 3600.0


async def work_for_ever(stop: Stop, grace_seconds: float = LONG) -> bool:
    async def endless() -> None:
        await asyncio.Event().wait()

    return await run_until_stopped(endless(), stop, lambda: None, grace_seconds=grace_seconds)


def asked_twice() -> Stop:
    stop = Stop()
    stop.ask()
    stop.ask()
    return stop


@pytest.mark.parametrize("second", [signal.SIGINT, signal.SIGTERM])
async def test_a_second_signal_cuts_off_what_the_first_one_waits_for(second: signal.Signals) -> None:
    with stop_on_signals() as stop:
        signal.raise_signal(signal.SIGTERM)
        await stop.wait()
        assert not stop.at_once.is_set()
        signal.raise_signal(second)
        assert not await work_for_ever(stop)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_afterwards_a_signal_does_again_what_it_did_before(number: signal.Signals) -> None:
    heard = list[int]()
    before = signal.signal(number, lambda came, _frame: heard.append(came))
    try:
        with stop_on_signals() as stop:
            pass
        signal.raise_signal(number)
        assert (heard, stop.is_set()) == ([number], False)
    finally:
        signal.signal(number, before)


@pytest.mark.parametrize(("grace", "told"), [(LONG, [LONG]), (0.0, [])])
async def test_a_stop_is_told_where_it_has_to_wait(grace: float, told: list[float]) -> None:
    stop, heard = asked_twice(), list[float]()
    with stops_told_by(heard.append):
        assert not await work_for_ever(stop, grace)
    assert heard == told


@pytest.mark.parametrize("is_terminal", [True, False])
def test_on_a_terminal_it_is_told_at_once_over_the_echo_of_the_key(is_terminal: bool) -> None:  # noqa: FBT001
    with redirect_stderr(Stderr(is_terminal=is_terminal)) as stderr:
        run_stoppable(work_for_ever(asked_twice()))
    told = "\rstopping: what is on its way is waited for, 3600 s at most; Ctrl-C again: at once\n"
    assert stderr.getvalue() == (told if is_terminal else "")
