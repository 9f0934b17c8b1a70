"""What a person wrote about fields: types of items, fields and values by name or title, not yet known to the portal."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from .entities import FIRST_SMART_TYPE, EntityType

if TYPE_CHECKING:
    from .rules import LetterCase

MEANING_NOTHING = (
    *("-", "--", "---", "–", "—", "_", ".", "..", "...", "…", "?", "??", "???", "/", "\\", "*"),
    *("n/a", "n.a.", "none", "null", "nil", "nan", "undefined", "unknown", "not specified", "empty", "no data"),
    *(
        "нет",
        "нету",
        "н/д",
        "нет данных",
        "не указано",
        "не указан",
        "не указана",
        "не задано",
        "неизвестно",
        "отсутствует",
    ),
    *("пусто", "прочерк", "keine angabe", "k.a.", "k. a.", "unbekannt", "немає", "не вказано"),
)
"""What people and programs write where there is nothing to write."""

Written = str | bool | Decimal | date | datetime
"""A value as the configuration has it; a text may be the title of a value that a list offers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRuleSettings:
    """A rule of the job `fields` before anything in it is looked up.

    `number` is its place in the configuration. `entity` is `deal`, `type128`, or the title of a smart process; `field`
    and `copy_from` are titles or codes.
    """

    number: int
    name: str
    entity: str
    field: str
    where: tuple[tuple[str, str], ...] = ()
    trim: bool = False
    squeeze: bool = False
    strip_html: bool = False
    case: LetterCase | None = None
    abbreviations: tuple[str, ...] = ()
    replace: tuple[tuple[Written, Written], ...] = ()
    replaces_words: bool = False
    clear: tuple[Written, ...] = ()
    copy_from: str | None = None
    default: Written | None = None

    @property
    def key(self) -> str:
        """What problems call the rule: its place and its name."""
        return f"jobs.fields.rules[{self.number}] {json.dumps(self.name, ensure_ascii=False)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSettings:
    """Rules of the job `fields` before they are looked up."""

    rules: tuple[FieldRuleSettings, ...] = ()

    @property
    def types(self) -> frozenset[EntityType]:
        """See `JobSettings`."""
        return frozenset(filter(None, (named_entity(rule.entity) for rule in self.rules)))


_WORDS = {entity_type.value: entity_type for entity_type in EntityType if entity_type is not EntityType.ACTIVITY}


def named_entity(text: str) -> EntityType | None:
    """Return the type of items that a text is the name of, whatever the portal; None for what can only be a title."""
    if text in _WORDS:
        return _WORDS[text]
    try:
        entity_type = EntityType(text)
    except ValueError:
        return None
    return entity_type if entity_type.type_id >= FIRST_SMART_TYPE else None
