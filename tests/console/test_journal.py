"""The journal, cards, and taking back, as people ask for them over HTTP."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.people import Role
from b24syncd.reports.links import card_named, card_url
from b24syncd.web.console.pages.journal.asked import NAMES, asked_for

if TYPE_CHECKING:
    from tests.console.served import Caller, Served

HOSTILE = '<script>alert("x")</script>'
JSON = {"Accept": "application/json"}


async def corrected(console: Served, *values: str) -> list[int]:
    """Have contacts with these phones corrected, by a command of the shell."""
    ids = [console.world.add(value) for value in values]
    anna = await console.signed_in(Role.OPERATE, "Otto")
    only = " ".join(f"contact:{number}" for number in ids)
    answer = await anna.post("/backfill", {"only": only}, **JSON)
    assert answer.status == 200, answer.text
    await until_idle(console)
    return ids


async def until_idle(console: Served) -> None:
    for one in console.daemon.commands.open:
        await one.ended.wait()


async def test_changes_are_found_by_card_person_run_and_the_beginning_of_a_value(console: Served) -> None:
    first, second = await corrected(console, "8 (916) 123-45-67", "8 912 765-43-21")
    anna = await console.signed_in(Role.VIEW)

    async def shown(query: str) -> tuple[bool, bool]:
        answer = await anna.get(f"/journal?{query}")
        assert answer.status == 200
        return f"/items/contact/{first}" in answer.text, f"/items/contact/{second}" in answer.text

    assert await shown("") == (True, True)
    assert await shown("text=8+(916)") == (True, False)
    assert await shown("text=%2B79127654321&exact=1") == (False, True)
    assert await shown(f"item=contact:{second}") == (False, True)
    assert await shown(f"item=https://acme.bitrix24.ru/crm/contact/details/{first}/") == (True, False)
    assert await shown("by=Otto&job=phones&outcome=done") == (True, True)
    assert await shown("by=Anna") == (False, False)
    assert await shown("run=99999") == (False, False)
    wrong = await anna.get("/journal?item=fffff&run=x")
    assert "Write a card as contact:42" in wrong.text
    assert "Write a number." in wrong.text


async def test_what_customers_wrote_stays_text(console: Served) -> None:
    [number] = await corrected(console, f"8 (916) 123-45-67 {HOSTILE}")
    anna = await console.signed_in(Role.VIEW)
    for path in ("/journal", f"/items/contact/{number}", f"/journal?text={HOSTILE}", "/runs/1?before=<b>"):
        answer = await anna.get(path)
        assert answer.status == 200, path
        assert "<script>alert" not in answer.text, path
    assert (await anna.get("/items/contact/none")).status == 404
    assert (await anna.get("/runs/9999999999999999999999")).status == 404
    assert (await anna.get(f"/items?card={number}&type=contact")).headers["Location"] == f"/items/contact/{number}"


async def test_one_card_takes_the_role_that_edits_and_more_the_one_that_operates(console: Served) -> None:
    first, second = await corrected(console, "8 (916) 123-45-67", "8 912 765-43-21")
    editor = await console.signed_in(Role.EDIT, "Eva")
    assert (await (await console.signed_in(Role.DECIDE, "Dan")).get(f"/undo?item=contact:{first}")).status == 403
    many = {"run": str(await run_of(editor, first))}
    assert (await editor.post("/undo", many, **JSON)).status == 403
    assert console.world.phones(second) == ["+79127654321"]
    assert (await editor.post("/undo", {"job": "phones"}, **JSON)).status == 400

    ahead = await editor.post("/undo/preview", {"item": f"contact:{first}"}, **JSON)
    assert "asked for by Otto" in json.loads(ahead.text)["html"]
    assert console.world.phones(first) == ["+79161234567"]  # nothing was written
    answer = json.loads((await editor.post("/undo", {"item": f"contact:{first}"}, **JSON)).text)
    assert answer["message"] == "1 correction was taken back."
    assert console.world.phones(first) == ["8 (916) 123-45-67"]

    operator = await console.signed_in(Role.OPERATE, "Otto")
    answer = json.loads((await operator.post("/undo", many, **JSON)).text)
    assert "1 correction was taken back." in answer["message"]
    assert console.world.phones(second) == ["8 912 765-43-21"]
    run = await operator.get(answer["go"])
    assert "Otto" in run.text


async def run_of(caller: Caller, contact: int) -> int:
    """Return the run that corrected a contact."""
    answer = await caller.get(f"/journal?item=contact:{contact}")
    return int(answer.text.partition("/runs/")[2].partition('"')[0])


@given(st.dictionaries(st.sampled_from([*NAMES, "after", "key"]), st.text()))
def test_whatever_an_address_asks_for_is_understood_or_told_as_wrong(query: dict[str, str]) -> None:
    asked = asked_for(query)
    assert asked_for(dict(asked.typed)).which == asked.which
    assert asked.wrong.keys() <= {"item", "run", "after"}
    assert asked.address().startswith("/journal")


@given(st.sampled_from([*EntityType, EntityType("type128"), EntityType("type1034")]), st.integers(1, 10**17))
def test_the_address_of_a_card_names_it(entity_type: EntityType, number: int) -> None:
    ref = EntityRef(entity_type, number)
    assert card_named(str(ref)) == ref
    if entity_type is not EntityType.ACTIVITY:
        assert card_named(card_url("acme.bitrix24.ru", ref)) == ref
