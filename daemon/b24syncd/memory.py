"""What the client learns of the portal's limits outlives restarts in the state; neither of the two knows the other."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from pydantic import BaseModel, Field

from b24syncd.portal.limits import LimitsState
from b24syncd.store import limits

if TYPE_CHECKING:
    from b24syncd.store.database import Database


class _Learnt(BaseModel):
    """What was learnt, as it is stored."""

    send_times: tuple[float, ...] = ()
    costs: dict[str, float] = Field(default_factory=dict)
    operating: dict[str, tuple[float, float]] = Field(default_factory=dict)


class StoredMemory:
    """Keeps what the client learns of the portal's limits in the state."""

    def __init__(self, database: Database) -> None:
        """Keep it in `database`."""
        self._database = database

    async def load(self) -> LimitsState:
        """Return what was saved last."""
        document = await self._database.read(limits.load_limits)
        return LimitsState(**_Learnt.model_validate(document).model_dump())

    async def save(self, state: LimitsState) -> None:
        """Replace what was saved."""
        document = asdict(state)
        await self._database.write(lambda db: limits.save_limits(db, document))
