"""The edit form without a browser: what it shows is no change, what is wrong stands at its field, none comes twice."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from tests.console.form_page import office, read
from tests.engine.editing import all_of, item_of, there, value
from tests.engine.undone import saves

from b24syncd.domain.entities import EntityRef
from b24syncd.domain.people import Role
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.web.console.language import LANGUAGE
from b24syncd.web.console.sentences.telling import told

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.console.served import Answer, Caller, Served

__all__ = ["office"]

HOSTILE = "<script>harmed=1</script>'\"><img src=x onerror=harmed=1>\u202egnp.exe =1+1 "


async def opened(anna: Caller, path: str) -> dict[str, str]:
    answer = await anna.get(path)
    assert answer.status == 200, answer.text
    return read(answer.text)[0]


async def said(anna: Caller, path: str, form: Mapping[str, str]) -> str:
    answer = await anna.post(path, form)
    assert answer.status == 200, answer.text
    return read(answer.text)[1]


def made(answer: Answer) -> EntityRef:
    assert answer.status == 303, answer.text
    kind, number = answer.headers["Location"].removeprefix("/items/").split("/")
    return EntityRef.parse(f"{kind}:{number}")


@pytest.mark.parametrize("item", ["lead:1", "contact:1", "company:1", "deal:3", "type128:1"])
async def test_what_a_form_shows_is_no_change(office: Served, item: str) -> None:
    anna, path = await office.signed_in(), f"/items/{item.replace(':', '/')}/edit"
    form, before = await opened(anna, path), saves(office.world)
    assert len(form) > 60
    assert "Nothing is changed." in await said(anna, path, form)
    assert saves(office.world) == before


async def test_only_what_was_changed_is_saved_and_the_journal_tells_who(office: Served) -> None:
    ref = item_of(
        office.world, "deal", title="Old", comments="one\r\ntwo", stageId="NEW", categoryId=0, currencyId="RUB"
    )
    there(office.world, ref).values["ufCrmRegion"] = "North"
    anna, path = await office.signed_in(), f"/items/deal/{ref.id}/edit"
    form = await opened(anna, path)
    form |= {
        "f:title:0": HOSTILE,
        "f:opportunity:0": "1 500,50",
        "f:ufCrmBudget:0:amount": "12",
        "f:begindate:0": "2026-03-01",
    }
    answer = await anna.post(path, form)
    assert "<script>harmed" not in answer.text
    assert "\u202e" not in re.sub(r'value="[^"]*"', "", answer.text)
    text = read(answer.text)[1]
    assert "Saved" in text
    assert value(office.world, ref, "title") == HOSTILE
    again = await anna.get(path)
    assert "It has characters that do not show: U+202E" in read(again.text)[1]
    assert read(again.text)[0]["f:title:0"] == HOSTILE
    assert value(office.world, ref, "opportunity") == 1500.5
    assert value(office.world, ref, "comments") == "one\r\ntwo"
    entries = [entry for entry in office.world.journal() if entry.correction.ref == ref]
    assert {entry.correction.field for entry in entries} == {"title", "opportunity", "ufCrmBudget", "begindate"}  # type: ignore[union-attr] # of fields
    run = re.search(r"/journal\?run=(\d+)", answer.text)
    assert run is not None
    assert {(entry.run_id, entry.by) for entry in entries} == {(int(run[1]), "Anna")}
    assert "Nothing is changed." in await said(anna, path, read(answer.text)[0])


async def test_what_is_wrong_stands_at_its_field_and_all_that_was_typed_stays(office: Served) -> None:
    anna, path = await office.signed_in(), "/items/deal/1/edit"
    form, before = await opened(anna, path), saves(office.world)
    typed = {"f:title:0": "Kept", "f:ufCrmRegion:0": "", "f:ufCrmCount:0": "many", "f:ufCrmBudget:0:amount": "x"}
    answer = await anna.post(path, form | typed, Accept="application/json")
    html = json.loads(answer.text)["html"]
    sent, text = read(html)
    assert "Nothing was saved: 3 fields need you." in text
    for name, why in {
        "ufCrmRegion": "It is required",
        "ufCrmCount": "is no number",
        "ufCrmBudget": "is no amount",
    }.items():
        error = re.search(rf'id="f-{name}-error"[^>]*>(.*?)</p>', html, re.DOTALL)
        assert error is not None
        assert why in error[1]
    assert {name: sent[name] for name in typed} == typed
    assert saves(office.world) == before


async def test_of_two_values_a_person_chooses_and_the_rest_is_saved(office: Served) -> None:
    ref = EntityRef.parse("deal:1")
    anna, path = await office.signed_in(), "/items/deal/1/edit"
    form = await opened(anna, path) | {"f:title:0": "Mine", "f:sourceDescription:0": "Saved at once"}
    there(office.world, ref).values["title"] = "Theirs"
    answer = await anna.post(path, form)
    form, text = read(answer.text)
    assert "Somebody else changed it since this form was opened." in text
    assert "Let theirs stand Theirs" in text
    assert "Save mine Mine" in text
    assert (value(office.world, ref, "title"), value(office.world, ref, "sourceDescription")) == (
        "Theirs",
        "Saved at once",
    )
    assert "Choose whose value is to stand." in await said(anna, path, form)
    assert "Nothing is changed." in await said(anna, path, form | {"keep:title": "theirs"})
    assert "Saved" in await said(anna, path, form | {"keep:title": "mine"})
    assert value(office.world, ref, "title") == "Mine"


async def test_a_refusal_of_the_portal_stands_at_the_field_that_it_names(office: Served) -> None:
    anna, path = await office.signed_in(), "/items/deal/2/edit"
    form = await opened(anna, path) | {"f:sourceDescription:0": "x", "f:ufCrmText:0": "17"}
    office.world.portal.faults.add(
        Fault(
            kind=Kind.COMMAND_ERROR,
            match=lambda call: "ufCrmText" in call.parameters.get("fields", {}),
            times=None,
            code="CRM_FIELD_ERROR_VALUE_NOT_VALID",
            description='The value of "Contract number" is incorrect',
        )
    )
    answer = await anna.post(path, form)
    office.world.portal.faults.clear()
    error = re.search(r'id="f-ufCrmText-error"[^>]*>(.*?)</p>', answer.text, re.DOTALL)
    assert error is not None
    assert "is incorrect" in error[1]
    assert read(answer.text)[0]["f:ufCrmText:0"] == "17"
    assert value(office.world, EntityRef.parse("deal:2"), "sourceDescription") == "x"


async def test_an_amount_that_the_portal_reckons_is_offered_to_be_a_manual_one(office: Served) -> None:
    anna, path = await office.signed_in(), "/items/deal/3/edit"
    form = await opened(anna, path) | {"f:opportunity:0": "777"}
    refused = await anna.post(path, form)
    assert "The portal put its own amount back." in read(refused.text)[1]
    assert 'data-ticks="isManualOpportunity"' in refused.text
    assert "Saved" in await said(anna, path, read(refused.text)[0] | {"f:isManualOpportunity:0": "yes"})
    assert value(office.world, EntityRef.parse("deal:3"), "opportunity") == 777


async def test_phones_and_emails_are_changed_added_and_deleted(office: Served) -> None:
    ref = EntityRef.parse(f"contact:{office.world.add('+74951234567', '+74951234568', emails=('a@b.ru',))}")
    there(office.world, ref).values["ufCrmRegion"] = "North"
    first, second, mail = there(office.world, ref).points.values()
    anna, path = await office.signed_in(), f"/items/contact/{ref.id}/edit"
    form = await opened(anna, path)
    form |= {
        f"point:PHONE:{first.id}:type": "MOBILE",
        f"point:PHONE:{second.id}:value": "",
        f"point:EMAIL:{mail.id}:value": "C@D.ru",
        "point:PHONE:n2:value": "8 (916) 234-56-78",
    }
    assert "Saved" in await said(anna, path, form)
    points = {(one.value, one.value_type) for one in there(office.world, ref).points.values()}
    assert points == {("+74951234567", "MOBILE"), ("+79162345678", "WORK"), ("c@d.ru", "WORK")}
    stale = form | {f"point:PHONE:{first.id}:value": "", f"point:PHONE:{first.id}:shown": "+74951112233"}
    asked = await anna.post(path, {name: text for name, text in stale.items() if f":{first.id}:" in name})
    assert "Let theirs stand +74951234567" in read(asked.text)[1]
    kept = read(asked.text)[0] | {f"keep:PHONE:{first.id}": "mine"}
    assert kept[f"point:PHONE:{first.id}:value"] == ""
    assert "Saved" in await said(anna, path, kept)
    assert sorted(office.world.phones(ref.id)) == ["+79162345678"]


async def test_who_has_the_same_phone_is_shown_before_a_card_is_created_and_it_is_created_once(office: Served) -> None:
    known = office.world.add("+74957770011")
    anna, path = await office.signed_in(), "/items/contact/new"
    form = await opened(anna, path)
    form |= {"f:name:0": "Vera", "f:ufCrmRegion:0": "North", "point:PHONE:n0:value": "8 495 777-00-11"}
    count = len(all_of(office.world, "contact"))
    asked = await anna.post(path, form)
    assert "1 card has the same phone or e-mail" in read(asked.text)[1]
    assert f"/items/contact/{known}/edit" in asked.text
    assert read(asked.text)[0]["f:name:0"] == "Vera"
    form["anyway"] = f"contact:{known}"
    ref = made(await anna.post(path, form))
    assert made(await anna.post(path, form)) == ref
    assert len(all_of(office.world, "contact")) == count + 1
    assert value(office.world, ref, "name") == "Vera"


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_lost_answer_tells_what_is_known_and_never_creates_twice(office: Served, when: str) -> None:
    anna, path = await office.signed_in(), "/items/deal/new"
    form = await opened(anna, path) | {"f:title:0": f"Lost {when}", "f:ufCrmRegion:0": "North"}
    before = all_of(office.world, "deal")
    office.world.portal.faults.add(Fault(kind=Kind.RESET, match="crm.item.add", when=when, times=1))
    answer = await anna.post(path, form)
    if when == "before":
        sent, text = read(answer.text)
        assert "It was certainly not created." in text
        assert sent["f:title:0"] == "Lost before"
        assert sent["token"] == form["token"]
        assert "It was certainly not created." in (await anna.get("/")).text
        answer = await anna.post(path, sent)
    (ref,) = set(all_of(office.world, "deal")) - set(before)
    assert made(answer) == ref
    assert made(await anna.post(path, form)) == ref


async def test_a_card_is_created_in_the_pipeline_in_which_its_form_was_opened(office: Served) -> None:
    anna = await office.signed_in()
    found = re.search(r'<option value="(\d+)"[^>]*>Partners', (await anna.get("/items/deal/new")).text)
    assert found is not None
    partners = int(found[1])
    form = await opened(anna, f"/items/deal/new?category={partners}")
    ref = made(await anna.post("/items/deal/new", form | {"f:title:0": "Partner", "f:ufCrmRegion:0": "North"}))
    assert value(office.world, ref, "categoryId") == partners


async def test_the_page_of_a_card_is_headed_by_its_name_and_does_not_wait_for_a_portal(office: Served) -> None:
    anna = await office.signed_in(Role.VIEW)
    ref = item_of(office.world, "company", title=HOSTILE)
    shown = await anna.get(f"/items/company/{ref.id}")
    assert "&lt;script&gt;harmed=1" in shown.text.partition("<h1>")[2].partition("</h1>")[0]
    assert HOSTILE[:8] not in shown.text.replace("<script ", "")
    assert f"Company № {ref.id}" in shown.text
    office.world.portal.faults.add(Fault(kind=Kind.HANG, match="crm.item.list", times=None))
    alone = await anna.get(f"/items/company/{ref.id}")
    office.world.portal.faults.clear()
    assert f"<h1>Company {ref.id}</h1>" in " ".join(alone.text.split())
    assert "№" not in alone.text


async def test_what_a_new_card_lacks_is_told(office: Served) -> None:
    anna, path = await office.signed_in(), "/items/company/new"
    form = await opened(anna, path) | {"f:title:0": "Acme"}
    answer = await anna.post(path, form)
    error = re.search(r'id="f-ufCrmRegion-error"[^>]*>(.*?)</p>', answer.text, re.DOTALL)
    assert error is not None
    assert "It is required" in error[1]
    assert "Nothing is filled in yet." in await said(anna, path, await opened(anna, path))


async def test_what_is_typed_is_checked_and_what_is_linked_is_found(office: Served) -> None:
    anna = await office.signed_in()

    async def ask(what: str, form: dict[str, str], language: str = "en") -> Any:  # noqa: ANN401 # JSON
        answer = await anna.post(f"/forms/contact/{what}", form, Accept="application/json", Accept_Language=language)
        assert answer.status == 200, answer.text
        return json.loads(answer.text)

    phone = {"point:PHONE:n0:value": "8 (495) 123-45-67"}
    assert (await ask("check", phone))["PHONE:n0"] == {"problem": "", "note": "Will be saved as +74951234567"}
    assert (await ask("check", phone, "ru"))["PHONE:n0"]["note"] == "Сохранится как +74951234567"
    count = await ask("check", {"shown:ufCrmCount": "null", "f:ufCrmCount:0": "a_b"}, "ru")
    assert count["ufCrmCount"]["problem"] == "'a_b' – не число; пишите так: 1500 или 1 500,50"
    title = str(value(office.world, EntityRef.parse("company:1"), "title"))
    (found, *_) = (await ask("search", {"field": "companyIds", "text": title}))["found"]
    assert (found["value"], found["title"]) == ("company:1", title)
    users = (await ask("search", {"field": "assignedById", "text": "Anna"}))["found"]
    assert "Anna" in users[0]["title"]
    scopes = office.world.portal.access.scopes
    office.world.portal.access.scopes = ("crm",)
    numbered = (await ask("search", {"field": "assignedById", "text": "7"}))["found"]
    office.world.portal.access.scopes = scopes
    assert numbered == [{"value": "7", "title": "User 7", "detail": "№ 7"}]
    assert (await anna.post("/forms/contact/search", {"field": "name", "text": "x"})).status == 400


async def test_what_is_no_form_is_refused(office: Served) -> None:
    anna = await office.signed_in()
    for path in (
        "/items/activity/1/edit",
        "/items/deal/0/edit",
        "/items/deal/99999/edit",
        "/items/x/new",
        "/items/deal/x/edit",
    ):
        assert (await anna.get(path)).status == 404, path
        assert (await anna.post(path, {"token": "0" * 32})).status == 404, path
    for form in (
        {"shown:title": "{"},
        {"shown:title": '{"number":"x"}'},
        {"shown:title": "[[[[[]]]]]", "f:title:0": "x"},
        {"point:FAX:1:value": "x"},
        {"point:PHONE:0:value": "x"},
        {"point:PHONE:99999999999:value": "x"},
    ):
        assert (await anna.post("/items/deal/1/edit", form)).status == 400, form
    assert (await anna.post("/items/deal/new", {"f:title:0": "x"})).status == 400


async def test_why_something_is_not_edited_is_said_in_the_visitors_language(office: Served) -> None:
    anna = await office.signed_in()
    page = (await anna.get("/items/deal/3/edit", Accept_Language="ru")).text
    before = LANGUAGE.set("ru")
    for why in (
        "files are not edited here: add them in the card of the portal",
        "the portal reckons it from the products",
    ):
        assert told(why).casefold() != why
        assert f"{told(why)}." in page
    LANGUAGE.reset(before)
    assert "Портал считает сумму по товарам" in page
    assert "is not edited" not in page
