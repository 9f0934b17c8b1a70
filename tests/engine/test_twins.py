"""Exact twins: two entries of an item with the same type and value, of which the portal shows and changes one.

php: modules/crm/lib/Multifield/Collection.php `add`; what is written to the id of a hidden one makes a new entry
(modules/crm/lib/Multifield/Assembler.php `updateCollectionByArray`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.engine.world import CONTACT, edit

from b24syncd.simulator.people.person import Action, Trigger

if TYPE_CHECKING:
    from tests.engine.world import World

RAW, OTHER = "8 916 123-45-67", "8 495 765-43-21"
NEW, OTHER_NEW = "+79161234567", "+74957654321"
GETS = {"universal": "crm.item.get", "classic": "crm.contact.get"}
APIS = tuple(GETS)


@pytest.fixture(params=APIS)
def api(request: pytest.FixtureRequest, world: World) -> str:
    """The kind of methods that items are read and written with."""
    name = str(request.param)
    world.configure(portal__api=name)
    return name


@pytest.mark.parametrize(
    ("entries", "left"),
    [
        ([RAW, RAW], [NEW]),
        ([RAW, RAW, RAW], [NEW]),
        ([RAW, OTHER, RAW], [NEW, OTHER_NEW]),
        ([RAW, RAW, NEW], [NEW]),
        ([NEW, RAW, RAW], [NEW]),
        ([NEW, NEW], [NEW, NEW]),  # nothing can be done about it, and nothing is lost
    ],
)
async def test_twins_are_corrected_one_after_the_other(
    world: World, api: str, entries: list[str], left: list[str]
) -> None:
    item = world.add(*entries)
    summary = await world.backfill()
    assert sorted(world.phones(item)) == sorted(left), api
    assert (summary.counts["failed"], world.given_up()) == (0, [])
    await world.assert_settled()


@pytest.mark.parametrize("entries", [[RAW, OTHER], [RAW, NEW], [NEW, RAW]])
@pytest.mark.parametrize("edited", [0, 1])
async def test_an_entry_becomes_a_twin_before_the_witness(
    world: World, api: str, entries: list[str], edited: int
) -> None:
    """What the write adds for the hidden one goes again, for the person has written something else there."""
    item = world.add(*entries)
    found = world.portal.find(CONTACT, item)
    assert found is not None
    same = entries[1 - edited]
    point_id = list(found.points)[edited]
    change = edit(Action.CHANGE, item, point_id=point_id, value=same, canonical=(canonical(same),))
    world.portal.person.plan(Trigger(method=GETS[api], entity_type_id=CONTACT, item_id=item), change)
    summary = await world.backfill()
    assert set(world.phones(item)) == {canonical(same)}
    assert (summary.counts["failed"], world.given_up()) == (0, [])
    await world.assert_settled(repeated=True)


def canonical(written: str) -> str:
    """Return the canonical form of these numbers."""
    return {RAW: NEW, OTHER: OTHER_NEW}.get(written, written)
