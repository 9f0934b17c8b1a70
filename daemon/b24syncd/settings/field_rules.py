"""`[jobs.fields]`: the keys of its rules, and what is wrong with a rule whatever the portal holds."""

# No `from __future__ import annotations`: pydantic reads the annotations.
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, field_serializer, field_validator, model_validator
from pydantic import Field as Key

from b24syncd.domain.entities import FIRST_SMART_TYPE, EntityType
from b24syncd.domain.field_settings import MEANING_NOTHING, FieldRuleSettings, Written, named_entity
from b24syncd.domain.rules import LetterCase

from .binding_rules import RuleFilter, RuleName
from .filters import filter_rows
from .sections import TOML_DATE, Section, once_each, refuse

_FORMS: Final = '"lead", "deal", "contact", "company", "smart_invoice", "type128", or the title of a smart process'
_OPERATIONS: Final = ("trim", "squeeze", "strip_html", "case", "replace", "clear", "copy_from", "default")
_NUMBERED: Final = re.compile(r"type[\s_-]*([0-9]+)", re.ASCII | re.IGNORECASE)


def _entity(text: str) -> str:
    text = text.strip()
    if named_entity(text) is not None:
        return text
    word = re.sub(r"[\s_-]+", "_", text.casefold())
    if named_entity(word) is not None:
        refuse("this is no type of items", f'did you mean "{word}"?')
    numbered = _NUMBERED.fullmatch(text)
    if numbered is not None and int(numbered[1]) < FIRST_SMART_TYPE:
        refuse("this is no smart process", f"smart processes have numbers from {FIRST_SMART_TYPE} on")
    if not text or not text.isprintable() or word == EntityType.ACTIVITY.value:
        refuse("this is no type of items", f"write {_FORMS}")
    return text


def _field(text: str) -> str:
    if not text.strip() or not text.isprintable():
        refuse("this cannot be a field's name", 'write its title or its code, "Position" or "UF_CRM_…"')
    return text.strip()


def _value(value: object) -> object:
    """Return a value as it is compared; numbers are exact, and a date of TOML is one again."""
    if isinstance(value, dict) and list(value) == [TOML_DATE]:
        return _moment(str(value[TOML_DATE]))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Decimal(str(value))
    if not isinstance(value, str | bool | Decimal | date):
        refuse("this is no value of a field", "write a text, a number, true, false, or a date such as 2026-01-31")
    return value


def _moment(text: str) -> date | datetime:
    with suppress(ValueError):
        return date.fromisoformat(text)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        refuse("this is no date", "write a date such as 2026-01-31, or a time such as 2026-01-31T09:00:00+03:00")


def _table(value: object) -> object:
    if isinstance(value, dict):
        if not value:
            refuse("the table is empty", 'write what is there, and what is to be there: replace = {"МСК" = "Москва"}')
        return {str(key): _value(inner) for key, inner in value.items()}
    if not isinstance(value, str) or not value.strip():
        refuse("this is no table", 'write replace = {"МСК" = "Москва"}, or the name of a CSV file')
    return value


def _nothings(value: object) -> object:
    if isinstance(value, bool):
        return value
    if not isinstance(value, list) or not value:
        refuse("this is no list of values", 'write the values that mean nothing, clear = ["-", "нет"], or clear = true')
    return tuple(_value(one) for one in value)


def _word(text: str) -> str:
    if not re.fullmatch(r"[^\W_]+", text):
        refuse("this is no word", 'write single words as they are spelt, ["ГАЗ", "iPhone"]')
    return text


Value = Annotated[Any, BeforeValidator(_value)]


class FieldRuleSection(Section):
    """`[[jobs.fields.rules]]`: what becomes of a field of which items."""

    name: RuleName
    """What reviews and problems call the rule."""
    entity: Annotated[str, AfterValidator(_entity)]
    """`lead`, `deal`, `contact`, `company`, `smart_invoice`, `type128` for the smart process of this number, or the
    title of one.
    """
    where: RuleFilter = Key(default_factory=dict)
    """Which items: a filter as
    [`crm.item.list`](https://apidocs.bitrix24.com/api-reference/crm/universal/crm-item-list.html) takes it; by
    default all of them.
    """
    field: Annotated[str, AfterValidator(_field)]
    """The field, by its title in the card or by its code, `title` or `UF_CRM_…`; codes of the older methods
    (`STATUS_ID`) are understood.
    """
    trim: bool = False
    """White space at both ends goes, no-break spaces and invisible ones too."""
    squeeze: bool = False
    """Each gap between words becomes one space; line breaks stay."""
    strip_html: bool = False
    """HTML goes, entities become characters; blocks become lines where the field has several, else spaces; addresses of
    links stay, `text (https://…)`.
    """
    case: LetterCase | None = None
    """For values that are all in capitals or all small; addresses stay."""
    abbreviations: Annotated[tuple[Annotated[str, AfterValidator(_word)], ...], AfterValidator(once_each)] = ()
    """Words that `case` writes just so, besides those that are built in (`ООО`, `ИП`, `GmbH`, `IBM`)."""
    replace: Annotated[Any, BeforeValidator(_table)] = None
    """A table of what is there and what is to be there, or a CSV file with the columns `from,to` beside the
    configuration.
    """
    match: Literal["value", "words"] = "value"
    """`"value"`: `replace` is of whole values; `"words"`: of words in them."""
    clear: Annotated[Any, BeforeValidator(_nothings)] = False
    """Values that mean nothing, as `["-", "нет"]`; `true` for those that everybody writes."""
    copy_from: Annotated[str, AfterValidator(_field)] | None = None
    """The field that is copied from while this one is empty."""
    default: Value = None
    """What an empty field is to hold."""

    @field_validator("default")
    @classmethod
    def _is_something(cls, value: Written) -> Written:
        if isinstance(value, str) and not value.strip():
            refuse("this is nothing", "write what an empty field is to hold, or leave the key out")
        return value

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if self.default is None and not any(getattr(self, name) for name in _OPERATIONS):
            refuse("the rule does nothing", f"give it at least one of {', '.join(_OPERATIONS)}")
        if self.abbreviations and self.case is None:
            refuse("abbreviations are for case only", 'add case = "title", or remove them')
        if self.match == "words" and self.replace is None:
            refuse("there is nothing whose words could be replaced", "add replace, or remove match")
        if self.copy_from == self.field:
            refuse("the field would be copied from itself", "name another field in copy_from")
        if isinstance(self.replace, dict):
            fault = table_fault(tuple(self.replace.items()), words=self.match == "words")
            if fault is not None:
                refuse(*fault)
        return self

    @field_serializer("replace", "clear", "default")
    def _as_written(self, value: object) -> object:
        return _as_written(value)

    def as_settings(self, number: int, table: Sequence[tuple[str, Written]]) -> FieldRuleSettings:
        """Return this rule as the check against the portal takes it; `table` is what a file told."""
        return FieldRuleSettings(
            number=number,
            name=self.name,
            entity=self.entity,
            field=self.field,
            where=filter_rows(self.where),
            trim=self.trim,
            squeeze=self.squeeze,
            strip_html=self.strip_html,
            case=self.case,
            abbreviations=self.abbreviations,
            replace=tuple(self.replace.items()) if isinstance(self.replace, dict) else tuple(table),
            replaces_words=self.match == "words",
            clear=MEANING_NOTHING if self.clear is True else self.clear or (),
            copy_from=self.copy_from,
            default=self.default,
        )


def _as_written(value: object) -> object:
    match value:
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case dict():
            return {key: _as_written(inner) for key, inner in value.items()}
        case tuple():
            return [_as_written(inner) for inner in value]
        case date():
            return value.isoformat()
        case _:
            return value


def table_fault(table: Sequence[tuple[str, Written]], *, words: bool) -> tuple[str, str] | None:
    """Return what is wrong with a table of replacements, and the cure; None where it is right."""
    afters = {_folded(after): after for _, after in table}
    met: dict[Written, str] = {}
    for before, after in table:
        if not before.strip():
            return "a table cannot replace nothing", "fill empty fields by default"
        if isinstance(after, str) and not after.strip():
            return f"{before!r} would be replaced by nothing", "empty fields by clear"
        if words and not isinstance(after, str):
            return f"{before!r} is a word and {after!r} is no text", "write a text in its place"
        first = met.setdefault(_folded(before), before)
        if first != before:
            return f"{first!r} and {before!r} are the same, as capitals and spaces do not count", "keep one of them"
        other = afters.get(_folded(before))
        if other is not None and _folded(after) != _folded(before):
            return f"{before!r} is to be replaced, and to be put in the place of another", "write where it ends up"
    return None


def _folded(value: Written) -> Written:
    return " ".join(value.split()).casefold() if isinstance(value, str) else value


NESTED: Final[Mapping[str, type[BaseModel]]] = {"jobs.fields.rules": FieldRuleSection}
"""The tables inside of the job's own, by their full names without the numbers of rules."""
