"""What a preview gathers: a random sample, groups with examples, countries of the numbers."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.reporting import CALL, CONTACT, CORRECTIONS, DEAL, REVIEWS

from b24syncd.domain.corrections import ChangePoint, DeletePoint
from b24syncd.domain.plans import Plan
from b24syncd.domain.snapshots import PointKind
from b24syncd.jobs.phones.countries import country_of
from b24syncd.reports.findings import findings_of, numbers_read
from b24syncd.reports.groups import Groups
from b24syncd.reports.naming import Naming
from b24syncd.reports.sampling import Sample

if TYPE_CHECKING:
    from b24syncd.domain.corrections import Correction


@given(st.integers(0, 200), st.integers(0, 30))
def test_a_sample_is_a_part_of_what_came_in_its_order(number: int, size: int) -> None:
    sample: Sample[int] = Sample(size)
    again: Sample[int] = Sample(size)
    for each in range(number):
        sample.add(each)
        again.add(each)
    kept = sample.kept()
    assert kept == again.kept()
    assert sample.seen == number
    assert len(kept) == min(number, size)
    assert list(kept) == sorted(set(kept))
    assert set(kept) <= set(range(number))


def test_a_sample_is_of_all_that_came() -> None:
    sample: Sample[int] = Sample(1000)
    for each in range(10_000):
        sample.add(each)
    thirds = Counter(each // 2500 for each in sample.kept())
    assert all(200 < number < 300 for number in thirds.values())


@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("+74951234567", "RU +7"),
        ("+77013753234", "KZ +7"),
        ("+493012345678;12", "DE +49"),
        ("+80012345678", "+800"),
        ("+49", ""),
        ("none", ""),
    ],
)
def test_a_number_belongs_to_a_country(number: str, country: str) -> None:
    assert country_of(number) == country


def phone(before: str, after: str) -> ChangePoint:
    return ChangePoint(CONTACT, "phones", PointKind.PHONE, 5, "WORK", before, after)


def test_a_wrong_region_is_seen_by_the_countries() -> None:
    german = [phone(f"030 123456{digit}", f"+4930123456{digit}") for digit in range(3)]
    double = DeletePoint(CONTACT, "phones", PointKind.PHONE, 6, "WORK", "0 30 1234560", ("+49301234560",))
    groups = Groups()
    corrections: tuple[Correction, ...] = (*german, double, phone("+7 495 123-45-67", "+74951234567"))
    for correction in corrections:
        for finding in findings_of(Plan((correction,))):
            groups.add(finding, numbers_read(correction))
    assert [(group.country, group.count) for group in groups.countries()] == [("DE +49", 4), ("RU +7", 1)]
    assert groups.countries()[1].example.after == "+74951234567"


def test_groups_are_by_job_kind_and_reason_the_most_frequent_first() -> None:
    groups = Groups()
    naming = Naming("acme.bitrix24.ru", {"deal": {"ufCrmPaid": "Payment date"}})
    for finding in findings_of(Plan(CORRECTIONS, REVIEWS)):
        groups.add(naming.named(finding))
    first, *_ = groups.changes()
    assert (first.name, first.count, first.example.item) == ("payment_dates set field Payment date", 3, DEAL)
    assert sum(group.count for group in groups.changes()) == len(CORRECTIONS)
    assert [(group.reason, group.count) for group in groups.reasons()] == [
        ("not_a_phone", 3),
        ("refused", 1),
        ("entered_by_hand", 1),
    ]
    assert groups.reasons()[0].example.before == "+8 (495) 123-45-67"  # the one with a suggestion tells more


def test_an_activity_is_linked_where_it_hangs() -> None:
    naming = Naming("acme.bitrix24.ru")
    named = {
        finding.action: naming.named(finding).url for finding in findings_of(Plan(CORRECTIONS)) if finding.item == CALL
    }
    assert named == {
        "move": "https://acme.bitrix24.ru/crm/lead/details/7/",
        "bind": "https://acme.bitrix24.ru/crm/activity/?ID=900&open_view=900",
        "unbind": "https://acme.bitrix24.ru/crm/lead/details/7/",
        "link task": "https://acme.bitrix24.ru/crm/lead/details/7/",
    }
