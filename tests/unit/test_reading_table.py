"""The short form of the table in docs/reading.md: no slip makes a foreign number, and whole numbers are read."""

from __future__ import annotations

from random import Random

import phonenumbers
import pytest
from tests.bench.reading import BARE, REGIONS, SLIPS, WITHOUT_SIGN, Tally, damaged, try_out

from b24syncd.domain.rules import PhoneRules
from b24syncd.jobs.phones.numbers import read

PARTS = 4
"""So that processes that share the tests share the regions, too."""

COMMON = (
    "RU",
    "KZ",
    "UA",
    "BY",
    "UZ",
    "AM",
    "DE",
    "AT",
    "CH",
    "PL",
    "IT",
    "ES",
    "FR",
    "GB",
    "US",
    "CA",
    "BR",
    "MX",
    "AR",
    "IN",
    "TR",
    "IL",
    "AE",
    "CN",
    "JP",
)


def total(tallies: list[Tally]) -> Tally:
    whole = Tally()
    for tally in tallies:
        whole.add(tally)
    return whole


@pytest.mark.parametrize("part", range(PARTS))
def test_whole_numbers_are_read_and_no_slip_makes_a_number_of_another_country(part: int) -> None:
    results = try_out([*COMMON, *REGIONS[::9]][part::PARTS], each=1, samples=1)
    # no slip makes a number of another country
    broken = total([tally for (group, _), tally in results.slips.items() if group == "without a sign"])
    assert broken.texts > 3000 / PARTS
    assert broken.examples == []
    # whole numbers are read
    whole = total([results.whole[way] for way in (*WITHOUT_SIGN, BARE[0])])
    assert whole.right >= 0.99 * whole.texts
    assert (whole.wrong, whole.abroad) == (0, 0)
    # a landline number without its trunk prefix is read or suggested
    bare = results.whole[BARE[1]]
    assert (bare.asked, bare.wrong, bare.abroad) == (0, 0, 0)
    assert bare.right + bare.suggested == bare.texts
    # a number without its plus is read in every region
    assert {region: tally.right for region, tally in results.unsigned.items() if tally.right != tally.texts} == {}


def russian(rng: Random) -> str:
    code = rng.choice(["495", "812", "343", "846", *(str(code) for code in range(900, 1000))])
    return f"{code}{rng.randrange(10**7):07}"


def test_russian_numbers_with_a_slip_stay_russian() -> None:
    rules, rng, seen = PhoneRules(region="RU"), Random(12), 0  # noqa: S311 # the same in every run
    while seen < 4000:
        number = russian(rng)
        if not read(f"+7{number}", rules).values:
            continue
        written = rng.choice([f"7{number}", f"8{number}", number, f"8 ({number[:3]}) {number[3:6]}-{number[6:]}"])
        for broken in damaged(written, rng.choice(list(SLIPS)), 1):
            seen += 1
            assert all(value.startswith("+7") for value in read(broken, rules).values)


def test_canadian_numbers_in_plain_digits_are_read_on_an_american_portal() -> None:
    rules, rng, seen = PhoneRules(region="US"), Random(12), 0  # noqa: S311 # the same in every run
    areas = (204, 236, 250, 289, 306, 343, 365, 403, 416, 431, 437, 450, 506, 514, 519, 581, 587, 604, 613, 647, 778)
    while seen < 300:
        number = f"{rng.choice(areas)}{rng.randrange(2, 10)}{rng.randrange(10**6):06}"
        if phonenumbers.is_valid_number_for_region(phonenumbers.parse(f"+1{number}"), "CA"):
            seen += 1
            assert read(number, rules).values == (f"+1{number}",)
