"""What travels between planning, writing and settling."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from b24syncd.portal.pace.governor import MOST_COMMANDS
from b24syncd.portal.writes import Write

if TYPE_CHECKING:
    from collections.abc import Iterator

    from b24syncd.domain.corrections import Correction, Unit
    from b24syncd.domain.entities import EntityRef
    from b24syncd.domain.plans import Plan
    from b24syncd.domain.states import AnySnapshot
    from b24syncd.portal.wire.commands import Priority


_LAST_BATCHES = 2


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """The answer to the last write of an item: when it came, and what it told that the write `left`."""

    at: float
    left: AnySnapshot | None


@dataclass(frozen=True, slots=True)
class Update:
    """One item and what to do with it.

    `repair_batch` is set for repairs of an earlier write: the batch under which they stand open in the journal. They
    are never planned away, for planning cannot know what the person had written. `attempt` counts the writes in a row,
    but not those that only go on with other units than `units_before`. What was renewed knows which answer it was
    `read_after`.
    """

    snapshot: AnySnapshot
    corrections: tuple[Correction, ...]
    repair_batch: str | None = None
    attempt: int = 1
    read_after: Answer | None = field(default=None, compare=False)
    units_before: frozenset[Unit] = frozenset()

    @property
    def ref(self) -> EntityRef:
        """The item."""
        return self.snapshot.ref

    @property
    def write(self) -> Write:
        """What is sent."""
        return Write(self.snapshot, self.corrections)


Left = Callable[[int], None]
"""Is told how many updates of a page are not done yet."""


def nobody(_left: int) -> None:
    """Take the place of whoever wants to know how many updates are left."""


@dataclass(slots=True)
class PendingUpdates:
    """Updates still to be written, and the latest plan of every item that was planned again on the way.

    `handed_out` is set once no update is left to be sent, though answers may still be awaited. It `is_cut` where a
    safety limit left out some. What is corrected is counted as read, too, where it `counts_read`: it is met for the
    first time. `note_left` is told how many are not done yet, those that are `sent` among them. What was `left_open` by
    others meanwhile is not written.
    """

    pending: deque[Update]
    priority: Priority
    counts_read: bool = False
    note_left: Left = nobody
    replanned: dict[EntityRef, Plan] = field(default_factory=dict)
    is_cut: bool = False
    sent: int = 0
    left_open: set[EntityRef] = field(default_factory=set)
    handed_out: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        """Tell how many there are."""
        self.note_left(len(self.pending))

    def upcoming(self, is_held: Callable[[Update], bool]) -> tuple[Write, ...]:
        """Return what may be in the next batch, which nobody else holds; a repair is not to wait for others."""
        free = [update for update in islice(self.pending, MOST_COMMANDS) if not is_held(update)]
        is_repair = bool(free) and free[0].repair_batch is not None
        return tuple(update.write for update in free[: 1 if is_repair else None])

    def prefer(self, takes: Callable[[Write], bool], is_held: Callable[[Update], bool]) -> None:
        """Let those come first that may be in the next batch and that it takes."""
        some = [self.pending.popleft() for _ in range(min(MOST_COMMANDS, len(self.pending)))]
        ordered = sorted(some, key=lambda update: (is_held(update), not takes(update.write)))
        self.pending.extendleft(reversed(ordered))

    def order_rest(self, batch: int) -> None:
        """Where about two batches of this size are left, let those come first that others will follow.

        What is owed stays in front. The last batches are so filled by what follows.
        """
        if len(self.pending) <= _LAST_BATCHES * batch:
            self.pending = deque(sorted(self.pending, key=lambda one: (one.repair_batch is None, one.attempt > 1)))

    @contextmanager
    def counting(self, number: int) -> Iterator[None]:
        """Count so many as sent, and tell how many are left when they are done, or back in their place."""
        self.sent += number
        try:
            yield
        finally:
            self.sent -= number
            self.note_left(len(self.pending) + self.sent)


@dataclass(slots=True)
class SentBatch:
    """A batch as the journal knows it; `sent_at` is the portal's clock, None until its intents are stored."""

    id: str
    updates: tuple[Update, ...]
    sent_at: float | None = None

    def journalled_as(self, update: Update) -> str:
        """Return the batch under which the journal holds this update's intents."""
        return update.repair_batch or self.id


@dataclass(frozen=True, slots=True)
class Applied:
    """What the writer did: the latest plan of items that were planned again, and whether it got through all updates."""

    replanned: dict[EntityRef, Plan]
    is_complete: bool
