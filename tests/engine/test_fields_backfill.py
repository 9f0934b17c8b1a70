"""Walks by field rules: one update for everything, what people edit meanwhile, filters, refusals, both vocabularies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.engine.ruling import (
    CITY_NAME,
    CONTACT,
    DEAL,
    FIELDS,
    MESSY,
    POLISH,
    RIGHT,
    TEN,
    WRITES,
    add,
    all_shown,
    assert_settled,
    assert_unbroken,
    made,
    reasons,
    rule_by,
    shown,
    typing,
    updates,
)

from b24syncd import app
from b24syncd.app import Narrowed
from b24syncd.domain.corrections import SetField
from b24syncd.errors import SettingsInvalid
from b24syncd.reports.portal_words import portal_words
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.people.person import Trigger
from b24syncd.simulator.tables.fields import CustomField
from b24syncd.store.history import Filter
from b24syncd.store.reading import open_for_reading

if TYPE_CHECKING:
    from tests.engine.ruling import MakeWorld

    from b24syncd.domain.plans import Plan
    from b24syncd.reports.naming import FieldTitles
    from b24syncd.simulator.faults import Request
    from b24syncd.simulator.methods.calls import Call

APIS = ["universal", "classic"]
CODES = {"name": "NAME", "lastName": "LAST_NAME", "secondName": "SECOND_NAME", "post": "POST"}
CODES |= {"sourceDescription": "SOURCE_DESCRIPTION", "title": "TITLE", "additionalInfo": "ADDITIONAL_INFO"}


def writes_several(call: Call) -> bool:
    """Tell whether a command writes more than one field."""
    fields = call.parameters.get("fields")
    return call.method in WRITES and isinstance(fields, dict) and len(fields) > 1


def has_update(request: Request) -> bool:
    """Tell whether a request writes items."""
    return any(method in WRITES for method in request.methods)


@pytest.mark.parametrize("api", APIS)
async def test_ten_rules_and_both_jobs_of_contact_points_are_one_update(make_world: MakeWorld, api: str) -> None:
    world = await make_world(custom_fields=FIELDS)
    one = add(world, phones=("8 (495) 123-45-67", "ANNA@EXAMPLE.COM"), **MESSY)
    ten = (
        TEN if api == "universal" else tuple({**rule, "field": CODES.get(rule["field"], rule["field"])} for rule in TEN)
    )
    rule_by(world, *ten, others=True, api=api)
    await world.backfill()
    assert all_shown(world, one, tuple(RIGHT)) == RIGHT
    assert world.phones(one) == ["+74951234567"]
    assert updates(world) == 1
    assert len(made(world)) == 9
    assert len({entry.batch for entry in world.journal()}) == 1
    with open_for_reading(world.state) as db:
        words = portal_words(db)
    set_fields = [made.correction for made in world.journal() if isinstance(made.correction, SetField)]
    assert [each.field for each in set_fields if not words.title_of(each.ref, each.field)] == []
    assert words.titles["contact"]["post"] == "Position"
    await assert_settled(world)
    await world.undo(Filter())
    assert all_shown(world, one, tuple(MESSY)) == MESSY | {"secondName": "-"}
    assert world.phones(one) == ["8 (495) 123-45-67"]
    assert updates(world) == 2


@pytest.mark.parametrize("api", APIS)
async def test_what_a_person_takes_out_of_a_filter_meanwhile_stays(make_world: MakeWorld, api: str) -> None:
    world = await make_world(custom_fields=FIELDS)
    one = add(world, name=" АННА ", post="client")
    name, post = ("name", "post") if api == "universal" else ("NAME", "POST")
    rule_by(world, {"entity": "contact", "field": name, **POLISH, "where": {post: "client"}}, api=api)
    method = "crm.item.get" if api == "universal" else "crm.contact.get"
    world.portal.person.plan(Trigger(method=method), typing(one, "post", "partner"), typing(one, "name", "ОЛЬГА"))
    await world.backfill()
    assert all_shown(world, one, ("name", "post")) == {"name": "ОЛЬГА", "post": "partner"}
    await assert_settled(world)


@pytest.mark.parametrize("api", APIS)
async def test_fields_that_are_refused_together_are_all_written_in_one_go(make_world: MakeWorld, api: str) -> None:
    world = await make_world(custom_fields=FIELDS)
    names = tuple(name for name in CODES if name not in {"title", "additionalInfo"})
    custom = (CITY_NAME, "ufCrmNotes", "ufCrmAbout")
    one = add(world, CONTACT, (), **dict.fromkeys((*names, *custom), " x "))
    own = CODES if api == "classic" else dict.fromkeys(CODES)
    fields = [own[name] or name for name in names] + ["City", "Notes", "About"]
    rule_by(world, *({"entity": "contact", "field": field, "trim": True} for field in fields), api=api)
    together = Fault(kind=Kind.COMMAND_ERROR, match=writes_several, times=None, code="ERROR_CORE", description="no")
    world.portal.faults.add(together)
    summary = await world.backfill()
    assert set(all_shown(world, one, (*names, *custom)).values()) == {"x"}
    assert [summary.counts[count] for count in ("corrections", "corrected", "failed")] == [8, 1, 0]
    await assert_settled(world)


async def test_a_preview_writes_nothing(make_world: MakeWorld) -> None:
    world = await make_world(custom_fields=FIELDS)
    add(world, **MESSY)
    rule_by(world, *TEN)
    _, plans = await world.preview()
    assert [len(plan.corrections) for plan in plans if plan.corrections] == [9]
    assert updates(world) == 0


@pytest.mark.parametrize(
    ("api", "unit"),
    [
        ("universal", ("crm.item.get", "crm.item.update")),
        ("classic", ("crm.contact.get", "crm.contact.update", "crm.contact.get")),
    ],
)
async def test_a_preview_tells_what_fields_are_called_and_how_long_writing_takes(
    make_world: MakeWorld, api: str, unit: tuple[str, ...]
) -> None:
    world = await make_world(custom_fields=FIELDS)
    world.configure(limits__witness_seconds=0)
    for _ in range(60):  # several batches: what one teaches is remembered with the next
        add(world, name="Anna", ufCrmCity="мск")
    rule_by(world, {"entity": "contact", "field": "City", "replace": {"мск": "Москва"}}, api=api)
    titles: list[FieldTitles] = []
    plans: list[Plan] = []
    first = await app.preview(
        world.settings, Narrowed(), app.unshown, plans.append, knows=titles.append, clock=world.clock
    )
    assert [list(each["contact"].values()) for each in titles] == [["City"]]
    assert first.effort is not None
    assert first.effort.assumed == tuple(dict.fromkeys(unit))
    await world.backfill()
    add(world, name="Anna", ufCrmCity="мск")
    again, _ = await world.preview()
    assert again.effort is not None
    assert (again.effort.assumed, set(again.effort.costs)) == ((), set(unit))
    await world.backfill()
    assert (await world.preview())[0].effort is None


@pytest.mark.parametrize("api", APIS)
async def test_what_a_person_writes_meanwhile_wins(make_world: MakeWorld, api: str) -> None:
    world = await make_world(custom_fields=FIELDS)
    one = add(world, name=" АННА ", ufCrmCity="мск")
    name, method = ("name", "crm.item.get") if api == "universal" else ("NAME", "crm.contact.get")
    city = {"entity": "contact", "field": "City", "replace": {"мск": "Москва"}}
    rule_by(world, {"entity": "contact", "field": name, **POLISH}, city, api=api)
    world.portal.person.plan(Trigger(method=method), typing(one, CITY_NAME, "Тверь"), typing(one, "name", "ОЛЬГА"))
    await world.backfill()
    await world.backfill()
    assert all_shown(world, one, ("name", CITY_NAME)) == {"name": "Ольга", CITY_NAME: "Тверь"}
    await assert_settled(world)


@pytest.mark.parametrize("api", APIS)
async def test_a_filter_is_the_portals_own_judgement(make_world: MakeWorld, api: str) -> None:
    world = await make_world(pipelines=1)
    deals = [add(world, DEAL, title=" x ", categoryId=category) for category in (0, 1)]
    title = "TITLE" if api == "classic" else "title"
    rule_by(world, {"entity": "deal", "field": title, "trim": True, "where": {"categoryId": 1}}, api=api)
    await world.backfill(only=[f"deal:{number}" for number in deals])
    assert [shown(world, one, "title", DEAL) for one in deals] == [" x ", "x"]
    await world.backfill()
    assert [shown(world, one, "title", DEAL) for one in deals] == [" x ", "x"]
    await assert_settled(world)


async def test_a_stage_is_replaced_within_its_pipeline(make_world: MakeWorld) -> None:
    world = await make_world(pipelines=1)
    deals = [add(world, DEAL, title="x", categoryId=n, stageId=stage) for n, stage in ((0, "NEW"), (1, "C1:NEW"))]
    rule_by(world, {"entity": "deal", "field": "stageId", "replace": {"New": "Prepare documents"}})
    await world.backfill()
    assert [shown(world, one, "stageId", DEAL) for one in deals] == ["PREPARATION", "C1:PREPARATION"]
    await assert_settled(world)


async def test_what_is_refused_is_listed_and_the_others_are_done(make_world: MakeWorld) -> None:
    world = await make_world(custom_fields=FIELDS)
    deals = [add(world, DEAL, title=title) for title in (" a ", " b ")]
    world.portal.frozen.add((DEAL, deals[0]))
    rule_by(world, {"entity": "deal", "field": "title", "trim": True})
    await world.backfill()
    assert [shown(world, one, "title", DEAL) for one in deals] == [" a ", "b"]
    assert world.outcomes()["refused"] == 1
    assert_unbroken(world)


async def test_what_would_not_fit_is_asked_about(make_world: MakeWorld) -> None:
    world = await make_world(custom_fields=FIELDS)
    one = add(world, DEAL, title="Оооочень длинно", ufCrmShort=None)
    rule_by(world, {"entity": "deal", "field": "Short", "copy_from": "title"})
    await world.backfill()
    assert shown(world, one, "ufCrmShort", DEAL) is None
    assert reasons(world) == ["does_not_fit"]
    assert updates(world) == 0


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_an_answer_that_is_lost_is_settled_by_reading(make_world: MakeWorld, moment: str) -> None:
    world = await make_world(custom_fields=FIELDS)
    one = add(world, phones=("8 (495) 123-45-67",), **MESSY)
    rule_by(world, *TEN, others=True)
    world.portal.faults.add(Fault(kind=Kind.RESET, match="crm.item.update", when=moment))
    await world.backfill()
    await world.backfill()
    assert all_shown(world, one, tuple(RIGHT)) == RIGHT
    assert world.phones(one) == ["+74951234567"]
    await assert_settled(world)


@pytest.mark.parametrize(
    ("answer_is_lost", "others"),
    [
        (Fault(kind=Kind.CUT, match=has_update, commands=1), ["not_sent", "done"]),  # the witness was read, no more
        (Fault(kind=Kind.RESET, match="crm.item.update", when="after"), ["unverified"]),
    ],
    ids=["not made", "made"],
)
@pytest.mark.parametrize("typed", ["Пётр", "  ПЁТР"])
async def test_after_a_lost_answer_only_the_field_that_a_person_edited_is_overtaken(
    make_world: MakeWorld, answer_is_lost: Fault, others: list[str], typed: str
) -> None:
    world = await make_world()
    one = add(world, name="АННА", lastName="БЕРГ", post="бух")
    rules = ({"entity": "contact", "field": name, **POLISH} for name in ("name", "lastName"))
    rule_by(world, *rules, {"entity": "contact", "field": "post", "replace": {"бух": "Бухгалтер"}})
    world.portal.faults.add(answer_is_lost)
    moment = Trigger(method="crm.item.get" if "done" in others else "crm.item.update", moment="after", item_id=one)
    world.portal.person.plan(moment, typing(one, "name", typed))
    await world.backfill()
    assert all_shown(world, one, ("name", "lastName", "post")) == {
        "name": "Пётр",
        "lastName": "Берг",
        "post": "Бухгалтер",
    }
    told: dict[str, list[str]] = {}
    for entry in world.journal():
        if isinstance(entry.correction, SetField):
            told.setdefault(entry.correction.field, []).append(entry.outcome.value)
    assert told == {"name": ["overtaken", *["done"] * (typed != "Пётр")], "lastName": others, "post": others}
    assert reasons(world) == []
    await assert_settled(world)
    assert world.portal.person.edit(typing(one, "post", "бух"))  # what shows after is this program's, or a person's
    await world.backfill()
    assert shown(world, one, "post") == "бух"


async def test_rules_in_a_circle_are_refused_before_anything_is_written(make_world: MakeWorld) -> None:
    world = await make_world()
    add(world, DEAL, title="a")
    there, back = {"replace": {"a": "b"}}, {"replace": {"b": "a"}}
    rule_by(world, *({"entity": "deal", "field": "title", **rule} for rule in (there, back)))
    with pytest.raises(SettingsInvalid, match="in a circle"):
        await world.backfill()
    assert updates(world) == 0


async def test_a_field_of_another_job_is_left_to_it(make_world: MakeWorld) -> None:
    world = await make_world(custom_fields=FIELDS)
    rule_by(world, {"entity": "deal", "field": "Payment date", "default": "2026-01-31"})
    world.configure(jobs__payment_dates__enabled="true")
    with pytest.raises(SettingsInvalid):
        await world.backfill()


@pytest.mark.parametrize("api", APIS)
async def test_a_field_that_is_refused_never_holds_back_a_phone(make_world: MakeWorld, api: str) -> None:
    code = CustomField(CONTACT, "UF_CRM_CODE", "Code", settings={"MIN_LENGTH": 5})
    world = await make_world(custom_fields=(*FIELDS, code), checks_user_fields=True)
    one = add(world, phones=("8 (495) 123-45-67",), ufCrmCode=" abcd ")
    rule_by(world, {"entity": "contact", "field": "Code", "trim": True}, others=True, api=api)
    await world.backfill()
    assert world.phones(one) == ["+74951234567"]
    assert shown(world, one, "ufCrmCode") == " abcd "
    assert (world.outcomes()["done"], world.outcomes()["refused"]) == (1, 1)
    sent = updates(world)
    await world.backfill()
    assert updates(world) - sent <= 1
    assert_unbroken(world)
