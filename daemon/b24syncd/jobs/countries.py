"""Countries of what is suggested, for telling many reviews apart."""

from __future__ import annotations

import re

import phonenumbers
from phonenumbers import PhoneMetadata

from . import phones

_CODE = re.compile(r"\+?([1-9][0-9]{0,2})")
_WORLD = "001"
"""What stands for the regions of numbers that belong to no country, such as +800."""


def countries_of(job: str, suggestion: str | None) -> tuple[str, ...]:
    """Return the regions that the suggested numbers belong to, each once, in order; nothing for what is no number."""
    if job != phones.NAME or suggestion is None:
        return ()
    found = (_region_of(number) for number in suggestion.split(","))
    return tuple(dict.fromkeys(region for region in found if region is not None))


def country_of(number: str) -> str:
    """Return the region that a number belongs to and the code of its country, as `DE +49`; of no number nothing.

    Where the numbering plan does not tell the region, there is the code alone.
    """
    try:
        parsed = phonenumbers.parse(number.partition(";")[0].strip())
    except phonenumbers.NumberParseException:
        return ""
    region = phonenumbers.region_code_for_number(parsed)
    code = f"+{parsed.country_code}"
    return code if region in {None, _WORLD} else f"{region} {code}"


def regions_named(text: str) -> frozenset[str]:
    """Return the regions that a person names: by two letters, or all of a country code as `+7`; nothing if unknown."""
    code = _CODE.fullmatch(text)
    if code is not None:
        return frozenset(phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(code[1]), ()))
    region = text.upper()
    return frozenset({region} if PhoneMetadata.metadata_for_region(region) is not None else ())


def _region_of(number: str) -> str | None:
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(number.partition(";")[0].strip()))
    except phonenumbers.NumberParseException:
        return None
