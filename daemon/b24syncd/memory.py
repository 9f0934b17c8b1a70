"""What the state remembers for the client: the portal's limits, and what was done with activities before.

Neither of the two knows the other.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from pydantic import BaseModel, Field

from b24syncd.errors import RetryLater, StateUnusable
from b24syncd.portal.date_marks import DateMark  # noqa: TC001 # of a field of a model
from b24syncd.portal.limits import LimitsState
from b24syncd.store import limits
from b24syncd.store.past import last_written, pasts_of
from b24syncd.store.reading import open_for_reading

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from b24syncd.domain.entities import EntityRef
    from b24syncd.domain.past import Past
    from b24syncd.store.database import Database


class _Learnt(BaseModel):
    """What was learnt, as it is stored."""

    send_times: tuple[float, ...] = ()
    costs: dict[str, float] = Field(default_factory=dict)
    operating: dict[str, tuple[float, float]] = Field(default_factory=dict)
    reached: float | None = None
    utc_offset: float | None = None
    set_back_at: float | None = None
    dates: dict[str, DateMark] = Field(default_factory=dict)


class StoredMemory:
    """Keeps what the client learns of the portal's limits in the state."""

    def __init__(self, database: Database) -> None:
        """Keep it in `database`."""
        self._database = database

    async def load(self) -> LimitsState:
        """Return what was saved last."""
        return _state_of(await self._database.read(limits.load_limits))

    async def save(self, state: LimitsState) -> None:
        """Replace what was saved."""
        # not `asdict` of all of it, which takes longer than to store it: this is done before each request
        document = {name: getattr(state, name) for name in _Learnt.model_fields}
        document["dates"] = {name: asdict(mark) for name, mark in state.dates.items()}
        await self._database.write(lambda db: limits.save_limits(db, document))


class BorrowedMemory:
    """Begins with what the state knows of the limits and leaves the state as it is: for dry runs."""

    def __init__(self, path: Path) -> None:
        """Look into the state at `path`, if there is one."""
        self._path = path

    async def load(self) -> LimitsState:
        """Return what was saved last; nothing where no state can be read."""
        try:
            with open_for_reading(self._path) as db:
                return _state_of(limits.load_limits(db))
        except (StateUnusable, RetryLater):
            return LimitsState()

    async def save(self, state: LimitsState) -> None:
        """Keep nothing."""


class StoredPast:
    """Knows from the journal what was done with activities, and what was written into fields."""

    def __init__(self, database: Database) -> None:
        """Look into `database`."""
        self._database = database

    async def __call__(self, refs: Collection[EntityRef]) -> Mapping[EntityRef, Past]:
        """Return the pasts of those that have one."""
        return await self._database.read(lambda db: pasts_of(db, refs))

    async def written(self, refs: Collection[EntityRef], field: str) -> Mapping[EntityRef, str | None]:
        """Return what was last written into a field of these items; those that it never was are left out."""
        return await self._database.read(lambda db: last_written(db, refs, field))


class BorrowedPast:
    """Knows the same from a state that it only looks into: for dry runs."""

    def __init__(self, path: Path) -> None:
        """Look into the state at `path`, if there is one."""
        self._path = path

    async def __call__(self, refs: Collection[EntityRef]) -> Mapping[EntityRef, Past]:
        """Return the pasts of those that have one; none where no state can be read."""
        try:
            with open_for_reading(self._path) as db:
                return pasts_of(db, refs)
        except (StateUnusable, RetryLater):
            return {}

    async def written(self, refs: Collection[EntityRef], field: str) -> Mapping[EntityRef, str | None]:
        """Return what was last written into a field of these items; nothing where no state can be read."""
        try:
            with open_for_reading(self._path) as db:
                return last_written(db, refs, field)
        except (StateUnusable, RetryLater):
            return {}


def _state_of(document: Mapping[str, object]) -> LimitsState:
    return LimitsState(**dict(_Learnt.model_validate(document)))
