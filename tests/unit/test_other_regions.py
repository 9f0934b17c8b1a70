"""Which `other_regions` would read the most of what waits for a person."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.plans import Plan, Review
from b24syncd.domain.reasons import Reason
from b24syncd.domain.rules import PhoneRules
from b24syncd.jobs.phones.numbers import regions_that_would_read
from b24syncd.jobs.phones.other_regions import OtherRegions, best_of
from b24syncd.reports.regions import RegionsAhead, RegionsReport
from b24syncd.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

REGIONS = st.frozensets(st.sampled_from(["BY", "KZ", "UA", "DE", "AT", "US", "GB", "IL"]), min_size=1, max_size=3)


@given(st.dictionaries(REGIONS, st.integers(1, 1000)))
def test_the_best_regions_come_first_and_count_nothing_twice(found: Mapping[frozenset[str], int]) -> None:
    named = best_of(found)
    assert sum(named.values()) <= sum(found.values())
    assert sum(named.values()) == sum(number for regions, number in found.items() if regions & named.keys())
    assert len(named) <= 4
    assert list(named.values()) == sorted(named.values(), reverse=True)
    if found:
        first, number = next(iter(named.items()))
        assert number == sum(each for regions, each in found.items() if first in regions)
        assert all(number >= sum(each for regions, each in found.items() if other in regions) for other in named)


def test_what_one_region_reads_another_is_not_named_for() -> None:
    assert best_of({frozenset({"BY"}): 3, frozenset({"BY", "KZ"}): 2, frozenset({"KZ"}): 1}) == {"BY": 5, "KZ": 1}


def test_it_is_told_as_the_setting_is_written_within_a_line_of_a_terminal() -> None:
    assert list(RegionsReport({}).lines()) == []
    assert list(RegionsReport({"BY": 1}).lines()) == ['1 more number would be read with other_regions = ["BY"]']
    several = list(RegionsReport({"BY": 10000, "KZ": 6200, "UA": 3000, "DE": 2000}, exact=False).lines())
    assert several == [
        "about 21200 more numbers would be read with other_regions =",
        '["BY", "KZ", "UA", "DE"]: BY 10000, KZ 6200, UA 3000, DE 2000',
    ]


@given(st.integers(0, 5000))
def test_of_very_many_values_some_are_read_in_even_steps(number: int) -> None:
    ahead = OtherRegions(PhoneRules(region="RU"))
    for each in range(number):
        ahead.add(f"call me, extension {each:06d}")
        ahead.add("no digits")
    assert ahead.is_exact == (number <= 512)
    assert ahead.named() == {}


def test_a_preview_tells_it_of_what_it_asks_about() -> None:
    environ = {"B24SYNCD_PORTAL__WEBHOOK": "http://127.0.0.1:9/rest/1/s3cr3tw0rd00/", "B24SYNCD_STATE__PATH": "x.db"}
    values = ["97122345678", "37163123456", "842101234567", "6732345678"]
    ref = EntityRef(EntityType.CONTACT, 1)
    found = Counter(frozenset(regions_that_would_read(value, PhoneRules(region="RU"))) for value in values)
    del found[frozenset()]
    ahead = RegionsAhead(load_settings(None, environ | {"B24SYNCD_PORTAL__REGION": "RU"}).jobs)
    for number, value in enumerate(values):
        ahead.add(Plan(reviews=(Review(ref, "phones", number, value, Reason.NOT_A_PHONE),)))
        ahead.add(Plan(reviews=(Review(ref, "emails", number, value, Reason.NOT_AN_EMAIL),)))
    assert ahead.report() == RegionsReport(best_of(found))
    without_phones = RegionsAhead(load_settings(None, environ | {"B24SYNCD_JOBS__PHONES__ENABLED": "false"}).jobs)
    without_phones.add(Plan(reviews=(Review(ref, "phones", 1, values[0], Reason.NOT_A_PHONE),)))
    assert without_phones.report() == RegionsReport({})
