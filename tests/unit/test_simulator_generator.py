"""The generated portal and the truth about it."""

from __future__ import annotations

from collections import Counter
from random import Random

import phonenumbers
import pytest
from email_validator import validate_email

from b24syncd.simulator.judges.items import lost_values, mistakes
from b24syncd.simulator.people.person import Action, PersonEdit
from b24syncd.simulator.portal import Portal
from b24syncd.simulator.seeds import mess
from b24syncd.simulator.seeds.items import generate
from b24syncd.simulator.seeds.made_items import make_contacts
from b24syncd.simulator.tables.fields import CONTACT
from b24syncd.simulator.tables.model import PointChange
from b24syncd.simulator.tables.truth import expected


@pytest.fixture(scope="module")
def generated() -> Portal:
    portal = Portal(clock=lambda: 1_800_000_000.0)
    generate(portal, 7, contacts=1500, companies=300, leads=300, deals=20)
    return portal


def test_the_same_seed_gives_the_same_portal() -> None:
    first, second = Portal(clock=lambda: 1.8e9), Portal(clock=lambda: 1.8e9)
    generate(first, 3, contacts=50)
    generate(second, 3, contacts=50)
    assert first.table(3).items == second.table(3).items
    assert first.truth == second.truth


def test_every_canonical_phone_is_a_valid_number(generated: Portal) -> None:
    values = {
        value.partition(";")[0]
        for truths in generated.truth.values()
        for truth in truths
        if truth.type_id == "PHONE"
        for value in truth.canonical or ()
    }
    assert len(values) > 500
    for value in values:
        number = phonenumbers.parse(value)
        assert phonenumbers.is_valid_number(number)
        assert phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) == value


def test_no_number_comes_from_a_block_that_nobody_was_given() -> None:
    rng = Random(1)  # noqa: S311 # has to be repeatable
    made = {mess.russian(rng).e164 for _ in range(30_000)}
    assert [value for value in made if not phonenumbers.is_valid_number(phonenumbers.parse(value))] == []


def test_every_canonical_email_is_valid_and_lower_case(generated: Portal) -> None:
    for truths in generated.truth.values():
        for truth in truths:
            if truth.type_id == "EMAIL":
                for value in truth.canonical or ():
                    assert validate_email(value, check_deliverability=False).normalized == value == value.lower()


def test_the_portal_is_messy_in_every_way(generated: Portal) -> None:
    truths = [truth for truths in generated.truth.values() for truth in truths if truth.type_id == "PHONE"]
    kinds = Counter(
        "untouched"
        if truth.canonical is None
        else "double"
        if len(truth.canonical) > 1
        else "canonical"
        if truth.canonical == (truth.raw,)
        else "extension"
        if ";" in truth.canonical[0]
        else "messy"
        for truth in truths
    )
    assert all(kinds[kind] > 50 for kind in ("untouched", "double", "canonical", "extension", "messy"))
    assert any(not character.isascii() and character.isdigit() for truth in truths for character in truth.raw)
    assert any("\u200b" in truth.raw for truth in truths)


def test_many_items_share_a_second(generated: Portal) -> None:
    seconds = Counter(second for second, _ in generated.table(3).by_updated)
    assert seconds.most_common(1)[0][1] >= 400


def test_duplicates_are_expected_once_and_broken_values_as_they_are(generated: Portal) -> None:
    duplicated = [
        truths
        for truths in generated.truth.values()
        if max(Counter(value for truth in truths for value in truth.canonical or ()).values(), default=0) > 1
    ]
    assert duplicated
    for truths in duplicated:
        assert max(count for (kind, _), count in expected(truths).items() if kind != "WEB") >= 1
        assert sum(expected(truths).values()) < sum(len(truth.canonical or (1,)) for truth in truths)


def test_mistakes_are_what_differs_from_the_truth(generated: Portal) -> None:
    portal = Portal(clock=lambda: 1.8e9)
    generate(portal, 7, contacts=100)
    assert mistakes(portal)
    for (type_id, item_id), truths in portal.truth.items():
        item = portal.find(type_id, item_id)
        assert item is not None
        wipe = [PointChange(point_id, "PHONE", None, "") for point_id in item.points]
        put = [PointChange(None, kind, "WORK", value) for kind, value in expected(truths).elements()]
        portal.change(item, {}, [*wipe, *put], "api")
    assert mistakes(portal) == []
    assert mistakes(generated, ("WEB",)) == []


def test_a_value_that_a_person_wrote_and_that_is_gone_is_lost() -> None:
    portal = Portal()
    item = portal.create(3, {}, [PointChange(None, "PHONE", "WORK", "8 495 123-45-67")], "generator")
    edit = PersonEdit(
        action=Action.CHANGE, entity_type_id=3, item_id=item.id, value="8 916 000-00-01", canonical=("+79160000001",)
    )
    assert portal.person.edit(edit)
    [point_id] = item.points
    portal.change(item, {}, [PointChange(point_id, "PHONE", None, "+79160000001")], "api")
    assert lost_values(portal) == []
    portal.change(item, {}, [PointChange(point_id, "PHONE", None, "+74951234567")], "api")
    assert [entry["lost"] for entry in lost_values(portal)] == [["+79160000001"]]
    portal.person.edit(PersonEdit(action=Action.DELETE, entity_type_id=3, item_id=item.id))
    assert lost_values(portal) == []


@pytest.mark.parametrize("maker", [maker for maker, _ in (*mess.PHONES, *mess.EMAILS)])
def test_a_maker_never_calls_a_broken_value_clear_or_a_clear_one_broken(maker: mess.Maker) -> None:
    entries = [maker(Random(seed)) for seed in range(50)]  # noqa: S311 - has to be repeatable
    assert len({entry.value for entry in entries}) > 5
    broken = maker in (mess.broken_phone, mess.broken_email)
    assert all((entry.canonical is None) is broken for entry in entries)


def test_contacts_that_are_made_as_they_are_read_are_the_same_each_time_and_keep_what_was_changed() -> None:
    portal = Portal()
    make_contacts(portal, 1_000_000, wrong=0.5)
    table = portal.table(CONTACT)
    assert table.items[700_000] == table.items[700_000]
    assert list(table.ids_between(999_999, 2_000_000)) == [999_999, 1_000_000]
    assert (len(table.items), 1_000_001 in table.items, table.items.get(0)) == (1_000_000, False, None)
    item = table.items[700_000]
    portal.change(item, {"name": "Olga"}, [PointChange(None, "PHONE", "WORK", "+74951234567")], "api")
    kept = table.items[700_000]
    assert (kept.values["name"], [point.value for point in kept.points.values()][-1]) == ("Olga", "+74951234567")
    assert table.updated_between(item.updated, item.updated) == [(item.updated, 700_000)]
    assert portal.history.edits == {}
