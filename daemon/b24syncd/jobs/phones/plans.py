"""Numbering plans, as `phonenumbers` knows them: country codes, prefixes, lengths, and what is a valid number."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from phonenumbers import CountryCodeSource, NumberParseException, PhoneNumber, PhoneNumberType

from .validity import compiled, has_no_prefix, is_valid, metadata_of

_LONGEST_COUNTRY_CODE = 3
_MOBILE = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})
_FEW_LENGTHS = 2


@dataclass(frozen=True, slots=True)
class Plan:
    """What a region's numbering plan says about the digits of its numbers."""

    region: str
    code: str
    trunk: str
    """Dialled before a national number; empty where there is nothing to dial."""
    international_prefix: re.Pattern[str]
    national_lengths: frozenset[int]
    landline_lengths: frozenset[int]
    usual_lengths: frozenset[int]
    """The lengths of landline and mobile numbers."""
    longest_local: int
    """The longest number that is dialled within a town, without the area code; 0 where there is none."""

    @property
    def is_closed(self) -> bool:
        """Tell whether all its numbers have one length."""
        return len(self.usual_lengths) == 1

    @property
    def is_narrow(self) -> bool:
        """Tell whether its numbers are of so few lengths that other digits are seldom taken for one."""
        return len(self.usual_lengths) <= _FEW_LENGTHS


@lru_cache(maxsize=512)
def plan_of(region: str) -> Plan:
    """Return the plan of a region; raise `ValueError` for what is none."""
    metadata = metadata_of(region)
    lengths = [frozenset(part.possible_length) - {-1} for part in (metadata.fixed_line, metadata.mobile) if part]
    local = [
        length
        for part in (metadata.general_desc, metadata.fixed_line)
        if part
        for length in part.possible_length_local_only
    ]
    return Plan(
        region=region,
        code=str(metadata.country_code),
        trunk=metadata.national_prefix or "",
        international_prefix=re.compile(metadata.international_prefix or r"(?!)"),
        national_lengths=frozenset(metadata.general_desc.possible_length if metadata.general_desc else ()),
        landline_lengths=lengths[0] if lengths else frozenset(),
        usual_lengths=frozenset().union(*lengths),
        longest_local=max(local, default=0),
    )


def country_code(digits: str) -> str:
    """Return the country code that the digits begin with; empty if there is none."""
    if digits.startswith("0"):
        return ""
    for length in range(1, _LONGEST_COUNTRY_CODE + 1):
        if digits[:length] and int(digits[:length]) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
            return digits[:length]
    return ""


def main_region(canonical: str) -> str | None:
    """Return the main region of a canonical number's country code; `None` for the codes of no country."""
    code = country_code(canonical[1:])
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(code)) if code else None
    return regions[0] if regions and regions[0] in phonenumbers.SUPPORTED_REGIONS else None


def national_part(canonical: str) -> str:
    """Return the digits of a canonical number behind its country code, without an extension."""
    digits = canonical[1:].partition(";")[0]
    return digits[len(country_code(digits)) :]


@lru_cache(maxsize=4096)
def international(digits: str) -> str | None:
    """Return the canonical form of a number that begins with its country code; `None` if it is not valid."""
    canonical = _canonical(digits)
    return canonical if canonical is None or canonical[1:] == digits else stable(canonical)


@lru_cache(maxsize=4096)
def national(digits: str, region: str) -> PhoneNumber | None:
    """Return the valid number of the region's country code that the digits are, without that code."""
    plan = plan_of(region)
    if not digits.startswith(plan.code) and _is_bare(digits, plan) and not is_valid(plan.code, digits):
        return None
    try:
        parsed = phonenumbers.parse(digits, region, keep_raw_input=True)
    except NumberParseException:
        return None
    if parsed.country_code_source != CountryCodeSource.FROM_DEFAULT_COUNTRY:
        return None
    return parsed if phonenumbers.is_valid_number(parsed) else None


def canonical_form(number: PhoneNumber) -> str | None:
    """Return the canonical form of a valid number."""
    return stable(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def stable(canonical: str | None) -> str | None:
    """Return the canonical form if it reads back as itself; otherwise planning would never come to an end."""
    return canonical if canonical and _canonical(canonical[1:]) == canonical else None


def is_mobile(number: PhoneNumber) -> bool:
    """Tell whether it is a mobile number, or one that cannot be told from a mobile one."""
    return phonenumbers.number_type(number) in _MOBILE


def is_mobile_digits(canonical: str) -> bool:
    """Tell whether a canonical number is a mobile one for certain."""
    return phonenumbers.number_type(phonenumbers.parse(canonical)) == PhoneNumberType.MOBILE


def is_for_everybody(canonical: str) -> bool:
    """Tell whether it is a service's number: toll-free, premium rate and the like, never a person's."""
    kind = phonenumbers.number_type(phonenumbers.parse(canonical))
    return kind not in _MOBILE | {PhoneNumberType.FIXED_LINE, PhoneNumberType.UNKNOWN}


def is_everyday(number: PhoneNumber) -> bool:
    """Tell whether it is a number that people dial, and not one of a voice mail box or the like."""
    return phonenumbers.number_type(number) not in {PhoneNumberType.VOICEMAIL, PhoneNumberType.PAGER}


def is_of_region(number: PhoneNumber, region: str) -> bool:
    """Tell whether the number belongs to the region itself, and not to another one of its country code."""
    return phonenumbers.is_valid_number_for_region(number, region)


def is_usually_bare(nationally: str, region: str) -> bool:
    """Tell whether the region writes this national number without a trunk prefix."""
    for each in _formats(region):
        leading = each.leading_digits_pattern
        if leading and not compiled(leading[-1]).match(nationally):
            continue
        if each.pattern and compiled(each.pattern).fullmatch(nationally):
            rule = (each.national_prefix_formatting_rule or "").replace("$1", "").replace(r"\1", "")
            return not any(map(str.isdigit, rule))
    return not _formats(region)


def area_code_length(nationally: str, region: str) -> int:
    """Return how many digits the area code of a national number has, as it is usually written; 0 if it has none."""
    for each in _formats(region):
        leading = each.leading_digits_pattern
        if leading and not compiled(leading[-1]).match(nationally):
            continue
        if each.pattern and (match := compiled(each.pattern).fullmatch(nationally)):
            return len(match[1])
    return 0


@lru_cache(maxsize=512)
def pattern_of(code: str) -> re.Pattern[str]:
    """Return what the national numbers of a country code look like, all its regions and kinds of numbers together."""
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[int(code)]
    metadata = [metadata_of(region) for region in regions]
    kinds = [
        kind.national_number_pattern
        for each in metadata
        for kind in (
            *(each.fixed_line, each.mobile, each.toll_free, each.premium_rate, each.shared_cost),
            *(each.personal_number, each.voip, each.pager, each.uan, each.voicemail),
        )
        if kind and kind.national_number_pattern
    ]
    return re.compile("|".join(dict.fromkeys(f"(?:{kind})" for kind in kinds)))


def trunk_prefix_of(region: str) -> re.Pattern[str]:
    """Return what may be dialled before a national number."""
    return compiled(metadata_of(region).national_prefix_for_parsing or r"(?!)")


def without_trunk_prefix(digits: str, region: str) -> str:
    """Return the digits as a national number, with what the region's way of dialling turns into something else."""
    prefix = trunk_prefix_of(region).match(digits)
    if prefix is None:
        return digits
    rule = metadata_of(region).national_prefix_transform_rule
    if rule and prefix.re.groups and prefix[prefix.re.groups]:
        return prefix.re.sub(rule, digits, count=1)
    return digits[prefix.end() :]


def _canonical(digits: str) -> str | None:
    code = country_code(digits)
    if not code:
        return None
    nationally = digits[len(code) :]
    if has_no_prefix(code, nationally):
        return f"+{digits}" if is_valid(code, nationally) else None
    try:
        parsed = phonenumbers.parse(f"+{digits}")
    except NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _is_bare(digits: str, plan: Plan) -> bool:
    """Tell whether nothing stands before the digits that the library may take for a prefix."""
    return not plan.international_prefix.match(digits) and not trunk_prefix_of(plan.region).match(digits)


@lru_cache(maxsize=512)
def _formats(region: str) -> tuple[phonenumbers.NumberFormat, ...]:
    metadata = metadata_of(region)
    if not metadata.number_format:
        # The plan of a small region is written down with the main one of its country code.
        metadata = metadata_of(phonenumbers.COUNTRY_CODE_TO_REGION_CODE[metadata.country_code or 0][0])
    return tuple(metadata.number_format)
