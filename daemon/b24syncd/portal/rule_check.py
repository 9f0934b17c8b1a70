"""Rules of the job `bindings` against the portal, before anything is written: types, fields, filters."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from b24syncd.domain.rules import LinkedItem, LinkField, SharedContactPoint
from b24syncd.errors import Problem, RightMissing

from .commands import Answered, Command, Refused
from .faults import is_denied, raise_if_undocumented
from .replies import UnexpectedReply

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from b24syncd.domain.entities import EntityType
    from b24syncd.domain.rules import BindingRule, BindingRules

    from .client import PortalClient
    from .commands import Outcome, Priority

_PREFIX = re.compile(r"[!=<>@%]*")
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

    Costs a command for each type of item and one for each rule; reads only. Raises `RetryLater` where the portal gives
    no documented reason not to tell the fields of a type.
    """
    types = list(dict.fromkeys(entity_type for rule in rules.rules for entity_type in _types_of(rule)))
    answers = await client.read([_fields_command(entity_type) for entity_type in types], priority=priority)
    fields = {entity_type: _fields_of(answer) for entity_type, answer in zip(types, answers, strict=True)}
    asked = [rule for rule in rules.rules if rule.where and not isinstance(fields[rule.source], Refused)]
    filtered = await client.read([_list_command(rule) for rule in asked], priority=priority)
    outcomes = dict(zip((rule.name for rule in asked), filtered, strict=True))
    problems: list[Problem] = []
    for number, rule in enumerate(rules.rules):
        key = f"jobs.bindings.rules[{number}] {json.dumps(rule.name, ensure_ascii=False)}"
        problems += _type_problems(key, rule, fields)
        own = fields[rule.source]
        if not isinstance(own, Refused):
            problems += _field_problems(key, rule, own)
            problems += _filter_problems(key, rule, own, outcomes.get(rule.name))
    return tuple(problems)


def _types_of(rule: BindingRule) -> list[EntityType]:
    match rule.to:
        case LinkedItem(type=target) | SharedContactPoint(type=target):
            return [rule.source, target]
        case _:
            return [rule.source]


def _fields_command(entity_type: EntityType) -> Command:
    return Command("crm.item.fields", {"entityTypeId": entity_type.type_id})


def _list_command(rule: BindingRule) -> Command:
    conditions = {key: json.loads(value) for key, value in rule.where}
    params = {"entityTypeId": rule.source.type_id, "select": ["id"], "filter": conditions, "order": {"id": "ASC"}}
    return Command("crm.item.list", {**params, "start": -1})


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


def _type_problems(key: str, rule: BindingRule, fields: Mapping[EntityType, _Fields]) -> Iterator[Problem]:
    for part, entity_type in zip(("from", "to"), _types_of(rule), strict=False):
        refusal = fields[entity_type]
        if isinstance(refusal, Refused):
            message = f"the portal refuses items of the type {entity_type.value} ({_told(refusal)})"
            sort = RightMissing if is_denied(refusal.code, refusal.description) else Problem
            yield sort(f"{key}.{part}", message, "let the webhook's user read them, or remove the rule")


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


def _filter_problems(
    key: str, rule: BindingRule, fields: tuple[_Field, ...], outcome: Outcome | None
) -> Iterator[Problem]:
    """Yield why the portal refuses the filter: every name that it does not know, else its own words."""
    if not isinstance(outcome, Refused):
        return
    strange = [
        (name, cure)
        for name in _names({key: json.loads(value) for key, value in rule.where})
        if (cure := _cure(name, fields)) is not None
    ]
    for name, cure in strange:
        yield Problem(f"{key}.where", f"a {rule.source.value} of this portal cannot be filtered by {name}", cure)
    if not strange:
        yield Problem(f"{key}.where", f"the portal refuses this filter ({_told(outcome)})", "change the condition")


def _names(conditions: Mapping[str, Any]) -> dict[str, None]:
    """Return the names of all fields in a filter, groups of conditions included."""
    names: dict[str, None] = {}
    for key, value in conditions.items():
        if key.isdigit() and isinstance(value, dict):
            names |= _names(value)
        elif key.lower() != "logic":
            names[_PREFIX.sub("", key, count=1)] = None
    return names


def _cure(name: str, fields: tuple[_Field, ...]) -> str | None:
    """Return what to write instead of a name, None where it is the one that filters take.

    Behind a prefix, and for custom fields everywhere, no upper-case name is taken (php: crm/lib/service/converter.php).
    """
    known = {field.name for field in fields}
    if name in known:
        return None
    spelt = next((field.name for field in fields if field.upper == name.upper()), None)
    near = [spelt] if spelt else get_close_matches(name, known, n=1)
    return f"did you mean {near[0]}?" if near else "use a name that crm.item.fields tells"


def _told(refusal: Refused) -> str:
    return refusal.description or refusal.code
