"""The country beside a phone, which no method shows or takes: what becomes of it when a phone is corrected and undone.

php: modules/crm/classes/general/crm_field_multi.php `Update`, `fetchCountryCode`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.engine.world import CONTACT

from b24syncd.domain.entities import EntityRef
from b24syncd.simulator.tables.model import PointChange
from b24syncd.simulator.tables.phone_countries import country_of
from b24syncd.store.history import Filter

if TYPE_CHECKING:
    from tests.engine.world import World


@pytest.mark.parametrize("api", ["universal", "classic"])
async def test_a_corrected_phone_has_the_country_of_its_number_and_others_keep_theirs(world: World, api: str) -> None:
    item = world.add("8 916 123-45-67", "+79161234568")
    found = world.portal.find(CONTACT, item)
    assert found is not None
    world.configure(portal__api=api)
    for point in found.points.values():
        chosen = PointChange(point.id, "PHONE", point.value_type, point.value, "XX")
        world.portal.change(found, {}, [chosen], "person")
    await world.backfill()
    assert world.phones(item) == ["+79161234567", "+79161234568"]
    assert [country_of(point) for point in found.points.values()] == ["RU", "XX"]
    await world.undo(Filter(item=EntityRef.parse(f"contact:{item}")))
    assert world.phones(item) == ["8 916 123-45-67", "+79161234568"]
    assert [country_of(point) for point in found.points.values()] == ["", "XX"]
