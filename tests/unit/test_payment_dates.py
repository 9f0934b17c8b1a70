"""The job `payment_dates`, by example."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.unit.paying import BERLIN, DEAL, FIELD, deal, payment, rules, value

from b24syncd.domain.corrections import SetField
from b24syncd.domain.plans import Plan, Review
from b24syncd.domain.reasons import Reason
from b24syncd.domain.rules import Pick
from b24syncd.jobs.payment_dates import NAME, plan

if TYPE_CHECKING:
    from b24syncd.domain.payments import Payment

JANUARY = payment(1, "2026-01-10T12:00:00+01:00")
MARCH = payment(2, "2026-03-10T12:00:00+01:00")
JULY = payment(3, "2026-07-10T12:00:00+02:00")
CANCELLED = payment(4, "2026-08-10T12:00:00+02:00", is_paid=False)
UNPAID = payment(5, None, is_paid=False)


def set_to(after: str | None, before: str | None = None) -> Plan:
    return Plan((SetField(DEAL, NAME, FIELD, value(before), value(after)),))


def review(value: str, reason: Reason = Reason.ENTERED_BY_HAND, suggestion: str | None = None) -> Plan:
    return Plan(reviews=(Review(DEAL, NAME, 0, value, reason, suggestion),))


@pytest.mark.parametrize(
    ("pick", "day"), [(Pick.FIRST, "2026-01-10"), (Pick.LAST, "2026-07-10"), (Pick.FULLY_PAID, "2026-07-10")]
)
def test_which_of_several_payments_gives_the_date(pick: Pick, day: str) -> None:
    snapshot = deal(JULY, JANUARY, CANCELLED, MARCH, UNPAID)
    assert plan(snapshot, rules(pick)) == set_to(day)


def test_payments_are_ordered_by_instants_and_not_by_wall_clocks() -> None:
    early = payment(1, "2026-01-10T23:30:00+09:00")
    late = payment(2, "2026-01-10T20:00:00-05:00")
    assert plan(deal(early, late), rules(holds_instant=True)) == set_to("2026-01-10T20:00:00-05:00")


def test_payments_of_the_hour_that_a_clock_shows_twice_keep_their_order() -> None:
    in_one_zone = [payment(n, f"2025-10-26T0{h}:30:00+00:00") for n, h in ((1, 1), (2, 0))]
    shown = [payment(one.id, one.paid_at and one.paid_at.astimezone(BERLIN).isoformat()) for one in in_one_zone]
    assert plan(deal(*shown), rules(Pick.FIRST, holds_instant=True)) == set_to("2025-10-26T02:30:00+02:00")
    assert plan(deal(*shown), rules(Pick.LAST, holds_instant=True)) == set_to("2025-10-26T02:30:00+01:00")


def test_without_a_payment_there_is_nothing_to_do() -> None:
    assert plan(deal(), rules()) == Plan()
    assert plan(deal(CANCELLED, UNPAID), rules()) == Plan()


@pytest.mark.parametrize(
    ("amount", "payments", "day"),
    [
        ("20", (JANUARY, MARCH, JULY), "2026-03-10"),
        ("20.01", (JANUARY, MARCH, JULY), "2026-07-10"),
        ("20.0049", (JANUARY, MARCH), "2026-03-10"),
        ("30.01", (JANUARY, MARCH, JULY), None),
        ("5", (JANUARY, MARCH), "2026-01-10"),
        ("0", (JANUARY, MARCH), "2026-01-10"),
        ("0", (), None),
        ("20", (JANUARY, CANCELLED), None),
        ("20", (payment(9, JANUARY.paid_at), payment(8, JANUARY.paid_at)), "2026-01-10"),
    ],
)
def test_when_an_item_is_fully_paid(amount: str, payments: tuple[Payment, ...], day: str | None) -> None:
    expected = Plan() if day is None else set_to(day)
    assert plan(deal(*payments, amount=amount), rules(Pick.FULLY_PAID)) == expected


def test_what_is_not_yet_fully_paid_loses_the_date_that_it_had() -> None:
    snapshot = deal(JANUARY, there="2026-03-10", written="2026-03-10")
    assert plan(snapshot, rules(Pick.FULLY_PAID)) == set_to(None, "2026-03-10")


def test_money_of_another_currency_cannot_be_added_up() -> None:
    dollars, roubles = (
        payment(6, "2026-04-01T00:00:00+02:00", "100", "USD"),
        payment(7, None, "1", "RUB", is_paid=False),
    )
    snapshot = deal(JANUARY, dollars, roubles, there="2026-01-10", written="2026-01-10")
    asked = review("paid in EUR, USD, amount in EUR", Reason.OTHER_CURRENCY)
    assert plan(snapshot, rules(Pick.FULLY_PAID)) == asked
    more = payment(8, "2026-05-01T00:00:00+02:00", "5", "USD")
    assert plan(deal(JANUARY, dollars, more), rules(Pick.FULLY_PAID)) == asked
    assert plan(snapshot, rules()) == set_to("2026-04-01", "2026-01-10")


def test_money_without_a_currency_cannot_be_added_up() -> None:
    unknown = payment(6, "2026-04-01T00:00:00+02:00", "100", "")
    asked = review("paid in EUR, no currency, amount in EUR", Reason.OTHER_CURRENCY)
    assert plan(deal(JANUARY, unknown), rules(Pick.FULLY_PAID)) == asked


@pytest.mark.parametrize("written", [None, "2026-01-10"])
def test_another_value_is_corrected_unless_a_person_changed_ours(written: str | None) -> None:
    assert plan(deal(MARCH, there="2026-01-10", written=written), rules()) == set_to("2026-03-10", "2026-01-10")


@pytest.mark.parametrize(
    ("there", "written"), [("2026-02-02", "2026-01-10"), (None, "2026-01-10"), (None, "2026-03-10")]
)
def test_what_a_person_made_of_ours_stays_and_is_asked_about(there: str | None, written: str) -> None:
    assert plan(deal(MARCH, there=there, written=written), rules()) == review(there or "", suggestion="2026-03-10")


@pytest.mark.parametrize("written", [None, "2026-01-10", "2026-03-10"])
def test_what_is_right_stays_whoever_wrote_it(written: str | None) -> None:
    assert plan(deal(MARCH, there="2026-03-10", written=written), rules()) == Plan()


@pytest.mark.parametrize("payments", [(), (CANCELLED,), (UNPAID,)])
def test_only_our_own_date_is_cleared(payments: tuple[Payment, ...]) -> None:
    ours = deal(*payments, there="2026-03-10", written="2026-03-10")
    assert plan(ours, rules()) == set_to(None, "2026-03-10")
    assert plan(ours, rules(clear=False)) == Plan()
    for written in (None, "2026-01-10"):
        theirs = deal(*payments, there="2026-03-10", written=written)
        assert plan(theirs, rules()) == review("2026-03-10")
        assert plan(theirs, rules(clear=False)) == Plan()


def test_after_we_cleared_it_a_new_payment_is_told_again() -> None:
    assert plan(deal(MARCH), rules()) == set_to("2026-03-10")


@pytest.mark.parametrize(
    ("paid_at", "after", "holds_instant"),
    [
        ("2026-03-10T12:00:00+01:00", "2026-03-10T12:00:00+01:00", True),
        ("2026-03-10T12:00:00.999999+01:00", "2026-03-10T12:00:00+01:00", True),
        ("2026-03-10T00:00:00+14:00", "2026-03-10", False),
        ("2026-03-10T23:59:59-11:00", "2026-03-10", False),
    ],
)
def test_a_day_in_its_own_offset_or_an_instant_to_the_second(paid_at: str, after: str, *, holds_instant: bool) -> None:
    assert plan(deal(payment(1, paid_at)), rules(holds_instant=holds_instant)) == set_to(after)


def test_the_second_hour_of_a_clock_set_back_is_written_once() -> None:
    twice = payment(1, "2025-10-26T02:30:00+01:00")
    shown, instants = "2025-10-26T02:30:00+02:00", rules(holds_instant=True)
    assert plan(deal(twice, there=shown, written="2025-10-26T02:30:00+01:00"), instants) == Plan()
    later = deal(twice, JULY, there=shown, written="2025-10-26T02:30:00+01:00")
    assert plan(later, instants) == set_to("2026-07-10T12:00:00+02:00", shown)
    gone = deal(there=shown, written="2025-10-26T02:30:00+01:00")
    assert plan(gone, instants) == set_to(None, shown)


def test_payments_that_were_not_read_empty_no_date() -> None:
    unread = replace(deal(there="2026-03-10", written="2026-03-10"), payments=None)
    assert plan(unread, rules()) == Plan()
