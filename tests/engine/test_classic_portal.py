"""A self-hosted portal that is too old for the universal methods: `portal.api = "classic"` asks for none of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from b24syncd.errors import CredentialsRefused
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.tables.fields import COMPANY

if TYPE_CHECKING:
    from tests.engine.world import World


@pytest.fixture
def old(world: World) -> World:
    """A portal without universal methods, and two items to correct."""
    for method in ("list", "get", "fields", "update"):
        unknown = Fault(kind=Kind.COMMAND_ERROR, match=f"crm.item.{method}", code="ERROR_METHOD_NOT_FOUND", times=None)
        world.portal.faults.add(unknown)
    world.add("8 (916) 123-45-67")
    world.add("8 (916) 123-45-68", type_id=COMPANY)
    world.configure(portal__api="classic")
    return world


def corrected(world: World) -> int:
    return sum(edit.who == "api" for edits in world.portal.history.edits.values() for edit in edits)


def universal(world: World) -> list[str]:
    return [method for method in world.portal.history.commands if method.startswith("crm.item.")]


async def test_it_is_previewed_and_walked(old: World) -> None:
    _, plans = await old.preview()
    assert (len(plans), corrected(old)) == (2, 0)
    await old.backfill()
    assert corrected(old) == 2
    await old.backfill()
    assert (corrected(old), universal(old)) == (2, [])


async def test_it_is_followed_and_swept(old: World) -> None:
    await old.backfill()
    old.add("8 (916) 123-45-69")  # changed long before the daemon begins, so that only the sweep meets it
    old.configure(changes__sweep_hours=1 / 3600)
    async with old.following():
        await old.until(lambda: corrected(old) == 3)  # the two of the walk, and this one
    assert universal(old) == []


async def test_by_the_universal_methods_it_is_told_that_nothing_can_be_read(old: World) -> None:
    old.configure(portal__api="universal")
    with pytest.raises(CredentialsRefused, match="read none of the configured entity types"):
        await old.backfill()
