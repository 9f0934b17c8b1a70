from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.rebinding import COPY, MOVE, snapshot

from b24syncd.domain.activities import ActivitySnapshot, Candidate, Offer, Source
from b24syncd.domain.binding_states import bound_after, link_set, only_bindings
from b24syncd.domain.bindings import Binding
from b24syncd.domain.corrections import AddBinding, MoveBinding, RemoveBinding, SetTaskLinks, first_step
from b24syncd.domain.rules import BindingRules
from b24syncd.jobs.bindings.planner import plan

if TYPE_CHECKING:
    from b24syncd.domain.corrections import BindingCorrection

RULES = BindingRules()
ITEMS = [Binding(1, 1), Binding(1, 2), Binding(1, 3), Binding(3, 1), Binding(4, 1), Binding(4, 2), Binding(0x8A, 1)]
ITEM = st.sampled_from(ITEMS)
BOUND = st.sets(ITEM, min_size=1, max_size=5)
OFFERS = st.builds(
    Offer,
    st.sampled_from([MOVE, MOVE, COPY]),
    st.lists(st.builds(Candidate, ITEM), max_size=2).map(tuple),
    st.just(()) | st.tuples(ITEM),
)
SOURCES = st.lists(
    st.builds(Source, ITEM, st.lists(OFFERS, max_size=3).map(tuple)), unique_by=lambda source: source.binding
).map(tuple)
LINKS = st.lists(ITEM.map(lambda item: item.short_code) | st.sampled_from(["T8A_1", "what", "D_9"])).map(tuple)


@st.composite
def activities(draw: st.DrawFn) -> ActivitySnapshot:
    return snapshot(*draw(BOUND), sources=draw(SOURCES))


@st.composite
def mirrors(draw: st.DrawFn) -> ActivitySnapshot:
    return snapshot(*draw(BOUND), sources=draw(SOURCES), links=draw(LINKS), task_id=77)


def planned(activity: ActivitySnapshot) -> tuple[BindingCorrection, ...]:
    return only_bindings(plan(activity, RULES).corrections)


def done(activity: ActivitySnapshot, corrections: tuple[BindingCorrection, ...]) -> ActivitySnapshot:
    return replace(activity, state=bound_after(activity.state, corrections))


@given(activities() | mirrors())
def test_planning_the_result_plans_nothing(activity: ActivitySnapshot) -> None:
    assert planned(done(activity, planned(activity))) == ()


@given(activities())
def test_step_by_step_it_ends_where_all_at_once_would(activity: ActivitySnapshot) -> None:
    end = done(activity, planned(activity))
    first = done(activity, only_bindings(first_step(plan(activity, RULES).corrections)))
    second = done(first, planned(first))
    assert second.state == end.state


@given(activities())
def test_a_binding_is_left_only_for_one_that_is_there(activity: ActivitySnapshot) -> None:
    corrections = planned(activity)
    bound_first = done(activity, only_bindings(first_step(corrections)))
    later = tuple(correction for correction in corrections if isinstance(correction, RemoveBinding))
    if later != corrections:
        assert planned(bound_first) == later
    targets = {
        source.binding: {candidate.binding for offer in source.offers for candidate in offer.found}
        for source in activity.sources
    }
    for gone in set(activity.state.bindings) - set(done(activity, corrections).state.bindings):
        assert reachable(gone, targets) & set(bound_first.state.bindings) - {removal.source for removal in later}


def reachable(start: Binding, targets: dict[Binding, set[Binding]]) -> set[Binding]:
    found: set[Binding] = set()
    ahead = {start}
    while ahead:
        found |= ahead
        ahead = {target for item in ahead for target in targets.get(item, set())} - found
    return found - {start}


@given(activities())
def test_what_is_added_is_added_once_and_never_removed(activity: ActivitySnapshot) -> None:
    corrections = planned(activity)
    added = [correction.target for correction in corrections if isinstance(correction, AddBinding | MoveBinding)]
    removed = [correction.source for correction in corrections if isinstance(correction, RemoveBinding | MoveBinding)]
    assert len(added) == len(set(added))
    assert len(removed) == len(set(removed))
    assert not set(added) & {*removed, *activity.state.bindings}
    assert set(removed) <= set(activity.state.bindings)


@given(mirrors())
def test_other_links_stay_as_they_are(mirror: ActivitySnapshot) -> None:
    before = mirror.state.task_links or ()
    for correction in planned(mirror):
        assert isinstance(correction, SetTaskLinks)
        assert correction.before == before
        assert link_set(correction.after) != link_set(before)
        stayed = [link for link in correction.after if link in before]
        assert list(dict.fromkeys(stayed)) == [link for link in dict.fromkeys(before) if link in stayed]
        assert {link for link in before if link in {"what", "D_9"}} <= set(correction.after)


@given(activities())
def test_reviews_do_not_depend_on_the_activity(activity: ActivitySnapshot) -> None:
    other = replace(activity, state=replace(activity.state, bindings=tuple(sorted(ITEMS))))
    assert set(plan(activity, RULES).reviews) <= set(plan(other, RULES).reviews)
