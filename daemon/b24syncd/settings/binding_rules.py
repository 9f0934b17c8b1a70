"""`[jobs.bindings]`: the keys of its rules, and what is wrong with a rule whatever the portal holds."""

# No `from __future__ import annotations`: pydantic reads the annotations.
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ValidationInfo, field_validator, model_validator
from pydantic import Field as Key

from b24syncd.domain.entities import EntityType
from b24syncd.domain.rules import (
    ActivityFilter,
    ActivityStatus,
    BindingRule,
    BindingRules,
    Destination,
    LinkedItem,
    RebindMode,
    SharedContactPoint,
)

from .destinations import impossible, parse_destination
from .filters import filter_problems, filter_rows, with_dates_as_text
from .sections import TOML_DATE, RulesSection, Section, refuse

ACTIVITY_TYPES: Final[Mapping[str, int]] = {
    "meeting": 1,
    "call": 2,
    "task": 3,
    "email": 4,
    "calendar": 5,
    "provider": 6,
}
"""Names for `TYPE_ID` (docs: api-reference/crm/data-types.md, "crm_enum_activitytype")."""

DIRECTIONS: Final[Mapping[str, int | None]] = {"any": None, "incoming": 1, "outgoing": 2}
"""Names for `DIRECTION` (docs: there, "crm_enum_activitydirection")."""


def _listed(value: object) -> object:
    return tuple(value) if isinstance(value, list) else (value,)


def _activity_type(value: object) -> object:
    is_number = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    if not is_number and value not in ACTIVITY_TYPES:
        refuse("no such type of activity", f"write one of {', '.join(ACTIVITY_TYPES)}, or Bitrix24's number of a type")
    return value


def _day(value: object) -> date:
    text = value.get(TOML_DATE) if isinstance(value, dict) else value
    try:
        return date.fromisoformat(text if isinstance(text, str) else "")
    except ValueError:
        refuse("this is no day", "write a date without time, for example created_since = 2026-01-31")


def _title(text: str) -> str:
    if not text.strip() or not text.isprintable():
        refuse("this cannot be a rule's name", "give it a name of one line, by which reviews and the journal call it")
    return text.strip()


def _destination(text: str) -> str:
    parse_destination(text)
    return text


def _filter(value: dict[str, Any]) -> dict[str, Any]:
    conditions = with_dates_as_text(value)
    problems = list(filter_problems(conditions))
    if problems:
        refuse("; ".join(message for message, _ in problems), "; ".join(dict.fromkeys(cure for _, cure in problems)))
    return conditions


RuleName = Annotated[str, AfterValidator(_title)]
RuleFilter = Annotated[dict[str, Any], AfterValidator(_filter)]


class ActivitiesSection(Section):
    """`activities` of a rule: which activities of an item it is for; all of them where a key is left out."""

    provider: Annotated[tuple[Annotated[str, Key(min_length=1)], ...], BeforeValidator(_listed)] = ()
    """Bitrix24's `PROVIDER_ID`, such as `"CRM_EMAIL"`, `"VOXIMPLANT_CALL"`, `"CRM_TODO"`, `"CRM_TASKS_TASK"`, or a
    list.
    """
    type: Annotated[tuple[Annotated[Any, AfterValidator(_activity_type)], ...], BeforeValidator(_listed)] = ()
    """`"meeting"`, `"call"`, `"task"`, `"email"`, `"calendar"`, `"provider"`, Bitrix24's number of a type, or a list of
    these.
    """
    direction: Literal["any", "incoming", "outgoing"] = "any"
    """Of calls and mails."""
    status: ActivityStatus = ActivityStatus.ANY
    """Whether they still have to be done."""
    created_since: Annotated[date, BeforeValidator(_day)] | None = None
    """A day in UTC, as `2024-01-01`."""

    def as_filter(self) -> ActivityFilter:
        """Return these settings as the planner takes them."""
        return ActivityFilter(
            providers=frozenset(self.provider),
            types=frozenset(ACTIVITY_TYPES.get(name, name) for name in self.type),
            direction=DIRECTIONS[self.direction],
            status=self.status,
            created_since=self.created_since,
        )


class RuleSection(Section):
    """`[[jobs.bindings.rules]]`: which activities of which items go where."""

    name: RuleName
    """What reviews, the journal and messages call the rule; every rule has its own."""
    source: Annotated[Literal["lead", "deal", "contact", "company"], Key(alias="from")]
    """The type of the items that activities leave."""
    where: RuleFilter = Key(default_factory=dict)
    """Which of these items, as a filter of Bitrix24's
    [crm.item.list](https://apidocs.bitrix24.com/api-reference/crm/universal/crm-item-list.html); by default all of
    them.
    """
    to: Annotated[str, AfterValidator(_destination)]
    """[Where to](rebinding.md#where-to)."""
    mode: RebindMode = RebindMode.MOVE
    """`"move"`: the activity leaves the item; `"copy"`: it stays there as well."""
    activities: ActivitiesSection = Key(default_factory=ActivitiesSection)
    """Which activities of these items; by default all of them."""

    @field_validator("to")
    @classmethod
    def _leads_elsewhere(cls, text: str, info: ValidationInfo) -> str:
        source = info.data.get("source")
        fault = impossible(EntityType(source), parse_destination(text)) if source is not None else None
        if fault is not None:
            refuse(*fault)
        return text

    @property
    def destination(self) -> Destination:
        """Where activities go."""
        return parse_destination(self.to)

    def as_rule(self) -> BindingRule:
        """Return these settings as the planner takes them."""
        return BindingRule(
            name=self.name,
            source=EntityType(self.source),
            to=self.destination,
            where=filter_rows(self.where),
            activities=self.activities.as_filter(),
            mode=self.mode,
        )


class BindingsSection(RulesSection):
    """`[jobs.bindings]`; without rules there is nothing to do, so that the job is not enabled."""

    enabled: bool = True
    """Whether activities (calls, mails, to-dos) are sent to the card where they belong; it takes rules for it."""
    include_tasks: bool = True
    """Change the CRM items of tasks too; needs the scope `task`.

    Without that scope a person is asked.
    """
    rules: tuple[RuleSection, ...] = ()
    """Which activities go where: [rules](rebinding.md). Every rule begins with `[[jobs.bindings.rules]]`.

    Example:
    # A lead was converted, and mails still arrive on it: everything goes to the company it was converted into.
    [[jobs.bindings.rules]]
    name = "converted leads"
    from = "lead"
    where = { stageId = "CONVERTED" }
    to = "company"

    # A mail from an unknown address made a lead, but a company has this address already.
    [[jobs.bindings.rules]]
    name = "mails of known companies"
    from = "lead"
    where = { "!stageId" = "CONVERTED" }
    to = "same_contact_point:company"
    activities = { type = "email", direction = "incoming" }

    # A person names the right card in a field of the lead, of the type "link to CRM elements". The field's name is that
    # of your portal. The activities stay on the lead as well.
    [[jobs.bindings.rules]]
    name = "card named by a person"
    from = "lead"
    to = "field:UF_CRM_RIGHT_CARD"
    mode = "copy"
    """

    @property
    def has_work(self) -> bool:
        """See `JobSection`."""
        return bool(self.rules)

    @property
    def needs_region(self) -> bool:
        """See `JobSection`: by the region contact points are compared."""
        return any(isinstance(rule.destination, SharedContactPoint) for rule in self.rules)

    @model_validator(mode="after")
    def _goes_nowhere_in_circles(self) -> Self:
        moving = [rule for rule in self.rules if rule.mode is RebindMode.MOVE]
        up = [rule for rule in moving if rule.source == "contact" and _is_to(rule, EntityType.COMPANY)]
        down = [rule for rule in moving if rule.source == "company" and _is_to(rule, EntityType.CONTACT)]
        if up and down:
            refuse(
                f"the rules {up[0].name!r} and {down[0].name!r} would hand the same activities to and fro for ever",
                'keep one of them, or set mode = "copy" in one',
            )
        return self

    def as_rules(self, region: str | None) -> BindingRules:
        """Return these settings as the planner takes them, for a portal in this region."""
        rules = tuple(rule.as_rule() for rule in self.rules)
        return BindingRules(rules=rules, include_tasks=self.include_tasks, region=region)


def _is_to(rule: RuleSection, entity_type: EntityType) -> bool:
    return isinstance(rule.destination, LinkedItem | SharedContactPoint) and rule.destination.type is entity_type


NESTED: Final[Mapping[str, type[BaseModel]]] = {
    "jobs.bindings.rules": RuleSection,
    "jobs.bindings.rules.activities": ActivitiesSection,
}
"""The tables inside of the job's own, by their full names without the numbers of rules."""
