"""In which region a portal's phones are written: whether they are certain in another one far more often.

A number that names its country is read in the same way everywhere and tells nothing of that, and what may be a local
number of the region, without its area code, is a full one somewhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import phonenumbers

from b24syncd.domain.rules import PhoneRules
from b24syncd.domain.snapshots import PointKind, Snapshot

from .numbers import read
from .plans import plan_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from b24syncd.domain.states import AnySnapshot

ENOUGH = 200
"""Of fewer numbers nothing is told."""

_POINTS_MORE = 20
_FEWEST_DIGITS = 8
"""Of fewer there are local numbers nearly everywhere."""

_FIRST_LOOK = 20
_MOST_CANDIDATES = 6
_SLACK = 2
_WORLD = "001"
_MOST_PORTALS = ("RU", "UA", "BY", "US", "GB", "FR", "ES", "PL", "BR", "IN", "MX", "TR", "DE", "IT", "CO", "CL", "VN")


@dataclass(frozen=True, slots=True)
class OtherRegion:
    """A region in which far more of the `numbers` are certain than in the configured one, in per cent of them."""

    numbers: int
    region: str
    certain: int
    other: str
    certain_in_other: int

    def __str__(self) -> str:
        """Return both figures as a part of a sentence."""
        told = f"of {self.numbers} numbers without a country code {self.certain} % are certain in {self.region}"
        return f"{told}, {self.certain_in_other} % in {self.other}"


def telling(snapshots: Iterable[AnySnapshot], region: str) -> dict[str, None]:
    """Return the phones of items that may tell another region than this one, each once."""
    return dict.fromkeys(
        value
        for snapshot in snapshots
        if isinstance(snapshot, Snapshot)
        for point in snapshot.points_of(PointKind.PHONE)
        if _tells(value := point.value.strip(), region)
    )


def _tells(value: str, region: str) -> bool:
    digits = sum(map(str.isdigit, value))
    return "+" not in value and digits >= _FEWEST_DIGITS and digits > plan_of(region).longest_local


def certain_share(values: Sequence[str], rules: PhoneRules) -> int:
    """Return how many per cent of these numbers, at most as many as are enough, are certain in configured countries."""
    values = values[:ENOUGH]
    configured = {_code(region) for region in (rules.region, *rules.other_regions)}
    return 100 * sum(_is_certain(value, rules, configured) for value in values) // max(1, len(values))


def other_region(values: Sequence[str], rules: PhoneRules) -> OtherRegion | None:
    """Return the region in which these numbers seem to be written, if it is not of a country that is configured.

    Where several are as likely, it is the one where the most portals are: in some, nearly all digits are a number.
    """
    values = values[:ENOUGH]
    configured = {_code(region) for region in (rules.region, *rules.other_regions)}
    uncertain = [value for value in values if not _is_certain(value, rules, configured)]
    enough = -(-len(values) * _POINTS_MORE // 100)
    if len(values) < ENOUGH or len(uncertain) < enough:
        return None
    certain = len(values) - len(uncertain)
    found: list[tuple[int, int, str]] = []
    for region, code in _likely(uncertain, len(uncertain) - enough, configured):
        number = sum(_is_certain(value, PhoneRules(region=region), {code}) for value in values)
        if number - certain >= enough:
            found.append((number, _rank(region), region))
    if not found:
        return None
    most = max(number for number, _, _ in found)
    as_likely = [each for each in found if each[0] >= most - enough / 2]
    number, _, region = min(as_likely, key=lambda each: (each[1], -each[0]))
    total = len(values)
    return OtherRegion(total, rules.region, 100 * certain // total, region, 100 * number // total)


def _likely(uncertain: Sequence[str], most_misses: int, configured: set[int]) -> list[tuple[str, int]]:
    """Return the regions, with their codes, in which most of some uncertain numbers are certain; a quick first look."""
    some = uncertain[:: max(1, len(uncertain) // _FIRST_LOOK)]
    misses_let = len(some) * most_misses // len(uncertain) + _SLACK
    hits: list[tuple[int, int, str, int]] = []
    for code, (region, *_) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items():
        if region == _WORLD or code in configured:
            continue
        misses = 0
        for value in some:
            misses += not _is_certain(value, PhoneRules(region=region), {code})
            if misses > misses_let:
                break
        else:
            hits.append((misses, _rank(region), region, code))
    return [(region, code) for _, _, region, code in sorted(hits)[:_MOST_CANDIDATES]]


def _is_certain(value: str, rules: PhoneRules, codes: set[int]) -> bool:
    """Tell whether the value has a certain reading that is of these countries alone."""
    starts = tuple(f"+{code}" for code in codes)
    numbers = read(value, rules).values
    return bool(numbers) and all(number.startswith(starts) for number in numbers)


def _code(region: str) -> int:
    return phonenumbers.country_code_for_region(region)


def _rank(region: str) -> int:
    return _MOST_PORTALS.index(region) if region in _MOST_PORTALS else len(_MOST_PORTALS)
