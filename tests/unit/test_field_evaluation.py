"""What rules for fields make of an item together, and which of them would go in circles."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b24syncd.domain.corrections import SetField
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.rules import FieldRule, FieldRules, LetterCase
from b24syncd.domain.snapshots import Snapshot
from b24syncd.domain.values import Choice
from b24syncd.jobs.fields.circles import circles
from b24syncd.jobs.fields.evaluation import Known, evaluate
from b24syncd.jobs.fields.planner import plan

if TYPE_CHECKING:
    from b24syncd.domain.values import Value

TITLE, OTHER, STAGE = "title", "ufCrm_1", "stageId"


def rule(field: str = TITLE, *, name: str = "", **told: Any) -> FieldRule:  # noqa: ANN401 # whatever a rule takes
    return FieldRule(name=name or f"{field} {told}", entity=EntityType.DEAL, field=field, **told)


def made(rules: list[FieldRule], fields: dict[str, Value], **known: dict[str, Value]) -> dict[str, Value]:
    """Return what becomes of an item, once it is certain that another look changes nothing."""
    begun = Known(fields, **known)
    found = dict(evaluate(rules, begun).fields)
    changed = {name: value for name, value in found.items() if value != fields[name]}
    written = {name: value for name, value in changed.items() if not begun.is_theirs(name)}
    again = Known(found, {**known.get("written", {}), **written}, {name: fields[name] for name in changed})
    assert evaluate(rules, again).fields == found
    return found


POLISH = rule(trim=True, squeeze=True, strip_html=True, case=LetterCase.TITLE)


@pytest.mark.parametrize(
    ("rules", "before", "after"),
    [
        ([POLISH], " <b>ООО  РОМАШКА</b> ", "ООО Ромашка"),
        ([POLISH], "Ромашка", "Ромашка"),
        ([POLISH], "   ", None),
        ([rule(trim=True), rule(clear=("-", "нет"))], " Нет ", None),
        ([rule(replace=(("мск", "Москва"),))], "МСК", "Москва"),
        ([rule(replace=(("МСК", "ABC"),), case=LetterCase.TITLE)], "мск", "ABC"),
        ([rule(name="a", replace=(("мск", "ABC"),)), rule(name="b", case=LetterCase.TITLE)], "мск", "ABC"),
        ([rule(name="a", default="ABC"), rule(name="b", case=LetterCase.TITLE)], None, "ABC"),
        ([rule(replace=(("мск", "Москва"),), is_multiple=True)], ("мск", "Москва", "a", "a"), ("Москва", "a", "a")),
        ([rule(default="Новый")], None, "Новый"),
        ([rule(default="Новый")], "  ", "Новый"),
        ([rule(clear=("-",), default="Новый")], "-", "Новый"),
        ([rule(default=Decimal(5))], Decimal(0), Decimal(0)),
        ([rule(replace=((Choice("1"), Choice("2")),))], Choice("1"), Choice("2")),
        ([rule(trim=True, is_multiple=True)], (" a ", "b", " "), ("a", "b")),
    ],
)
def test_rules_make_one_value(rules: list[FieldRule], before: Value, after: Value) -> None:
    assert made(rules, {TITLE: before}) == {TITLE: after}


def test_an_empty_field_is_filled_from_another_also_from_one_that_is_filled_later() -> None:
    rules = [rule(copy_from=OTHER), rule(OTHER, default="x")]
    assert made(rules, {TITLE: None, OTHER: None}) == {TITLE: "x", OTHER: "x"}
    assert made(rules, {TITLE: "a", OTHER: "b"}) == {TITLE: "a", OTHER: "b"}
    assert made(rules[:1], {TITLE: None, OTHER: "  "}) == {TITLE: None, OTHER: "  "}


def test_what_a_person_wrote_afterwards_is_polished_only() -> None:
    rules = [POLISH, rule(replace=(("мск", "Москва"),)), rule(OTHER, default="x")]
    now: dict[str, Value] = {TITLE: " мск", OTHER: None}
    assert made(rules, now, written={TITLE: "Москва", OTHER: "x"}) == {TITLE: "МСК", OTHER: None}


def test_what_a_person_restored_rests() -> None:
    found = evaluate([POLISH], Known({TITLE: "РОМАШКА"}, replaced={TITLE: "РОМАШКА"}))
    assert found.fields == {TITLE: "РОМАШКА"}
    assert found.restored == {TITLE: "Ромашка"}


def test_what_needs_no_polish_is_not_asked_about() -> None:
    assert evaluate([rule(default="x")], Known({TITLE: None}, {TITLE: "x"}, {TITLE: None})).restored == {}


def test_what_a_person_wrote_stays_theirs_however_many_rounds_polish_it() -> None:
    rules = (rule(name="a", trim=True), rule(name="b", strip_html=True, replace=(("x", "y"),)))
    ref = EntityRef(EntityType.DEAL, 1)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    read = Snapshot(ref, at, fields={TITLE: "<b> x</b>"}, written={TITLE: "y"}, replaced={TITLE: None})
    [correction] = plan(read, FieldRules(rules=rules)).corrections
    assert correction == SetField(ref, "fields", TITLE, "<b> x</b>", "x", restores=True)


def test_what_is_restored_is_suggested_as_all_rounds_polish_it() -> None:
    rules = [rule(name="a", trim=True), rule(name="b", strip_html=True)]
    assert evaluate(rules, Known({TITLE: "<b> x</b>"}, replaced={TITLE: "<b> x</b>"})).restored == {TITLE: "x"}


CASES = st.none() | st.sampled_from(LetterCase)
TEXTS = st.text(st.sampled_from("aB -Ж<b>/\u00a0"), max_size=6)
PAIRS = st.lists(st.tuples(TEXTS.filter(bool), TEXTS.filter(bool)), max_size=3).map(tuple)
RULES = st.builds(
    rule,
    st.sampled_from([TITLE, OTHER]),
    trim=st.booleans(),
    squeeze=st.booleans(),
    strip_html=st.booleans(),
    case=CASES,
    replace=PAIRS,
    replaces_words=st.booleans(),
    clear=st.lists(TEXTS, max_size=2).map(tuple),
    copy_from=st.none() | st.sampled_from([TITLE, OTHER]),
    default=st.none() | TEXTS.filter(bool),
)


@given(st.lists(RULES, max_size=4), st.none() | TEXTS, st.none() | TEXTS)
def test_another_look_finds_nothing_to_do(rules: list[FieldRule], title: str | None, other: str | None) -> None:
    made(rules, {TITLE: title, OTHER: other})


@pytest.mark.parametrize(
    "rules",
    [
        [rule(name="a", case=LetterCase.UPPER), rule(name="b", case=LetterCase.LOWER)],
        [rule(name="a", replace=(("x", "y"),)), rule(name="b", replace=(("y", "x"),))],
        [rule(name="a", default="-"), rule(name="b", clear=("-",))],
        [
            rule(STAGE, name="a", replace=((Choice("1"), Choice("2")),)),
            rule(STAGE, name="b", replace=((Choice("2"), Choice("1")),)),
        ],
        [rule(OTHER, name="-", replace=(("q", "x"),)), rule(name="a", copy_from=OTHER), rule(name="b", clear=("x",))],
    ],
)
def test_circles_are_found(rules: list[FieldRule]) -> None:
    (circle,) = circles(FieldRules(rules=tuple(rules)))
    assert {circle.first.name, circle.second.name} == {"a", "b"}
    assert "'a'" in str(circle)


@pytest.mark.parametrize(
    "rules",
    [
        [
            rule(name="a", trim=True),
            rule(name="b", squeeze=True, strip_html=True),
            rule(name="c", case=LetterCase.TITLE),
        ],
        [rule(name="a", replace=(("x", "y"),)), rule(name="b", replace=(("y", "z"),))],
        [rule(name="a", copy_from=OTHER), rule(OTHER, name="b", copy_from=TITLE)],
        [rule(name="a", clear=("-",)), rule(name="b", default="x")],
    ],
)
def test_rules_of_one_field_are_no_circle_by_that(rules: list[FieldRule]) -> None:
    assert circles(FieldRules(rules=tuple(rules))) == ()


def test_fields_that_have_nothing_to_do_with_each_other_are_looked_at_one_by_one() -> None:
    """All states of these forty fields together are more than anybody can look at."""
    others = [rule(f"ufCrm_{number}", trim=True, clear=("-",), default="x") for number in range(10, 50)]
    there, back = rule(name="a", replace=(("x", "y"),)), rule(name="b", replace=(("y", "x"),))
    (circle,) = circles(FieldRules(rules=(there, *others, back)))
    assert {circle.first.name, circle.second.name} == {"a", "b"}


def test_rules_with_equal_words_are_equal() -> None:
    one, other = rule(replace=(("x", "y"),)), rule(replace=(("x", "y"),))
    assert one == other
    assert len({one, other, replace(one, trim=True)}) == 2


def test_rules_whose_filters_exclude_each_other_are_no_circle() -> None:
    there, back = rule(replace=(("x", "y"),)), rule(replace=(("y", "x"),))
    in_one, in_other = ((("categoryId", number),) for number in "12")
    assert circles(FieldRules(rules=(replace(there, where=in_one), replace(back, where=in_other)))) == ()
    assert circles(FieldRules(rules=(replace(there, where=in_one), replace(back, where=in_one)))) != ()


def test_a_filter_by_what_is_written_excludes_nothing() -> None:
    there = rule(STAGE, name="a", replace=((Choice("1"), Choice("2")),), where=((STAGE, '"1"'),))
    back = rule(STAGE, name="b", replace=((Choice("2"), Choice("1")),), where=((STAGE, '"2"'),))
    assert circles(FieldRules(rules=(there, back))) != ()
