"""The job `payment_dates` against the portal, before anything is written: types, fields, rights."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from b24syncd.domain.rules import FoundField
from b24syncd.errors import Problem
from b24syncd.observe.logs import get_logger
from b24syncd.portal.type_names import KEY as ENTITIES
from b24syncd.portal.type_names import resolve_types

from .date_fields import DateField, NoField, create_field, find_field

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from b24syncd.domain.entities import EntityType
    from b24syncd.domain.payment_settings import PaymentSettings
    from b24syncd.domain.rules import PaymentRules
    from b24syncd.portal.client import PortalClient
    from b24syncd.portal.wire.commands import Priority

log = get_logger()


@dataclass(frozen=True, slots=True)
class CheckedPayments:
    """Settings that fit the portal: the rules, and the field of each type.

    `missing` are the fields that are there only after a run that may create them; their names are their titles.
    """

    settings: PaymentSettings
    rules: PaymentRules
    fields: Mapping[EntityType, DateField]
    missing: Mapping[EntityType, DateField] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A type that is asked for: its field, and which key of the configuration tells it."""

    type: EntityType
    title: str
    key: str


async def check_payments(
    client: PortalClient, settings: PaymentSettings, *, priority: Priority, create: bool = True
) -> CheckedPayments | tuple[Problem, ...]:
    """Look up types and fields and create the fields that are missing, none if anything else is wrong.

    Where the settings or `create` forbid it, none is created. Costs a command for each type, and one for each 50 smart
    processes where titles are named. Raises `CredentialsRefused` where a right is missing.
    """
    types = await resolve_types(client, [name for name, _ in settings.fields], priority=priority)
    if isinstance(types, tuple):
        return types
    rules = settings.resolved(types)
    wanted = [_Wanted(types[name], title, settings.key_of(name)) for name, title in settings.fields]
    found, absent, problems = await _find(client, wanted, priority)
    if not settings.create_field:
        problems += [_with_setting(none.problem) for none in absent.values()]
    problems += _named_twice(types)
    if problems:
        return tuple(problems)
    if not create:
        for one in absent:
            log.info("field_would_be_created", entity_type=one.type.value, title=one.title)
        missing = {one.type: _promised(one.title, settings.field_type) for one in absent}
        return _checked(settings, rules, found, missing)
    for one in absent:
        made = await create_field(client, one.type, one.title, settings.field_type, priority=priority, key=one.key)
        if isinstance(made, Problem):
            return (made,)
        log.info("field_created", entity_type=one.type.value, field=made.upper_name)
        found[one.type] = made
    return _checked(settings, rules, found, {})


def _checked(
    settings: PaymentSettings,
    rules: PaymentRules,
    fields: Mapping[EntityType, DateField],
    missing: Mapping[EntityType, DateField],
) -> CheckedPayments:
    found = {kind: FoundField(one.name, one.holds_instant) for kind, one in {**fields, **missing}.items()}
    return CheckedPayments(settings, replace(rules, found=found), fields, missing)


async def _find(
    client: PortalClient, wanted: Sequence[_Wanted], priority: Priority
) -> tuple[dict[EntityType, DateField], dict[_Wanted, NoField], list[Problem]]:
    """Return the fields that are there, those that could be created, and what is wrong with the others."""
    found: dict[EntityType, DateField] = {}
    absent: dict[_Wanted, NoField] = {}
    problems: list[Problem] = []
    for one in wanted:
        match await find_field(client, one.type, one.title, priority=priority, key=one.key):
            case DateField() as field_of_type:
                found[one.type] = field_of_type
            case NoField() as none:
                absent[one] = none
            case problem:
                problems.append(problem)
    return found, absent, problems


async def recheck_payments(
    client: PortalClient, checked: CheckedPayments, *, priority: Priority
) -> tuple[Problem, ...]:
    """Tell which of the fields are no longer there, under another name, or of another type."""
    problems: list[Problem] = []
    for (entity_type, title), (name, _) in zip(checked.rules.fields, checked.settings.fields, strict=True):
        key = checked.settings.key_of(name)
        now = await find_field(client, entity_type, title, priority=priority, key=key)
        match now:
            case NoField(problem=problem) | (Problem() as problem):
                problems.append(problem)
            case DateField() if now != checked.fields.get(entity_type):
                message = f"the field of a {entity_type.value} is another one than before"
                problems.append(Problem(key, message, "start again with --continue, to work with this one", title))
    return tuple(problems)


def _named_twice(types: Mapping[str, EntityType]) -> list[Problem]:
    first: dict[EntityType, str] = {}
    return [
        Problem(ENTITIES, f"this is the same type as {first[entity_type]!r}", "name it once", name)
        for name, entity_type in types.items()
        if first.setdefault(entity_type, name) != name
    ]


def _with_setting(problem: Problem) -> Problem:
    cure = f"{problem.cure} (or set create_field = true, to have it made)"
    return Problem(problem.key, problem.message, cure, problem.value)


def _promised(title: str, field_type: str) -> DateField:
    return DateField(title, title, title, holds_instant=field_type == "datetime")
