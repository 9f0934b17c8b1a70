"""Whether the classic methods write beside the universal ones, and what ends it for a day."""

from __future__ import annotations

import pytest

from b24syncd.portal.pace.beside import OF_BATCHES, OF_OVERLOAD, OF_PACE, OF_REFUSALS, Beside

DAY = 86_400.0
WINDOW = 600.0
ENOUGH = 25


class Portal:
    """A clock, and whether batches are counted as wholes."""

    def __init__(self) -> None:
        self.at = 1_700_000_000.0
        self.counts_batches = False
        self.beside = Beside(lambda: self.at, WINDOW, lambda: self.counts_batches, lambda _: 0.0)

    def known(self) -> Beside:
        """Return it once it is known how long an update takes."""
        self.beside.note_updates([0.2] * ENOUGH)
        return self.beside

    def why(self) -> str | None:
        return None if self.beside.rests is None else self.beside.rests[1]


@pytest.fixture
def portal() -> Portal:
    return Portal()


def test_where_it_is_not_known_how_long_an_update_took_before_nothing_is_concluded(portal: Portal) -> None:
    portal.beside.note_updates([0.2] * (ENOUGH - 1))
    portal.beside.note_used()
    portal.beside.note_updates([2.0] * ENOUGH)
    assert portal.beside.is_allowed()


@pytest.mark.parametrize(
    ("before", "now", "ends"), [(0.2, 0.41, True), (0.2, 0.39, False), (0.02, 0.1, False), (0.02, 0.13, True)]
)
def test_updates_that_take_markedly_longer_end_it(portal: Portal, before: float, now: float, *, ends: bool) -> None:
    portal.beside.note_updates([before] * ENOUGH)
    portal.beside.note_used()
    portal.beside.note_updates([9.0, *[before] * (ENOUGH - 2)])  # one that is slow says nothing, nor do few
    assert portal.beside.is_allowed()
    portal.beside.note_updates([now] * ENOUGH)
    assert portal.why() == (OF_PACE if ends else None)
    assert portal.beside.is_allowed() is not ends


def test_what_it_was_used_for_long_ago_says_nothing_of_the_pace_of_now(portal: Portal) -> None:
    portal.known().note_used()
    portal.at += 6 * WINDOW + 1
    portal.beside.note_updates([2.0] * ENOUGH)
    assert portal.beside.is_allowed()


def test_refusals_in_a_row_end_it_and_a_success_between_them_does_not(portal: Portal) -> None:
    beside = portal.known()
    for _ in range(3):
        for _ in range(4):
            beside.note_refused()
        beside.note_written()
    assert beside.is_allowed()
    for _ in range(5):
        beside.note_refused()
    assert portal.why() == OF_REFUSALS


def test_overload_ends_it_where_both_were_used(portal: Portal) -> None:
    portal.known().note_blocked()
    assert portal.beside.is_allowed()
    portal.beside.note_used()
    portal.beside.note_blocked()
    assert portal.why() == OF_OVERLOAD


def test_where_batches_are_counted_as_wholes_nothing_is_gained(portal: Portal) -> None:
    portal.known()
    portal.counts_batches = True
    assert not portal.beside.is_allowed()
    assert portal.why() == OF_BATCHES


def test_it_rests_for_a_day_and_learns_the_pace_anew(portal: Portal) -> None:
    portal.known().rest("once")
    portal.beside.rest("again")
    until, why = portal.beside.rests or (0.0, "")
    assert (until - portal.at, why) == (DAY, "once")
    portal.known()
    portal.at += DAY - 1
    assert not portal.beside.is_allowed()
    portal.at += 2
    assert portal.beside.is_allowed()
    assert portal.beside.rests is None
