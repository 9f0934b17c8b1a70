"""How a batch of witnessed writes is put together, and how large its groups may be."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b24syncd.portal.grouping import BEFORE_UPDATES, fitting_in, sizes_of
from b24syncd.portal.pace.group_sizes import LARGEST, SMALLEST, GroupSizes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from b24syncd.portal.grouping import Member

BOUND = 0.25

KINDS = st.sampled_from(["contact", "lead", None])
MEMBERS = st.lists(st.tuples(KINDS, st.sampled_from([2, 2, 3])), max_size=60)
MOST = st.dictionaries(st.sampled_from(["contact", "lead"]), st.integers(1, LARGEST))


def lengths(sizes: Sequence[int], members: Sequence[Member]) -> list[int]:
    """Return how many commands each group is."""
    told, first = [], 0
    for size in sizes:
        told.append(members[first][1] if size == 1 else size + BEFORE_UPDATES)
        first += size
    return told


@given(MEMBERS, MOST)
def test_a_batch_holds_neighbours_of_one_kind_in_their_order(members: list[Member], most: dict[str, int]) -> None:
    sizes = sizes_of(members, most)
    assert sum(lengths(sizes, members)) <= 50
    first = 0
    for size in sizes:
        group = members[first : first + size]
        first += size
        if size > 1:
            (kind,) = {kind for kind, _ in group}
            assert kind is not None
            assert SMALLEST <= size <= most[kind]
    assert first == len(members) or sum(lengths(sizes, members)) > 50 - 3  # only for want of room


@cache
def best(most: int, commands: int) -> int:
    """Return how many updates so many commands hold, at best."""
    if commands < 2:
        return 0
    groups = [size + best(most, commands - size - BEFORE_UPDATES) for size in range(2, most + 1) if size < commands]
    return max([1 + best(most, commands - 2), *groups])


@given(st.integers(1, LARGEST), st.integers(0, 50))
def test_nothing_holds_more_updates(most: int, commands: int) -> None:
    assert sum(sizes_of([("contact", 2)] * 60, {"contact": most}, commands)) == best(most, commands)


@given(MEMBERS, MOST, st.integers(0, 50))
def test_as_many_fit_as_a_shorter_batch_holds(members: list[Member], most: dict[str, int], commands: int) -> None:
    sizes = sizes_of(members, most)
    fitting = fitting_in(sizes, members, commands)
    assert sum(lengths(sizes_of(members[:fitting], most), members)) <= commands
    assert fitting_in(sizes, members, 50) == sum(sizes)


SECONDS = st.floats(0, 1)


@given(st.floats(0, 2), SECONDS, SECONDS)
def test_a_group_is_expected_to_last_no_longer_than_it_may(bound: float, before: float, each: float) -> None:
    size = GroupSizes(bound).most("contact", before, each)
    assert size == 1 or (SMALLEST <= size <= LARGEST and before + size * each <= bound)
    larger = before + max(SMALLEST, size + 1) * each
    assert size == LARGEST or larger > bound / 1.2 - 1e-9 or not bound  # no smaller than it has to be


@pytest.mark.parametrize(
    ("before", "each", "size"),
    [(0.02, 0.01, 18), (0.0, 0.0, LARGEST), (0.03, 0.1, 1), (0.03, 0.3, 1), (None, 0.01, 1), (0.03, None, 1)],
)
def test_what_is_dear_or_not_known_goes_in_pairs(before: float | None, each: float | None, size: int) -> None:
    assert GroupSizes(BOUND).most("contact", before, each) == size


@given(st.lists(st.tuples(st.integers(1, LARGEST), st.none() | SECONDS), max_size=20))
def test_what_lasted_too_long_is_smaller_at_once(lasted: list[tuple[int, float | None]]) -> None:
    sizes = GroupSizes(BOUND)
    for size, seconds in lasted:
        before = sizes.most("contact", 0.0, 0.0)
        sizes.learn("contact", [(size, seconds)])
        now = sizes.learnt().get("contact", LARGEST)
        if seconds is None:
            assert now == 1
        elif seconds > BOUND:
            assert now < max(size, 2)
        else:
            assert before == 1 or before <= now <= before + max(1, before // 4)
        other = GroupSizes(BOUND)
        other.restore(sizes.learnt())
        assert other.learnt() == sizes.learnt()


@given(st.floats(0.01, 2), SECONDS, SECONDS, st.integers(1, LARGEST))
def test_what_was_put_together_is_not_too_large_until_more_is_known(
    bound: float, before: float, each: float, most: int
) -> None:
    sizes = GroupSizes(bound)
    sizes.restore({"contact": most})
    size = sizes.most("contact", before, each)
    assert not sizes.is_too_large("contact", size, before, each)
    if size > 1:
        assert sizes.is_too_large("contact", size, before, bound)
        sizes.learn("contact", [(size, 2 * bound)])
        assert sizes.is_too_large("contact", size, before, each)


def test_groups_come_back_slowly() -> None:
    sizes = GroupSizes(BOUND)
    sizes.learn("contact", [(40, 2.0)])
    assert sizes.most("contact", 0.0, 0.0) == 5
    assert sizes.most("lead", 0.0, 0.0) == LARGEST
    seen = []
    while sizes.learnt():
        size = sizes.most("contact", 0.0, 0.0)
        seen.append(size)
        sizes.learn("contact", [(size, 0.004 * size), (1, 0.01)])
    assert seen == [5, 6, 7, 8, 10, 12, 15, 18, 22, 27, 33, 41]
    sizes.lose("contact", 48)
    assert sizes.learnt() == {"contact": 24}
    for _ in range(9):
        sizes.lose("contact", 48)
    assert sizes.learnt() == {"contact": 1}
    sizes.learn("contact", [(1, 0.01), (1, 0.02)])  # pairs tell it as well
    sizes.learn("contact", [(2, 0.02)])
    assert sizes.most("contact", 0.0, 0.0) == 3
    sizes.learn("contact", [(3, 0.24)])
    assert sizes.most("contact", 0.0, 0.0) == 3  # four of these would last too long
