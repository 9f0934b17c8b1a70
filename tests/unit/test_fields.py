"""The planner of the job `fields`, and what writes decisions about its reviews."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from b24syncd.domain.corrections import SetField
from b24syncd.domain.decisions import Decision, Kept
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.plans import Review
from b24syncd.domain.reasons import Reason
from b24syncd.domain.rules import FieldRule, FieldRules, LetterCase, field_review_id
from b24syncd.domain.snapshots import Snapshot
from b24syncd.jobs.catalogue import jobs_for
from b24syncd.jobs.decisions import decide
from b24syncd.jobs.fields.planner import NAME, needs, plan

if TYPE_CHECKING:
    from b24syncd.domain.values import Value

DEAL = EntityRef(EntityType.DEAL, 7)
TITLE = "title"


def rule(**told: Any) -> FieldRule:  # noqa: ANN401 # whatever a rule takes
    plain: dict[str, Any] = {"name": "r", "entity": EntityType.DEAL, "field": TITLE}
    return FieldRule(**plain | told)


def seen(value: Value, **told: Any) -> Snapshot:  # noqa: ANN401 # whatever a snapshot takes
    return Snapshot(DEAL, datetime(2026, 1, 1, tzinfo=UTC), fields={TITLE: value}, **told)


def rules(*own: FieldRule) -> FieldRules:
    return FieldRules(rules=own)


POLISH = rules(rule(trim=True, case=LetterCase.TITLE))


def test_ten_rules_for_one_field_make_one_correction() -> None:
    ten = rules(
        *(rule(name=str(number), trim=True) for number in range(8)),
        rule(name="a", replace=(("мск", "Москва"),)),
        rule(name="b", replace=(("Москва", "Москва!"),)),
    )
    (correction,) = plan(seen(" мск "), ten).corrections
    assert correction == SetField(DEAL, NAME, TITLE, " мск ", "Москва!")


def test_what_is_right_plans_nothing() -> None:
    assert plan(seen("Ромашка"), POLISH).corrections == ()


def test_a_rule_with_a_filter_is_for_those_who_meet_it() -> None:
    filtered = rules(rule(trim=True, where=(("categoryId", "0"),)))
    assert plan(seen(" a "), filtered).corrections == ()
    assert len(plan(seen(" a ", meets=frozenset({"r"})), filtered).corrections) == 1


def test_a_persons_later_value_stays_theirs_when_it_is_polished() -> None:
    both = rules(rule(trim=True), rule(name="s", replace=(("мск", "Москва"),)))
    (correction,) = plan(seen(" мск ", written={TITLE: "Москва"}), both).corrections
    assert correction == SetField(DEAL, NAME, TITLE, " мск ", "мск", restores=True)
    assert plan(seen("мск", written={TITLE: "Москва"}), both).corrections == ()


def test_what_a_person_restored_is_asked_about() -> None:
    planned = plan(seen("РОМАШКА", replaced={TITLE: "РОМАШКА"}), POLISH)
    review = Review(DEAL, NAME, field_review_id(TITLE), "title: РОМАШКА", Reason.RESTORED_BY_HAND, "Ромашка")
    assert (planned.corrections, planned.reviews) == ((), (review,))


@pytest.mark.parametrize("longest", [5, 6])
def test_what_does_not_fit_is_asked_about(longest: int) -> None:
    planned = plan(seen("мск"), rules(rule(replace=(("мск", "Москва"),), longest=longest)))
    assert [review.reason for review in planned.reviews] == ([] if longest == 6 else [Reason.DOES_NOT_FIT])
    assert len(planned.corrections) == len("x") - len(planned.reviews)


def test_what_was_too_long_before_may_become_shorter() -> None:
    assert len(plan(seen(" abcdef "), rules(rule(trim=True, longest=5))).reviews) == 1
    assert plan(seen("abcdef"), rules(rule(trim=True, longest=5))).reviews == ()


def test_what_is_never_empty_is_not_emptied() -> None:
    assert plan(seen("-"), rules(rule(clear=("-",), can_be_empty=False))).corrections == ()


def test_nothing_is_planned_where_a_field_was_not_read() -> None:
    (job,) = jobs_for({NAME: POLISH})
    assert needs(POLISH, EntityType.DEAL).fields == {TITLE}
    assert job.plan(Snapshot(DEAL, datetime(2026, 1, 1, tzinfo=UTC))).ran == frozenset()
    assert job.plan(seen(" a ")).ran == {NAME}


RESTORED = seen("РОМАШКА", replaced={TITLE: "РОМАШКА"})


def decision(becomes: str, **told: Any) -> Decision:  # noqa: ANN401 # whatever a decision takes
    number = field_review_id(TITLE)
    asked: dict[str, Any] = {"review_id": 1, "ref": DEAL, "job": NAME, "point_id": number, "value": "title: РОМАШКА"}
    return Decision(**{**asked, **told, "becomes": becomes})


def test_a_suggestion_is_written_and_a_persons_from_then_on() -> None:
    found = decide(RESTORED, [decision("Ромашка", is_suggestion=True)], {NAME: POLISH})
    assert found.corrections == (SetField(DEAL, NAME, TITLE, "РОМАШКА", "Ромашка", restores=True),)
    assert found.left == ()


def test_another_value_is_written_as_the_rules_leave_it() -> None:
    found = decide(RESTORED, [decision(" лютик ", is_suggestion=False)], {NAME: POLISH})
    assert [one.after for one in found.corrections if isinstance(one, SetField)] == ["Лютик"]


@pytest.mark.parametrize(
    ("told", "snapshot", "why"),
    [
        ({"becomes": "Ромашка", "value": "title: Лютик"}, RESTORED, Kept.CHANGED),
        ({"becomes": "Лютик"}, RESTORED, Kept.STALE),
        ({"becomes": "Ромашка"}, seen("РОМАШКА"), Kept.STALE),
        ({"becomes": " x", "is_suggestion": False, "to_the_letter": True}, RESTORED, Kept.STALE),
        ({"becomes": "x", "point_id": 5}, RESTORED, Kept.NOT_CONFIGURED),
    ],
)
def test_what_does_not_fit_any_more_is_left(told: dict[str, Any], snapshot: Snapshot, why: Kept) -> None:
    found = decide(snapshot, [decision(**{"is_suggestion": True} | told)], {NAME: POLISH})
    assert [left.why for left in found.left] == [why]
    assert found.corrections == ()


def test_what_is_there_already_is_decided() -> None:
    found = decide(seen("Ромашка"), [decision("Ромашка", is_suggestion=True)], {NAME: POLISH})
    assert (found.corrections, found.left) == ((), ())
