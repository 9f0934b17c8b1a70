"""Rules of the job `fields` against the portal, before anything is written: types, fields, values, filters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from b24syncd.domain.field_settings import named_entity
from b24syncd.domain.rules import FieldRules
from b24syncd.errors import Problem, RightMissing
from b24syncd.portal.filter_check import filter_command, filter_problems
from b24syncd.portal.time_check import TimedFilter, time_problems, timed_names
from b24syncd.portal.type_names import resolve_types
from b24syncd.portal.wire.commands import Answered, Refused
from b24syncd.portal.wire.faults import is_denied, raise_if_undocumented
from b24syncd.portal.words.vocabulary import UNIVERSAL

from .choices import read_lists
from .descriptions import parse_fields
from .rules import RuleCheck

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from b24syncd.domain.entities import EntityType
    from b24syncd.domain.field_settings import FieldRuleSettings, FieldSettings
    from b24syncd.domain.rules import FieldRule
    from b24syncd.portal.client import PortalClient
    from b24syncd.portal.wire.commands import Outcome, Priority
    from b24syncd.portal.words.vocabulary import Vocabulary

    from .descriptions import ItemField, ItemFields

_KEY = "jobs.fields.rules"


@dataclass(frozen=True, slots=True)
class CheckedFields:
    """Rules that fit the portal, and the fields of each type that they need."""

    rules: FieldRules
    fields: Mapping[EntityType, tuple[ItemField, ...]]


async def check_fields(
    client: PortalClient, settings: FieldSettings, vocabulary: Vocabulary = UNIVERSAL, *, priority: Priority
) -> CheckedFields | tuple[Problem, ...]:
    """Look rules up at the portal; return what is wrong with them where anything is. Reads only.

    Costs a command for each type, one for each filter (three more for a time in unusual words), one for all lists, and
    one for each 50 smart processes where titles are named. Raises `CredentialsRefused` where a right is missing, and
    `RetryLater` where the portal gives no documented reason not to tell something.
    """
    names = list(dict.fromkeys(rule.entity for rule in settings.rules))
    types = await resolve_types(client, names, priority=priority, key=_KEY, named=named_entity, need_products=False)
    if isinstance(types, tuple):
        return types
    told = await _fields_of(client, list(dict.fromkeys(types.values())), vocabulary, priority)
    refused = {entity_type: refusal for entity_type, refusal in told.items() if isinstance(refusal, Refused)}
    if refused:
        return tuple(_refusals(settings, types, refused, client.credentials.called))
    known = {entity_type: fields for entity_type, fields in told.items() if not isinstance(fields, Refused)}
    lists = await read_lists(client, priority=priority)
    checks = {rule.number: RuleCheck(rule, known[types[rule.entity]], lists) for rule in settings.rules}
    found = {number: check.found() for number, check in checks.items()}
    problems = [problem for check in checks.values() for problem in check.problems]
    problems += await _filter_problems(client, settings, types, known, priority)
    if problems:
        return tuple(problems)
    rules: list[FieldRule] = []
    needed: dict[EntityType, dict[str, ItemField]] = {}
    for pair in found.values():
        if pair is not None:
            rules.append(pair[0])
            needed.setdefault(pair[0].entity, {}).update({field.name: field for field in pair[1]})
    fields = {entity_type: tuple(own.values()) for entity_type, own in needed.items()}
    return CheckedFields(FieldRules(rules=tuple(rules)), fields)


async def _fields_of(
    client: PortalClient, types: list[EntityType], vocabulary: Vocabulary, priority: Priority
) -> dict[EntityType, ItemFields | Refused]:
    words = {entity_type: vocabulary.of(entity_type) for entity_type in types}
    outcomes = await client.read([words[entity_type].about() for entity_type in types], priority=priority)
    found: dict[EntityType, ItemFields | Refused] = {}
    for entity_type, outcome in zip(types, outcomes, strict=True):
        if isinstance(outcome, Refused):
            raise_if_undocumented(outcome.rejected)
            found[entity_type] = words[entity_type].refusal(outcome)
        else:
            answered = outcome if isinstance(outcome, Answered) else Answered(None)
            is_classic = words[entity_type].about().method != "crm.item.fields"
            found[entity_type] = parse_fields(entity_type, answered, is_classic=is_classic)
    return found


def _refusals(
    settings: FieldSettings, types: Mapping[str, EntityType], refused: Mapping[EntityType, Refused], called: str
) -> Iterator[Problem]:
    for rule in settings.rules:
        refusal = refused.get(types[rule.entity])
        if refusal is not None:
            message = f"the portal refuses items of the type {rule.entity} ({refusal.description or refusal.code})"
            sort = RightMissing if is_denied(refusal.code, refusal.description) else Problem
            yield sort(f"{rule.key}.entity", message, f"let the {called}'s user read them, or remove the rule")


async def _filter_problems(
    client: PortalClient,
    settings: FieldSettings,
    types: Mapping[str, EntityType],
    known: Mapping[EntityType, ItemFields],
    priority: Priority,
) -> list[Problem]:
    """Ask whether the portal takes the filters, which are in the words of the universal methods whatever is used."""
    asked: list[FieldRuleSettings] = [rule for rule in settings.rules if rule.where]
    commands = [filter_command(types[rule.entity], rule.where) for rule in asked]
    outcomes: tuple[Outcome, ...] = tuple(await client.read(commands, priority=priority)) if commands else ()
    problems: list[Problem] = []
    timed: list[TimedFilter] = []
    for rule, outcome in zip(asked, outcomes, strict=True):
        entity_type = types[rule.entity]
        names = {field.name: field.upper_name for field in known[entity_type]}
        problems += filter_problems(rule.key, entity_type, rule.where, names, outcome)
        told = timed_names({field.name: (field.upper_name, field.type) for field in known[entity_type]})
        timed.append(TimedFilter(rule.key, entity_type, rule.where, told))
    return [*problems, *(await time_problems(client, timed, priority=priority))]
