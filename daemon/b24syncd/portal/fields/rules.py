"""One rule of the job `fields` against the fields and lists of a portal: what it means there, or what is wrong."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

from b24syncd.domain.field_settings import MEANING_NOTHING
from b24syncd.domain.rules import FieldRule
from b24syncd.errors import Problem

from .choices import Fault, chosen, entries_of, named, pipelines, typed
from .values import ValueKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from b24syncd.domain.field_settings import FieldRuleSettings, Written
    from b24syncd.domain.values import Single

    from .choices import Entries
    from .descriptions import ItemField, ItemFields

_OF_TEXTS = ("trim", "squeeze", "strip_html", "case", "replaces_words")
_KEYS = {"replaces_words": "match"}
_PIPELINE = ("categoryId", "=categoryId")
_NOTHING = {
    ValueKind.TEXT: '"0|RUB"',
    ValueKind.NUMBER: "0",
    ValueKind.DATE: '"1970-01-01"',
    ValueKind.DATETIME: '"1970-01-01T00:00:00+00:00"',
    ValueKind.CHOICE: '"…"',
}
"""Examples of what may mean nothing."""


class RuleCheck:
    """Looks one rule up, and keeps what is wrong with it."""

    def __init__(self, rule: FieldRuleSettings, fields: ItemFields, lists: Mapping[str, Entries]) -> None:
        """Look `rule` up among the `fields` of its type and the portal's `lists`."""
        self._rule = rule
        self._fields = fields
        self._lists = lists
        self.problems: list[Problem] = []

    def found(self) -> tuple[FieldRule, tuple[ItemField, ...]] | None:
        """Return the rule as the planner takes it, with the fields that it needs; None where anything is wrong."""
        rule = self._rule
        field = self._field("field", rule.field)
        if field is None or not self._is_writable(field):
            return None
        source = None if rule.copy_from is None else self._source(field, rule.copy_from)
        self._check_operations(field)
        replace = self._stages(field) if field.is_stage else self._pairs(field)
        clear = self._cleared(field)
        default = None if rule.default is None or field.is_stage else self._value(field, "default", rule.default)
        self._check_emptiness(field)
        self._check_length(field, [*(after for _, after in replace), default])
        if self.problems:
            return None
        looked_up = FieldRule(
            name=rule.name,
            entity=self._fields.entity_type,
            field=field.name,
            where=rule.where,
            trim=rule.trim,
            squeeze=rule.squeeze,
            strip_html=rule.strip_html,
            case=rule.case,
            abbreviations=rule.abbreviations,
            replace=tuple(replace),
            replaces_words=rule.replaces_words,
            clear=tuple(clear),
            copy_from=None if source is None else source.name,
            default=default,
            has_lines=field.has_lines,
            is_multiple=field.is_multiple,
            can_be_empty=field.can_be_empty,
            longest=field.longest,
        )
        return looked_up, (field,) if source is None else (field, source)

    def _tell(self, key: str, message: str, cure: str, value: object = None) -> None:
        told = None if value is None else json.dumps(value, ensure_ascii=False, default=str)
        self.problems.append(Problem(f"{self._rule.key}.{key}", message, cure, told))

    def _field(self, key: str, wanted: str) -> ItemField | None:
        found = self._fields.find(wanted, f"{self._rule.key}.{key}")
        if isinstance(found, Problem):
            self.problems.append(found)
            return None
        return found

    def _is_writable(self, field: ItemField) -> bool:
        if field.is_read_only:
            self._tell("field", f"nobody may write the field {field}", "name another field", self._rule.field)
        elif field.kind is ValueKind.OTHER:
            message = f"the field {field} is of the type {field.type}, whose values are not written by rules"
            self._tell("field", message, "name a field of texts, numbers, dates, or of a list", self._rule.field)
        elif field.is_formatted:
            self._tell("field", _formatted(field), "name a field of plain text", self._rule.field)
        elif field.is_reckoned:
            message = f"the portal reckons the field {field} from the products of an item"
            self._tell("field", message, "name another field", self._rule.field)
        return not self.problems

    def _source(self, field: ItemField, wanted: str) -> ItemField | None:
        source = self._field("copy_from", wanted)
        if source is None:
            return None
        if source.is_formatted:
            self._tell("copy_from", _formatted(source), "name a field of plain text", wanted)
        elif (source.kind, source.is_money, source.is_multiple) != (field.kind, field.is_money, field.is_multiple):
            message = f"the field {source} holds values of another sort than {field}"
            self._tell("copy_from", message, f"name a field of the type {field.type}", wanted)
        elif field.is_stage or (field.kind is ValueKind.CHOICE and self._list(source) != self._list(field)):
            self._tell("copy_from", f"the fields {source} and {field} have different lists", "use replace", wanted)
        return source

    def _list(self, field: ItemField) -> Entries:
        return entries_of(field, self._lists)

    def _check_operations(self, field: ItemField) -> None:
        if field.kind is ValueKind.TEXT and not field.is_money:
            return
        for name in _OF_TEXTS:
            if getattr(self._rule, name):
                message = f"this is for texts, and the field {field} is of the type {field.type}"
                self._tell(_KEYS.get(name, name), message, "remove it, or name a field of texts")
        if self._rule.clear == MEANING_NOTHING:
            example = _NOTHING.get(field.kind) if field.can_be_empty else None
            cure = "remove it" if example is None else f"name the values that mean nothing, clear = [{example}]"
            self._tell("clear", "clear = true is for texts", cure)

    def _value(self, field: ItemField, key: str, written: Written) -> Single | None:
        value = chosen(self._list(field), written) if field.kind is ValueKind.CHOICE else typed(field, written)
        if isinstance(value, Fault):
            self._tell(key, value.message, value.cure)
            return None
        return value

    def _pairs(self, field: ItemField) -> list[tuple[Single, Single]]:
        pairs = []
        for before, after in self._rule.replace:
            values = self._value(field, "replace", before), self._value(field, "replace", after)
            if values[0] is not None and values[1] is not None:
                pairs.append((values[0], values[1]))
        return pairs

    def _cleared(self, field: ItemField) -> list[Single]:
        if self._rule.clear == MEANING_NOTHING and (field.is_money or field.kind is not ValueKind.TEXT):
            return []
        values = [self._value(field, "clear", one) for one in self._rule.clear if not field.is_stage]
        return [value for value in values if value is not None]

    def _stages(self, field: ItemField) -> list[tuple[Single, Single]]:
        """Return which stage becomes which, in each pipeline by itself: a stage of another one is never taken."""
        within = pipelines(field, self._lists, self._category())
        if not within:
            self._tell("where", "there is no such pipeline", "name one by its number, where = { categoryId = 0 }")
        pairs: list[tuple[Single, Single]] = []
        for before, after in self._rule.replace:
            ends = {name: (chosen(stages, before), chosen(stages, after)) for name, stages in within.items()}
            own = {name: pair for name, pair in ends.items() if not isinstance(pair[0], Fault)}
            doubts = [first for first, _ in ends.values() if isinstance(first, Fault) and first.is_doubtful]
            for doubt in doubts:
                self._tell("replace", doubt.message, doubt.cure)
            if not own and within and not doubts:
                self._no_stage(before, within)
            for name, (first, second) in own.items():
                if isinstance(second, Fault):
                    message = f"the pipeline {name} has the stage {before!r}, but none that is called {after!r}"
                    cure = (
                        f"write one of {named([title for _, title in within[name]])}, or narrow the rule by categoryId"
                    )
                    self._tell("replace", message, cure)
                elif not isinstance(first, Fault):
                    pairs.append((first, second))
        return pairs

    def _no_stage(self, wanted: Written, within: Mapping[str, Entries]) -> None:
        every = pipelines(self._stage_field, self._lists, None)
        elsewhere = [name for name, stages in every.items() if not isinstance(chosen(stages, wanted), Fault)]
        titles = list(dict.fromkeys(title for stages in within.values() for _, title in stages))
        if elsewhere:
            message = f"{wanted!r} is a stage of another pipeline ({', '.join(elsewhere)})"
        else:
            message = f"there is no stage {wanted!r}"
        self._tell("replace", message, f"write one of {named(titles)}")

    @property
    def _stage_field(self) -> ItemField:
        return next(field for field in self._fields if field.is_stage)

    def _category(self) -> int | None:
        for key, value in self._rule.where:
            told = json.loads(value)
            if key in _PIPELINE and str(told).isdigit():
                return int(told)
        return None

    def _check_emptiness(self, field: ItemField) -> None:
        if field.is_stage:
            for key in ("clear", "default"):
                if getattr(self._rule, key):
                    self._tell(key, "a stage is never empty", "write replace = { … } from stage to stage")
        elif self._rule.clear and not field.can_be_empty and not field.is_multiple and self._rule.default is None:
            message = f"the field {field} is never empty"
            self._tell("clear", message, "add a default, or replace the values")

    def _check_length(self, field: ItemField, values: Sequence[Single | None]) -> None:
        for value in values:
            key = "default" if value == self._rule.default else "replace"
            if field.most is not None and isinstance(value, Decimal) and not 0 <= value <= field.most:
                self._tell(key, f"the field {field} takes 0 to {field.most}, and no {value}", "write one of these")
            if field.type == "double" and isinstance(value, Decimal) and value != round(value, field.decimals):
                self._tell(key, f"the field {field} keeps {field.decimals} decimals of {value}", "round it")
            if isinstance(value, str) and not self._rule.replaces_words and len(value) < field.shortest:
                message = f"the field {field} takes at least {field.shortest} characters, and {value!r} has fewer"
                self._tell(key, message, "write a longer text")
            if field.longest is not None and isinstance(value, str) and len(value) > field.longest:
                message = f"the field {field} takes {field.longest} characters, and {value[:40]!r}… has {len(value)}"
                self._tell(key, message, "write a shorter text")


def _formatted(field: ItemField) -> str:
    return f"the field {field} is no plain text, but BB code that the portal writes anew whenever it is saved"
