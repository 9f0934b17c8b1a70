"""What tests of undo share: undoing in a world, and what an item of the portal holds."""

from __future__ import annotations

from collections import Counter
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from b24syncd import app
from b24syncd.domain.entities import EntityRef
from b24syncd.reports.manual_changes import UndoReport
from b24syncd.store import holds
from b24syncd.store.database import open_for_writing
from b24syncd.store.history import Filter
from b24syncd.store.reading import open_for_reading

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.engine.world import World

    from b24syncd.app import Undone
    from b24syncd.domain.undoing import Undoing
    from b24syncd.engine.how_far import Watching

Points = dict[tuple[int, int], Counter[tuple[str, str, str]]]


@asynccontextmanager
async def unshown(_progress: Watching) -> AsyncIterator[None]:
    yield


async def undo(world: World, run: int | None = None, *, item: str | None = None) -> Undone:
    """Undo a run, or what was done to an item."""
    which = Filter(run_id=run, item=None if item is None else EntityRef.parse(item))
    return await world.undo(which)


class Kept(UndoReport):
    """A report that keeps what it is told as well."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Undoing] = []

    def add(self, undoing: Undoing) -> None:
        self.found.append(undoing)
        super().add(undoing)


async def rehearsed(world: World, run: int) -> list[Undoing]:
    """Return what undoing a run would do."""
    report = Kept()
    await app.preview_undo(world.settings, Filter(run_id=run), unshown, report, clock=world.clock)
    return [undoing for undoing in report.found if undoing.corrections or undoing.left]


async def release(world: World, undone: Undone) -> None:
    """Release what an undo holds."""
    run_id, now = undone.summary.run_id, world.journal()[-1].at
    assert run_id is not None
    async with open_for_writing(world.state) as database:
        await database.write(lambda db: holds.release(db, holds.held_by(db, run_id), now=now))


async def release_all(world: World) -> None:
    """Release whatever is held."""
    async with open_for_writing(world.state) as database:
        await database.write(
            lambda db: holds.release(db, [hold.key for hold in holds.standing(db)], now=world.clock.now())
        )


def held(world: World) -> set[tuple[str, str]]:
    """Return what is held, and from which job."""
    with open_for_reading(world.state) as db:
        return {(str(hold.ref), hold.job) for hold in holds.standing(db)}


def points(world: World) -> Points:
    """Return what every item holds; a returned entry has another id."""
    return {
        (item.entity_type_id, item.id): Counter(
            (point.type_id, point.value_type, point.value) for point in item.points.values()
        )
        for table in world.portal.tables.values()
        for item in table.items.values()
        if item.points
    }


def saves(world: World) -> tuple[int, int]:
    return world.portal.history.saves, world.portal.history.empty_saves


async def release_reviews(world: World) -> int:
    """Release what the open reviews tell of."""
    return await app.release(world.settings, [review.id for review in world.reviews()], None, clock=world.clock)
