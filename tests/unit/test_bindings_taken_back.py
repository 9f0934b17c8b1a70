"""What a person took back: rules leave it, and ask."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.unit.rebinding import (
    CALL,
    COMPANY,
    CONTACT,
    DEAL,
    LEAD,
    OTHER_COMPANY,
    OTHER_LEAD,
    copying,
    moving,
    snapshot,
)

from b24syncd.domain.corrections import AddBinding, ChangePoint, MoveBinding, RemoveBinding, SetTaskLinks
from b24syncd.domain.past import NO_PAST, Past
from b24syncd.domain.plans import Plan, Review
from b24syncd.domain.reasons import Reason
from b24syncd.domain.rules import BindingRules
from b24syncd.domain.snapshots import PointKind
from b24syncd.jobs.bindings.planner import NAME, plan

if TYPE_CHECKING:
    from b24syncd.domain.activities import ActivitySnapshot
    from b24syncd.domain.bindings import Binding

RULES = BindingRules()


def past(*, bound: tuple[Binding, ...] = (), left: tuple[Binding, ...] = ()) -> Past:
    return Past(frozenset(bound), frozenset(left))


def asked(value: str, suggestion: Binding) -> Plan:
    return Plan((), (Review(CALL, NAME, 0, value, Reason.MOVED_BACK, str(suggestion)),))


@pytest.mark.parametrize(
    ("now", "before", "planned"),
    [
        (snapshot(LEAD, sources=(moving(LEAD, COMPANY),)), past(left=(LEAD,)), asked("put back on lead:1", COMPANY)),
        (
            snapshot(LEAD, sources=(moving(LEAD, COMPANY),)),
            past(bound=(COMPANY,)),
            asked("taken off company:5", COMPANY),
        ),
        (
            snapshot(LEAD, COMPANY, sources=(moving(LEAD, COMPANY),)),
            past(bound=(COMPANY,), left=(LEAD,)),
            asked("put back on lead:1", COMPANY),
        ),
        (
            snapshot(LEAD, sources=(copying(LEAD, COMPANY),)),
            past(bound=(COMPANY,)),
            asked("taken off company:5", COMPANY),
        ),
        (
            snapshot(LEAD, sources=(moving(LEAD, CONTACT), moving(CONTACT, COMPANY))),
            past(bound=(COMPANY,), left=(LEAD,)),
            asked("put back on lead:1", COMPANY),
        ),
        (
            snapshot(LEAD, sources=(copying(LEAD, CONTACT), moving(CONTACT, COMPANY))),
            past(bound=(COMPANY,)),
            asked("taken off company:5", COMPANY),
        ),
        (
            snapshot(links=("L_1",), task_id=77, sources=(moving(LEAD, COMPANY),)),
            past(left=(LEAD,)),
            asked("put back on lead:1", COMPANY),
        ),
    ],
)
def test_a_way_that_a_person_went_back_is_not_gone_again(now: ActivitySnapshot, before: Past, planned: Plan) -> None:
    assert plan(replace(now, past=before), RULES) == planned


def test_what_is_half_done_goes_on() -> None:
    now = snapshot(LEAD, COMPANY, sources=(moving(LEAD, COMPANY),))
    assert plan(replace(now, past=past(bound=(COMPANY,))), RULES) == Plan((RemoveBinding(CALL, NAME, LEAD),))


def test_another_target_than_the_one_taken_off_is_taken() -> None:
    now = snapshot(LEAD, sources=(moving(LEAD, OTHER_COMPANY),))
    assert plan(replace(now, past=past(bound=(COMPANY,))), RULES).corrections[0] == AddBinding(
        CALL, NAME, OTHER_COMPANY
    )


def test_only_what_was_put_back_stays() -> None:
    now = snapshot(LEAD, OTHER_LEAD, sources=(moving(LEAD, COMPANY), moving(OTHER_LEAD, OTHER_COMPANY)))
    found = plan(replace(now, past=past(left=(LEAD,))), RULES)
    assert found.corrections == (AddBinding(CALL, NAME, OTHER_COMPANY), RemoveBinding(CALL, NAME, OTHER_LEAD))
    assert [review.value for review in found.reviews] == ["put back on lead:1"]


def test_what_no_rule_would_touch_is_no_question() -> None:
    assert plan(replace(snapshot(LEAD, DEAL), past=past(bound=(COMPANY,), left=(LEAD,))), RULES) == Plan()


def test_the_last_correction_counts() -> None:
    add, remove = AddBinding(CALL, NAME, COMPANY), RemoveBinding(CALL, NAME, LEAD)
    assert NO_PAST.after([add, remove]) == past(bound=(COMPANY,), left=(LEAD,))
    assert NO_PAST.after([add, add.inverse()]) == past(left=(COMPANY,))
    assert NO_PAST.after([remove, remove.inverse()]) == past(bound=(LEAD,))
    assert NO_PAST.after([MoveBinding(CALL, NAME, LEAD, OTHER_LEAD)]) == past(bound=(OTHER_LEAD,), left=(LEAD,))
    relinked = SetTaskLinks(CALL, NAME, 77, ("L_1", "D_6", "x"), ("CO_5", "D_6", "x"))
    assert NO_PAST.after([relinked]) == past(bound=(COMPANY,), left=(LEAD,))
    assert NO_PAST.after([ChangePoint(CALL, "phones", PointKind.PHONE, 1, "WORK", "1", "2")]) == NO_PAST


def test_what_was_mended_is_forgotten() -> None:
    done = NO_PAST.after([AddBinding(CALL, NAME, COMPANY), RemoveBinding(CALL, NAME, LEAD)])
    assert done.forgetting([RemoveBinding(CALL, NAME, COMPANY)]) == past(left=(LEAD,))
    assert done.forgetting([AddBinding(CALL, NAME, LEAD)]) == past(bound=(COMPANY,))
