"""Rules: what a person configured for each job, as the planners take it."""

from __future__ import annotations

from dataclasses import dataclass

from .entities import EntityType

_WITH_CONTACT_POINTS = (EntityType.LEAD, EntityType.CONTACT, EntityType.COMPANY)


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneRules:
    """Rules of the job `phones`; regions are ISO 3166-1 alpha-2 codes."""

    region: str
    other_regions: tuple[str, ...] = ()
    split: bool = True
    entities: tuple[EntityType, ...] = _WITH_CONTACT_POINTS


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailRules:
    """Rules of the job `emails`."""

    lowercase_local_part: bool = True
    split: bool = True
    entities: tuple[EntityType, ...] = _WITH_CONTACT_POINTS


Rules = PhoneRules | EmailRules
