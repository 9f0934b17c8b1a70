"""Stopping: a signal lets what is under way finish, the end of the grace period cuts it off."""

from __future__ import annotations

import asyncio
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

from b24syncd.observe.logs import get_logger
from b24syncd.task_group import Tasks

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

_SIGNALS = (signal.SIGINT, signal.SIGTERM)

log = get_logger()


@contextmanager
def stop_on_signals() -> Iterator[asyncio.Event]:
    """Give an event that SIGINT and SIGTERM set; outside the block they do again what they did before."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in _SIGNALS:
        loop.add_signal_handler(number, stop.set)
    try:
        yield stop
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)


async def run_until_stopped(
    work: Coroutine[object, object, None],
    stop: asyncio.Event,
    on_stop: Callable[[], None],
    *,
    grace_seconds: float,
) -> bool:
    """Run `work` to its end; once `stop` is set call `on_stop`, and cancel what goes on after the grace period.

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
    await asyncio.wait({task}, timeout=grace_seconds)
    task.cancel()
