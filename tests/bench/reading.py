"""How phone numbers of all regions are read, written in the usual ways and damaged, in their own region.

The numbers are the library's examples of each kind with other last digits; every choice is the same in every run.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

import phonenumbers
from phonenumbers import PhoneNumberFormat
from phonenumbers import PhoneNumberType as Kind
from tests.bench.report import Table

from b24syncd.domain.reasons import Reason
from b24syncd.domain.rules import PhoneRules
from b24syncd.jobs.phones.numbers import read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

REGIONS = tuple(sorted(phonenumbers.SUPPORTED_REGIONS))
KINDS = {
    "mobile": Kind.MOBILE,
    "landline": Kind.FIXED_LINE,
    "toll-free": Kind.TOLL_FREE,
    "shared cost": Kind.SHARED_COST,
    "voip": Kind.VOIP,
}
WITH_SIGN = ("with a plus, in groups", "with a plus, country code apart", "with 00")
WITHOUT_SIGN = ("E.164 without the plus", "country code and groups", "national form", "national form, digits only")
BARE = ("bare mobile", "bare landline and others")
ENOUGH = 0.99


@dataclass(slots=True)
class Tally:
    """How texts of one sort were read."""

    texts: int = 0
    right: int = 0
    suggested: int = 0
    asked: int = 0
    wrong: int = 0
    abroad: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Count the other one's texts too."""
        for name in ("texts", "right", "suggested", "asked", "wrong", "abroad"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.examples += other.examples

    def count(self, text: str, number: str, region: str) -> None:
        """Read a text that was made of a number."""
        self.texts += 1
        reading = read(text, PhoneRules(region=region))
        if reading.values == (number,):
            self.right += 1
        elif reading.reason is not None:
            self.suggested += reading.suggestion == number
            self.asked += reading.suggestion != number
        elif all(_code(value) == _code(number) for value in reading.values):
            self.wrong += 1
        else:
            self.abroad += 1
            self.examples.append(f"{region} {text!r} → {', '.join(reading.values)}")

    def cells(self) -> tuple[str, ...]:
        """Return the columns of a table."""
        share = f"{100 * self.right / self.texts:.2f} %" if self.texts else "–"
        return (f"{self.texts:,}", share, *(f"{n:,}" for n in (self.suggested, self.asked, self.wrong, self.abroad)))


def numbers(region: str, each: int) -> list[str]:
    """Return valid numbers of a region in canonical form, `each` of a kind at most; no fillers."""
    found: dict[str, None] = {}
    for kind in KINDS.values():
        example = phonenumbers.example_number_for_type(region, kind)
        if example is None:
            continue
        national = phonenumbers.national_significant_number(example)
        rng = Random(f"{region} {kind}")  # noqa: S311 # a choice that is the same in every run
        candidates = [national]
        candidates += [national[:-4] + "".join(rng.choices("0123456789", k=4)) for _ in range(3 * each)]
        valid = [text for text in candidates if _is_right(f"+{example.country_code}{text}", region)]
        found.update(dict.fromkeys(f"+{example.country_code}{text}" for text in valid[:each]))
    return list(found)


def _is_right(written: str, region: str) -> bool:
    try:
        number = phonenumbers.parse(written)
    except phonenumbers.NumberParseException:
        return False
    return (
        phonenumbers.is_valid_number_for_region(number, region)
        and phonenumbers.format_number(number, PhoneNumberFormat.E164) == written
        and read(written, PhoneRules(region=region)).reason is not Reason.PLACEHOLDER
    )


def spellings(number: str) -> Iterator[tuple[str, str]]:
    """Yield a canonical number in the usual ways of its region, each with the way's name."""
    parsed = phonenumbers.parse(number)
    national = phonenumbers.national_significant_number(parsed)
    international = phonenumbers.format_number(parsed, PhoneNumberFormat.INTERNATIONAL)
    in_region = phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL)
    yield WITH_SIGN[0], international
    yield WITH_SIGN[1], f"+{parsed.country_code} {national}"
    yield WITH_SIGN[2], f"00{number[1:]}"
    yield WITHOUT_SIGN[0], number[1:]
    yield WITHOUT_SIGN[1], international[1:]
    yield WITHOUT_SIGN[2], in_region
    yield WITHOUT_SIGN[3], "".join(filter(str.isdigit, in_region))
    is_mobile = phonenumbers.number_type(parsed) in {Kind.MOBILE, Kind.FIXED_LINE_OR_MOBILE}
    yield BARE[not is_mobile], national


def _missing(digits: str, place: int, _rng: Random) -> str:
    return digits[:place] + digits[place + 1 :]


def _added(digits: str, place: int, rng: Random) -> str:
    return digits[:place] + rng.choice("0123456789") + digits[place:]


def _changed(digits: str, place: int, rng: Random) -> str:
    return digits[:place] + rng.choice("0123456789".replace(digits[place], "")) + digits[place + 1 :]


def _swapped(digits: str, place: int, _rng: Random) -> str:
    return digits[:place] + digits[place + 1 : place + 2] + digits[place] + digits[place + 2 :]


SLIPS: dict[str, Callable[[str, int, Random], str]] = {
    "a digit missing": _missing,
    "a digit added": _added,
    "a digit changed": _changed,
    "two digits swapped": _swapped,
}


def damaged(text: str, slip: str, samples: int) -> list[str]:
    """Return a text with one slip at some of its digits, between which everything stays as it was written."""
    rng = Random(f"{slip} {text}")  # noqa: S311 # a choice that is the same in every run
    places = [place for place, sign in enumerate(text) if sign.isdigit()]
    found = []
    for place in rng.sample(places, min(samples, len(places))):
        following = next((each for each in places if each > place), None)
        if slip == "two digits swapped" and following is not None:
            signs = list(text)
            signs[place], signs[following] = signs[following], signs[place]
            found.append("".join(signs))
        elif slip != "two digits swapped":
            found.append(SLIPS[slip](text, place, rng))
    return [each for each in found if each != text]


@dataclass(slots=True)
class Results:
    """What was read, by sorts of texts, and by regions."""

    whole: dict[str, Tally] = field(default_factory=dict)
    slips: dict[tuple[str, str], Tally] = field(default_factory=dict)
    unsigned: dict[str, Tally] = field(default_factory=dict)


def try_out(regions: Iterable[str], *, each: int, samples: int) -> Results:
    """Read numbers of these regions in their own region, with no others configured."""
    results = Results()
    for region in regions:
        for number in numbers(region, each):
            for way, text in spellings(number):
                results.whole.setdefault(way, Tally()).count(text, number, region)
                if way == WITHOUT_SIGN[0]:
                    results.unsigned.setdefault(region, Tally()).count(text, number, region)
                for slip in SLIPS:
                    for broken in damaged(text, slip, samples):
                        group = "with a sign" if way in WITH_SIGN or broken.startswith("00") else "without a sign"
                        results.slips.setdefault((group, slip), Tally()).count(broken, number, region)
    return results


def _code(number: str) -> int:
    return phonenumbers.parse(number.partition(";")[0]).country_code or 0


HEAD = ("texts", "read right", "asked, right suggestion", "asked", "another number of the country", "another country's")


def measure(each: int = 5, samples: int = 2) -> list[Table]:
    """Return the tables of docs/reading.md."""
    results = try_out(REGIONS, each=each, samples=samples)
    whole = Table("Whole numbers, as they are written", ("written", *HEAD))
    for way in (*WITHOUT_SIGN, *BARE, *WITH_SIGN):
        whole.add(way, *results.whole[way].cells())
    slips = Table("With one slip", ("written", "slip", *HEAD))
    for (group, slip), tally in sorted(results.slips.items(), reverse=True):
        slips.add(group, slip, *tally.cells())
    unsigned = Table("E.164 without the plus, by region", ("regions", "read right"))
    shares = {region: tally.right / tally.texts for region, tally in results.unsigned.items() if tally.texts}
    enough = [region for region, share in shares.items() if share >= ENOUGH]
    unsigned.add(f"{len(enough)} of {len(shares)}", "99 % and more")
    for region in sorted(set(shares) - set(enough), key=shares.__getitem__):
        unsigned.add(region, f"{100 * shares[region]:.1f} %")
    without = [region for region in REGIONS if region not in shares]
    unsigned.note(f"No numbers to try: {', '.join(without) or 'none'}.")
    for group in ("without a sign", "with a sign"):
        worst = Counter(e for (g, _), tally in results.slips.items() if g == group for e in tally.examples)
        slips.note(f"Another country's {group}: {'; '.join(list(worst)[:3]) or 'none'}")
    return [whole, slips, unsigned]
