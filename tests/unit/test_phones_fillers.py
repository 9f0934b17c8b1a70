"""Fillers are asked about, never changed, and prove nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.plans import Plan, Review
from b24syncd.domain.reasons import Reason
from b24syncd.domain.rules import PhoneRules
from b24syncd.domain.snapshots import ContactPoint, PointKind, Snapshot
from b24syncd.jobs.contact_values import says
from b24syncd.jobs.phones import planner as phones
from b24syncd.jobs.phones.numbers import read
from b24syncd.jobs.reading import unreadable
from b24syncd.jobs.shared_points import share_a_point

RU = PhoneRules(region="RU")


@pytest.mark.parametrize(
    ("region", "filler"),
    [
        ("RU", "+79999999999"),
        ("RU", "+7 (999) 999-99-99"),
        ("RU", "8 999 999 99 99"),
        ("RU", "9999999999"),
        ("RU", "0000000000"),
        ("RU", "77777777777"),
        ("RU", "8 123 456-78-90"),
        ("RU", "81234567890"),
        ("RU", "12345678901"),
        ("RU", "+79999999999;12"),
        ("US", "123-456-7890"),
        ("US", "+1 222 222 2222"),
        ("FR", "01 23 45 67 89"),
        ("DE", "0987654321"),
    ],
)
def test_a_filler_is_asked_about(region: str, filler: str) -> None:
    assert read(filler, PhoneRules(region=region)) == unreadable(Reason.PLACEHOLDER)


@pytest.mark.parametrize(
    ("region", "number", "canonical"),
    [
        ("RU", "8 800 555-55-55", "+78005555555"),
        ("RU", "8 916 999-99-99", "+79169999999"),
        ("RU", "8 800 000-00-00", "+78000000000"),
        ("UZ", "901234567", "+998901234567"),
    ],
)
def test_a_number_that_is_easy_to_remember_is_none(region: str, number: str, canonical: str) -> None:
    assert read(number, PhoneRules(region=region)).values == (canonical,)


def points(*values: str) -> tuple[ContactPoint, ...]:
    return tuple(ContactPoint(place, PointKind.PHONE, value, "WORK") for place, value in enumerate(values, 1))


def test_a_filler_stays_as_it_is() -> None:
    ref = EntityRef(EntityType.CONTACT, 1)
    snapshot = Snapshot(ref, datetime(2026, 1, 1, tzinfo=UTC), points("+79999999999", "+7 999 999-99-99"))
    reviews = tuple(Review(ref, "phones", point.id, point.value, Reason.PLACEHOLDER) for point in snapshot.entries)
    assert phones.plan(snapshot, RU) == Plan((), reviews)


@pytest.mark.parametrize("region", ["RU", None])
@pytest.mark.parametrize("filler", ["+79999999999", "9999999999", "1234567890"])
def test_strangers_with_the_same_filler_share_nothing(filler: str, region: str | None) -> None:
    assert not share_a_point(points("9999999999"), points("9999999999"), region)
    assert not share_a_point(points("+79999999999"), points("8 999 999 99 99"), "RU")
    assert share_a_point(points("+79162345678", filler), points("+79162345678"), region)


def test_an_undo_knows_what_a_filler_says() -> None:
    assert says({}, "RU")(PointKind.PHONE, "+79999999999") == {"+79999999999"}
