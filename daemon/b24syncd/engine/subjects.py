"""Subjects: what the engine keeps right, one by one. CRM items, and activities with their bindings."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from b24syncd.domain.conditions import ConditionKind
from b24syncd.domain.job_names import EDITS
from b24syncd.portal.words.vocabulary import UNIVERSAL

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from b24syncd.domain.entities import EntityRef, EntityType
    from b24syncd.domain.judging import Judge
    from b24syncd.domain.plans import Plan
    from b24syncd.domain.rules import PhoneRules
    from b24syncd.domain.states import AnySnapshot
    from b24syncd.errors import Problem
    from b24syncd.feeders.pages import Feed, Page
    from b24syncd.portal.wire.commands import Priority
    from b24syncd.portal.words.vocabulary import Vocabulary
    from b24syncd.portal.writes import Read, Write, WriteOutcome

    from .planning import Planner


class Subjects(Protocol):
    """One kind of subjects at the portal; writes are witnessed and never retried."""

    async def read(self, refs: Iterable[EntityRef], *, priority: Priority) -> Read:
        """Read subjects with everything that planning needs; those that are gone are left out."""

    async def renew(self, snapshots: Sequence[AnySnapshot], *, priority: Priority) -> Read:
        """Read again what corrections change; those that are gone are left out."""

    @property
    def renewed_by_request(self) -> int:
        """How many of them one request reads again at least."""

    async def recall(self, snapshots: Sequence[AnySnapshot]) -> tuple[AnySnapshot, ...]:
        """Return snapshots with what the journal has learnt of their past since they were read."""

    def forgo(self, fields: Collection[tuple[EntityType, str]], points: Collection[EntityType]) -> None:
        """Leave out these fields, by type and name, and contact points of these types, and nothing else."""

    async def room(self, wanted: Sequence[Write], *, priority: Priority, renewed: bool = False) -> int:
        """Wait until at least one witnessed write fits into the limits; return how many of the first do, at least 1.

        With `renewed` there is to be room for reading it again before as well.
        """

    def renewable(self, wanted: int, *, priority: Priority) -> int:
        """Return how many of `wanted` could be read again and written before operating time runs out, perhaps none."""

    def takes(self, write: Write, *, priority: Priority) -> bool:
        """Tell whether a write may be in the batch for which there is room; others wait for the next."""

    async def write(
        self, writes: Sequence[Write], *, priority: Priority, before_send: Callable[[], Awaitable[None]]
    ) -> tuple[WriteOutcome, ...]:
        """Send one batch of witnessed writes; outcomes in order. Raises `OutcomeUnknown` when the answer was lost."""


Check = Callable[[], Awaitable["tuple[Problem, ...]"]]


@dataclass(frozen=True, slots=True)
class Requirement:
    """What jobs need of the portal, and a `check` of what of it is missing; one that `stops_walks` is told to them.

    Without it these jobs rest, and the others of their kind go on; `kind` is what that is.
    """

    jobs: tuple[str, ...]
    check: Check
    stops_walks: bool = False
    kind: ConditionKind = ConditionKind.FIELD_MISSING

    @property
    def name(self) -> str:
        """The jobs, as conditions name them."""
        return ", ".join(self.jobs)


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What was read for items that a person named, and which of them are gone or not to be read.

    `of_concern` are those that were looked for at all.
    """

    page: Page
    of_concern: frozenset[EntityRef] = frozenset()
    missing: tuple[EntityRef, ...] = ()


class Lookup(Protocol):
    """Looks at single items that a person names."""

    async def __call__(self, refs: Sequence[EntityRef], *, priority: Priority) -> LookedUp:
        """Read what hangs on these items; those of no concern are neither read nor missing."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of subjects: what reads and writes them, plans for them and judges them, and where pages come from.

    `types` tells whose entries in the queue and whose open intents are its own: each type belongs to one kind.
    `pages_under_way` is how many pages of a walk may be worked on at once. `requirements` tell what its jobs need of
    the portal and may be no longer there, `lacks` what was taken from the webhook, by the jobs that work only in part
    without it. `left_out` are jobs that are enabled and take no part in this run, with their types: what waits in the
    queue for them is left to them, once open intents are judged, as everything is that a kind `only_settles`.
    `vocabulary` is that of the portal's items, whoever reads them. `phone_rules` are those by which phones are read,
    where any are.
    """

    types: tuple[EntityType, ...]
    subjects: Subjects
    judge: Judge[Any, Any]
    planner: Planner
    feeds: tuple[Feed, ...]
    lookup: Lookup
    pages_under_way: int
    only_settles: bool = False
    left_out: Mapping[str, frozenset[EntityType]] = field(default_factory=dict)
    requirements: tuple[Requirement, ...] = ()
    phone_rules: PhoneRules | None = None
    lacks: Mapping[str, Callable[[], str | None]] = field(default_factory=dict)
    vocabulary: Vocabulary = UNIVERSAL

    def is_whole(self, ref: EntityRef, plan: Plan) -> bool:
        """Tell whether every enabled job that is for the item planned it: of another one nothing is known."""
        return ref.type not in self.left_types and self.planner.is_whole(ref, plan)

    def leaves_to(self, job: str) -> bool:
        """Tell whether what is open of a job is left to it: it is enabled, and does not work now; so are edits."""
        return job == EDITS or job in self.left_out or job in self.planner.at_rest

    @property
    def left_types(self) -> frozenset[EntityType]:
        """The types whose entries in the queue are left there: a job that is for them does not work now."""
        if self.only_settles:
            return frozenset(self.types)
        return frozenset().union(*self.left_out.values()) | self.planner.types_at_rest
