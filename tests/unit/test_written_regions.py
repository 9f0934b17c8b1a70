"""Which region a portal's phones are written in, told from those that do not name their country."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

import phonenumbers
import pytest
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.rules import PhoneRules
from b24syncd.domain.snapshots import ContactPoint, PointKind, Snapshot
from b24syncd.jobs.phones.written_regions import ENOUGH, other_region, telling


def written(region: str, number: int = ENOUGH) -> list[str]:
    """Return mobile numbers of a region in the national way, each another one."""
    random = Random(1)  # noqa: S311 # has to be repeatable
    example = phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)
    assert example is not None
    found: dict[str, None] = {}
    while len(found) < number:
        national = str(example.national_number)
        tail = "".join(str(random.randrange(10)) for _ in range(6))
        made = phonenumbers.PhoneNumber(example.country_code, int(national[:-6] + tail))
        if phonenumbers.is_valid_number_for_region(made, region):
            found[phonenumbers.format_number(made, PhoneNumberFormat.NATIONAL)] = None
    return list(found)


RUSSIAN, GERMAN = written("RU"), written("DE")


@pytest.mark.every(5)
@pytest.mark.parametrize(
    ("own", "other"), [("US", "RU"), ("RU", "DE"), ("RU", "GB"), ("DE", "UA"), ("FR", "RU"), ("DE", "RU")]
)
def test_a_wrong_region_is_told_with_both_figures(own: str, other: str) -> None:
    found = other_region(written(other), PhoneRules(region=own))
    assert found is not None
    assert found.other == other
    assert found.certain_in_other >= found.certain + 20
    assert str(found) == (
        f"of 200 numbers without a country code {found.certain} % are certain in {own},"
        f" {found.certain_in_other} % in {other}"
    )


@pytest.mark.parametrize("region", ["RU", "DE", "GB", "UA", "KZ", "FR", "PL"])
def test_the_right_region_is_right(region: str) -> None:
    assert other_region(written(region), PhoneRules(region=region)) is None


def test_a_region_of_the_same_country_code_is_no_other_one() -> None:
    found = other_region(written("RU"), PhoneRules(region="KZ"))
    assert found is None or found.other != "RU"


def test_regions_that_are_configured_as_well_are_no_other_ones() -> None:
    assert other_region(written("UA"), PhoneRules(region="RU", other_regions=("UA",))) is None


@pytest.mark.parametrize(("foreign", "is_told"), [(20, False), (160, True)])
def test_it_takes_twenty_points(foreign: int, *, is_told: bool) -> None:
    values = [*GERMAN[:foreign], *RUSSIAN[foreign:]]
    assert (other_region(values, PhoneRules(region="RU")) is not None) is is_told


def test_fewer_than_enough_tell_nothing() -> None:
    assert other_region(RUSSIAN[:-1], PhoneRules(region="US")) is None


@pytest.mark.parametrize(
    ("region", "local"), [("RU", "283-71-{:02}"), ("RU", "28-71-{:02}"), ("BR", "3524-43{:02}"), ("FR", "83 71 {:02} ")]
)
def test_what_may_be_a_local_number_tells_nothing(region: str, local: str) -> None:
    """They are full numbers of small regions, and would stop a portal with many of them in the right region."""
    point = ContactPoint(1, PointKind.PHONE, local.format(7), "WORK")
    snapshot = Snapshot(EntityRef(EntityType.CONTACT, 1), datetime(2026, 1, 1, tzinfo=UTC), (point,))
    assert list(telling([snapshot], region)) == []


@pytest.mark.parametrize(("own", "other"), [("US", "CA"), ("CA", "US"), ("RU", "KZ"), ("KZ", "RU"), ("GB", "GG")])
def test_what_has_the_same_country_code_is_never_told(own: str, other: str) -> None:
    assert other_region(written(other), PhoneRules(region=own)) is None


def test_bare_and_plain_digits_tell_as_well() -> None:
    digits = ["".join(filter(str.isdigit, value)) for value in RUSSIAN]
    mixed = [(value, value[1:], f"7{value[1:]}")[number % 3] for number, value in enumerate(digits)]
    found = other_region(mixed, PhoneRules(region="DE"))
    assert found is not None
    assert found.other == "RU"


def test_numbers_that_name_their_country_tell_nothing_and_each_value_counts_once() -> None:
    points = [ContactPoint(n, PointKind.PHONE, value, "WORK") for n, value in enumerate(RUSSIAN[:5], 1)]
    points += [ContactPoint(n + 5, PointKind.PHONE, value, "WORK") for n, value in enumerate(RUSSIAN[:5], 1)]
    points += [
        ContactPoint(11, PointKind.PHONE, "+49 30 1234567", "WORK"),
        ContactPoint(12, PointKind.PHONE, "tel. +79161234567", "WORK"),
        ContactPoint(13, PointKind.PHONE, "call me", "WORK"),
        ContactPoint(14, PointKind.EMAIL, "12345678@example.com", "WORK"),
    ]
    snapshot = Snapshot(EntityRef(EntityType.CONTACT, 1), datetime(2026, 1, 1, tzinfo=UTC), tuple(points))
    assert list(telling([snapshot], "US")) == RUSSIAN[:5]
