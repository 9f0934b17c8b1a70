"""Countries of what is suggested, for telling many reviews apart."""

from __future__ import annotations

import re

import phonenumbers
from phonenumbers import PhoneMetadata

from . import planner as phones
from .plans import country_code
from .validity import has_no_prefix, region_of

_CODE = re.compile(r"\+?([1-9][0-9]{0,2})")
_WORLD = "001"
"""What stands for the regions of numbers that belong to no country, such as +800."""


def countries_of(job: str, suggestion: str | None) -> tuple[str, ...]:
    """Return the regions that the suggested numbers belong to, each once, in order; nothing for what is no number."""
    if job != phones.NAME or suggestion is None:
        return ()
    found = (_code_and_region_of(number)[1] for number in suggestion.split(","))
    return tuple(dict.fromkeys(region for region in found if region is not None))


def country_of(number: str) -> str:
    """Return the region that a number belongs to and the code of its country, as `DE +49`; of no number nothing.

    Where the numbering plan does not tell the region, there is the code alone.
    """
    code, region = _code_and_region_of(number)
    if not code:
        return ""
    return f"+{code}" if region in {None, _WORLD} else f"{region} +{code}"


def regions_named(text: str) -> frozenset[str]:
    """Return the regions that a person names: by two letters, or all of a country code as `+7`; nothing if unknown."""
    code = _CODE.fullmatch(text)
    if code is not None:
        return frozenset(phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(code[1]), ()))
    region = text.upper()
    return frozenset({region} if PhoneMetadata.metadata_for_region(region) is not None else ())


def _code_and_region_of(number: str) -> tuple[str, str | None]:
    """Return the country code of a number, empty for what is none, and its region where the plan tells it."""
    text = number.partition(";")[0].strip()
    digits = text.removeprefix("+")
    if text != digits and digits.isascii() and digits.isdigit() and (code := country_code(digits)):
        nationally = digits[len(code) :]
        region = region_of(code, nationally) if has_no_prefix(code, nationally) else None
        if region is not None:
            return code, region
    try:
        parsed = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        return "", None
    return str(parsed.country_code), phonenumbers.region_code_for_number(parsed)
