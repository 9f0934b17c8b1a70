"""Old items of a portal may not tell whether they have phones: such a column was added later, and is empty for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.engine.world import CONTACT

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.engine.world import World


@pytest.fixture
async def world(make_world: Callable[..., object]) -> World:
    """A portal that does not know which items have phones."""
    return await make_world(sets_flags=False)  # type: ignore[misc, no-any-return] # it makes worlds


@pytest.mark.parametrize("api", ["classic", "universal"])
async def test_an_item_without_phones_is_corrected_and_proved_at_once(world: World, api: str) -> None:
    world.configure(portal__api=api)
    item = world.add(emails=["Info@Romashka-Opt.RU"])
    summary = await world.backfill()
    found = world.portal.find(CONTACT, item)
    assert found is not None
    assert [point.value for point in found.points.values()] == ["info@romashka-opt.ru"]
    assert world.outcomes() == {"done": 1}
    assert (summary.counts["corrected"], summary.counts["unverified"]) == (1, 0)
    await world.assert_settled()
