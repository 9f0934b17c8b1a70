"""The job `payment_dates` in whatever order people pay, cancel and type, and in any zone at any hour."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.paying import BERLIN, DEAL, FIELD, PortalField, deal, made, paid_by, payment, rules, showing, value

from b24syncd.domain.corrections import SetField
from b24syncd.domain.payments import Payment
from b24syncd.domain.rules import FoundField, PaymentRules, Pick
from b24syncd.domain.values import same_value, shown
from b24syncd.jobs import payment_dates
from b24syncd.jobs.payment_dates import plan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from b24syncd.domain.plans import Plan
    from b24syncd.domain.snapshots import Snapshot
    from b24syncd.domain.values import Value

NAMES = [
    *("Europe/Moscow", "Europe/Berlin", "Europe/Lisbon", "Atlantic/Azores", "America/New_York", "America/St_Johns"),
    *("America/Havana", "America/Santiago", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Beirut", "Africa/Casablanca"),
    *("Australia/Lord_Howe", "Pacific/Auckland", "Pacific/Chatham", "Pacific/Kiritimati", "Pacific/Pago_Pago"),
]
STEP = timedelta(minutes=15)
NOON = datetime(2025, 1, 1, 12, tzinfo=UTC)

ZONES = st.sampled_from(NAMES).map(ZoneInfo)
SECONDS = st.integers(0, 2 * 365 * 86400) | st.integers(-5400, 5400).map(lambda near: 25750800 + near)
"""Two years, and the hours about the end of summer time in Berlin on 2025-10-26."""


def instant(second: int, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(int(NOON.timestamp()) - 43200 + second, zone)


@st.composite
def payments(draw: st.DrawFn, zone: ZoneInfo) -> tuple[Payment, ...]:
    currencies = draw(st.sampled_from(["EUR", "EUR", "EUR USD"])).split()
    return tuple(
        Payment(
            number,
            draw(st.booleans()),
            draw(st.none() | SECONDS.map(lambda second: instant(second, zone))),
            Decimal(draw(st.integers(1, 3000))) / 100,
            draw(st.sampled_from(currencies)),
        )
        for number in range(1, draw(st.integers(1, 5)))
    )


@st.composite
def fields(draw: st.DrawFn) -> PortalField:
    return PortalField(draw(ZONES), draw(st.booleans()))


@st.composite
def values(draw: st.DrawFn, kept_in: PortalField) -> Value:
    """Draw what may stand in a field."""
    return kept_in.kept(draw(st.none() | SECONDS.map(lambda second: instant(second, kept_in.zone))))


@st.composite
def deals(draw: st.DrawFn, kept_in: PortalField) -> Snapshot:
    there = draw(values(kept_in))
    written = draw(st.sampled_from([there, None]) | values(kept_in))
    amount = str(Decimal(draw(st.integers(0, 6000))) / 100)
    paid = draw(payments(kept_in.zone))
    return deal(*paid, there=shown(there), written=shown(written), amount=amount)


RULES = st.builds(rules, st.sampled_from(Pick), clear=st.booleans())


def carried_out(snapshot: Snapshot, chosen: PaymentRules, kept_in: PortalField) -> Snapshot:
    return made(snapshot, planned_for(snapshot, chosen, kept_in).corrections, kept_in)


def planned_for(snapshot: Snapshot, chosen: PaymentRules, kept_in: PortalField) -> Plan:
    """Plan by rules whose field was found to be this one."""
    found = {DEAL.type: FoundField(FIELD, kept_in.holds_instant)}
    return payment_dates.plan(snapshot, replace(chosen, found=found))


@given(st.data(), fields(), RULES)
def test_planning_the_result_plans_nothing(data: st.DataObject, kept_in: PortalField, chosen: PaymentRules) -> None:
    snapshot = data.draw(deals(kept_in))
    planned = planned_for(snapshot, chosen, kept_in)
    assert len(planned.corrections) + len(planned.reviews) <= 1
    again = planned_for(made(snapshot, planned.corrections, kept_in), chosen, kept_in)
    assert again.corrections == ()
    assert again.reviews == planned.reviews


@given(st.data(), fields(), RULES)
def test_a_correction_is_made_of_ours_or_where_nothing_was_ours(
    data: st.DataObject, kept_in: PortalField, chosen: PaymentRules
) -> None:
    snapshot = data.draw(deals(kept_in))
    written = snapshot.written.get(FIELD)
    for correction in planned_for(snapshot, chosen, kept_in).corrections:
        assert isinstance(correction, SetField)
        assert (correction.ref, correction.field, correction.before) == (snapshot.ref, FIELD, snapshot.fields[FIELD])
        assert not same_value(correction.before, correction.after)
        assert written is None or same_value(written, snapshot.fields[FIELD])
        assert correction.after is not None or same_value(written, snapshot.fields[FIELD])


@given(st.data(), fields(), RULES)
def test_what_a_person_makes_of_ours_stays_whatever_is_paid(
    data: st.DataObject, kept_in: PortalField, chosen: PaymentRules
) -> None:
    snapshot = carried_out(data.draw(deals(kept_in)), chosen, kept_in)
    typed = data.draw(values(kept_in))
    if FIELD not in snapshot.written or same_value(typed, snapshot.written[FIELD]):
        return
    snapshot = showing(snapshot, typed)
    for _ in range(3):
        snapshot = carried_out(paid_by(snapshot, data.draw(payments(kept_in.zone))), chosen, kept_in)
        assert snapshot.fields[FIELD] == typed


@given(st.data(), fields())
def test_where_nobody_types_the_field_follows_the_payments(data: st.DataObject, kept_in: PortalField) -> None:
    snapshot = deal()
    for _ in range(4):
        snapshot = paid_by(snapshot, data.draw(payments(kept_in.zone)))
        snapshot = carried_out(snapshot, rules(), kept_in)
        assert snapshot.payments is not None
        paid = [one.paid_at for one in snapshot.payments.payments if one.is_paid and one.paid_at is not None]
        last = max(paid, key=lambda moment: moment.timestamp(), default=None)
        assert snapshot.fields[FIELD] == kept_in.kept(last)


def changes_of(zone: ZoneInfo) -> Iterator[datetime]:
    """Go through the hours of two years in which the zone's clock is set."""
    hours = (NOON + timedelta(hours=hour) for hour in range(2 * 365 * 24))
    return (
        hour
        for hour in hours
        if hour.astimezone(zone).utcoffset() != (hour + timedelta(hours=1)).astimezone(zone).utcoffset()
    )


def walk(zone: ZoneInfo) -> Iterator[datetime]:
    """Go through two days about each change of the clock and about a winter's and a summer's midnight."""
    for middle in (NOON, NOON + timedelta(days=182), *changes_of(zone)):
        start = middle - timedelta(days=1)
        yield from (start + STEP * step for step in range(4 * 48))


@pytest.mark.parametrize("name", NAMES)
def test_over_midnight_and_over_changes_of_the_clock(name: str) -> None:
    zone = ZoneInfo(name)
    days, instants = PortalField(zone, holds_instant=False), PortalField(zone, holds_instant=True)
    for moment in walk(zone):
        paid = payment(1, moment.astimezone(zone).isoformat())
        shift = moment.astimezone(zone).utcoffset()
        assert shift is not None
        day = carried_out(deal(paid), rules(), days)
        assert shown(day.fields[FIELD]) == (moment + shift).strftime("%Y-%m-%d")
        assert plan(day, rules()).corrections == ()
        exact = carried_out(deal(paid), rules(), instants)
        there = exact.fields[FIELD]
        assert isinstance(there, datetime)
        assert there + _lost(moment, zone) == moment
        assert planned_for(exact, rules(), instants).corrections == ()
        assert planned_for(paid_by(exact, ()), rules(), instants).reviews == ()


def _lost(moment: datetime, zone: ZoneInfo) -> timedelta:
    """Return what a portal loses of an instant: the length of the hour that is shown twice, if it is the second."""
    shown = moment.astimezone(zone)
    if not shown.fold:
        return timedelta()
    return (shown.replace(fold=0).utcoffset() or timedelta()) - (shown.utcoffset() or timedelta())


def test_midnight_belongs_to_the_day_that_it_begins() -> None:
    before, after = (payment(1, datetime(2026, 3, 10, 22, 59, 59, tzinfo=UTC) + timedelta(seconds=s)) for s in (0, 1))
    for one, day in ((before, "2026-03-10"), (after, "2026-03-11")):
        assert one.paid_at is not None
        shown = replace(one, paid_at=one.paid_at.astimezone(BERLIN))
        assert carried_out(deal(shown), rules(), PortalField(BERLIN, holds_instant=False)).fields[FIELD] == value(day)


@given(st.data(), st.integers(-48, 56), ZONES, SECONDS)
def test_a_day_is_that_of_the_chosen_zone_wherever_the_server_is(
    data: st.DataObject, quarters: int, zone: ZoneInfo, second: int
) -> None:
    """Servers from UTC-12 to UTC+14, payments at any instant: the day shown is the one on the wall of the zone."""
    server = timezone(timedelta(hours=quarters / 4))
    paid_at = datetime.fromtimestamp(int(NOON.timestamp()) - 43200 + second, server)
    chosen = replace(rules(), time_zone=zone.key)
    there = data.draw(st.none() | st.just(paid_at.date().isoformat()))
    planned = plan(deal(payment(1, paid_at), there=there), chosen)
    day = paid_at.astimezone(zone).date().isoformat()
    assert [one.after for one in planned.corrections if isinstance(one, SetField)] == (
        [] if there == day else [value(day)]
    )
    assert plan(deal(payment(1, paid_at), there=day, written=day), chosen).corrections == ()
    # without a zone it is the server's day, and an instant has no zone
    assert plan(deal(payment(1, paid_at), there=paid_at.date().isoformat()), rules()).corrections == ()
    at_once = PortalField(zone, holds_instant=True)
    instants = planned_for(deal(payment(1, paid_at), there=paid_at.isoformat()), chosen, at_once)
    assert instants.corrections == ()


@given(st.sampled_from(["Etc/GMT+12", "Etc/GMT-14", "Asia/Kathmandu"]), ZONES, SECONDS)
def test_another_zone_corrects_ours_and_leaves_a_persons(before: str, after: ZoneInfo, second: int) -> None:
    paid_at = instant(second, BERLIN)
    first, second_day = (paid_at.astimezone(ZoneInfo(name)).date().isoformat() for name in (before, after.key))
    chosen = replace(rules(), time_zone=after.key)
    ours = plan(deal(payment(1, paid_at), there=first, written=first), chosen)
    assert bool(ours.corrections) is (first != second_day)
    typed = plan(deal(payment(1, paid_at), there="2001-01-01", written=first), chosen)
    assert (typed.corrections, len(typed.reviews)) == ((), 1)
