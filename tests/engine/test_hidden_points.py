"""Portals that are too old for the universal methods do not show the contact points of their items by these."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from b24syncd.portal.replies import UnexpectedReply

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.engine.world import World


@pytest.fixture
async def world(make_world: Callable[..., object]) -> World:
    """A portal that tells of items only whether they have phones."""
    return await make_world(shows_points=False)  # type: ignore[misc, no-any-return] # it makes worlds


async def test_items_whose_phones_are_not_shown_do_not_pass_for_items_without_any(world: World) -> None:
    world.add()
    world.add("8 916 123-45-67")
    with pytest.raises(UnexpectedReply, match="too old"):
        await world.backfill()
    with pytest.raises(UnexpectedReply, match="too old"):
        await world.preview()


async def test_the_classic_methods_show_them(world: World) -> None:
    item = world.add("8 916 123-45-67")
    world.configure(portal__api="classic")
    await world.backfill()
    assert world.phones(item) == ["+79161234567"]
