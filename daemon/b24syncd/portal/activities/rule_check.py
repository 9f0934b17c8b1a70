"""Rules of the job `bindings` against the portal, before anything is written: types, fields, filters."""

from __future__ import annotations

import json
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from b24syncd.domain.rules import LinkedItem, LinkField, SharedContactPoint
from b24syncd.errors import Problem, RightMissing
from b24syncd.portal.filter_check import filter_command, filter_problems
from b24syncd.portal.time_check import TimedFilter, time_problems, timed_names
from b24syncd.portal.wire.commands import Answered, Command, Refused
from b24syncd.portal.wire.faults import is_denied, raise_if_undocumented
from b24syncd.portal.wire.replies import UnexpectedReply

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from b24syncd.domain.entities import EntityType
    from b24syncd.domain.rules import BindingRule, BindingRules
    from b24syncd.portal.client import PortalClient
    from b24syncd.portal.wire.commands import Outcome, Priority

_LINK = "crm"
"""The type of the custom fields "link to CRM elements" (docs: api-reference/crm/deals/user-defined-fields/)."""


@dataclass(frozen=True, slots=True)
class _Field:
    """A field by the name that `crm.item.list` takes, with its upper-case name and its type."""

    name: str
    upper: str
    type: str


_Fields = tuple[_Field, ...] | Refused
"""The fields of a type, or how the portal refuses it."""


async def check_rules(client: PortalClient, rules: BindingRules, *, priority: Priority) -> tuple[Problem, ...]:
    """Return what is wrong with rules on this portal: a type that it refuses, a field or filter that it does not know.

    Costs a command for each type of item, one for each rule, and three for a time in unusual words; reads only. Raises
    `RetryLater` where the portal gives no documented reason not to tell the fields of a type.
    """
    types = list(dict.fromkeys(entity_type for rule in rules.rules for entity_type in _types_of(rule)))
    answers = await client.read([_fields_command(entity_type) for entity_type in types], priority=priority)
    fields = {entity_type: _fields_of(answer) for entity_type, answer in zip(types, answers, strict=True)}
    asked = [rule for rule in rules.rules if rule.where and not isinstance(fields[rule.source], Refused)]
    filtered = await client.read([filter_command(rule.source, rule.where) for rule in asked], priority=priority)
    outcomes = dict(zip((rule.name for rule in asked), filtered, strict=True))
    problems: list[Problem] = []
    timed: list[TimedFilter] = []
    for number, rule in enumerate(rules.rules):
        key = f"jobs.bindings.rules[{number}] {json.dumps(rule.name, ensure_ascii=False)}"
        problems += _type_problems(key, rule, fields, client.credentials.called)
        own = fields[rule.source]
        if not isinstance(own, Refused):
            problems += _field_problems(key, rule, own)
            names = {field.name: field.upper for field in own}
            problems += filter_problems(key, rule.source, rule.where, names, outcomes.get(rule.name))
            told = timed_names({field.name: (field.upper, field.type) for field in own})
            timed.append(TimedFilter(key, rule.source, rule.where, told))
    return (*problems, *(await time_problems(client, timed, priority=priority)))


def _types_of(rule: BindingRule) -> list[EntityType]:
    match rule.to:
        case LinkedItem(type=target) | SharedContactPoint(type=target):
            return [rule.source, target]
        case _:
            return [rule.source]


def _fields_command(entity_type: EntityType) -> Command:
    return Command("crm.item.fields", {"entityTypeId": entity_type.type_id})


def _fields_of(outcome: Outcome) -> _Fields:
    """Parse `{"fields": {NAME: {type, upperName, …}}}` (docs: api-reference/crm/universal/crm-item-fields.md)."""
    if isinstance(outcome, Refused):
        raise_if_undocumented(outcome.rejected)
        return outcome
    result = outcome.result if isinstance(outcome, Answered) else None
    fields = result.get("fields") if isinstance(result, dict) else None
    if not isinstance(fields, dict):
        message = "the answer to crm.item.fields has no fields"
        raise UnexpectedReply(message)
    return tuple(_field(name, about) for name, about in fields.items())


def _field(name: str, about: Any) -> _Field:  # noqa: ANN401 # JSON as it came
    told = about if isinstance(about, dict) else {}
    return _Field(name, str(told.get("upperName") or ""), str(told.get("type") or ""))


def _type_problems(key: str, rule: BindingRule, fields: Mapping[EntityType, _Fields], called: str) -> Iterator[Problem]:
    for part, entity_type in zip(("from", "to"), _types_of(rule), strict=False):
        refusal = fields[entity_type]
        if isinstance(refusal, Refused):
            message = f"the portal refuses items of the type {entity_type.value} ({_words_of(refusal)})"
            sort = RightMissing if is_denied(refusal.code, refusal.description) else Problem
            yield sort(f"{key}.{part}", message, f"let the {called}'s user read them, or remove the rule")


def _field_problems(key: str, rule: BindingRule, fields: tuple[_Field, ...]) -> Iterator[Problem]:
    if not isinstance(rule.to, LinkField):
        return
    name = rule.to.name
    links = sorted(field.upper for field in fields if field.type == _LINK and field.upper.startswith("UF_"))
    found = next((field for field in fields if field.upper == name), None)
    if found is not None and found.type == _LINK:
        return
    near = get_close_matches(name, links, n=1)
    cure = f"name one of {', '.join(links)}" if links else 'create a field of the type "link to CRM elements"'
    if near:
        cure = f"did you mean field:{near[0]}?"
    if found is None:
        yield Problem(f"{key}.to", f"a {rule.source.value} of this portal has no field {name}", cure)
    else:
        message = f'the field {name} is of the type {found.type!r}, not a "link to CRM elements"'
        yield Problem(f"{key}.to", message, cure)


def _words_of(refusal: Refused) -> str:
    return refusal.description or refusal.code
