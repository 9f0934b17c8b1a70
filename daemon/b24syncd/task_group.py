"""Groups of tasks, whose errors come as one: whoever waits for tasks catches errors as if there were none."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from .errors import gravest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType


SIGN_SECONDS = 30.0
"""So often who waits for others, who may take long, gives a sign of life."""


class Tasks(asyncio.TaskGroup):
    """A group of tasks out of which errors come as one error, never as a group: the gravest of them.

    So whoever waits for tasks catches errors as if there were none, however many fail at once.
    """

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Wait for all tasks; raise the gravest error."""
        raised: BaseException | None = None
        try:
            await super().__aexit__(kind, error, traceback)
        except BaseExceptionGroup as group:
            raised = gravest(group)
        if raised is not None:
            raise raised


async def first_of(events: Iterable[asyncio.Event], *, within: float | None = None) -> None:
    """Wait until one of these is set, or so many seconds where there is an end to it."""
    async with Tasks() as group:
        waiting = [group.create_task(event.wait()) for event in events]
        await asyncio.wait(waiting, timeout=within, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()


async def signing_until(event: asyncio.Event, sign: Callable[[], None]) -> None:
    """Wait until this is set, with a `sign` of life now and then: it may take longer than silence is borne."""
    while not event.is_set():
        sign()
        await first_of([event], within=SIGN_SECONDS)
