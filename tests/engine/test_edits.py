"""What a person changes in a form is written by the engine: only what changed, and never over a newer value."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from tests.engine.conftest import CONTACT, edit
from tests.engine.editing import fates, item_of, save, there, value
from tests.engine.undone import rehearsed, saves, undo

from b24syncd import app
from b24syncd.domain.edits import CATEGORY, STAGE, FieldEdit, PointEdit
from b24syncd.domain.entities import EntityRef
from b24syncd.domain.snapshots import PointKind
from b24syncd.domain.values import Choice
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.people.person import Action, Trigger
from b24syncd.simulator.tables.fields import DEAL, CustomField, FieldType

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.engine.conftest import World

    MakeWorld = Callable[..., Coroutine[None, None, World]]

CUSTOM = (
    CustomField(DEAL, "UF_CRM_WHEN", "When", FieldType.DATETIME),
    CustomField(DEAL, "UF_CRM_SIZE", "Size", FieldType.ENUMERATION, items=("Small", "Large")),
    CustomField(DEAL, "UF_CRM_COST", "Cost", FieldType.MONEY),
    CustomField(DEAL, "UF_CRM_TAGS", "Tags", multiple=True),
    CustomField(DEAL, "UF_CRM_SHARE", "Share", FieldType.DOUBLE, settings={"PRECISION": 1}),
    CustomField(DEAL, "UF_CRM_FLAG", "Flag", FieldType.BOOLEAN),
)


def newer(ref: EntityRef, name: str, text: str) -> Any:  # noqa: ANN401 # an edit of a person
    return edit(Action.SET_FIELD, ref.id, entity_type_id=ref.type.type_id, name=name, value=text)


async def test_only_what_changed_is_sent_and_the_journal_tells_it(world: World) -> None:
    ref = item_of(world, "contact", name="Anna", sourceDescription="first\r\nsecond")
    kept = FieldEdit("sourceDescription", "first\nsecond", "first\nsecond")
    edited = await save(world, ref, FieldEdit("name", "Anna", "Olga"), kept, by="Ivan")
    assert fates(edited) == ["saved", "unchanged"]
    assert (value(world, ref, "name"), value(world, ref, "sourceDescription")) == ("Olga", "first\r\nsecond")
    (entry,) = world.journal()
    assert (entry.correction.job, entry.before, entry.after, entry.outcome.value) == ("edits", "Anna", "Olga", "done")
    assert (entry.by, saves(world)[0]) == ("Ivan", 1)
    await save(world, ref, FieldEdit("sourceDescription", "first\nsecond", "first\nthird"))
    assert value(world, ref, "sourceDescription") == "first\r\nthird"


async def test_every_sort_of_value_is_saved_and_taken_back(make_world: MakeWorld) -> None:
    world = await make_world(custom_fields=CUSTOM, pipelines=2)
    when = datetime(2026, 7, 1, 9, 30, tzinfo=UTC).astimezone()
    company, contact = item_of(world, "company", title="Acme"), item_of(world, "contact", name="Anna")
    ref = item_of(world, "deal", title="Old", opportunity=10.0, currencyId="RUB", assignedById=1, categoryId=0)
    before = dict(there(world, ref).values)
    form = await app.form_of(world.settings, ref, clock=world.clock)
    wanted: dict[str, Any] = {
        "title": "New",
        "opportunity": Decimal("1500.5"),
        "begindate": date(2026, 3, 1),
        "ufCrmWhen": when,
        "ufCrmSize": Choice(form.fields["ufCrmSize"].options[1].id),
        "ufCrmCost": "100.5|RUB",
        "ufCrmTags": ("one", "two"),
        "ufCrmShare": Decimal("0.3"),
        "ufCrmFlag": True,
        "assignedById": Choice("7"),
        "companyId": Choice(str(company.id)),
        "contactIds": (Choice(str(contact.id)),),
        CATEGORY: Choice(form.fields[CATEGORY].options[-1].id),
        "comments": "a < b\nand [b]more[/b]",
    }
    edited = await save(world, ref, *(FieldEdit(name, form.fields[name].value, new) for name, new in wanted.items()))
    assert {one.edit.field: one.fate.value for one in edited.endings} == dict.fromkeys(wanted, "saved")  # type: ignore[union-attr] # fields
    again = await app.form_of(world.settings, ref, clock=world.clock)
    for name in wanted.keys() - {"ufCrmWhen", "comments"}:
        assert again.fields[name].value == wanted[name], name
    assert again.fields["ufCrmWhen"].value == when
    assert again.fields["comments"].entries[0].text == wanted["comments"]
    assert again.fields["contactIds"].entries[0].title == "Anna"
    assert saves(world)[0] == 1
    assert edited.run_id is not None
    left = {why.correction.field for why in (await undo(world, edited.run_id)).left}  # type: ignore[union-attr] # fields
    assert left == {"ufCrmTags", "begindate"}  # no update empties these
    changed = {"updatedTime", "movedTime", "lastActivityTime", "stageId", *left}
    now = there(world, ref).values
    assert {name for name in before if (now.get(name) or None) != (before[name] or None)} <= changed


async def test_what_another_changed_since_is_asked_and_the_rest_saved(world: World) -> None:
    ref = item_of(world, "contact", name="Anna", lastName="Kim", post="clerk")
    world.portal.person.edit(newer(ref, "name", "Maria"))
    edited = await save(world, ref, FieldEdit("name", "Anna", "Olga"), FieldEdit("post", "clerk", "head"))
    assert fates(edited) == ["conflict", "saved"]
    assert edited.endings[0].there == "Maria"
    trigger = Trigger(method="crm.item.get", moment="before", entity_type_id=CONTACT, item_id=ref.id)
    world.portal.person.plan(trigger, newer(ref, "name", "Vera"), newer(ref, "secondName", "B."))
    edited = await save(world, ref, FieldEdit("name", "Maria", "Olga"), FieldEdit("lastName", "Kim", "Lee"))
    assert (fates(edited), edited.endings[0].there) == (["restored", "saved"], "Vera")
    assert [value(world, ref, name) for name in ("name", "lastName", "secondName")] == ["Vera", "Lee", "B."]


async def test_who_puts_back_at_once_what_was_saved_is_newer(world: World) -> None:
    ref = item_of(world, "contact", name="Anna", post="clerk")
    trigger = Trigger(method="crm.item.update", moment="after", entity_type_id=CONTACT, item_id=ref.id)
    world.portal.person.plan(trigger, newer(ref, "name", "Anna"))
    edited = await save(world, ref, FieldEdit("name", "Anna", "Olga"), FieldEdit("post", "clerk", "head"))
    assert (fates(edited), edited.endings[0].there) == (["saved", "saved"], "Anna")
    assert (value(world, ref, "name"), value(world, ref, "post")) == ("Anna", "head")


async def test_phones_and_emails_are_changed_added_and_deleted_by_their_entries(world: World) -> None:
    contact = EntityRef.parse(f"contact:{world.add('+74951234567', '+74951234568', emails=('a@b.ru',))}")
    first, second, mail = there(world, contact).points.values()
    changes = (
        PointEdit(PointKind.PHONE, first.id, first.value, "+79161234567", "MOBILE"),
        PointEdit(PointKind.PHONE, second.id, second.value, ""),
        PointEdit(PointKind.EMAIL, mail.id, "another@b.ru", "c@d.ru"),
        PointEdit(PointKind.EMAIL, None, "", "e@f.ru", "HOME"),
        PointEdit(PointKind.EMAIL, None, "", "x@y.ru", "FAX"),
    )
    assert fates(await save(world, contact, *changes)) == [*(["not_written"] * 4), "refused"]
    edited = await save(world, contact, *changes[:4])
    assert fates(edited) == ["saved", "saved", "conflict", "saved"]
    points = {(one.value, one.value_type) for one in there(world, contact).points.values()}
    assert points == {("+79161234567", "MOBILE"), ("a@b.ru", "WORK"), ("e@f.ru", "HOME")}
    assert edited.run_id is not None
    await undo(world, edited.run_id)
    assert sorted(world.phones(contact.id)) == ["+74951234567", "+74951234568"]


async def test_edits_are_taken_back_where_classic_methods_do_all_else(world: World) -> None:
    world.configure(portal__api="classic")
    ref = item_of(world, "contact", name="Anna", lastName="Petrova")
    edited = await save(world, ref, FieldEdit("name", "Anna", "Olga"))
    assert fates(edited) == ["saved"]
    assert edited.run_id is not None
    (undoing,) = await rehearsed(world, edited.run_id)
    assert (len(undoing.corrections), undoing.left) == (1, ())
    assert (await undo(world, edited.run_id)).left == ()
    assert value(world, ref, "name") == "Anna"


async def test_a_refusal_stands_at_its_field_and_the_others_are_saved(world: World) -> None:
    ref = item_of(world, "deal", title="Old", stageId="NEW", currencyId="RUB")
    changes = FieldEdit("title", "Old", "New"), FieldEdit(CATEGORY, Choice("0"), Choice("99"))
    assert fates(await save(world, ref, *changes)) == ["not_written", "refused"]  # the list has no such pipeline
    unreadable = FieldEdit("companyId", None, Choice("7"))
    fault = Fault(
        kind=Kind.COMMAND_ERROR,
        match=lambda call: "companyId" in call.parameters.get("fields", {}),
        times=None,
        code="CRM_FIELD_ERROR_VALUE_NOT_VALID",
        description='The value of "Company" is incorrect',
    )
    world.portal.faults.add(fault)
    edited = await save(world, ref, changes[0], unreadable, FieldEdit(STAGE, Choice("NEW"), Choice("NOWHERE")))
    assert fates(edited) == ["saved", "refused", "refused"]
    assert "Company" in edited.endings[1].detail
    assert "does not show it" in edited.endings[2].detail  # the portal says nothing, and keeps the old stage
    assert value(world, ref, "title") == "New"
    assert world.given_up() == []


async def test_what_may_not_be_edited_is_refused_before_anything_is_sent(make_world: MakeWorld) -> None:
    fields = (CustomField(DEAL, "UF_CRM_TAGS", "Tags", multiple=True),)
    world = await make_world(custom_fields=fields)
    ref = item_of(world, "deal", title="Old", ufCrmTags="one")
    before = saves(world)
    for change in (
        FieldEdit("createdTime", None, datetime(2026, 1, 1, tzinfo=UTC)),
        FieldEdit("title", "Old", None),
        FieldEdit("ufCrmTags", ("one",), None),
        FieldEdit("ufCrmTags", ("one",), "two"),
        FieldEdit("nowhere", None, "x"),
        FieldEdit("originId", None, "x"),
        PointEdit(PointKind.PHONE, None, "", "+74951234567"),
    ):
        edited = await save(world, ref, change)
        assert (fates(edited), edited.run_id) == (["refused"], None), change
    assert saves(world) == before
    assert fates(await save(world, EntityRef.parse("deal:999"), FieldEdit("title", "Old", "New"))) == ["gone"]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("kind", [Kind.RESET, Kind.ERROR_500])
async def test_lost_answers(world: World, kind: Kind, when: str) -> None:
    ref = item_of(world, "contact", name="Anna", post="clerk")
    world.portal.faults.add(Fault(kind=kind, match="crm.item.update", when=when, times=1, commands=2))
    edited = await save(world, ref, FieldEdit("name", "Anna", "Olga"), FieldEdit("post", "clerk", "head"))
    assert set(fates(edited)) <= {"saved", "unverified"}
    assert (value(world, ref, "name"), value(world, ref, "post")) == ("Olga", "head")
    assert world.outcomes()["intent"] == 0
    assert saves(world)[0] == 1


@pytest.mark.parametrize("again", ["saved again", "walked"])
async def test_what_a_killed_process_left_is_judged_and_never_written_over_a_person(world: World, again: str) -> None:
    ref = item_of(world, "contact", name="Anna", post="clerk")
    change = FieldEdit("name", "Anna", "Olga")
    for number in range(2, 9):  # at every command of a save
        task = asyncio.create_task(save(world, ref, change))
        with world.at_command(number, task.cancel), suppress(asyncio.CancelledError):
            await task
    world.portal.person.edit(newer(ref, "post", "head"))
    if again == "walked":
        await world.backfill()
    edited = await save(world, ref, change)
    assert fates(edited)[0] in {"saved", "unchanged"}
    assert (value(world, ref, "name"), value(world, ref, "post")) == ("Olga", "head")
    assert world.outcomes()["intent"] == 0
    assert world.outcomes()["overtaken"] == 0
    assert saves(world)[0] == 1
    made = [entry for entry in world.journal() if entry.outcome.value in {"done", "unverified"}]
    assert len(made) == 1
    (undoing,) = await rehearsed(world, made[0].run_id)
    assert len(undoing.corrections) == 1
    await undo(world, made[0].run_id)
    assert value(world, ref, "name") == "Anna"


async def test_what_an_edit_replaced_is_still_a_persons_when_the_edit_is_taken_back(make_world: MakeWorld) -> None:
    world = await make_world()
    ref = item_of(world, "contact", post=None)
    rule = {"name": "posts", "entity": "contact", "field": "post", "replace": {"mgr": "manager"}, "default": "clerk"}
    world.configure(jobs__fields__rules=json.dumps([rule]))
    await world.backfill()
    world.portal.person.edit(newer(ref, "post", "mgr"))
    edited = await save(world, ref, FieldEdit("post", "mgr", "head"))
    await undo(world, edited.run_id)
    await world.backfill()
    assert value(world, ref, "post") == "mgr"
