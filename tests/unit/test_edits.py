"""Edits of a form: only what changed is written, never over a newer value, and nothing beside it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b24syncd.domain.additions import AddEnding, AddFate
from b24syncd.domain.corrections import AddPoint, ChangePoint, DeletePoint, only_fields, only_points
from b24syncd.domain.edits import (
    CATEGORY,
    STAGE,
    Edit,
    Ending,
    Fate,
    FieldEdit,
    PointEdit,
    changed,
    is_there,
    plan_edit,
    same_text,
    there_now,
)
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.field_judge import FieldsJudge
from b24syncd.domain.judging import Executed
from b24syncd.domain.settling import points_after
from b24syncd.domain.snapshots import ContactPoint, PointKind, Snapshot
from b24syncd.domain.undoing import Why
from b24syncd.domain.undoing_edits import undo_point_edits
from b24syncd.domain.values import Choice, same_value
from b24syncd.portal.cards.fields import CardField
from b24syncd.portal.cards.layout import grouped, parse_layout
from b24syncd.portal.cards.typed import link_to, linked_to, typed_value
from b24syncd.portal.fields.choices import Fault
from b24syncd.portal.fields.descriptions import ItemField
from b24syncd.reports.forms import added_report, field_named, saved_report

if TYPE_CHECKING:
    from b24syncd.domain.values import Value

REF = EntityRef(EntityType.DEAL, 12)
NAMES = ("title", "comments", CATEGORY, STAGE, "opportunity")
TEXTS = st.sampled_from(["a", "b", "one\ntwo", "one\r\ntwo", "one\rtwo\n"])
VALUES: st.SearchStrategy[Any] = (
    st.none() | TEXTS | st.sampled_from([Choice("1"), Choice("2"), Decimal(1), True]) | st.tuples(TEXTS, TEXTS)
)
FIELDS = st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, VALUES))
FIELD_EDITS = st.lists(
    st.builds(FieldEdit, st.sampled_from(NAMES), VALUES, VALUES), max_size=4, unique_by=lambda one: one.field
)
NUMBERS = st.sampled_from(["+1", "+2", "+3"])
POINTS = st.lists(
    st.builds(ContactPoint, st.integers(1, 5), st.sampled_from(PointKind), NUMBERS, st.sampled_from(["WORK", "HOME"])),
    max_size=4,
    unique_by=lambda one: one.id,
)
POINT_EDITS = st.lists(
    st.builds(
        PointEdit,
        st.sampled_from(PointKind),
        st.none() | st.integers(1, 5),
        NUMBERS,
        NUMBERS | st.just(""),
        st.sampled_from(["", "HOME"]),
    ),
    max_size=4,
    unique_by=lambda one: (one.kind, one.point_id or one.wanted),
)


def snapshot(fields: dict[str, Value], points: tuple[ContactPoint, ...] = ()) -> Snapshot:
    return Snapshot(REF, datetime(2026, 1, 1, tzinfo=UTC), tuple(sorted(points, key=lambda one: one.id)), fields)


@given(FIELDS, FIELD_EDITS)
def test_a_field_is_written_only_over_what_the_form_showed(fields: dict[str, Value], edits: list[FieldEdit]) -> None:
    edit = Edit(REF, tuple(edits))
    editing = plan_edit(snapshot(fields), edit)
    written = {one.field: one for one in only_fields(editing.corrections)}
    asked = {one.edit for one in editing.conflicts}
    assert len(written) == len(editing.corrections)
    for one in edits:
        if one.field not in fields:
            assert one.field not in written
            continue
        there = fields[one.field]
        follows = one.field == STAGE and any(other.field == CATEGORY for other in edits)
        if same_text(there, one.wanted):
            assert one.field not in written
            assert one not in asked
        elif same_text(there, one.shown):
            made = written[one.field]
            assert made.restores
            assert same_value(made.before, there)
            assert same_text(made.after, one.wanted)
            assert not (isinstance(there, str) and "\r\n" in there and "\n" in str(made.after).replace("\r\n", ""))
        elif one.field not in written:
            assert one in asked
        else:
            assert follows
    left = snapshot({**fields, **{name: one.after for name, one in written.items()}})
    assert plan_edit(left, edit).corrections == ()
    assert all(is_there(left, one) for one in edits if one.field in written)


@pytest.mark.parametrize("value", [False, Decimal(0)])
def test_no_and_zero_are_there_as_any_value_is(value: Value) -> None:
    assert is_there(snapshot({"opportunity": value}), FieldEdit("opportunity", None, value))


@given(POINTS, POINT_EDITS)
def test_an_entry_is_written_only_over_what_the_form_showed(points: list[ContactPoint], edits: list[PointEdit]) -> None:
    before = snapshot({}, tuple(points))
    editing = plan_edit(before, Edit(REF, (), tuple(edits)))
    left = points_after(before.entries, only_points(editing.corrections))
    named = {(one.kind, one.point_id) for one in edits}
    untouched = [one for one in before.entries if (one.kind, one.id) not in named]
    assert all(one in left for one in untouched)
    for conflict in editing.conflicts:
        there = there_now(before, conflict.edit)
        assert there is None or there != conflict.edit.shown
        assert isinstance(conflict.edit, PointEdit)
        assert all(one in left for one in before.entries if one.id == conflict.edit.point_id)
    held = Counter((one.kind, one.value) for one in left)
    for one in edits:
        if one.wanted and not any(conflict.edit == one for conflict in editing.conflicts):
            assert held[one.kind, one.wanted] or any(
                other.kind is one.kind and other.point_id is not None for other in edits
            )


@given(VALUES, VALUES)
def test_what_comes_back_as_it_was_shown_is_no_change(shown: Value, wanted: Value) -> None:
    assert bool(changed([FieldEdit("title", shown, wanted)])) is not same_text(shown, wanted)


def test_a_stage_that_the_portal_chose_with_the_pipeline_is_no_conflict() -> None:
    edits = (FieldEdit(STAGE, Choice("NEW"), Choice("C5:WON")), FieldEdit(CATEGORY, Choice("0"), Choice("5")))
    first = plan_edit(snapshot({CATEGORY: Choice("0"), STAGE: Choice("NEW")}), Edit(REF, edits))
    assert [one.field for one in only_fields(first.corrections)] == [CATEGORY, STAGE]
    then = plan_edit(snapshot({CATEGORY: Choice("5"), STAGE: Choice("C5:NEW")}), Edit(REF, edits))
    assert [(one.field, one.before) for one in only_fields(then.corrections)] == [(STAGE, Choice("C5:NEW"))]


def test_what_the_portal_keeps_in_its_own_form_was_saved_and_is_taken_back_as_it_is_kept() -> None:
    (sent,) = plan_edit(snapshot({"comments": "old"}), Edit(REF, (FieldEdit("comments", "old", "a < b"),))).corrections
    base, after = snapshot({"comments": "old"}), snapshot({"comments": "a &lt; b"})
    judge = FieldsJudge()
    assert judge.is_effective([sent], after.state)
    assert not judge.is_effective([sent], base.state)
    ((planned, made),) = judge.aftermath(Executed((sent,), base, base, after, mends=False)).otherwise
    assert planned == sent
    assert made is not None
    assert made.after == "a &lt; b"  # type: ignore[union-attr] # of a field
    newer = snapshot({"comments": "newer"})
    (repair,) = judge.aftermath(Executed((sent,), base, newer, after, mends=False)).repairs
    assert (repair.before, repair.after) == ("a &lt; b", "newer")  # type: ignore[union-attr] # of a field


def card(kind: str, *, name: str = "ufCrmAny", **more: Any) -> CardField:  # noqa: ANN401 # of a field
    return CardField(ItemField(name, "UF_CRM_ANY", "Any", kind, **more))


MOSCOW = timezone(timedelta(hours=3))
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(MOSCOW))  # noqa: DTZ001
PLAIN = st.text(min_size=1, max_size=20).filter(str.strip)
OPTIONS = (("NEW", "New"), ("5", "Five"))
OF_TYPES: dict[str, st.SearchStrategy[Any]] = {
    "string": PLAIN,
    "integer": st.integers(-(10**9), 10**9).map(Decimal),
    "double": st.decimals(-(10**9), 10**9, places=2),
    "money": st.decimals(0, 10**9, places=2).map(lambda one: f"{one.normalize():f}|RUB"),
    "date": st.dates(),
    "datetime": MOMENTS.map(lambda one: one.replace(microsecond=0)),
    "boolean": st.booleans(),
    "enumeration": st.sampled_from([Choice(key) for key, _ in OPTIONS]),
    "employee": st.integers(1, 10**6).map(lambda one: Choice(str(one))),
    "crm_company": st.integers(1, 10**6).map(lambda one: Choice(str(one))),
    "crm": st.sampled_from(["CO_7", "D_12", "T80_3"]).map(Choice),
    "url": PLAIN,
}
LINKS: dict[str, Any] = {"settings": {"COMPANY": "Y", "DEAL": "Y", "DYNAMIC_128": "Y", "LEAD": "N"}}


@pytest.mark.parametrize("kind", OF_TYPES)
@given(data=st.data())
def test_what_a_control_holds_is_read_as_the_value_that_it_is_of(kind: str, data: st.DataObject) -> None:
    value = data.draw(OF_TYPES[kind])
    for field, whole in (
        (card(kind, **LINKS), value),
        (card(kind, is_multiple=True, **LINKS), (value, data.draw(OF_TYPES[kind]))),
    ):
        read = typed_value(field, field.texts(whole), OPTIONS, MOSCOW.utcoffset(None).total_seconds())
        assert same_value(read, whole)  # type: ignore[arg-type] # no fault
        sent = field.sent(whole)
        assert field.is_multiple is isinstance(sent, list)
        assert "+03:00" not in str(sent)


@pytest.mark.parametrize(
    ("kind", "typed", "said"),
    [
        ("double", "1 500,5 руб", "no number"),
        ("integer", "1,5", "no whole number"),
        ("money", "1500", "with its currency"),
        ("date", "2026-02-30", "no day"),
        ("datetime", "2026-02-28", "with a time"),
        ("boolean", "perhaps", "neither yes nor no"),
        ("enumeration", "Nine", "no value"),
        ("employee", "Anna", "no user"),
        ("crm", "lead:5", "does not link"),
        ("crm_company", "contact:5", "does not link"),
        ("file", "x", "not edited here"),
    ],
)
def test_what_is_no_value_is_told(kind: str, typed: str, said: str) -> None:
    found = typed_value(card(kind, **LINKS), (typed,), OPTIONS)
    assert isinstance(found, Fault)
    assert said in found.message


@pytest.mark.parametrize(
    ("field", "why"),
    [
        (card("string", is_required=True), "required"),
        (card("string", is_multiple=True), "last of several"),
        (card("string", name="title"), "does not let it be empty"),
    ],
)
def test_what_cannot_be_empty_is_not_emptied(field: CardField, why: str) -> None:
    found = typed_value(field, ("",))
    assert isinstance(found, Fault)
    assert why in found.message
    assert typed_value(card("string"), (" ",)) is None


@pytest.mark.parametrize(
    ("field", "changes", "creates"),
    [
        (card("string"), True, True),
        (card("string", is_read_only=True), False, False),
        (card("string", is_read_only=True, is_immutable=True), False, True),
        (card("file"), False, False),
        (card("crm_contact", is_deprecated=True), False, False),
        (card("string", name="originId"), False, False),
    ],
)
def test_what_may_be_edited(field: CardField, changes: bool, creates: bool) -> None:  # noqa: FBT001 # of a table
    assert (field.why_not() is None, field.why_not(creates=True) is None) == (changes, creates)


def test_links_name_items_and_addresses_what_people_read() -> None:
    one, several = card("crm_company"), card("crm", **LINKS)
    company, smart = EntityRef(EntityType.COMPANY, 7), EntityRef(EntityType("type128"), 3)
    assert (link_to(one, company), link_to(several, company)) == (Choice("7"), Choice("CO_7"))
    assert [linked_to(several, link_to(several, ref)) for ref in (company, smart)] == [company, smart]
    assert linked_to(several, Choice("nobody")) is None
    assert card("address").texts("Moscow, Tverskaya 1|55.7;37.6|12") == ("Moscow, Tverskaya 1",)
    assert card("text", name="comments").texts("a &lt; b") == ("a < b",)


def test_a_card_is_shown_in_its_order_and_what_it_leaves_out_behind_it() -> None:
    fields = {
        one.name: one
        for one in (
            CardField(ItemField("title", "TITLE", "Title", "string")),
            CardField(ItemField("opportunity", "OPPORTUNITY", "Amount", "double")),
            CardField(ItemField("currencyId", "CURRENCY_ID", "Currency", "crm_currency")),
            CardField(ItemField("comments", "COMMENTS", "Comment", "text")),
        )
    }
    layout = parse_layout(
        {
            "0": {"title": "About", "elements": [{"name": "OPPORTUNITY_WITH_CURRENCY"}, {"name": "TITLE"}]},
            "2": {"title": "Gone", "elements": {"1": {"name": "UF_CRM_GONE"}}},
        }
    )
    told = [(group.title, [one.name for one in group.fields]) for group in grouped(fields, layout)]
    assert told == [("About", ["opportunity", "currencyId", "title"]), ("", ["comments"])]
    assert [group.title for group in grouped(fields, parse_layout(None))] == [""]


def test_a_refusal_is_told_at_the_field_that_the_portal_names() -> None:
    titles = {"stageId": "Stage", "ufCrmRegion": "Sales region", "sourceId": "Source", "source": "Source"}
    assert field_named('The field "Sales region" is required', titles) == "ufCrmRegion"
    assert field_named('Поле "Source" обязательно', titles) is None  # two are called so
    assert field_named("Access denied", titles) is None
    words = 'The field "Sales region" is required'
    refused = Ending(FieldEdit("stageId", None, Choice("WON")), Fate.REFUSED, None, words)
    (change,) = saved_report(REF, 5, [refused], titles, "acme.bitrix24.ru").changes
    assert (change.field, change.title, change.about) == ("stageId", "Stage", "ufCrmRegion")
    added = added_report(5, AddEnding(AddFate.REFUSED, None, refused.detail), (), titles, "acme.bitrix24.ru")
    assert added.faults == {"ufCrmRegion": words}


def test_an_edit_of_an_entry_is_taken_back_where_nothing_vanishes() -> None:
    def point(number: int, value: str) -> ContactPoint:
        return ContactPoint(number, PointKind.PHONE, value, "WORK")

    start = (REF, "edits", PointKind.PHONE)
    changed_one = ChangePoint(*start, 1, "WORK", "+1", "+2")
    deleted = DeletePoint(*start, 2, "WORK", "+3")
    added = AddPoint(*start, "WORK", "+4")
    made = (changed_one, deleted, added)
    back = undo_point_edits((point(1, "+2"), point(5, "+4")), made)
    assert back.corrections == (ChangePoint(*start, 1, "WORK", "+2", "+1"), AddPoint(*start, "WORK", "+3"))
    assert [(one.correction, one.why) for one in back.left] == [(added, Why.ONLY_THERE)]
    twice = undo_point_edits((point(1, "+9"), point(4, "+4"), point(5, "+4")), made)
    assert twice.corrections == (AddPoint(*start, "WORK", "+3"), DeletePoint(*start, 5, "WORK", "+4"))
    assert [one.why for one in twice.left] == [Why.CHANGED]
    undone = (*made, changed_one.inverse(), AddPoint(*start, "WORK", "+3"))
    assert undo_point_edits((point(1, "+1"), point(7, "+3"), point(5, "+4")), undone).corrections == ()
    assert [one.why for one in undo_point_edits((), (changed_one,)).left] == [Why.GONE]
    assert [one.why for one in undo_point_edits(None, (changed_one,)).left] == [Why.NOT_CONFIGURED]
