"""What the state remembers for those who speak with the portal: its limits, and what was done there before.

Neither of the two knows the other.
"""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeVar

from pydantic import BaseModel, Field

from b24syncd.portal.dates.marks import DateMark  # noqa: TC001 # of a field of a model
from b24syncd.portal.pace.limits import LimitsMemory, LimitsState
from b24syncd.store import exclusions, holds, limits, paused_jobs, portal_facts
from b24syncd.store.past import fields_of, pasts_of
from b24syncd.store.reading import open_for_reading

from .errors import RetryLater, StateUnusable
from .tokens import BorrowedPairs, StoredPairs

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

    import sqlite_utils

    from b24syncd.domain.entities import EntityRef
    from b24syncd.domain.holds import Hold
    from b24syncd.domain.past import FieldPast, Past
    from b24syncd.portal.wire.credentials import Pairs
    from b24syncd.store.database import Database

    from .clock import Clock
    from .tokens import HeldPairs, Vault

T = TypeVar("T")


class _Learnt(BaseModel):
    """What was learnt, as it is stored."""

    send_times: tuple[float, ...] = ()
    costs: dict[str, float] = Field(default_factory=dict)
    operating: dict[str, tuple[float, float]] = Field(default_factory=dict)
    reached: float | None = None
    utc_offset: float | None = None
    set_back_at: float | None = None
    dates: dict[str, DateMark] = Field(default_factory=dict)
    answered: float | None = None
    ledgers: dict[str, tuple[tuple[float, float], ...]] = Field(default_factory=dict)
    group_sizes: dict[str, int] = Field(default_factory=dict)
    undated: int = 0
    operating_limits: dict[str, tuple[float, float]] = Field(default_factory=dict)
    second_family: tuple[float, str] | None = None


class Memory(LimitsMemory, Protocol):
    """What the state knows for a client: the limits, and where the tokens of an application are."""

    def pairs(self, vault: Vault, clock: Clock, /) -> Pairs:
        """Return where the tokens of an application are kept."""
        ...


class StoredMemory:
    """Keeps in the state what the client learns of the portal's limits, and knows from its journal what was done."""

    def __init__(self, database: Database) -> None:
        """Keep it in `database`."""
        self._database = database
        self._renewing = asyncio.Lock()

    def pairs(self, vault: Vault, _clock: Clock, /) -> Pairs:
        """Return where the tokens of an application are kept."""
        return StoredPairs(self._database, vault, self._renewing)

    async def load(self) -> LimitsState:
        """Return what was saved last."""
        return _state_of(await self._database.read(limits.load_limits))

    async def save(self, state: LimitsState) -> None:
        """Replace what was saved."""
        # not `asdict` of all of it, which takes longer than to store it: this is done before each request
        document = {name: getattr(state, name) for name in _Learnt.model_fields}
        document["dates"] = {name: asdict(mark) for name, mark in state.dates.items()}
        await self._database.write(lambda db: limits.save_limits(db, document))

    async def pasts(self, activities: Collection[EntityRef]) -> Mapping[EntityRef, Past]:
        """Return the pasts of those activities that have one."""
        return await self._database.read(lambda db: pasts_of(db, activities))

    async def field_pasts(self, items: Collection[EntityRef]) -> Mapping[EntityRef, Mapping[str, FieldPast]]:
        """Return what was done with fields of those items."""
        return await self._database.read(lambda db: fields_of(db, items))


class BorrowedMemory:
    """Begins with what the state knows and leaves the state as it is: for dry runs."""

    def __init__(self, path: Path) -> None:
        """Look into the state at `path`, if there is one."""
        self._path = path

    def pairs(self, vault: Vault, clock: Clock, /) -> Pairs:
        """Return where the tokens of an application are kept."""
        return BorrowedPairs(self._path, vault, clock)

    async def load(self) -> LimitsState:
        """Return what was saved last; nothing where no state can be read."""
        return self._read(lambda db: _state_of(limits.load_limits(db))) or LimitsState()

    async def save(self, state: LimitsState) -> None:
        """Keep nothing."""

    async def pasts(self, activities: Collection[EntityRef]) -> Mapping[EntityRef, Past]:
        """Return the pasts of those activities that have one; none where no state can be read."""
        return self._read(lambda db: pasts_of(db, activities)) or {}

    async def field_pasts(self, items: Collection[EntityRef]) -> Mapping[EntityRef, Mapping[str, FieldPast]]:
        """Return what was done with fields of those items; nothing where no state can be read."""
        return self._read(lambda db: fields_of(db, items)) or {}

    def _read(self, read: Callable[[sqlite_utils.Database], T]) -> T | None:
        try:
            with open_for_reading(self._path) as db:
                return read(db)
        except (StateUnusable, RetryLater):
            return None


class BeginningMemory(BorrowedMemory):
    """As that, but the tokens are in no state yet: of a portal that is being set up."""

    def __init__(self, path: Path, pairs: HeldPairs) -> None:
        """Look into the state at `path`, if there is one, and hold these tokens."""
        super().__init__(path)
        self._pairs = pairs

    def pairs(self, _vault: Vault, _clock: Clock, /) -> Pairs:
        """Return the tokens."""
        return self._pairs


def _state_of(document: Mapping[str, object]) -> LimitsState:
    return LimitsState(**dict(_Learnt.model_validate(document)))


@dataclass(frozen=True, slots=True)
class Remembered:
    """What the state remembers that the next run has to heed: holds, fields of jobs, what is excluded or paused."""

    holds: tuple[Hold, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    excluded: frozenset[EntityRef] = frozenset()
    paused: frozenset[str] = frozenset()


def remembered_in(path: Path) -> Remembered:
    """Return what a state remembers that is only looked into; nothing where there is none."""
    try:
        with open_for_reading(path) as db:
            return remembered(db)
    except (StateUnusable, RetryLater):
        return Remembered()


def remembered(db: sqlite_utils.Database, *, goes_on: bool = False) -> Remembered:
    """Return what a state remembers; a person who lets a run go on wants the fields that are there now."""
    excluded = frozenset(one.ref for one in exclusions.all_of(db))
    paused = frozenset(one.job for one in paused_jobs.paused(db))
    return Remembered(holds.standing(db), {} if goes_on else portal_facts.fields(db), excluded, paused)
