"""What all rules together make of an item's fields, one after the other, until nothing changes any more.

What polishes a value (white space, markup, capitals) is done to everybody's values. What puts another value in its
place is done where nobody wrote anything since this program did so before: then the field is theirs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from b24syncd.domain.values import same_value

from .operations import constants, polished, rewritten

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from b24syncd.domain.rules import FieldRule
    from b24syncd.domain.values import Value

_MOST_PASSES = 5
"""Rules may fill fields for each other; so many in a row are meant at most."""


@dataclass(frozen=True, slots=True)
class Known:
    """An item's fields as they were read, and what the journal knows of them.

    `written` is what this program put into a field last, `replaced` what stood in it before its last write, whatever
    that was; both only of fields that it ever wrote.
    """

    fields: Mapping[str, Value]
    written: Mapping[str, Value] = field(default_factory=dict)
    replaced: Mapping[str, Value] = field(default_factory=dict)

    def is_theirs(self, name: str) -> bool:
        """Tell whether a person put another value into a field since this program did."""
        return name in self.written and not same_value(self.written[name], self.fields[name])

    def is_restored(self, name: str) -> bool:
        """Tell whether a person put back exactly what this program changed."""
        return name in self.replaced and same_value(self.replaced[name], self.fields[name])


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What fields are to hold; those that were `restored` rest, each with what polishing would make of it."""

    fields: Mapping[str, Value]
    restored: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """What one rule made of a field."""

    rule: FieldRule
    before: Value
    after: Value


def evaluate(rules: Sequence[FieldRule], known: Known) -> Evaluation:
    """Return what these rules make of an item that meets the filters of all of them.

    Fields that would change with every look stay as they are.
    """
    resting = {name for name in known.fields if known.is_restored(name)}
    now = dict(known.fields)
    for _ in range(_MOST_PASSES):
        before = dict(now)
        steps(rules, now, known, resting)
        if now == before:
            break
    else:
        unstable = {name for name in now if now[name] != before[name]}
        now |= {name: known.fields[name] for name in unstable}
    polish = {name: all_polished(rules, name, known.fields[name]) for name in resting}
    return Evaluation(now, {name: value for name, value in polish.items() if not same_value(value, known.fields[name])})


def steps(rules: Sequence[FieldRule], now: dict[str, Value], known: Known, resting: set[str]) -> list[Step]:
    """Apply each rule once to `now`; return what changed."""
    made = []
    all_rules = tuple(rules)
    spelt = {name: constants(all_rules, name) for name in {rule.field for rule in rules}}
    for rule in rules:
        before = now[rule.field]
        value = before if rule.field in resting else polished(before, rule, spelt[rule.field])
        if not known.is_theirs(rule.field) and rule.field not in resting:
            value = rewritten(value, rule, None if rule.copy_from is None else now[rule.copy_from])
        if value != before:
            now[rule.field] = value
            made.append(Step(rule, before, value))
    return made


def all_polished(rules: Sequence[FieldRule], name: str, value: Value) -> Value:
    """Return what all rules of a field make of the look of a value, which stays where it would change for ever."""
    now, spelt = value, constants(tuple(rules), name)
    for _ in range(_MOST_PASSES):
        before = now
        for rule in rules:
            if rule.field == name:
                now = polished(now, rule, spelt)
        if now == before:
            return now
    return value
