"""What travels between planning, writing and settling."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections import deque

    from b24syncd.domain.corrections import Correction, Part
    from b24syncd.domain.entities import EntityRef
    from b24syncd.domain.plans import Plan
    from b24syncd.domain.states import AnySnapshot
    from b24syncd.portal.wire.commands import Priority


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """The answer to the last write of an item: when it came, and what it told that the write `left`."""

    at: float
    left: AnySnapshot | None


@dataclass(frozen=True, slots=True)
class Update:
    """One item and what to do with it.

    `mending` is set for repairs of an earlier write: the batch under which they stand open in the journal. They are
    never planned away, for planning cannot know what the person had written. `round` counts the writes in a row, but
    not those that only go on with other parts than `parts_before`. What was renewed knows which answer it was
    `read_after`.
    """

    snapshot: AnySnapshot
    corrections: tuple[Correction, ...]
    mending: str | None = None
    round: int = 1
    read_after: Answer | None = field(default=None, compare=False)
    parts_before: frozenset[Part] = frozenset()

    @property
    def ref(self) -> EntityRef:
        """The item."""
        return self.snapshot.ref


@dataclass(slots=True)
class PendingUpdates:
    """Updates still to be written, and the latest plan of every item that was planned again on the way.

    `handed_out` is set once no update is left to be sent, though answers may still be awaited. It `is_cut` where a
    safety limit left out some.
    """

    pending: deque[Update]
    priority: Priority
    replanned: dict[EntityRef, Plan]
    is_cut: bool = False
    handed_out: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True)
class SentBatch:
    """A batch as the journal knows it; `sent_at` is the portal's clock, None until its intents are stored."""

    id: str
    updates: tuple[Update, ...]
    sent_at: float | None = None

    def journalled_as(self, update: Update) -> str:
        """Return the batch under which the journal holds this update's intents."""
        return update.mending or self.id


@dataclass(frozen=True, slots=True)
class Applied:
    """What the writer did: the latest plan of items that were planned again, and whether it got through all updates."""

    replanned: dict[EntityRef, Plan]
    is_complete: bool
