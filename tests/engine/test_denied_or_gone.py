"""Items that are gone and to which access is denied all the same: no right is lost by that.

php: modules/crm/lib/Service/UserPermissions/EntityPermissions/Item.php `hasPermissions` grants who is no administrator
nothing of an item that is not there; classic methods and the list of payments ask for the rights first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.engine.paying import DAY, PAYMENTS, date_paid, deal, pay, shown
from tests.engine.world import CONTACT

from b24syncd.simulator.people.person import Action, PersonEdit, Trigger
from b24syncd.simulator.tables.fields import DEAL

if TYPE_CHECKING:
    from tests.engine.paying import MakeWorld
    from tests.engine.world import World

MANY = 25
"""More than the number of items in a row that count as a right that was lost."""


def delete_all(world: World, type_id: int, items: list[int], before: str) -> None:
    """Let a person delete items before the first command of a method."""
    for item in items:
        gone = PersonEdit(action=Action.DELETE_ITEM, entity_type_id=type_id, item_id=item)
        world.portal.person.plan(Trigger(method=before), gone)


@pytest.mark.parametrize("administrator", [True, False])
@pytest.mark.parametrize("api", ["universal", "classic"])
async def test_many_deals_are_deleted_before_their_payments_are_read(
    make_world: MakeWorld, api: str, *, administrator: bool
) -> None:
    world = await make_world(custom_fields=(DAY,), administrator=administrator)
    deals = [deal(world) for _ in range(MANY + 3)]
    for one in deals:
        pay(world, one)
    date_paid(world, api=api)
    delete_all(world, DEAL, deals[:MANY], PAYMENTS)
    summary = await world.backfill()
    assert (summary.stopped, summary.counts["failed"], world.given_up()) == (None, 0, [])
    assert all(shown(world, one) for one in deals[MANY:])


@pytest.mark.parametrize("api", ["universal", "classic"])
@pytest.mark.parametrize("administrator", [True, False])
async def test_many_contacts_are_deleted_before_they_are_written(
    make_world: MakeWorld, api: str, *, administrator: bool
) -> None:
    world = await make_world(administrator=administrator)
    world.configure(portal__api=api)
    items = [world.add("8 916 123-45-67") for _ in range(MANY + 3)]
    delete_all(world, CONTACT, items[:MANY], "crm.item.get" if api == "universal" else "crm.contact.get")
    summary = await world.backfill()
    assert (summary.stopped, summary.counts["failed"], world.given_up()) == (None, 0, [])
    assert {tuple(world.phones(item)) for item in items[MANY:]} == {("+79161234567",)}
    await world.assert_settled()
