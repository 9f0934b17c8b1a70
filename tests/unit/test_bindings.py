from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from tests.unit.rebinding import (
    CALL,
    COMPANY,
    CONTACT,
    COPY,
    CREATED,
    DEAL,
    LEAD,
    MOVE,
    OTHER_COMPANY,
    OTHER_LEAD,
    THIRD_LEAD,
    copying,
    moving,
    offer,
    only,
    rule,
    snapshot,
    source,
)

from b24syncd.domain.bindings import Binding
from b24syncd.domain.corrections import AddBinding, MoveBinding, RemoveBinding, SetTaskLinks, first_step
from b24syncd.domain.entities import EntityType
from b24syncd.domain.plans import Plan, Review
from b24syncd.domain.reasons import Reason
from b24syncd.domain.rules import ActivityStatus, BindingRule, BindingRules, LinkedItem, ListedItem
from b24syncd.jobs.bindings.planner import KEPT_FREE, MOST_BINDINGS, plan

RULES = BindingRules()


def move(from_: Binding, to: Binding) -> MoveBinding:
    return MoveBinding(CALL, "bindings", from_, to)


def add(target: Binding) -> AddBinding:
    return AddBinding(CALL, "bindings", target)


def remove(from_: Binding) -> RemoveBinding:
    return RemoveBinding(CALL, "bindings", from_)


def test_an_activity_without_sources_stays() -> None:
    assert plan(snapshot(LEAD, CONTACT), RULES) == Plan()


def test_within_a_type_it_is_moved_in_one_step() -> None:
    assert plan(snapshot(LEAD, sources=(moving(LEAD, OTHER_LEAD),)), RULES) == Plan((move(LEAD, OTHER_LEAD),))


def test_between_types_it_is_bound_first() -> None:
    corrections = plan(snapshot(LEAD, DEAL, sources=(moving(LEAD, COMPANY),)), RULES).corrections
    assert corrections == (add(COMPANY), remove(LEAD))
    assert first_step(corrections) == (add(COMPANY),)


def test_what_is_bound_to_the_target_already_only_leaves_the_source() -> None:
    assert plan(snapshot(LEAD, COMPANY, sources=(moving(LEAD, COMPANY),)), RULES).corrections == (remove(LEAD),)
    assert plan(snapshot(LEAD, OTHER_LEAD, sources=(moving(LEAD, OTHER_LEAD),)), RULES).corrections == (remove(LEAD),)


def test_a_copy_stays_where_it_was() -> None:
    assert plan(snapshot(LEAD, sources=(copying(LEAD, COMPANY),)), RULES).corrections == (add(COMPANY),)
    assert plan(snapshot(LEAD, COMPANY, sources=(copying(LEAD, COMPANY),)), RULES) == Plan()


def test_all_rules_that_copy_and_the_first_that_moves_apply() -> None:
    to_deal = replace(COPY, name="deals", to=LinkedItem(EntityType.DEAL))
    to_contact = rule("contacts", to=LinkedItem(EntityType.CONTACT))
    offers = (offer(COPY, OTHER_COMPANY), offer(MOVE, COMPANY), offer(to_contact, CONTACT), offer(to_deal, DEAL))
    assert plan(snapshot(LEAD, sources=(source(LEAD, *offers),)), RULES).corrections == (
        add(DEAL),
        add(COMPANY),
        add(OTHER_COMPANY),
        remove(LEAD),
    )


def test_a_rule_without_a_target_leaves_the_source_to_the_next() -> None:
    offers = (offer(MOVE), offer(rule("contacts"), CONTACT))
    planned = plan(snapshot(LEAD, sources=(source(LEAD, *offers),)), RULES)
    assert planned.corrections == (add(CONTACT), remove(LEAD))
    assert [review.reason for review in planned.reviews] == [Reason.NO_TARGET]


def test_a_source_that_it_hangs_on_no_longer_does_not_count() -> None:
    assert plan(snapshot(CONTACT, sources=(moving(LEAD, COMPANY), source(OTHER_LEAD, offer(MOVE)))), RULES) == Plan()


def test_two_sources_of_one_target_bind_it_once() -> None:
    sources = (moving(LEAD, THIRD_LEAD), moving(OTHER_LEAD, THIRD_LEAD))
    corrections = plan(snapshot(LEAD, OTHER_LEAD, sources=sources), RULES).corrections
    assert corrections == (move(LEAD, THIRD_LEAD), remove(OTHER_LEAD))
    sources = (moving(LEAD, COMPANY), moving(OTHER_LEAD, COMPANY))
    corrections = plan(snapshot(LEAD, OTHER_LEAD, sources=sources), RULES).corrections
    assert corrections == (add(COMPANY), remove(LEAD), remove(OTHER_LEAD))


def test_a_target_that_is_left_itself_is_passed() -> None:
    sources = (moving(LEAD, OTHER_LEAD), moving(OTHER_LEAD, COMPANY))
    corrections = plan(snapshot(LEAD, OTHER_LEAD, sources=sources), RULES).corrections
    assert corrections == (add(COMPANY), remove(LEAD), remove(OTHER_LEAD))


def test_a_circle_is_left_alone_and_what_leads_into_it_goes_there() -> None:
    circle = (moving(LEAD, OTHER_LEAD), moving(OTHER_LEAD, LEAD))
    assert plan(snapshot(LEAD, OTHER_LEAD, sources=circle), RULES) == Plan()
    sources = (moving(THIRD_LEAD, LEAD), *circle)
    assert plan(snapshot(OTHER_LEAD, THIRD_LEAD, sources=sources), RULES).corrections == (move(THIRD_LEAD, LEAD),)


def test_copies_that_lead_back_add_nothing() -> None:
    sources = (copying(LEAD, COMPANY), moving(COMPANY, LEAD))
    assert plan(snapshot(LEAD, sources=sources), RULES) == Plan()


@pytest.mark.parametrize(
    ("which", "is_meant"),
    [
        (only(), True),
        (only(providers=frozenset({"VOXIMPLANT_CALL", "CRM_EMAIL"})), True),
        (only(providers=frozenset({"CRM_EMAIL"})), False),
        (only(types=frozenset({2})), True),
        (only(types=frozenset({4})), False),
        (only(direction=1), True),
        (only(direction=2), False),
        (only(status=ActivityStatus.COMPLETED), True),
        (only(status=ActivityStatus.OPEN), False),
        (only(created_since=date(2026, 3, 1)), True),
        (only(created_since=date(2026, 3, 2)), False),
        (rule(to=ListedItem(COMPANY)), True),
        (rule(to=ListedItem(COMPANY, CALL.id)), True),
        (rule(to=ListedItem(COMPANY, CALL.id + 1)), False),
    ],
)
def test_a_rule_is_for_the_activities_that_it_names(which: BindingRule, *, is_meant: bool) -> None:
    planned = plan(snapshot(LEAD, sources=(source(LEAD, offer(which, COMPANY)),)), RULES)
    assert planned == (Plan((add(COMPANY), remove(LEAD))) if is_meant else Plan())
    assert CREATED.date() == date(2026, 3, 1)


def test_a_full_activity_is_left_to_a_person() -> None:
    others = [Binding(3, number + 1) for number in range(MOST_BINDINGS - KEPT_FREE - 1)]
    planned = plan(snapshot(LEAD, *others, sources=(moving(LEAD, COMPANY),)), RULES)
    assert planned == Plan((), (Review(CALL, "bindings", 0, "no room for company:5", Reason.TOO_MANY_BINDINGS),))
    assert plan(snapshot(LEAD, *others, sources=(moving(LEAD, OTHER_LEAD),)), RULES) == Plan((move(LEAD, OTHER_LEAD),))
    assert plan(snapshot(LEAD, *others[1:], sources=(moving(LEAD, COMPANY),)), RULES).reviews == ()


def links(*codes: str) -> tuple[str, ...]:
    return codes


def set_links(before: tuple[str, ...], after: tuple[str, ...]) -> Plan:
    return Plan((SetTaskLinks(CALL, "bindings", 77, before, after),))


def test_of_a_mirror_the_links_of_the_task_are_set() -> None:
    before = links("C_3", "L_1", "T8a_4", "what")
    mirror = snapshot(LEAD, CONTACT, sources=(moving(LEAD, COMPANY),), links=before, task_id=77)
    assert plan(mirror, RULES) == set_links(before, ("C_3", "CO_5", "T8a_4", "what"))
    mirror = replace(mirror, sources=(copying(LEAD, COMPANY),))
    assert plan(mirror, RULES) == set_links(before, (*before, "CO_5"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (("L_1", "CO_5"), ("CO_5",)),
        (("CO_5", "L_1"), ("CO_5",)),
        (("L_1", "L_2"), ("CO_5",)),
        (("L_2", "D_6", "D_6", "L_1"), ("CO_5", "D_6")),
    ],
)
def test_no_item_is_linked_twice(before: tuple[str, ...], after: tuple[str, ...]) -> None:
    sources = (moving(LEAD, COMPANY), moving(OTHER_LEAD, COMPANY))
    assert plan(snapshot(LEAD, sources=sources, links=before, task_id=77), RULES) == set_links(before, after)


@pytest.mark.parametrize("before", [(), ("CO_5",), ("D_6", "D_6"), ("l_1",)])
def test_what_the_task_does_not_name_is_no_link_to_be_replaced(before: tuple[str, ...]) -> None:
    mirror = snapshot(LEAD, sources=(moving(LEAD, COMPANY),), links=before, task_id=77)
    assert plan(mirror, RULES) == Plan()


def test_a_smart_process_is_linked_by_its_hexadecimal_code() -> None:
    mirror = snapshot(LEAD, sources=(moving(LEAD, Binding(0x8A, 4)),), links=("L_1",), task_id=77)
    assert plan(mirror, RULES) == set_links(("L_1",), ("T8a_4",))
    back = snapshot(Binding(0x8A, 4), sources=(moving(Binding(0x8A, 4), COMPANY),), links=("T8A_4",), task_id=77)
    assert plan(back, RULES) == set_links(("T8A_4",), ("CO_5",))


def test_mirrors_are_left_alone_without_their_setting() -> None:
    mirror = snapshot(LEAD, sources=(source(LEAD, offer(MOVE)), moving(LEAD, COMPANY)), links=("L_1",), task_id=77)
    assert plan(mirror, BindingRules(include_tasks=False)) == Plan()


def test_a_task_that_cannot_be_read_is_left_to_a_person() -> None:
    mirror = snapshot(LEAD, sources=(moving(LEAD, COMPANY),), task_id=77)
    assert plan(mirror, RULES) == Plan((), (Review(CALL, "bindings", 0, "task 77", Reason.TASK_NOT_READABLE),))
    assert plan(snapshot(LEAD, sources=(copying(LEAD, LEAD),), task_id=77), RULES).corrections == ()
    assert plan(snapshot(LEAD, COMPANY, sources=(copying(LEAD, COMPANY),), task_id=77), RULES) == Plan()
