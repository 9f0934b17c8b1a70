"""Which rows of a journal belong together: what was made, what an undo took back of it, and so on."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from b24syncd.domain.bindings import Binding
from b24syncd.domain.corrections import (
    AddBinding,
    AddPoint,
    ChangePoint,
    Correction,
    DeletePoint,
    MoveBinding,
    RemoveBinding,
    SetField,
    SetTaskLinks,
)
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.snapshots import PointKind
from b24syncd.domain.taken_back import Row, undone_with_others, undos_of

CONTACT, ACTIVITY = EntityRef(EntityType.CONTACT, 1), EntityRef(EntityType.ACTIVITY, 1)
PHONE = (CONTACT, "phones", PointKind.PHONE)
LEAD, DEAL = Binding.of(EntityRef(EntityType.LEAD, 5)), Binding.of(EntityRef(EntityType.DEAL, 6))

CHAINS: dict[str, tuple[list[Correction], list[Correction]]] = {
    "a change": ([ChangePoint(*PHONE, 7, "WORK", "8", "+7")], [ChangePoint(*PHONE, 7, "WORK", "+7", "8")]),
    "a split": (
        [ChangePoint(*PHONE, 7, "WORK", "8; 9", "+8"), AddPoint(*PHONE, "WORK", "+9")],
        [ChangePoint(*PHONE, 7, "WORK", "+8", "8; 9"), DeletePoint(*PHONE, 8, "WORK", "+9")],
    ),
    "a duplicate": ([DeletePoint(*PHONE, 7, "WORK", "+7")], [AddPoint(*PHONE, "WORK", "+7")]),
    "a move": ([MoveBinding(ACTIVITY, "bindings", LEAD, DEAL)], [MoveBinding(ACTIVITY, "bindings", DEAL, LEAD)]),
    "two steps taken back in one": (
        [AddBinding(ACTIVITY, "bindings", DEAL), RemoveBinding(ACTIVITY, "bindings", LEAD)],
        [MoveBinding(ACTIVITY, "bindings", DEAL, LEAD)],
    ),
    "links of a task": (
        [SetTaskLinks(ACTIVITY, "bindings", 3, ("L_5", "C_1"), ("D_6", "C_1"))],
        [SetTaskLinks(ACTIVITY, "bindings", 3, ("D_6", "C_1"), ("L_5", "C_1"))],
    ),
    "a field": (
        [SetField(CONTACT, "payment_dates", "UF_DAY", None, "2026-01-02")],
        [SetField(CONTACT, "payment_dates", "UF_DAY", "2026-01-02", None)],
    ),
}


@given(name=st.sampled_from(sorted(CHAINS)), times=st.integers(1, 6), first=st.integers(0, 5))
def test_of_the_same_again_and_again_each_undo_belongs_to_what_it_took_back(name: str, times: int, first: int) -> None:
    made, undone = CHAINS[name]
    once = [(one, False) for one in made] + [(one, True) for one in undone]
    history = [Row(number, one, undoes) for number, (one, undoes) in enumerate(once * times, 1)]
    begins = 1 + len(once) * (first % times)
    ends = begins + len(once)
    chosen, undos = set(range(begins, begins + len(made))), set(range(begins + len(made), ends))
    assert undos_of(chosen, history) == undos


def test_an_undo_of_an_undo_belongs_to_the_first_as_well() -> None:
    made, undone = CHAINS["a split"]
    corrections = [(one, False) for one in made] + [(one, True) for one in [*undone, *made]]
    history = [Row(number, one, undoes) for number, (one, undoes) in enumerate(corrections, 1)]
    assert undos_of({1, 2}, history) == {3, 4, 5, 6}
    assert undos_of({3, 4}, history) == {5, 6}


def test_what_nobody_can_assign_belongs_to_nothing() -> None:
    change = ChangePoint(*PHONE, 7, "WORK", "8", "+7")
    assert undos_of({1}, [Row(1, change, undoes=False), Row(2, AddPoint(*PHONE, "WORK", "+9"), undoes=True)]) == set()


def test_an_undo_of_two_runs_belongs_to_both_of_them_and_to_none_alone() -> None:
    values = [None, "1", "2", None, "2"]
    history = [
        Row(number, SetField(CONTACT, "payment_dates", "UF_DAY", before, after), undoes=number > 2)
        for number, (before, after) in enumerate(pairwise(values), 1)
    ]
    undone = history[:3]
    assert undos_of({1, 2}, undone) == {3}
    assert undone_with_others({1, 2}, undone) == set()
    for one in (1, 2):
        assert undos_of({one}, undone) == set()
        assert undone_with_others({one}, undone) == {one}
        assert undone_with_others({one}, history) == set()  # that undo was itself taken back
    assert undone_with_others({2, 3}, undone) == set()
