"""Deals with messy fields, what is meant by them, and texts that custom fields do not take."""

from __future__ import annotations

import pytest
from tests.contract.test_field_check import SHORT, world

from b24syncd.simulator.errors import RestError
from b24syncd.simulator.methods.text_checks import refuse_texts
from b24syncd.simulator.seeds.field_mess import field_mistakes, generate_field_mess
from b24syncd.simulator.tables.fields import DEAL

SEED = 7


def test_the_same_seed_makes_the_same_deals() -> None:
    first, second = world(), world()
    for portal in (first, second):
        generate_field_mess(portal, SEED, deals=30)
    assert [item.values for item in first.table(DEAL)] == [item.values for item in second.table(DEAL)]
    assert len(first.field_truth) == 30


def test_what_is_meant_is_known() -> None:
    portal = world()
    generate_field_mess(portal, SEED, deals=30)
    wrong = field_mistakes(portal)
    assert {one["field"] for one in wrong} == {"title", "additionalInfo", "sourceDescription"}
    for (type_id, item_id), truth in portal.field_truth.items():
        portal.change(portal.table(type_id).items[item_id], truth, (), "api")
    assert field_mistakes(portal) == []


def test_what_a_person_wrote_is_no_mistake() -> None:
    portal = world()
    generate_field_mess(portal, SEED, deals=5)
    for (type_id, item_id), truth in portal.field_truth.items():
        portal.change(portal.table(type_id).items[item_id], {**truth, "title": "Моё"}, (), "person")
    assert field_mistakes(portal) == []


@pytest.mark.parametrize(("text", "is_taken"), [("12345", True), ("123456", False), ("", True)])
def test_a_text_may_be_too_long(text: str, is_taken: bool) -> None:  # noqa: FBT001 # a parameter of the test
    portal = world(custom_fields=(SHORT,))
    if is_taken:
        refuse_texts(portal, DEAL, {"ufCrmShort": text})
    else:
        with pytest.raises(RestError):
            refuse_texts(portal, DEAL, {"ufCrmShort": text})
