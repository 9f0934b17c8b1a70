"""What a form sends again after it was shown anew: never over a value that its page did not show, and never lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.console.form_page import office, read
from tests.console.test_forms import made, opened, said
from tests.engine.editing import all_of, item_of, there, value

from b24syncd.domain.entities import EntityRef
from b24syncd.simulator.faults import Fault, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.console.served import Caller, Served

    from b24syncd.simulator.methods.calls import Call

__all__ = ["office"]


def deal(office: Served) -> EntityRef:
    ref = item_of(office.world, "deal", title="Old", stageId="NEW", categoryId=0, currencyId="RUB")
    there(office.world, ref).values["ufCrmRegion"] = "North"
    return ref


async def sent(anna: Caller, path: str, form: Mapping[str, str]) -> tuple[dict[str, str], str]:
    answer = await anna.post(path, form)
    assert answer.status == 200, answer.text
    return read(answer.text)


async def test_as_long_as_nobody_chooses_a_value_both_are_offered_and_theirs_stays(office: Served) -> None:
    ref = deal(office)
    anna, path = await office.signed_in(), f"/items/deal/{ref.id}/edit"
    form = await opened(anna, path) | {"f:title:0": "Mine"}
    there(office.world, ref).values["title"] = "Theirs"
    form, _ = await sent(anna, path, form)
    for _again in range(2):
        form, text = await sent(anna, path, form)
        assert "Choose whose value is to stand." in text
        assert "Let theirs stand Theirs Save mine Mine" in text
    form, text = await sent(anna, path, form | {"f:ufCrmCount:0": "many", "f:title:0": "x" * 300})
    assert "Let theirs stand Theirs" in text
    assert value(office.world, ref, "title") == "Theirs"
    assert "Saved" in await said(anna, path, form | {"f:ufCrmCount:0": "", "f:title:0": "Mine", "keep:title": "mine"})
    assert value(office.world, ref, "title") == "Mine"


async def test_so_are_a_phone_of_theirs_and_one_that_is_to_be_deleted(office: Served) -> None:
    ref = EntityRef.parse(f"contact:{office.world.add('+74951234567', '+74951234568')}")
    there(office.world, ref).values["ufCrmRegion"] = "North"
    first, second = there(office.world, ref).points.values()
    anna, path = await office.signed_in(), f"/items/contact/{ref.id}/edit"
    form = await opened(anna, path)
    form |= {f"point:PHONE:{first.id}:value": "+74951110000", f"point:PHONE:{second.id}:value": ""}
    first.value, second.value = theirs = ["+74952222222", "+74953333333"]
    form, _ = await sent(anna, path, form)
    for _again in range(2):
        form, text = await sent(anna, path, form)
        assert "Let theirs stand +74952222222 Save mine +74951110000" in text
        assert "Let theirs stand +74953333333 Save mine empty" in text
    assert office.world.phones(ref.id) == theirs
    chosen = {f"keep:PHONE:{first.id}": "mine", f"keep:PHONE:{second.id}": "theirs"}
    assert "Saved" in await said(anna, path, form | chosen)
    assert office.world.phones(ref.id) == ["+74951110000", "+74953333333"]


@pytest.mark.parametrize("then", ["refused", "answered"])
async def test_what_changed_while_it_was_being_saved_is_not_written_over_by_saving_again(
    office: Served, then: str
) -> None:
    ref = deal(office)
    anna, path = await office.signed_in(), f"/items/deal/{ref.id}/edit"
    form = await opened(anna, path) | {"f:title:0": "Mine"}

    def changes(call: Call) -> bool:
        is_written = value(office.world, ref, "title") == "Mine" and call.method == "crm.item.get"
        is_refused = then == "refused" and call.method == "crm.item.update"
        if is_written or is_refused:
            there(office.world, ref).values["title"] = "Theirs"
        return is_refused

    fault = Fault(kind=Kind.COMMAND_ERROR, match=changes, times=None, code="ERROR_CORE", description="not now")
    office.world.portal.faults.add(fault)
    form, _ = await sent(anna, path, form)
    office.world.portal.faults.clear()
    assert value(office.world, ref, "title") == "Theirs"
    await sent(anna, path, form)
    assert value(office.world, ref, "title") == "Theirs"


async def test_whose_value_is_asked_about_is_the_one_that_was_shown(office: Served) -> None:
    ref = deal(office)
    anna, path = await office.signed_in(), f"/items/deal/{ref.id}/edit"
    form = await opened(anna, path) | {"f:title:0": "Mine"}
    there(office.world, ref).values["title"] = "Theirs"
    gets = 0

    def changes(call: Call) -> bool:
        nonlocal gets
        gets += call.method == "crm.item.get"
        if gets == 1:  # of the form that is shown again
            there(office.world, ref).values["title"] = "Theirs, newer"
        return False

    office.world.portal.faults.add(Fault(kind=Kind.COMMAND_ERROR, match=changes, times=None))
    form, text = await sent(anna, path, form)
    office.world.portal.faults.clear()
    assert "Let theirs stand Theirs Save mine Mine" in text
    assert value(office.world, ref, "title") == "Theirs, newer"
    assert "Let theirs stand Theirs, newer" in await said(anna, path, form | {"keep:title": "mine"})
    assert value(office.world, ref, "title") == "Theirs, newer"


async def test_what_the_portal_refused_to_create_is_created_once_it_is_mended(office: Served) -> None:
    anna, path = await office.signed_in(), "/items/deal/new"
    form = await opened(anna, path) | {"f:title:0": "First", "f:ufCrmRegion:0": "North"}
    before = all_of(office.world, "deal")
    fault = Fault(kind=Kind.COMMAND_ERROR, match="crm.item.add", code="ERROR_CORE", description="The name is no good")
    office.world.portal.faults.add(fault)
    form, text = await sent(anna, path, form)
    assert "The name is no good" in text
    answer = await anna.post(path, form | {"f:title:0": "Second"})
    (ref,) = set(all_of(office.world, "deal")) - set(before)
    assert made(answer) == ref
    assert value(office.world, ref, "title") == "Second"
    assert made(await anna.post(path, form)) == ref


async def test_a_form_that_cannot_be_read_is_refused_and_does_not_pass_for_one_without_changes(office: Served) -> None:
    anna = await office.signed_in()
    many = {"f:title:0": "Mine"} | {f"f:contactIds:{number}": str(number) for number in range(2100)}
    answer = await anna.post("/items/deal/1/edit", many, X_CSRF_Token=anna.csrf)
    assert answer.status == 413
    form = {"Content_Type": "application/x-www-form-urlencoded", "X_CSRF_Token": anna.csrf, "Origin": anna.url}
    answer = await anna.ask("POST", "/items/deal/1/edit", data=b"f%3Atitle%3A0=\xff", **form)
    assert answer.status == 400


async def test_an_entry_of_a_list_is_chosen_although_another_one_is_called_like_its_id(office: Served) -> None:
    field = office.world.portal.user_fields.find(1, "UF_CRM_CHANNEL")
    assert field is not None
    field.items = ((44, "46"), (46, "48"), (48, "50"))
    anna, path = await office.signed_in(), "/items/lead/1/edit"
    there(office.world, EntityRef.parse("lead:1")).values |= {"ufCrmRegion": "North", "ufCrmChannel": 44}
    form = await opened(anna, path)
    assert form["f:ufCrmChannel:0"] == "44"
    assert "Saved" in await said(anna, path, form | {"f:ufCrmChannel:0": "46"})
    assert value(office.world, EntityRef.parse("lead:1"), "ufCrmChannel") == "46"
