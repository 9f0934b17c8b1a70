"""Undoing bindings, links of tasks and fields."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b24syncd.domain.activities import Bound
from b24syncd.domain.binding_states import bound_after, only_bindings
from b24syncd.domain.bindings import Binding
from b24syncd.domain.corrections import AddBinding, MoveBinding, RemoveBinding, SetField, SetTaskLinks
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.snapshots import ItemState
from b24syncd.domain.undoing import NotUndone, Undoing, Why, undo_fields
from b24syncd.domain.undoing_bindings import undo_bindings

ACTIVITY = EntityRef(EntityType.ACTIVITY, 7)
DEAL = EntityRef(EntityType.DEAL, 3)
ENDS = [Binding(type_id, number) for type_id in (1, 4) for number in (1, 2, 3)]

Change = MoveBinding | AddBinding | RemoveBinding


def one_change(source: Binding | None, target: Binding | None) -> Change:
    if source is None:
        assert target is not None
        return AddBinding(ACTIVITY, "bindings", target)
    return (
        RemoveBinding(ACTIVITY, "bindings", source)
        if target is None
        else MoveBinding(ACTIVITY, "bindings", source, target)
    )


@st.composite
def histories(draw: st.DrawFn) -> tuple[Bound, list[Change], Bound]:
    """What an activity hung on, what was done to it, each with an effect, and what it hangs on now."""
    start = now = Bound(tuple(sorted(draw(st.sets(st.sampled_from(ENDS), min_size=1, max_size=3)))))
    made: list[Change] = []
    for _ in range(draw(st.integers(0, 5))):
        free = [end for end in ENDS if end not in now.bindings]
        source = draw(st.sampled_from([None, *now.bindings]))
        same_type = [end for end in free if source is None or end.type_id == source.type_id]
        target = draw(st.sampled_from([*same_type, *([None] if source and len(now.bindings) > 1 else [])] or [None]))
        if source is None and target is None:
            continue
        if target is None and len(now.bindings) == 1:
            continue
        change = one_change(source, target)
        made.append(change)
        now = bound_after(now, [change])
    return start, made, now


def undone(state: Bound, undoing: Undoing) -> Bound:
    """Return the state once an undoing is carried out as the engine does: what is removed, is removed last."""
    corrections = only_bindings(undoing.corrections)
    later = [each for each in corrections if isinstance(each, RemoveBinding)]
    return bound_after(bound_after(state, [each for each in corrections if each not in later]), later)


@given(history=histories())
def test_an_activity_hangs_again_where_it_hung(history: tuple[Bound, list[Change], Bound]) -> None:
    start, made, now = history
    undoing = undo_bindings(now, made)
    assert undoing.left == ()
    then = undone(now, undoing)
    assert then == start
    assert undo_bindings(then, made) == Undoing()
    again = undo_bindings(then, undoing.corrections)
    assert undone(then, again) == now
    assert undo_bindings(then, [*made, *undoing.corrections]) == Undoing()


@given(history=histories(), persons=st.sets(st.sampled_from(ENDS), min_size=1))
def test_it_always_hangs_on_something_and_on_all_that_is_none_of_our_doing(
    history: tuple[Bound, list[Change], Bound], persons: set[Binding]
) -> None:
    _, made, _ = history
    state = Bound(tuple(sorted(persons)))
    ours = {end for each in made if isinstance(each, MoveBinding | AddBinding) for end in [each.target]}
    then = undone(state, undo_bindings(state, made))
    assert then.bindings
    assert persons - ours <= set(then.bindings)
    assert undo_bindings(then, made).corrections == ()


def set_links(before: str, after: str) -> SetTaskLinks:
    return SetTaskLinks(ACTIVITY, "bindings", 5, tuple(before.split()), tuple(after.split()))


@pytest.mark.parametrize(
    ("links", "then", "why"),
    [
        ("CO_1", "L_1", None),
        ("CO_1 D_4", "D_4 L_1", None),
        ("L_1", None, None),
        ("L_1 CO_1", "L_1", None),
        ("D_4", None, Why.CHANGED),
        ("", None, Why.CHANGED),
        (None, None, Why.REFUSED),
    ],
)
def test_only_the_own_change_of_links_is_taken_back(links: str | None, then: str | None, why: Why | None) -> None:
    state = Bound((), None if links is None else tuple(links.split()))
    undoing = undo_bindings(state, [set_links("L_1", "CO_1")])
    assert [each.after for each in undoing.corrections if isinstance(each, SetTaskLinks)] == (
        [tuple(then.split())] if then is not None else []
    )
    assert [left.why for left in undoing.left] == ([why] if why is not None else [])


def test_links_that_would_be_all_that_is_left_stay() -> None:
    undoing = undo_bindings(Bound((), ("CO_1",)), [set_links("", "CO_1")])
    assert (undoing.corrections, [left.why for left in undoing.left]) == ((), [Why.ONLY_THERE])


def test_links_that_went_there_and_back_are_nothing_to_undo() -> None:
    assert undo_bindings(Bound((), ("L_1",)), [set_links("L_1", "T8A_2"), set_links("T8a_2", "L_1")]) == Undoing()


def set_field(before: str | None, after: str | None, *, restores: bool = False) -> SetField:
    return SetField(DEAL, "payment_dates", "ufDate", before, after, restores)


@pytest.mark.parametrize(
    ("value", "then"),
    [("2026-03-02", [("2026-03-02", None)]), (None, []), ("2026-03-01", None), ("2026-05-05", None)],
)
def test_a_field(value: str | None, then: list[tuple[str | None, str | None]] | None) -> None:
    made = [set_field(None, "2026-03-01"), set_field("2026-03-01", "2026-03-02")]
    undoing = undo_fields(ItemState(fields={"ufDate": value}), made)
    if then is None:
        assert [left.why for left in undoing.left] == [Why.CHANGED]
        assert undoing.corrections == ()
    else:
        assert [(each.before, each.after) for each in undoing.corrections if isinstance(each, SetField)] == then


def test_what_comes_back_into_a_field_is_a_persons_until_that_is_undone() -> None:
    (back,) = undo_fields(ItemState(fields={"ufDate": "a"}), [set_field("theirs", "a")]).corrections
    assert back == set_field("a", "theirs", restores=True)
    (again,) = undo_fields(ItemState(fields={"ufDate": "theirs"}), [back]).corrections
    assert again == set_field("theirs", "a")


def test_what_an_edit_replaced_comes_back_as_a_persons_and_the_job_that_went_on_from_it_is_kept_off() -> None:
    edit = SetField(DEAL, "edits", "title", "THEIRS", "TYPED", restores=True)
    polished = SetField(DEAL, "fields", "title", "TYPED", "Typed", restores=True)
    (back,) = undo_fields(ItemState(fields={"title": "TYPED"}), [edit]).corrections
    assert back == SetField(DEAL, "edits", "title", "TYPED", "THEIRS", restores=True)
    (back,) = undo_fields(ItemState(fields={"title": "Typed"}), [edit, polished]).corrections
    assert back == SetField(DEAL, "fields", "title", "Typed", "THEIRS", restores=True)


def test_another_field_is_left_alone_and_told() -> None:
    made = set_field(None, "a")
    assert undo_fields(ItemState(fields={"ufOther": "a"}), [made]) == Undoing(
        left=(NotUndone(made, Why.NOT_CONFIGURED),)
    )


def test_each_field_of_an_item_comes_back_by_itself() -> None:
    title = SetField(DEAL, "fields", "title", " a", "a")
    day = set_field(None, "2026-03-01")
    undoing = undo_fields(ItemState(fields={"title": "typed", "ufDate": "2026-03-01"}), [title, day])
    assert undoing == Undoing((set_field("2026-03-01", None, restores=True),), (NotUndone(title, Why.CHANGED),))
