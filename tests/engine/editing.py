"""What tests of edits share: saving and adding in a world, as a form does, and what an item of the portal holds."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from uuid import uuid4

from tests.engine.undone import unshown

from b24syncd import app
from b24syncd.domain.additions import Addition
from b24syncd.domain.edits import Edit, FieldEdit, PointEdit
from b24syncd.domain.entities import EntityRef, EntityType

if TYPE_CHECKING:
    from tests.engine.world import World

    from b24syncd.app import Added, Edited
    from b24syncd.domain.edits import AnyEdit
    from b24syncd.domain.values import Value
    from b24syncd.simulator.tables.model import Item


def item_of(world: World, kind: str, **values: object) -> EntityRef:
    """Make an item that nobody changed for a long time."""
    entity_type, long_ago = EntityType(kind), int(world.portal.clock()) - 86400
    item = world.portal.create(entity_type.type_id, values, [], "generator", long_ago)  # type: ignore[arg-type] # values
    return EntityRef(entity_type, item.id)


def there(world: World, ref: EntityRef) -> Item:
    """Return what the portal has."""
    item = world.portal.find(ref.type.type_id, ref.id)
    assert item is not None
    return item


def value(world: World, ref: EntityRef, name: str) -> object:
    """Return what stands in a field."""
    return there(world, ref).values.get(name)


def all_of(world: World, kind: str) -> list[EntityRef]:
    """Return all items of a type."""
    entity_type = EntityType(kind)
    return [EntityRef(entity_type, number) for number in world.portal.table(entity_type.type_id).ids]


def edit_of(ref: EntityRef, *changes: AnyEdit) -> Edit:
    """Return an edit of these changes."""
    fields = tuple(one for one in changes if isinstance(one, FieldEdit))
    return Edit(ref, fields, tuple(one for one in changes if isinstance(one, PointEdit)))


async def save(world: World, ref: EntityRef, *changes: AnyEdit, by: str = "", seconds: float = 300.0) -> Edited:
    """Save these changes."""
    async with asyncio.timeout(seconds):
        return await app.save(world.settings, edit_of(ref, *changes), unshown, by=by, clock=world.clock)


def addition(kind: str, *points: PointEdit, token: str = "", **fields: Value) -> Addition:
    """Return a form of a new item that is sent."""
    return Addition(EntityType(kind), token or uuid4().hex, tuple(fields.items()), points)


async def add(world: World, wanted: Addition, *, by: str = "", seconds: float = 300.0) -> Added:
    """Add an item."""
    async with asyncio.timeout(seconds):
        return await app.add(world.settings, wanted, unshown, by=by, clock=world.clock)


def fates(edited: Edited) -> list[str]:
    """Return what became of each change."""
    return [one.fate.value for one in edited.endings]
