"""Undo of what was done a while ago: other runs, undos, people and other rules came in between."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from tests.engine import paying, rebinding
from tests.engine.conftest import CONTACT, edit
from tests.engine.paying import DAY, SHOP, date_paid, deal, pay, typing
from tests.engine.rebinding import bind, bound, call, company, lead_of, listed, rule
from tests.engine.undone import held, points, rehearsed, release, undo

from b24syncd.domain.undoing import Why
from b24syncd.errors import StateUnusable
from b24syncd.simulator.people.person import Action, Trigger
from b24syncd.simulator.tables.fields import DEAL, CustomField, FieldType
from b24syncd.simulator.tables.slugs import slug

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.engine.conftest import World

    from b24syncd.app import Undone

    MakeWorld = Callable[..., Coroutine[None, None, World]]

ONE, TWO, THREE = "+79161234567", "+74957654321", "+78123004050"
MESSY, MESSY_TWO = "8 (916) 123-45-67", "8 (495) 765-43-21"
OTHER_FIELD = "UF_CRM_1721244707108"


def whys(undone: Undone) -> list[Why]:
    return [left.why for left in undone.left]


async def test_an_undo_that_was_released_and_undone_takes_no_number_away(make_world: MakeWorld) -> None:
    world = await make_world(shows_twins=True)
    item = world.add(TWO, TWO, MESSY)
    await world.backfill()
    undone = await undo(world, 1)
    await release(world, undone)
    await world.backfill()
    undone = await undo(world, undone.summary.run_id)
    assert world.phones(item) == [TWO, ONE]
    assert whys(undone) == [Why.ONLY_THERE]


async def test_what_a_person_wrote_between_two_runs_is_theirs(world: World) -> None:
    item = world.add(MESSY)
    await world.backfill()
    text = f"{MESSY}, {TWO}"
    world.portal.person.edit(world.change(item, text))
    second = await world.backfill()
    await undo(world, second.run_id)
    undone = await undo(world, item=f"contact:{item}")
    assert world.phones(item) == [text]
    assert whys(undone) == [Why.CHANGED]


@pytest.mark.parametrize("is_before", [True, False], ids=["before it is read", "after it was read"])
async def test_a_text_does_not_come_back_of_which_a_person_deleted_a_part(world: World, *, is_before: bool) -> None:
    item = world.add(f"{MESSY}, {TWO}")
    await world.backfill()
    found = world.portal.find(CONTACT, item)
    assert found is not None
    gone = edit(Action.DELETE, item, point_id=max(found.points))
    if is_before:
        world.portal.person.edit(gone)
    else:
        world.portal.person.plan(Trigger(method="crm.item.get", entity_type_id=CONTACT, item_id=item), gone)
    await undo(world, 1)
    assert world.phones(item) == [ONE]


@pytest.mark.parametrize(
    ("setting", "value", "phones", "emails"),
    [
        ("portal__region", "US", ["+79162234567", "(916) 223-45-67"], []),
        ("portal__region", "US", [f"{MESSY}, {MESSY_TWO}"], []),
        ("jobs__emails__lowercase_local_part", "false", [], ["ivan@example.ru", "Ivan@example.ru"]),
    ],
)
async def test_rules_that_were_put_right_do_not_hinder_it(
    world: World, setting: str, value: str, phones: list[str], emails: list[str]
) -> None:
    world.add(*phones, emails=emails)
    before = points(world)
    await world.backfill()
    assert points(world) != before
    world.configure(**{setting: value})
    assert (await undo(world, 1)).left == ()
    assert points(world) == before


async def test_two_undos_hold_an_item_until_both_are_undone(world: World) -> None:
    item = world.add(MESSY)
    await world.backfill()
    world.portal.person.edit(world.adding(item, MESSY_TWO))
    await world.backfill()
    of_second, of_first = await undo(world, 2), await undo(world, 1)
    assert world.phones(item) == [MESSY, MESSY_TWO]
    await undo(world, of_first.summary.run_id)
    await world.backfill()
    assert world.phones(item) == [ONE, MESSY_TWO]
    assert [review.value for review in world.reviews()] == [f"run {of_second.summary.run_id}"]
    await undo(world, of_second.summary.run_id)
    assert (held(world), world.reviews()) == (set(), [])
    assert world.phones(item) == [ONE, TWO]


async def test_a_date_that_a_later_run_replaced_and_a_person_entered_again_is_theirs(make_world: MakeWorld) -> None:
    world = await make_world(custom_fields=(DAY,), **SHOP)
    date_paid(world)
    item = deal(world)
    pay(world, item, days_ago=30)
    await world.backfill()
    first = paying.shown(world, item)
    assert first is not None
    pay(world, item, days_ago=5)
    await world.backfill()
    world.portal.person.edit(typing(item, first))
    undone = await undo(world, 1)
    assert paying.shown(world, item) == first
    assert whys(undone) == [Why.CHANGED]


async def test_what_was_taken_back_with_the_run_before_is_not_taken_back_to_what_that_had_made(
    make_world: MakeWorld,
) -> None:
    world = await make_world(custom_fields=(DAY,), **SHOP)
    date_paid(world)
    item = deal(world)
    for days in (30, 5):
        pay(world, item, days_ago=days)
        await world.backfill()
    await undo(world, item=f"deal:{item}")
    undone = await undo(world, 2)
    assert paying.shown(world, item) is None
    assert whys(undone) == [Why.CHANGED]


async def test_of_a_long_run_only_what_was_replaced_is_left(make_world: MakeWorld) -> None:
    world = await make_world(custom_fields=(DAY,), **SHOP)
    date_paid(world)
    item = deal(world)
    dates = []
    for days in (30, 20, 5):
        pay(world, item, days_ago=days)
        await world.backfill()
        dates.append(paying.shown(world, item))
    with closing(sqlite3.connect(world.state)) as db:  # as if the first and the last were of a daemon's long life
        db.execute("UPDATE journal SET run_id = 1 WHERE run_id = 3")
        db.commit()
    undone = await undo(world, 1)
    assert paying.shown(world, item) == dates[1]
    assert whys(undone) == [Why.CHANGED]


async def test_what_two_rules_made_one_after_the_other_is_taken_back_together(world: World) -> None:
    world.configure(jobs__emails__lowercase_local_part="false")
    item = world.add(emails=["\u00a0Anna@EXAMPLE.de\u00a0", "\u00a0Ivan@EXAMPLE.de, petr@example.de"])
    before = points(world)
    await world.backfill()
    world.configure(jobs__emails__lowercase_local_part="true")
    await world.backfill()
    assert (await undo(world, item=f"contact:{item}")).left == ()
    assert points(world) == before


async def test_a_binding_that_a_later_run_took_away_and_a_person_made_again_is_theirs(make_world: MakeWorld) -> None:
    world = await make_world()
    lead, own, target = lead_of(world), rebinding.item(world, DEAL, title="A deal"), company(world)
    activity = call(world, lead)
    for source, end in ((lead, own), (own, target), (own, lead)):
        world.portal.activities.watch.expect(source, end)
    world.rebind_by(rule("others", where='{ stageId = "JUNK" }'))
    first = await world.rebind(listed((lead, own)))
    await world.rebind(listed((own, target)))
    world.portal.person.edit(bind(activity, slug(own)))
    undone = await undo(world, first.run_id)
    assert bound(world, activity) == {own, target}
    assert set(whys(undone)) == {Why.CHANGED}


async def test_a_run_whose_binding_went_on_and_came_back_by_an_undo_is_not_undone_into_the_void(
    make_world: MakeWorld,
) -> None:
    world = await make_world()
    lead, own, target, kept = lead_of(world), company(world), company(world), rebinding.item(world, DEAL, title="Kept")
    activity = call(world, lead)
    for source, end in ((lead, own), (own, target), (target, lead)):
        world.portal.activities.watch.expect(source, end)
    world.portal.person.edit(bind(activity, slug(kept)))
    world.rebind_by(rule("others", where='{ stageId = "JUNK" }'))
    first = await world.rebind(listed((lead, own)))
    await world.rebind(listed((own, target)))
    await undo(world, item=f"activity:{activity}")
    assert bound(world, activity) == {lead, kept}
    undone = await undo(world, first.run_id)
    assert bound(world, activity) == {lead, kept}
    assert set(whys(undone)) == {Why.CHANGED}


async def test_what_was_written_into_another_field_is_told(make_world: MakeWorld) -> None:
    world = await make_world(custom_fields=(DAY, CustomField(DEAL, OTHER_FIELD, "Other", FieldType.DATE)), **SHOP)
    date_paid(world)
    item = deal(world)
    pay(world, item)
    await world.backfill()
    date_paid(world, field='"Other"')
    undone = await undo(world, 1)
    assert paying.shown(world, item) is not None
    assert whys(undone) == [Why.NOT_CONFIGURED]


async def test_what_is_not_to_be_read_is_not_taken_for_gone(world: World) -> None:
    item, deleted = world.add(MESSY), world.add(MESSY)
    await world.backfill()
    world.portal.person.edit(edit(Action.DELETE_ITEM, deleted))
    world.portal.hidden.add((CONTACT, item))
    undone = await undo(world, 1)
    assert {left.correction.ref.id: left.why for left in undone.left} == {item: Why.REFUSED, deleted: Why.GONE}
    world.portal.hidden.clear()
    await undo(world, 1)
    assert world.phones(item) == [MESSY]


async def test_a_preview_with_the_state_of_another_portal_is_refused(world: World) -> None:
    world.add(MESSY)
    await world.backfill()
    world.configure(portal__webhook=world.server.webhook_url.replace("127.0.0.1", "localhost"))
    with pytest.raises(StateUnusable, match=r"belongs to the portal 127\.0\.0\.1"):
        await rehearsed(world, 1)
