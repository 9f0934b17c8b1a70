"""What tests of decisions share: deciding in a world, as the command line does."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.engine.undone import unshown

from b24syncd import app
from b24syncd.domain.decisions import Decision

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.engine.world import World

    from b24syncd.app import Decided
    from b24syncd.domain.decisions import Deciding
    from b24syncd.store.stored_reviews import StoredReview


def decisions(reviews: Iterable[StoredReview]) -> list[Decision]:
    """Return what accepts these reviews, as far as they suggest something."""
    return [
        Decision(one.id, one.ref, one.job, one.point_id, one.value, one.suggestion) for one in reviews if one.suggestion
    ]


async def accept(world: World, chosen: list[Decision] | None = None, *, seconds: float = 60.0) -> Decided:
    """Accept what is open, or what is chosen."""
    wanted = decisions(world.reviews()) if chosen is None else chosen
    async with asyncio.timeout(seconds):
        return await app.decide(world.settings, wanted, unshown, clock=world.clock)


async def edited(world: World, review: StoredReview, value: str, *, to_the_letter: bool = False) -> Decided:
    """Give an entry that a review is of another value."""
    start = (review.id, review.ref, review.job, review.point_id, review.value)
    return await accept(world, [Decision(*start, value, is_suggestion=False, to_the_letter=to_the_letter)])


async def rehearsed(world: World, chosen: list[Decision] | None = None) -> list[Deciding]:
    """Return what accepting would do."""
    found: list[Deciding] = []
    wanted = decisions(world.reviews()) if chosen is None else chosen
    await app.preview_decisions(world.settings, wanted, unshown, found.append, clock=world.clock)
    return [one for one in found if one.corrections or one.left]


def why_left(decided: Decided) -> list[str]:
    return [left.why.value for left in decided.left]
