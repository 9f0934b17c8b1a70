"""The daemon and field rules: new values, values that people restored or emptied, decisions, undo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.engine.deciding import accept, edited
from tests.engine.ruling import (
    CITY_NAME,
    CONTACT,
    DEAL,
    FIELDS,
    MESSY,
    POLISH,
    RIGHT,
    TEN,
    add,
    all_shown,
    assert_settled,
    made,
    reasons,
    rule_by,
    shown,
    typing,
    updates,
)
from tests.engine.undone import release, undo

from b24syncd.store.history import Filter

if TYPE_CHECKING:
    from tests.engine.ruling import MakeWorld
    from tests.engine.world import World

NAME_RULE = {"entity": "contact", "field": "name", **POLISH}
CITY_RULE = {"entity": "contact", "field": "City", "trim": True, "replace": {"мск": "Москва"}, "default": "Тверь"}


async def corrected(make_world: MakeWorld, **values: Any) -> tuple[World, int]:  # noqa: ANN401 # fields
    """Return a portal whose contact a walk has corrected."""
    world = await make_world(custom_fields=FIELDS)
    one = add(world, **values)
    rule_by(world, NAME_RULE, CITY_RULE)
    await world.backfill()
    return world, one


async def test_new_values_are_corrected_within_an_interval(make_world: MakeWorld) -> None:
    world = await make_world(custom_fields=FIELDS)
    rule_by(world, *TEN, others=True)
    async with world.following():
        await world.rounds(1)
        one = add(world, phones=("8 (495) 123-45-67",), **MESSY)
        world.portal.table(3).touch(world.portal.table(3).items[one], int(world.portal.clock()))
        await world.until(lambda: all_shown(world, one, tuple(RIGHT)) == RIGHT)
        assert updates(world) == 1
        assert world.portal.person.edit(typing(one, "name", "  ОЛЬГА"))
        await world.until(lambda: shown(world, one, "name") == "Ольга")
    await assert_settled(world)


async def test_what_a_person_restores_rests_and_is_asked_about(make_world: MakeWorld) -> None:
    world, one = await corrected(make_world, name="АННА", ufCrmCity="мск")
    assert world.portal.person.edit(typing(one, "name", "АННА"))
    assert world.portal.person.edit(typing(one, CITY_NAME, "мск"))
    await world.backfill()
    assert all_shown(world, one, ("name", CITY_NAME)) == {"name": "АННА", CITY_NAME: "мск"}
    assert reasons(world) == ["restored_by_hand"]
    (review,) = world.reviews()
    assert (review.value, review.suggestion) == ("name: АННА", "Анна")
    await assert_settled(world)


@pytest.mark.parametrize(("emptied", "kept"), [("", None), ("  Клин ", "Клин")])
async def test_what_a_person_writes_over_a_replacement_is_theirs(
    make_world: MakeWorld, emptied: str, kept: str | None
) -> None:
    world, one = await corrected(make_world, name="Анна", ufCrmCity=None)
    assert shown(world, one, CITY_NAME) == "Тверь"
    assert world.portal.person.edit(typing(one, CITY_NAME, emptied))
    await world.backfill()
    assert shown(world, one, CITY_NAME) in ({kept} if kept else {None, ""})
    if kept:
        assert world.portal.person.edit(typing(one, CITY_NAME, "мск"))
        await world.backfill()
        assert shown(world, one, CITY_NAME) == "мск"
    assert reasons(world) == []
    await assert_settled(world)


@pytest.mark.parametrize("api", ["classic", "universal"])
async def test_whose_a_value_is_stays_known_when_the_methods_change(make_world: MakeWorld, api: str) -> None:
    other = "universal" if api == "classic" else "classic"
    world = await make_world(custom_fields=FIELDS)
    one = add(world, name="АННА", ufCrmCity="мск")
    rule_by(world, NAME_RULE, CITY_RULE, api=api)
    await world.backfill()
    assert all_shown(world, one, ("name", CITY_NAME)) == {"name": "Анна", CITY_NAME: "Москва"}
    assert sorted(each.field for each in made(world)) == ["name", CITY_NAME]
    assert world.portal.person.edit(typing(one, CITY_NAME, "мск"))
    assert world.portal.person.edit(typing(one, "name", "АННА"))
    world.configure(portal__api=other)
    await world.backfill()
    assert all_shown(world, one, ("name", CITY_NAME)) == {"name": "АННА", CITY_NAME: "мск"}
    assert [review.value for review in world.reviews()] == ["name: АННА"]
    await assert_settled(world)


async def test_an_accepted_suggestion_is_written_and_stays(make_world: MakeWorld) -> None:
    world, one = await corrected(make_world, name="АННА")
    assert world.portal.person.edit(typing(one, "name", "АННА"))
    await world.backfill()
    await accept(world)
    assert shown(world, one, "name") == "Анна"
    assert [(one.reason, one.value, one.state) for one in world.reviews()] == []
    await assert_settled(world)
    await world.undo(Filter(run_id=max(entry.run_id for entry in world.journal())))
    assert shown(world, one, "name") == "АННА"


async def test_another_value_is_written_as_the_rules_leave_it(make_world: MakeWorld) -> None:
    world, one = await corrected(make_world, name="АННА")
    assert world.portal.person.edit(typing(one, "name", "АННА"))
    await world.backfill()
    (review,) = world.reviews()
    await edited(world, review, " АНЮТА ")
    assert shown(world, one, "name") == "Анюта"
    await assert_settled(world)


async def test_undone_stays_undone_until_it_is_released(make_world: MakeWorld) -> None:
    world, one = await corrected(make_world, name="АННА", ufCrmCity="мск")
    before = updates(world)
    undone = await undo(world)
    assert all_shown(world, one, ("name", CITY_NAME)) == {"name": "АННА", CITY_NAME: "мск"}
    assert updates(world) == before + 1
    await world.backfill()
    assert shown(world, one, "name") == "АННА"
    await release(world, undone)
    await world.backfill()
    assert all_shown(world, one, ("name", CITY_NAME)) == {"name": "Анна", CITY_NAME: "Москва"}
    await assert_settled(world)


@pytest.mark.parametrize("number", range(2, 30, 4))
async def test_a_killed_walk_goes_on_with_one_update(make_world: MakeWorld, number: int) -> None:
    world = await make_world(custom_fields=FIELDS)
    some = [add(world, phones=("8 (495) 123-45-67",), **MESSY) for _ in range(3)]
    rule_by(world, *TEN, others=True)
    await world.killed(number)
    await world.backfill()
    for one in some:
        assert all_shown(world, one, tuple(RIGHT)) == RIGHT
        assert world.phones(one) == ["+74951234567"]
    assert len({(each.ref, each.field, each.after) for each in made(world)}) == len(made(world))
    await assert_settled(world)


async def test_rules_and_payment_dates_of_a_deal_are_one_update(make_world: MakeWorld) -> None:
    world = await make_world()
    one = add(world, DEAL, title=" Сделка ", opportunity=100.0, currencyId="RUB")
    world.portal.payments.create((DEAL, one), 100.0, "generator", paid=int(world.portal.clock()) - 864000)
    rule_by(world, {"entity": "deal", "field": "title", "trim": True})
    world.configure(jobs__payment_dates__enabled="true")
    await world.backfill()
    assert shown(world, one, "title", DEAL) == "Сделка"
    assert shown(world, one, "ufCrm_1721244707107", DEAL) is not None
    assert updates(world) == 1
    assert len(world.journal()) == 2
    await assert_settled(world)


async def test_a_field_that_is_deleted_lets_its_rules_rest_and_nothing_else(make_world: MakeWorld) -> None:
    world = await make_world(custom_fields=FIELDS)
    one = add(world, phones=("8 (495) 123-45-67",), name="АННА")
    rule_by(world, NAME_RULE, CITY_RULE, others=True)
    async with world.following():
        await world.rounds(1)
        fields = world.portal.user_fields
        found = fields.find(CONTACT, "UF_CRM_CITY")
        assert found is not None
        fields.delete(found)
        await world.rounds(2)
        assert world.portal.person.edit(world.change(one, "8 (903) 222-33-44"))
        await world.until(lambda: world.phones(one) == ["+79032223344"])
