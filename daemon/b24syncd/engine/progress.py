"""How far a run has come: of what is settled, never of what is only read."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Protocol

from b24syncd.task_group import Tasks

from .forecast import Pace, seconds_left
from .how_far import HowFar
from .tally import Count

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from datetime import datetime

    from b24syncd.clock import Clock
    from b24syncd.portal.pace.spending import Spending
    from b24syncd.portal.pace.waits import Waits

    from .tally import Tally

ITEMS: Final = "items"
"""The part that is made of named items, not of ids that are walked."""

_ALMOST_ALL: Final = 0.999


class Sending(Protocol):
    """What is to be known of the client: by which clock it waits, what for, and how the limits stand."""

    @property
    def clock(self) -> Clock:
        """The clock by which it waits."""

    @property
    def waits(self) -> Waits:
        """What its requests wait for."""

    @property
    def requests_sent(self) -> int:
        """How many requests have left."""

    @property
    def spendings(self) -> Mapping[str, Spending]:
        """How the operating time of each method stands."""


@dataclass(slots=True, eq=False)
class InHand:
    """A page that is being worked on: its part of the walk, its items, and how much of its writing is done."""

    part: str
    weight: float
    items: int
    _most_left: int = 0
    _done: float = 0.0

    def note_left(self, updates: int) -> None:
        """Take note how many updates are still to be written; a page without any is done when it is settled."""
        self._most_left = max(self._most_left, updates)
        if self._most_left:
            self._done = max(self._done, 1 - updates / self._most_left)

    @property
    def done(self) -> float:
        """The share of it that is done."""
        return self._done


@dataclass(slots=True)
class Progress:
    """Updated by whoever works; ids stand for the share that is done, as counting costs the portal.

    The whole is made of parts, one for each feed, by its name; `phase` names what is going on.
    """

    tally: Tally
    phase: str = "starting"
    _totals: dict[str, float] = field(default_factory=dict)
    _settled: dict[str, float] = field(default_factory=dict)
    _in_hand: list[InHand] = field(default_factory=list)
    _best: float = 0.0
    _given: float = 0.0
    _is_finished: bool = False

    def expect(self, totals: Mapping[str, float]) -> None:
        """Take note of what there is to do, by part."""
        self._totals |= totals

    def expect_items(self, number: int) -> None:
        """Take note of further named items."""
        self._totals[ITEMS] = self._totals.get(ITEMS, 0.0) + number

    def resume(self, settled: Mapping[str, float]) -> None:
        """Take note how far parts were settled before, which tells nothing of how fast this run is."""
        self._settled |= settled
        self._note_best()
        self._given = self._best

    def take(self, part: str, weight: float, items: int) -> InHand:
        """Begin with a page; it ends by `settle` or `drop`."""
        page = InHand(part, weight, items)
        self._in_hand.append(page)
        return page

    def settle(self, page: InHand) -> None:
        """Count a page as done."""
        self.drop(page)
        self._settled[page.part] = self._settled.get(page.part, 0.0) + page.weight

    def drop(self, page: InHand) -> None:
        """Forget a page that did not come to its end; nothing where it did."""
        self._note_best()
        if page in self._in_hand:
            self._in_hand.remove(page)

    def complete(self, part: str) -> None:
        """Count a part as done: nothing of it is left, whatever its ids."""
        self._settled[part] = self._totals.get(part, 0.0)

    def finish(self) -> None:
        """Count everything as done."""
        self.phase, self._is_finished = "finished", True

    @property
    def walked(self) -> float:
        """The share of all parts that is settled, with what is done of the pages in hand; it never falls."""
        self._note_best()
        return self._best

    @property
    def gained(self) -> float:
        """The share of all parts that was settled since this run was begun, or gone on with."""
        return self.walked - self._given

    @property
    def share(self) -> float:
        """The share of the whole that is settled: not all of it before the end, for what was queued comes last."""
        return 1.0 if self._is_finished else min(self.walked, _ALMOST_ALL)

    @property
    def items(self) -> int:
        """How many items are settled: an interruption loses none of them, though it may the rest of a page in hand."""
        return self.tally[Count.READ]

    @property
    def read_ahead(self) -> float:
        """How many items are read and not settled."""
        return sum(page.items * (1 - page.done) for page in self._in_hand)

    def _note_best(self) -> None:
        total = sum(self._totals.values())
        if total <= 0:
            return
        done = dict(self._settled)
        for page in self._in_hand:
            done[page.part] = done.get(page.part, 0.0) + page.weight * page.done
        reached = sum(min(done.get(part, 0.0), whole) for part, whole in self._totals.items())
        self._best = max(self._best, min(1.0, reached / total))


class Watched:
    """The progress of a run as it is shown: with how fast it is, what it waits for, and how long it will take."""

    def __init__(
        self, progress: Progress, client: Sending, requests_before: int = 0, *, is_preview: bool = False
    ) -> None:
        """Watch from now on; `requests_before` were sent for others."""
        self._progress, self._client, self._requests_before = progress, client, requests_before
        self._is_preview = is_preview
        self._pace = Pace(client.clock.monotonic(), progress.gained, progress.items)
        self._spent_before = {method: spending.total for method, spending in client.spendings.items()}

    def now(self) -> HowFar:
        """Return how far it is at this moment."""
        progress, client = self._progress, self._client
        what, until = waited_for(client)
        waiting = 0.0 if until is None else max(0.0, (until - client.clock.now()).total_seconds())
        self._pace.note(client.clock.monotonic(), progress.gained, progress.items, is_held_up=until is not None)
        return HowFar(
            progress.phase,
            progress.share,
            self._seconds_left(waiting),
            what,
            until,
            self._pace.rate,
            progress.items,
            round(progress.read_ahead),
            client.requests_sent - self._requests_before,
            progress.tally.as_counts(),
            self._is_preview,
        )

    def _seconds_left(self, waiting: float) -> float | None:
        if self._progress.share >= 1:
            return 0.0
        now = self._client.spendings.items()
        spent = [(spending, spending.total - self._spent_before.get(method, 0.0)) for method, spending in now]
        return seconds_left(self._pace, 1 - self._progress.walked, waiting=waiting, spent=spent)


def waited_for(client: Sending) -> tuple[str | None, datetime | None]:
    """Return what a client waits for at the moment, and until when where that is known."""
    wait = client.waits.foremost
    if wait is None or wait.until is None:
        return None if wait is None else wait.what, None
    return wait.what, client.clock.now() + timedelta(seconds=wait.until - client.clock.monotonic())


@asynccontextmanager
async def every(seconds: float, show: Callable[[], None]) -> AsyncIterator[None]:
    """Call `show` again and again for as long as the context lasts, and once at its end."""

    async def repeat() -> None:
        while True:
            await asyncio.sleep(seconds)
            show()

    async with Tasks() as group:
        task = group.create_task(repeat())
        try:
            yield
        finally:
            task.cancel()
            show()
