"""In flight: which items are being written, so that no two writes of one are under way at once.

All lanes of a session share it: several feeds, pages and commands may hold the same item. What was read of it before
its last write was answered tells no longer how it is, and is read again.

A small change that passes all others *claims* its items: until it releases them they are its own, to be written, judged
and recovered by nobody else. What a daemon follows passes a walk without any claim: both may look at the same item, and
what the walk has read of it is old then (`Passed`). Who takes over what was left open leaves alone what others have in
hand.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakValueDictionary

from b24syncd.engine.updates import Answer
from b24syncd.portal.wire.commands import Deferred
from b24syncd.portal.writes import Written

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Iterator, Sequence

    from b24syncd.clock import Clock
    from b24syncd.domain.entities import EntityRef
    from b24syncd.domain.states import AnySnapshot
    from b24syncd.engine.updates import PendingUpdates, Update
    from b24syncd.portal.writes import WriteOutcome
    from b24syncd.store.queue import QueueEntry

Entries = TypeVar("Entries", bound="Collection[QueueEntry]")

_LONGEST_PAGE = 3600.0
"""Seconds in which a page that was read is settled, whatever it waits for."""


class InFlight:
    """The items that are being written, those that were of late, and those that are claimed."""

    def __init__(self, clock: Clock) -> None:
        """Begin without any."""
        self._clock = clock
        self._remembered_seconds = 0.0
        self._held: Counter[EntityRef] = Counter()
        self._answers: dict[EntityRef, Answer] = {}
        self._freed = asyncio.Event()
        self._claims: dict[EntityRef, Claim] = {}
        self._released: dict[EntityRef, float] = {}
        self._left_open: frozenset[EntityRef] = frozenset()
        self._applied: list[PendingUpdates] = []
        self._looked_at: set[EntityRef] = set()
        self._choosing = asyncio.Lock()
        self._adding = WeakValueDictionary[str, asyncio.Lock]()
        self.passed = Passed(clock)

    def remember(self, seconds: float) -> None:
        """Remember answers for so many seconds at least."""
        self._remembered_seconds = max(self._remembered_seconds, seconds)

    @contextmanager
    def holding(self, refs: Collection[EntityRef]) -> Iterator[None]:
        """Let nobody else write these items meanwhile; where that is cut off, perhaps with an intent left open."""
        self._held.update(refs)
        try:
            yield
        except BaseException:
            self.leave_open(refs)
            raise
        finally:
            self._held.subtract(refs)
            self._held += Counter()  # who judges what a batch left open may hold it while that is still settled
            self._free()

    def holds(self, ref: EntityRef, claim: Claim | None) -> bool:
        """Tell whether an item is being written, or claimed by another."""
        return ref in self._held or self.is_claimed(ref, claim)

    def until_freed(self, pending: Iterable[Update], claim: Claim | None) -> asyncio.Event | None:
        """Return what is set when something is written, where all of these wait for that; None where one does not."""
        refs = [update.ref for update in pending]
        return self._freed if refs and all(self.holds(ref, claim) for ref in refs) else None

    def note_answered(self, chunk: Sequence[Update], outcomes: Sequence[WriteOutcome], now: float) -> None:
        """Note when items were written, and when what their writes left was read; what was deferred was not written."""
        old = [ref for ref, answer in self._answers.items() if now - answer.at > self._remembered_seconds]
        for ref in old:
            del self._answers[ref]
        for update, outcome in zip(chunk, outcomes, strict=True):
            if isinstance(outcome, Deferred):
                continue
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

    @asynccontextmanager
    async def adding(self, token: str) -> AsyncIterator[None]:
        """Wait until nobody else adds the item of this form; whoever comes next finds what became of it."""
        async with self._adding.setdefault(token, asyncio.Lock()):
            yield

    # ------------------------------------------------------------------------------------------ what others do

    @contextmanager
    def applying(self, work: PendingUpdates) -> Iterator[None]:
        """Have these updates in hand, with the repairs among them that are owed."""
        self._applied.append(work)
        try:
            yield
        finally:
            self._applied = [other for other in self._applied if other is not work]

    @asynccontextmanager
    async def looking(self, choose: Callable[[], Awaitable[Entries]]) -> AsyncIterator[Entries]:
        """Choose entries of the queue, which nobody else looks at meanwhile."""
        async with self._choosing:
            entries = await choose()
            refs = {entry.ref for entry in entries}
            self._looked_at |= refs
        try:
            yield entries
        finally:
            self._looked_at -= refs

    @property
    def looked_at(self) -> frozenset[EntityRef]:
        """The items whose entries in the queue somebody looks at."""
        return frozenset(self._looked_at)

    @property
    def in_hand(self) -> frozenset[EntityRef]:
        """The items that may have an open intent of which somebody takes care: it is no one's to recover."""
        owed = (one.ref for work in self._applied for one in work.pending if one.repair_batch is not None)
        return frozenset((*self._held, *self._looked_at, *owed))

    # ------------------------------------------------------------------------------------------------- claims

    def is_claimed(self, ref: EntityRef, claim: Claim | None) -> bool:
        """Tell whether an item is claimed by another than `claim`."""
        return self._claims.get(ref, claim) is not claim

    def may_touch(self, ref: EntityRef, claim: Claim | None) -> bool:
        """Tell whether what is open of an item may be looked at: of its own items by a claim, of all others else."""
        return self._claims.get(ref) is claim

    @property
    def claimed(self) -> tuple[EntityRef, ...]:
        """The items that are claimed."""
        return tuple(self._claims)

    def was_claimed_since(self, snapshot: AnySnapshot, claim: Claim | None) -> bool:
        """Tell whether another has had an item for itself at any time since it was read."""
        released = self._released.get(snapshot.ref)
        return self.is_claimed(snapshot.ref, claim) or (released is not None and snapshot.read_at <= released)

    @property
    def left_open(self) -> frozenset[EntityRef]:
        """The items with an intent without an outcome of which nobody takes care: they must not be written."""
        return self._left_open

    def leave_open(self, refs: Iterable[EntityRef]) -> None:
        """Note items with an intent without an outcome, which whoever comes next is to judge."""
        self._left_open = self._left_open.union(refs)

    def close(self, refs: Iterable[EntityRef]) -> None:
        """Note items that had been left open, and that are not any more."""
        self._left_open = self._left_open.difference(refs)

    def leave_only(self, refs: Iterable[EntityRef]) -> None:
        """Note that of what was left open only these still are."""
        self._left_open = self._left_open.intersection(refs)

    async def take(self, claim: Claim, refs: frozenset[EntityRef]) -> None:
        """Claim items as soon as no other claim has any of them, and wait until none is being written."""
        while not self._claims.keys().isdisjoint(refs):
            await self._freed.wait()
        self._claims |= dict.fromkeys(refs, claim)
        while not self._held.keys().isdisjoint(refs):
            await self._freed.wait()

    def release(self, claim: Claim, left_open: Iterable[EntityRef]) -> None:
        """Give up what is claimed; these are left with an intent without an outcome."""
        now = self._clock.monotonic()
        refs = [ref for ref, owner in self._claims.items() if owner is claim]
        for ref in refs:
            del self._claims[ref]
        long_ago = [ref for ref, at in self._released.items() if now - at > _LONGEST_PAGE]
        for ref in long_ago:
            del self._released[ref]
        self._released |= dict.fromkeys(refs, now)
        self.leave_open(left_open)
        self._free()

    def _free(self) -> None:
        self._freed.set()
        self._freed = asyncio.Event()


class Claim:
    """What a change that passes all others has for itself; `refs` are those items of the moment."""

    def __init__(self, in_flight: InFlight) -> None:
        """Begin with none."""
        self._in_flight = in_flight
        self._left_open: frozenset[EntityRef] = frozenset()
        self.refs: frozenset[EntityRef] = frozenset()

    @asynccontextmanager
    async def of(self, refs: Iterable[EntityRef]) -> AsyncIterator[None]:
        """Have these items; at the end, all of them may have been left open unless it is noted which are."""
        self.refs, self._left_open = frozenset(refs), frozenset()
        try:
            await self._in_flight.take(self, self.refs)
            self._left_open = self.refs
            yield
        finally:
            self._in_flight.release(self, self._left_open)
            self.refs = frozenset()

    def note_open(self, refs: Iterable[EntityRef]) -> None:
        """Note which of all items are left open."""
        self._left_open = self.refs.intersection(refs)


class Passed:
    """Items that were settled by what passes a walk, noted as long as there is one: what it read before is old."""

    def __init__(self, clock: Clock) -> None:
        """Begin with none."""
        self._clock = clock
        self._walks = 0
        self._at: dict[EntityRef, float] = {}

    @contextmanager
    def walking(self) -> Iterator[None]:
        """Note what passes; nothing that is read in this context may be settled after it."""
        self._walks += 1
        try:
            yield
        finally:
            self._walks -= 1
            if not self._walks:
                self._at.clear()

    def note(self, refs: Iterable[EntityRef]) -> None:
        """Note what is settled now."""
        if self._walks:
            self._at |= dict.fromkeys(refs, self._clock.monotonic())

    def since(self, snapshot: AnySnapshot) -> bool:
        """Tell whether this item was settled since it was read."""
        at = self._at.get(snapshot.ref)
        return at is not None and snapshot.read_at <= at
