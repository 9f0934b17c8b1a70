"""How many commands a request may hold, after what happened to those before it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from b24syncd.portal.pace.governor import MOST_COMMANDS
from b24syncd.portal.pace.lengths import Lengths
from b24syncd.portal.wire.commands import Command

PAGES = [Command("crm.item.list", {})] * 50
OTHERS = [Command("crm.activity.list", {})] * 50


def test_a_length_that_failed_is_halved_and_others_are_left() -> None:
    lengths = Lengths()
    for expected in (25, 12, 6, 3, 1):
        assert lengths.failed(PAGES, lengths.most(PAGES))
        assert lengths.most(PAGES[:1]) == expected
    assert lengths.most(OTHERS) == MOST_COMMANDS


def test_what_fails_at_every_length_is_an_outage_and_goes_whole_when_it_is_over() -> None:
    lengths = Lengths()
    while lengths.failed(PAGES, lengths.most(PAGES)):
        pass
    for _ in range(3):
        assert lengths.most(PAGES) == 1  # no request longer than that is lost before an answer comes
        assert not lengths.failed(PAGES, 1)
    lengths.went_well(PAGES, 1)
    assert lengths.most(PAGES) == MOST_COMMANDS


def test_what_was_learnt_does_not_slow_down_the_way_to_one() -> None:
    lengths = Lengths()
    lengths.failed(PAGES, 50)
    for _ in range(8):
        lengths.went_well(PAGES, 25)
    failures = 1
    while lengths.failed(PAGES, lengths.most(PAGES)):
        failures += 1
    assert failures == 6


def test_a_request_that_left_earlier_makes_none_longer() -> None:
    lengths = Lengths()
    for sent in (50, 25, 50):
        lengths.failed(PAGES, sent)
    assert lengths.most(PAGES) == 12


def test_it_grows_again_slowly_and_only_by_what_was_as_long() -> None:
    lengths = Lengths()
    lengths.failed(PAGES, 50)
    for _ in range(100):
        lengths.went_well(PAGES, 3)
    assert lengths.most(PAGES) == 25
    for _ in range(8):
        lengths.went_well(PAGES, 25)
    assert lengths.most(PAGES) == 26
    for _ in range(8 * 24):
        lengths.went_well(PAGES, lengths.most(PAGES))
    assert lengths.most(PAGES) == MOST_COMMANDS


@given(most=st.integers(1, 49), requests=st.integers(50, 400))
def test_whatever_a_server_manages_few_requests_fail(most: int, requests: int) -> None:
    lengths, failed = Lengths(), 0
    for _ in range(requests):
        sent = lengths.most(PAGES)
        assert 1 <= sent <= MOST_COMMANDS
        if sent > most:
            failed += 1
            lengths.failed(PAGES, sent)
        else:
            lengths.went_well(PAGES, sent)
    assert failed <= 12
