"""Which digits are valid numbers of a country code: what `phonenumbers` answers, without parsing a text each time.

Hundreds of digits are looked at for one value; only where a prefix may stand before them the library must parse.
"""

from __future__ import annotations

import re
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneMetadata


def is_valid(code: str, nationally: str) -> bool:
    """Tell whether the digits behind a country code, as they are, are a valid number of one of its regions."""
    return region_of(code, nationally) is not None


@lru_cache(maxsize=1024)
def region_of(code: str, nationally: str) -> str | None:
    """Return the region whose valid number the digits behind a country code, as they are, are; `None` for no number."""
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[int(code)]
    for region in regions:
        leading = metadata_of(region, code).leading_digits if len(regions) > 1 else None
        if leading and not compiled(leading).match(nationally):
            continue
        if _is_of(code, region, nationally):
            return region
        if leading:
            return None
    return None


def has_no_prefix(code: str, nationally: str) -> bool:
    """Tell whether the digits behind a country code begin with nothing that the library may take for a prefix."""
    main = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[int(code)][0]
    prefix = metadata_of(main, code).national_prefix_for_parsing
    return prefix is None or compiled(prefix).match(nationally) is None


@lru_cache(maxsize=512)
def metadata_of(region: str, code: str = "0") -> PhoneMetadata:
    """Return what the library knows about a region, or about a code of no country; raise `ValueError` if nothing."""
    metadata = PhoneMetadata.metadata_for_region_or_calling_code(int(code), region)
    if metadata is None:
        message = f"{region!r} is not a region of phone numbers"
        raise ValueError(message)
    return metadata


@lru_cache(maxsize=4096)
def compiled(pattern: str) -> re.Pattern[str]:
    """Return a pattern of the library's; the standard one keeps too few for all the world's numbering plans."""
    return re.compile(pattern)


def _is_of(code: str, region: str, nationally: str) -> bool:
    whole, *kinds = _descriptions(code, region)
    return _fits(nationally, whole) and any(_fits(nationally, kind) for kind in kinds)


@lru_cache(maxsize=512)
def _descriptions(code: str, region: str) -> tuple[tuple[frozenset[int], str], ...]:
    """Return lengths and pattern of all numbers of a region, and then of each kind of them."""
    data = metadata_of(region, code)
    kinds = (
        *(data.fixed_line, data.mobile, data.toll_free, data.premium_rate, data.shared_cost),
        *(data.voip, data.personal_number, data.pager, data.uan, data.voicemail),
    )
    return tuple(
        (frozenset(each.possible_length or ()), each.national_number_pattern)
        for each in (data.general_desc, *kinds)
        if each and each.national_number_pattern
    )


def _fits(nationally: str, kind: tuple[frozenset[int], str]) -> bool:
    lengths, pattern = kind
    return (not lengths or len(nationally) in lengths) and compiled(pattern).fullmatch(nationally) is not None
