"""The tables of those jobs whose keys are the fields of their rules."""

# No `from __future__ import annotations`: pydantic reads the annotations.
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from typing import Annotated, Any, Final, cast, get_type_hints

from pydantic import AfterValidator, create_model

from b24syncd.domain.entities import EntityType
from b24syncd.domain.job_names import EMAILS, PHONES
from b24syncd.domain.rules import EmailRules, PhoneRules, Rules

from .regions import Region
from .sections import JobSection, RulesSection, once_each, refuse

JOB_RULES: Final[Mapping[str, type[Rules]]] = {
    PHONES: PhoneRules,
    EMAILS: EmailRules,
}
"""The jobs whose sections are made of their rules: the name of the section, and the rules whose fields are its keys."""


def _entities_among(allowed: tuple[EntityType, ...]) -> object:
    def among(values: tuple[EntityType, ...]) -> tuple[EntityType, ...]:
        names = ", ".join(entity_type.value for entity_type in allowed)
        if not values:
            refuse("the job would look at nothing", f"name at least one of {names}, or set enabled = false")
        strange = [entity_type.value for entity_type in values if entity_type not in allowed]
        if strange:
            refuse(f"this job does not know {', '.join(strange)}", f"choose among {names}")
        return once_each(values)

    return Annotated[tuple[EntityType, ...], AfterValidator(among)]


def _key_of(rule: "Field[Any]", hint: object) -> tuple[object, object]:
    """Return type and default of the key that configures one field of a job's rules."""
    default: object = ... if rule.default is MISSING else rule.default
    match rule.name:
        case "region":  # filled in from [portal] where it is left out
            return Region | None, None
        case "other_regions":
            return Annotated[tuple[Region, ...], AfterValidator(once_each)], default
        case "entities":
            return _entities_among(cast("tuple[EntityType, ...]", rule.default)), default
        case _:
            return hint, default


def job_section(name: str, rules: type[Rules]) -> type[JobSection]:
    """Return the section of a job whose keys are the fields of its rules."""
    hints = get_type_hints(rules)
    keys: dict[str, Any] = {rule.name: _key_of(rule, hints[rule.name]) for rule in fields(rules)}

    class OwnRules(RulesSection):
        def as_rules(self, region: str | None) -> Rules:  # noqa: ARG002 # it was filled in already
            return rules(**{key: getattr(self, key) for key in keys})

    section: type[JobSection] = create_model(f"jobs.{name}", __base__=OwnRules, **keys)
    return section
