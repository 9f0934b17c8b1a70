"""An item is added once, whatever becomes of the answer."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from tests.engine.editing import add, addition, all_of, there, value
from tests.engine.test_handing_over import served
from tests.engine.undone import undo

from b24syncd.app.items import forms_of
from b24syncd.domain.edits import PointEdit
from b24syncd.domain.snapshots import PointKind
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.tables.fields import DEAL, CustomField, SmartType
from b24syncd.store.check import check
from b24syncd.store.reading import open_for_reading

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.engine.conftest import World

    MakeWorld = Callable[..., Coroutine[None, None, World]]

SMART = SmartType(128, 3, "Equipment")
PHONE = PointEdit(PointKind.PHONE, None, "", "+74951234567", "MOBILE")


async def test_an_item_is_added_journalled_and_never_deleted_by_undo(world: World) -> None:
    added = await add(world, addition("contact", PHONE, name="Anna", sourceDescription="one\ntwo"), by="Olga")
    assert added.ending.fate.value == "added"
    (ref,) = all_of(world, "contact")
    assert added.ending.ref == ref
    assert (value(world, ref, "name"), value(world, ref, "sourceDescription")) == ("Anna", "one\ntwo")
    assert [(one.value, one.value_type) for one in there(world, ref).points.values()] == [("+74951234567", "MOBILE")]
    (entry,) = world.journal()
    assert (entry.correction.ref, entry.outcome.value, entry.before, entry.by) == (ref, "done", None, "Olga")
    assert entry.after == "name: Anna, sourceDescription: one\ntwo, phone: +74951234567"
    undone = await undo(world, added.run_id)
    assert [one.why.value for one in undone.left] == ["added_item"]
    assert all_of(world, "contact") == [ref]
    async with forms_of(world.settings, world.clock) as forms:
        (found,) = await forms.duplicates([(PointKind.PHONE, "8 (495) 123-45-67")])
    assert (found.item, found.title, found.detail) == (ref, "Anna", "phone")


@pytest.mark.parametrize("kind", ["deal", "type128"])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("fault", [Kind.RESET, Kind.ERROR_500, Kind.TRUNCATED, Kind.HTML, Kind.HANG])
async def test_a_lost_answer_never_adds_twice(make_world: MakeWorld, kind: str, when: str, fault: Kind) -> None:
    world = await make_world(smart_types=(SMART,))
    world.portal.faults.add(Fault(kind=fault, match="crm.item.add", when=when, times=1))
    wanted = addition(kind, title="Order")
    added = await add(world, wanted)
    assert len(all_of(world, kind)) == (when == "after")
    assert added.ending.fate.value == ("unverified" if when == "after" else "not_added")
    again = await add(world, wanted)  # the same form, sent again
    (ref,) = all_of(world, kind)
    assert again.ending.ref == ref
    assert again.ending.fate.value == ("unverified" if when == "after" else "added")
    assert world.outcomes()["intent"] == 0


@pytest.mark.parametrize("when", ["before", "after"])
async def test_where_nothing_tells_whether_it_was_added_a_person_is_asked_and_it_is_never_tried_again(
    make_world: MakeWorld, when: str
) -> None:
    world = await make_world(smart_types=(SMART,))
    table = world.portal.table(128)  # of a type that carries no mark of ours
    table.describe(tuple(field for field in table.fields if field.name != "xmlId"))
    world.portal.faults.add(Fault(kind=Kind.RESET, match="crm.item.add", when=when, times=1))
    wanted = addition("type128", title="Order")
    for _ in range(2):  # the same form, sent again
        added = await add(world, wanted)
        assert (added.ending.fate.value, added.ending.ref) == ("unknown", None)
        assert "look in the portal whether it is there before you add it again" in added.ending.detail
    await asyncio.sleep(3600)
    await world.backfill()
    assert len(all_of(world, "type128")) == (when == "after")


async def test_a_killed_process_never_adds_twice(world: World) -> None:
    wanted = addition("deal", title="Order", opportunity=Decimal("1500.5"))
    for number in range(1, 7):  # at every command of an addition
        task = asyncio.create_task(add(world, wanted))
        with world.at_command(number, task.cancel), suppress(asyncio.CancelledError):
            await task
    added = await add(world, wanted)
    (ref,) = all_of(world, "deal")
    assert added.ending.ref == ref
    assert world.outcomes()["intent"] == 0


async def test_a_form_that_is_sent_twice_at_once_adds_one_item_and_both_are_told_of_it(world: World) -> None:
    wanted = addition("contact", name="Anna")
    async with served(world):
        both = await asyncio.gather(add(world, wanted), add(world, wanted))
    (ref,) = all_of(world, "contact")
    assert [(one.ending.fate.value, one.ending.ref) for one in both] == [("added", ref)] * 2


async def test_an_item_is_added_though_the_token_expires_at_any_moment(world: World) -> None:
    await world.by_application()
    for number in range(1, 7):
        with world.at_command(number, world.portal.applications.expire):
            added = await add(world, addition("deal", title=f"Order {number}"))
        assert added.ending.fate.value == "added"
    assert len(all_of(world, "deal")) == 6


async def test_what_a_killed_process_added_is_told_by_the_next_walk(world: World) -> None:
    world.portal.faults.add(Fault(kind=Kind.RESET, match="crm.item.add", when="after"))
    task = asyncio.create_task(add(world, addition("deal", title="Order")))
    await world.until(lambda: all_of(world, "deal"))
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    with open_for_reading(world.state) as db:
        assert check(db) == ()
    (ref,) = all_of(world, "deal")
    await asyncio.sleep(world.settings.limits.request_cut_seconds)
    await world.backfill()
    assert [(entry.correction.ref, entry.outcome.value) for entry in world.journal()] == [(ref, "unverified")]


async def test_what_is_missing_or_wrong_is_told_by_field_and_nothing_is_added(make_world: MakeWorld) -> None:
    needed = CustomField(DEAL, "UF_CRM_NEEDED", "Needed", mandatory=True)
    world = await make_world(custom_fields=(needed,))
    added = await add(world, addition("deal", title="Order", createdTime="x"))
    assert (added.ending.fate.value, added.run_id) == ("refused", None)
    assert dict(added.ending.faults).keys() == {"createdTime", "ufCrmNeeded"}
    fault = Fault(
        kind=Kind.COMMAND_ERROR,
        match=lambda call: call.method == "crm.item.add",
        code="ACCESS_DENIED",
        description="no",
    )
    world.portal.faults.add(fault)
    added = await add(world, addition("deal", title="Order", ufCrmNeeded="x"))
    assert (added.ending.fate.value, added.ending.detail) == ("refused", "ACCESS_DENIED: no")
    assert all_of(world, "deal") == []
