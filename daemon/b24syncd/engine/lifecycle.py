"""Stopping: a signal lets what is under way finish; the end of the grace period, or a second signal, cuts it off."""

from __future__ import annotations

import asyncio
import signal
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from b24syncd.observe.logs import get_logger
from b24syncd.task_group import Tasks

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

log = get_logger()


class Stop(asyncio.Event):
    """Set once a stop is asked for; `at_once` by who asks again and does not wait for what is under way."""

    def __init__(self) -> None:
        """Begin unasked."""
        super().__init__()
        self.at_once = asyncio.Event()

    def ask(self) -> None:
        """Ask for a stop, or once more, and then for one at once."""
        (self.at_once if self.is_set() else self).set()


@contextmanager
def stop_on_signals() -> Iterator[Stop]:
    """Give an event that SIGINT and SIGTERM set; outside the block they do again what they did before.

    Either of them hurries when it comes again.
    """
    loop = asyncio.get_running_loop()
    stop = Stop()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        loop.add_signal_handler(number, stop.ask)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            if signal.getsignal(number) != handler:  # the loop leaves Python's own behind: SIGTERM would kill
                signal.signal(number, handler)


_tell: ContextVar[Callable[[float], None] | None] = ContextVar("tell", default=None)


@contextmanager
def stops_told_by(tell: Callable[[float], None]) -> Iterator[None]:
    """Let `tell` know of each stop that has to wait, and for how many seconds at most, for as long as this lasts."""
    before = _tell.set(tell)
    try:
        yield
    finally:
        _tell.reset(before)


async def run_until_stopped(
    work: Coroutine[object, object, None],
    stop: asyncio.Event,
    on_stop: Callable[[], None],
    *,
    grace_seconds: float,
) -> bool:
    """Run `work` to its end; once `stop` is set call `on_stop`, and cancel what goes on after the grace period.

    A `Stop` that is to be at once cuts the grace period short.

    Returns whether `work` came to its own end before it was told to stop. What is cut off is an intent of unknown
    outcome, which the next start judges.
    """
    async with Tasks() as group:
        task = group.create_task(work)
        watcher = group.create_task(_cut_off(task, stop, on_stop, grace_seconds))
        task.add_done_callback(lambda _: watcher.cancel())
    return not stop.is_set()


async def _cut_off(
    task: asyncio.Task[None], stop: asyncio.Event, on_stop: Callable[[], None], grace_seconds: float
) -> None:
    await stop.wait()
    on_stop()
    log.info("stopping", grace_seconds=grace_seconds)
    if grace_seconds and (tell := _tell.get()) is not None:
        tell(grace_seconds)
    async with Tasks() as group:
        hurry = group.create_task((stop.at_once if isinstance(stop, Stop) else asyncio.Event()).wait())
        await asyncio.wait({task, hurry}, timeout=grace_seconds, return_when=asyncio.FIRST_COMPLETED)
        hurry.cancel()
    task.cancel()
