"""Contacts without any name, of which the portal refuses every update (php: modules/crm/lib/Field/LastName.php)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.simulator.tables.fields import CONTACT
from b24syncd.simulator.tables.model import PointChange

if TYPE_CHECKING:
    from tests.engine.world import World

MESSY, CLEAN = "8 (495) 377-30-78", "+74953773078"


async def test_a_contact_without_a_name_is_refused_with_what_to_do_and_the_others_go_on(world: World) -> None:
    point = PointChange(None, "PHONE", "WORK", MESSY)
    nameless = world.portal.create(CONTACT, {"name": ""}, [point], "generator", int(world.portal.clock()) - 86400).id
    other = world.add(MESSY)
    summary = await world.backfill()
    assert world.phones(nameless) == [MESSY]
    assert world.phones(other) == [CLEAN]
    (failed,) = summary.failed
    assert failed.ref == EntityRef(EntityType.CONTACT, nameless)
    assert "Please complete at least one of them" in (failed.detail or "")
    world.portal.table(CONTACT).items[nameless].values["name"] = "Anna"
    assert (await world.backfill()).failed == ()
    assert world.phones(nameless) == [CLEAN]
