"""How far a backfill has come, for whoever shows it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from b24syncd.errors import Tasks

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from .tally import Tally


class Sending(Protocol):
    """What a display wants to know of the client."""

    @property
    def waiting(self) -> str | None:
        """What requests wait for at the moment, in words."""

    @property
    def requests_sent(self) -> int:
        """How many requests have left."""


@dataclass(slots=True)
class Progress:
    """Updated by the backfill, read by the display; ids stand for the share that is done, as counting costs the portal.

    `highest_ids` and `reached_ids` are per feed, by its name; `phase` names what is going on.
    `read_ahead` subjects are read but not settled, and so not counted yet.
    """

    tally: Tally
    phase: str = "starting"
    read_ahead: int = 0
    highest_ids: dict[str, int] = field(default_factory=dict)
    reached_ids: dict[str, int] = field(default_factory=dict)

    @property
    def share_done(self) -> float:
        """The share of all ids that is walked, from 0 to 1."""
        total = sum(self.highest_ids.values())
        if not total:
            return 0.0
        reached = sum(min(self.reached_ids.get(key, 0), highest) for key, highest in self.highest_ids.items())
        return reached / total


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
