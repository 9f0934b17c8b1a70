from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.rebinding import CALL, COMPANY, CONTACT, DEAL, LEAD, OTHER_LEAD, THIRD_LEAD, copying, moving, snapshot
from tests.unit.test_bindings_properties import BOUND, LINKS, SOURCES, activities, done, mirrors, planned

from b24syncd.domain.activities import ActivitySnapshot, Bound, Source
from b24syncd.domain.binding_judge import BindingsJudge
from b24syncd.domain.binding_states import bound_after, only_bindings, same_state
from b24syncd.domain.corrections import AddBinding, Correction, MoveBinding, RemoveBinding, SetTaskLinks, first_step
from b24syncd.domain.judging import Aftermath, Executed, Verdict
from b24syncd.domain.rules import BindingRules
from b24syncd.jobs.bindings.planner import plan

if TYPE_CHECKING:
    from b24syncd.domain.bindings import Binding
    from b24syncd.domain.corrections import BindingCorrection
    from b24syncd.domain.plans import Plan

JUDGE = BindingsJudge()
ADD = AddBinding(CALL, "bindings", COMPANY)
REMOVE = RemoveBinding(CALL, "bindings", LEAD)
MOVE = MoveBinding(CALL, "bindings", LEAD, OTHER_LEAD)
SET = SetTaskLinks(CALL, "bindings", 77, ("L_1", "C_7"), ("CO_5", "C_7"))


def hung_on(*bindings: Binding, links: tuple[str, ...] | None = None) -> Bound:
    return Bound(tuple(sorted(bindings)), links)


def planner(activity: ActivitySnapshot) -> Plan:
    return plan(activity, BindingRules())


@pytest.mark.parametrize(
    ("corrections", "current", "verdict"),
    [
        ((ADD,), hung_on(LEAD, COMPANY), Verdict.DONE),
        ((ADD,), hung_on(COMPANY, DEAL), Verdict.DONE),
        ((ADD,), hung_on(LEAD), Verdict.NOT_DONE),
        ((REMOVE,), hung_on(COMPANY), Verdict.DONE),
        ((REMOVE,), hung_on(LEAD), Verdict.NOT_DONE),
        ((MOVE,), hung_on(OTHER_LEAD), Verdict.DONE),
        ((MOVE,), hung_on(LEAD, DEAL), Verdict.NOT_DONE),
        ((MOVE,), hung_on(LEAD, OTHER_LEAD), Verdict.OVERTAKEN),
        ((MOVE,), hung_on(DEAL), Verdict.OVERTAKEN),
        ((MOVE, ADD), hung_on(OTHER_LEAD), Verdict.OVERTAKEN),
        ((MOVE, ADD), hung_on(LEAD), Verdict.NOT_DONE),
        ((SET,), hung_on(LEAD, links=("C_7", "CO_5")), Verdict.DONE),
        ((SET,), hung_on(LEAD, links=("CO_5", "C_7", "D_6")), Verdict.DONE),
        ((SET,), hung_on(LEAD, links=("C_7", "L_1")), Verdict.NOT_DONE),
        ((SET,), hung_on(LEAD, links=("L_1",)), Verdict.OVERTAKEN),
        ((SET,), hung_on(LEAD), Verdict.OVERTAKEN),
    ],
)
def test_what_reading_tells(corrections: tuple[Correction, ...], current: Bound, verdict: Verdict) -> None:
    assert JUDGE.verdict(hung_on(LEAD), corrections, current) is verdict
    assert JUDGE.was_made(corrections, current) is (verdict is Verdict.DONE)
    assert JUDGE.is_effective(corrections, current) is (verdict is Verdict.DONE)


def test_of_a_write_that_was_cut_the_part_that_was_made_shows() -> None:
    assert JUDGE.visible(hung_on(LEAD), (MOVE, ADD, REMOVE), hung_on(LEAD, COMPANY)) == (ADD,)


@pytest.mark.parametrize(
    ("correction", "current", "needed"),
    [
        (ADD, hung_on(LEAD), ADD),
        (ADD, hung_on(LEAD, COMPANY), None),
        (REMOVE, hung_on(LEAD, COMPANY), REMOVE),
        (REMOVE, hung_on(COMPANY), None),
        (REMOVE, hung_on(LEAD), None),
        (MOVE, hung_on(LEAD), MOVE),
        (MOVE, hung_on(DEAL), None),
        (MOVE, hung_on(OTHER_LEAD), None),
        (MOVE, hung_on(LEAD, OTHER_LEAD), REMOVE),
        (SET, hung_on(LEAD, links=SET.before), SET),
        (SET, hung_on(LEAD, links=SET.after), None),
        (SET, hung_on(LEAD), None),
        (
            SET,
            hung_on(LEAD, links=("D_6", "L_1")),
            SetTaskLinks(CALL, "bindings", 77, ("D_6", "L_1"), ("D_6", "CO_5")),
        ),
    ],
)
def test_what_is_still_needed(correction: Correction, current: Bound, needed: Correction | None) -> None:
    assert JUDGE.still_needed([correction], current) == (() if needed is None else (needed,))


def aftermath(
    base: Bound,
    corrections: tuple[BindingCorrection, ...],
    met: ActivitySnapshot,
    *,
    mends: bool = False,
) -> Aftermath:
    JUDGE.learn(corrections, met.state)
    left = done(met, corrections)
    return JUDGE.aftermath(Executed(corrections, replace(met, state=base), met, left, mends), planner)


LEAD_TO_COMPANY = (moving(LEAD, COMPANY),)
LEAD_TO_LEAD = (moving(LEAD, OTHER_LEAD),)


def test_what_met_its_snapshot_spoiled_nothing() -> None:
    met = snapshot(LEAD, sources=LEAD_TO_COMPANY, links=("l", "m"))
    assert aftermath(hung_on(LEAD, links=("m", "l")), (ADD,), met) == Aftermath()


def test_an_activity_that_a_person_took_away_is_not_bound_to_the_target() -> None:
    met = snapshot(DEAL, sources=LEAD_TO_COMPANY)
    assert aftermath(hung_on(LEAD), (ADD,), met).repairs == (RemoveBinding(CALL, "bindings", COMPANY),)


def test_what_a_person_binds_besides_stays() -> None:
    met = snapshot(LEAD, DEAL, sources=LEAD_TO_COMPANY)
    assert aftermath(hung_on(LEAD), (ADD,), met) == Aftermath()


def test_what_a_person_bound_to_the_target_is_theirs() -> None:
    met = snapshot(COMPANY, sources=LEAD_TO_COMPANY)
    assert aftermath(hung_on(LEAD), (ADD,), met) == Aftermath(((ADD, None),))


def test_a_source_whose_target_a_person_took_away_meanwhile_is_not_lost() -> None:
    met = snapshot(LEAD, DEAL, sources=LEAD_TO_COMPANY)
    assert aftermath(hung_on(LEAD, DEAL, COMPANY), (REMOVE,), met).repairs == (ADD,)
    kept = snapshot(LEAD, DEAL)
    back = AddBinding(CALL, "bindings", LEAD)
    assert aftermath(hung_on(LEAD, DEAL, COMPANY), (REMOVE,), kept).repairs == (back,)


def test_a_move_that_is_no_longer_wanted_is_taken_back_in_one_step() -> None:
    met = snapshot(LEAD, DEAL)
    assert aftermath(hung_on(LEAD), (MOVE,), met).repairs == (MOVE.inverse(),)


def test_a_move_that_met_no_source_did_nothing() -> None:
    met = snapshot(DEAL, sources=LEAD_TO_LEAD)
    assert aftermath(hung_on(LEAD), (MOVE,), met) == Aftermath(((MOVE, None),))


def test_the_last_binding_is_not_taken_off() -> None:
    left = snapshot(COMPANY)
    made = JUDGE.aftermath(Executed((ADD,), snapshot(LEAD), snapshot(DEAL), left, mends=False), planner)
    assert made.repairs == (AddBinding(CALL, "bindings", DEAL), RemoveBinding(CALL, "bindings", COMPANY))
    gone = JUDGE.aftermath(Executed((ADD,), snapshot(LEAD), snapshot(), left, mends=False), planner)
    assert gone.repairs == ()


def mirror(*links: str, sources: tuple[Source, ...] = LEAD_TO_COMPANY) -> ActivitySnapshot:
    return snapshot(LEAD, CONTACT, sources=sources, links=links, task_id=77)


def set_links(before: tuple[str, ...], after: tuple[str, ...]) -> SetTaskLinks:
    return SetTaskLinks(CALL, "bindings", 77, before, after)


def test_links_that_a_person_set_meanwhile_come_back() -> None:
    base = mirror(*SET.before).state
    assert aftermath(base, (SET,), mirror("L_1", "C_7", "D_6")) == Aftermath(
        ((SET, set_links(("L_1", "C_7", "D_6"), SET.after)),), (set_links(SET.after, ("CO_5", "C_7", "D_6")),)
    )
    assert aftermath(base, (SET,), mirror("C_7")).repairs == (set_links(SET.after, ("C_7",)),)
    assert aftermath(base, (SET,), mirror("L_1")).repairs == (set_links(SET.after, ("CO_5",)),)
    assert aftermath(base, (SET,), mirror("C_7", "CO_5")) == Aftermath(((SET, None),))


def test_links_that_were_not_shown_tell_nothing_of_a_person() -> None:
    base = mirror(*SET.before).state
    unseen = snapshot(LEAD, CONTACT, sources=LEAD_TO_COMPANY, task_id=77)
    assert aftermath(base, (SET,), unseen) == Aftermath()


def test_what_a_repair_restores_is_not_planned_away() -> None:
    back = MOVE.inverse()
    met = snapshot(OTHER_LEAD, DEAL, sources=LEAD_TO_LEAD)
    assert aftermath(hung_on(OTHER_LEAD), (back,), met, mends=True) == Aftermath()
    restore = set_links(("CO_5",), ("L_1",))
    assert aftermath(
        hung_on(LEAD, CONTACT, links=("CO_5",)), (restore,), mirror("CO_5", "D_6"), mends=True
    ).repairs == (set_links(("L_1",), ("D_6", "L_1")),)


def test_copies_are_left_when_their_source_was_taken_away() -> None:
    met = snapshot(THIRD_LEAD, DEAL, sources=(copying(LEAD, COMPANY),))
    assert aftermath(hung_on(LEAD, DEAL), (ADD,), met).repairs == (RemoveBinding(CALL, "bindings", COMPANY),)


@given(activities() | mirrors())
def test_a_write_that_nobody_disturbed(activity: ActivitySnapshot) -> None:
    corrections = first_step(planner(activity).corrections)
    after = done(activity, only_bindings(corrections))
    assert JUDGE.verdict(activity.state, corrections, after.state) is Verdict.DONE
    assert JUDGE.is_effective(corrections, after.state)
    assert JUDGE.visible(activity.state, corrections, after.state) == corrections
    assert JUDGE.still_needed(corrections, after.state) == ()
    if corrections:
        assert JUDGE.verdict(activity.state, corrections, activity.state) is Verdict.NOT_DONE
        assert JUDGE.still_needed(corrections, activity.state) == corrections


def settled(activity: ActivitySnapshot) -> Bound:
    return done(activity, planned(activity)).state


@given(BOUND, BOUND, SOURCES)
def test_it_ends_as_if_a_person_had_edited_first(
    base: set[Binding], met: set[Binding], sources: tuple[Source, ...]
) -> None:
    corrections = only_bindings(first_step(planner(snapshot(*base, sources=sources)).corrections))
    witness = snapshot(*met, sources=sources)
    repairs = aftermath(snapshot(*base).state, corrections, witness).repairs
    mended = done(done(witness, corrections), only_bindings(repairs))
    assert same_state(settled(mended), settled(witness))


@given(LINKS, LINKS, SOURCES)
def test_links_end_as_if_a_person_had_edited_first(
    base: tuple[str, ...], met: tuple[str, ...], sources: tuple[Source, ...]
) -> None:
    corrections = planned(mirror(*base, sources=sources))
    witness = mirror(*met, sources=sources)
    repairs = aftermath(mirror(*base).state, corrections, witness).repairs
    mended = done(done(witness, corrections), only_bindings(repairs))
    if corrections:
        assert same_state(mended.state, settled(witness))


@given(BOUND, BOUND, st.data())
def test_a_repair_that_met_another_edit_leaves_both(base: set[Binding], met: set[Binding], data: st.DataObject) -> None:
    other = data.draw(BOUND)
    write = tuple(AddBinding(CALL, "bindings", item) for item in sorted(other - base))
    witness = snapshot(*met)
    repair = only_bindings(aftermath(snapshot(*base).state, write, witness).repairs)
    again = snapshot(*data.draw(BOUND))
    restored = bound_after(again.state, only_bindings(JUDGE.still_needed(repair, again.state)))
    further = aftermath(done(witness, write).state, repair, again, mends=True).repairs
    assert same_state(bound_after(done(again, repair).state, only_bindings(further)), restored)
