"""In flight: which items are being written, so that no two writes of one are under way at once.

Several feeds of a lane, and several pages of one, may hold the same item. What was read of it before its last write was
answered tells no longer how it is, and is read again.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING

from b24syncd.engine.updates import Answer
from b24syncd.portal.writes import Written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from b24syncd.domain.entities import EntityRef
    from b24syncd.engine.updates import Update
    from b24syncd.portal.writes import WriteOutcome


class InFlight:
    """The items that a lane is writing, and those that it wrote within `remembered_seconds`."""

    def __init__(self, remembered_seconds: float) -> None:
        """Begin without any."""
        self._remembered_seconds = remembered_seconds
        self._held: set[EntityRef] = set()
        self._answers: dict[EntityRef, Answer] = {}
        self._freed = asyncio.Event()

    @contextmanager
    def holding(self, chunk: Sequence[Update]) -> Iterator[None]:
        """Let nobody else write these items meanwhile."""
        refs = {update.ref for update in chunk}
        self._held |= refs
        try:
            yield
        finally:
            self._held -= refs
            self._freed.set()
            self._freed = asyncio.Event()

    def holds(self, ref: EntityRef) -> bool:
        """Tell whether an item is being written."""
        return ref in self._held

    def until_freed(self, pending: Iterable[Update]) -> asyncio.Event | None:
        """Return what is set when something is written, where all of these wait for that; None where one does not."""
        refs = [update.ref for update in pending]
        return self._freed if refs and self._held.issuperset(refs) else None

    def note_answered(self, chunk: Sequence[Update], outcomes: Sequence[WriteOutcome], now: float) -> None:
        """Note when items were written, and when what their writes left was read."""
        old = [ref for ref, answer in self._answers.items() if now - answer.at > self._remembered_seconds]
        for ref in old:
            del self._answers[ref]
        for update, outcome in zip(chunk, outcomes, strict=True):
            self._answers[update.ref] = Answer(now, outcome.after if isinstance(outcome, Written) else None)

    def last_answer(self, ref: EntityRef) -> Answer | None:
        """Return the answer that what is read from now on comes after; None where another is still to come."""
        return None if ref in self._held else self._answers.get(ref)

    def was_written_since(self, update: Update) -> bool:
        """Tell whether an item may have been written after an update's snapshot was read; what that write left was not.

        A clock alone does not tell: what was read in the moment of the answer may have been asked for before it.
        """
        answer, read_at = self._answers.get(update.ref), update.snapshot.read_at
        if answer is None or answer is update.read_after or update.snapshot is answer.left:
            return False
        return read_at <= answer.at
