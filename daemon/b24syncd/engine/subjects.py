"""Subjects: what the engine keeps right, one by one. CRM items with their contact points, activities with bindings."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from b24syncd.portal.vocabulary import UNIVERSAL

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from b24syncd.domain.entities import EntityRef, EntityType
    from b24syncd.domain.judging import Judge
    from b24syncd.domain.rules import PhoneRules
    from b24syncd.domain.states import AnySnapshot
    from b24syncd.errors import Problem
    from b24syncd.feeders.pages import Feed, Page
    from b24syncd.portal.commands import Priority
    from b24syncd.portal.vocabulary import Vocabulary
    from b24syncd.portal.writes import Read, Write, WriteOutcome

    from .planning import Planner


class Subjects(Protocol):
    """One kind of subjects at the portal; writes are witnessed and never retried."""

    async def read(self, refs: Iterable[EntityRef], *, priority: Priority) -> Read:
        """Read subjects with everything that planning needs; those that are gone are left out."""

    async def renew(self, snapshots: Sequence[AnySnapshot], *, priority: Priority) -> Read:
        """Read again what corrections change; those that are gone are left out."""

    async def room(self, wanted: int, *, priority: Priority) -> int:
        """Wait until at least one witnessed write fits into the limits; return how many of `wanted` do, at least 1."""

    async def write(
        self, writes: Sequence[Write], *, priority: Priority, before_send: Callable[[], Awaitable[None]]
    ) -> tuple[WriteOutcome, ...]:
        """Send one batch of witnessed writes; outcomes in order. Raises `OutcomeUnknown` when the answer was lost."""


Check = Callable[[], Awaitable["tuple[Problem, ...]"]]


Recall = Callable[["Sequence[AnySnapshot]"], Awaitable["tuple[AnySnapshot, ...]"]]


@dataclass(frozen=True, slots=True)
class Looked:
    """What was read for items that a person named, and which of them are gone or not to be read.

    `of_concern` are those that were looked for at all.
    """

    page: Page
    of_concern: frozenset[EntityRef] = frozenset()
    missing: tuple[EntityRef, ...] = ()


class Lookup(Protocol):
    """Looks at single items that a person names."""

    async def __call__(self, refs: Sequence[EntityRef], *, priority: Priority) -> Looked:
        """Read what hangs on these items; those of no concern are neither read nor missing."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of subjects: what reads and writes them, plans for them and judges them, and where pages come from.

    `types` tells whose entries in the queue and whose open intents are its own. `pages_under_way` is how many pages of
    a walk may be worked on at once: one, where two may hold the same subject, which only one write at a time may touch.
    `check` tells what it needs of the portal and is no longer there; `recall` completes snapshots by what the journal
    has learnt since they were read. `vocabulary` is that of the portal's items, whoever reads them. One that
    `only_settles` leaves entries of the queue to the jobs that they wait for, once open intents are judged.
    `prerequisite` tells what keeps a daemon from all work of this kind, where a walk ends with an error. `phone_rules`
    are those by which phones are read, where any are. `lack` tells what was taken from the webhook, without which only
    a part of the work goes on.
    """

    types: tuple[EntityType, ...]
    subjects: Subjects
    judge: Judge[Any, Any]
    planner: Planner
    feeds: tuple[Feed, ...]
    look_at: Lookup
    pages_under_way: int
    only_settles: bool = False
    check: Check | None = None
    prerequisite: Check | None = None
    recall: Recall | None = None
    phone_rules: PhoneRules | None = None
    lack: Callable[[], str | None] | None = None
    vocabulary: Vocabulary = UNIVERSAL
