"""A command that was asked for: how far it is, and what became of it, for whoever waits or looks."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

from b24syncd.domain.job_names import BINDINGS
from b24syncd.engine.how_far import HANDED_OVER, QUEUED, HowFar
from b24syncd.engine.progress import waited_for
from b24syncd.errors import RetryLater

from .control_messages import Failed, Finished, Progressed
from .requests import BackfillRequest, PreviewRequest, RebindRequest
from .runs import Execution

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from b24syncd.engine.how_far import Watching
    from b24syncd.engine.progress import Sending
    from b24syncd.settings import Settings

    from .requests import Request

_numbers = count(1)


@dataclass(slots=True, eq=False)
class Submitted:
    """A command that was asked for, whoever still waits for it. `outcome` is there once it has `ended`.

    Its `number` tells it from all others of this process.
    """

    request: Request[Any]
    client: Sending
    is_live: bool = False
    is_queued: bool = False
    outcome: Finished | Failed | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    number: int = field(default_factory=lambda: next(_numbers))
    _progress: Watching | None = None

    def progress(self) -> Progressed:
        """Return how far it is: before it has begun, what it waits for, another command or what the daemon does."""
        if self._progress is not None:
            return Progressed(how_far=self._progress.now())
        what, until = waited_for(self.client)
        phase = QUEUED if self.is_queued else HANDED_OVER
        return Progressed(how_far=HowFar(phase, waiting_for=what, waiting_until=until))

    def execution(self, stop: asyncio.Event, between_pages: Callable[[], Awaitable[bool]] | None = None) -> Execution:
        """Return how it is executed in the daemon: its progress is told from now on, `stop` ends it."""
        self.is_queued = False

        @asynccontextmanager
        async def show(progress: Watching) -> AsyncIterator[None]:
            self._progress = progress
            yield

        before, is_live = self.client.requests_sent, self.is_live
        return Execution(show, lambda: nullcontext(stop), between_pages, before, is_handed_over=True, is_live=is_live)

    def begin_anew(self) -> None:
        """Wait to be executed once more, with no more let pass than is on record by now."""
        self._progress = None
        self.request = unapproving(self.request)

    def end(self, outcome: Finished | Failed) -> None:
        """Let whoever waits have its outcome."""
        self.outcome = outcome
        self.ended.set()


def unapproving(request: Request[Any]) -> Request[Any]:
    """Return what is asked without the approval that came with it: it held for rules that a person had seen."""
    return request.model_copy(update={"goes_on": False}) if getattr(request, "goes_on", False) else request


def have_other_rules(before: Settings, after: Settings) -> bool:
    """Tell whether settings differ in what a person saw the effect of who lets a command go on."""
    rules = [(one.jobs, one.looked_up, one.bindings, one.safety) for one in (before, after)]
    return rules[0] != rules[1]


def jobs_of(request: Request[Any], settings: Settings) -> tuple[str, ...]:
    """Return the jobs by whose rules a command works."""
    match request:
        case BackfillRequest():
            return request.jobs or settings.enabled
        case RebindRequest():
            return (BINDINGS,)
        case _:
            return ()


def cut(why: str, submitted: Submitted) -> Failed:
    """Return how a command fails that is cut short; only what a preview has looked at is lost."""
    is_kept = not isinstance(submitted.request, PreviewRequest)
    return Failed.of(RetryLater(f"{why}; the same command goes on from here" if is_kept else why))
