"""Circles between rules: what one of them writes another would change back, for ever.

They are found by letting values flow through all rules, not by the names of fields: two rules of one field are no
circle if neither changes what the other wrote.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from b24syncd.domain.values import shown

from .evaluation import Known, steps

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from b24syncd.domain.entities import EntityType
    from b24syncd.domain.rules import FieldRule, FieldRules
    from b24syncd.domain.values import Single, Value

    from .evaluation import Step

_SAMPLES = ("abc def", "ABC DEF", "Abc  Def", " abc ", "<b>abc</b>")
_LOOKS = 2
_MOST_STATES = 20_000


@dataclass(frozen=True, slots=True)
class Circle:
    """The rule `second` changes back what `first` makes of the value `begins` of a field; both may be the same one."""

    first: FieldRule
    second: FieldRule
    begins: Value

    def __str__(self) -> str:
        """Tell it in a sentence."""
        there = "nothing" if self.begins is None else json.dumps(shown(self.begins), ensure_ascii=False)
        if self.first is self.second:
            return f"the rule {self.first.name!r} would change {there} to and fro for ever"
        return f"where the rule {self.first.name!r} changes {there}, the rule {self.second.name!r} changes it back"


def circles(rules: FieldRules) -> tuple[Circle, ...]:
    """Return the circles among rules, one for each pair of them."""
    found: dict[frozenset[str], Circle] = {}
    for entity_type in rules.entities:
        for circle in _of_type(rules, entity_type):
            found.setdefault(frozenset((circle.first.name, circle.second.name)), circle)
    return tuple(found.values())


def _of_type(rules: FieldRules, entity_type: EntityType) -> Iterator[Circle]:
    own = rules.of(entity_type)
    for rule in own:
        linked = _linked(rule.field, own)
        together = tuple(
            other for other in own if linked.intersection(_ends(other)) and may_meet_at_once(rule, other, own)
        )
        for state in _states(rule, together):
            circle = _circle(together, state)
            if circle is not None:
                yield circle


def may_meet_at_once(one: FieldRule, other: FieldRule, rules: Sequence[FieldRule]) -> bool:
    """Tell whether an item may meet both rules, now or after what they write: their filters may exclude each other."""
    written = {rule.field for rule in rules}
    asked = dict(other.where)
    return not any(
        key in asked and asked[key] != value and key.isidentifier() and key not in written and not value.startswith("[")
        for key, value in one.where
        if not asked.get(key, "[").startswith("[")
    )


def _states(rule: FieldRule, rules: Sequence[FieldRule]) -> Iterator[dict[str, Value]]:
    """Yield states of the fields from which values may flow: what this rule takes, in the company of what others do."""
    names = tuple(dict.fromkeys(name for each in rules for name in (each.field, each.copy_from) if name is not None))
    taken: dict[str, tuple[Value, ...]] = {name: tuple(dict.fromkeys(_values(name, rules))) for name in names}
    first = [taken[name] if name in (rule.field, rule.copy_from) else (None, *taken[name][:1]) for name in names]
    for number, values in enumerate(product(*first)):
        if number >= _MOST_STATES:
            return
        yield dict(zip(names, values, strict=True))


def _values(name: str, rules: Sequence[FieldRule]) -> Iterator[Value]:
    """Yield the values that rules know of a field, and of those that it is copied from or to."""
    linked = _linked(name, rules)
    yield None
    is_text = False
    for rule in rules:
        if rule.field in linked:
            yield from _constants(rule)
            is_text = is_text or bool(rule.trim or rule.squeeze or rule.strip_html or rule.case)
    if is_text:
        yield from _SAMPLES


def _linked(name: str, rules: Sequence[FieldRule]) -> frozenset[str]:
    """Return the fields from which values may come to a field, or go from it, by whatever detour; itself included."""
    linked, before = frozenset({name}), frozenset[str]()
    while linked != before:
        before = linked
        linked = linked.union(*(_ends(rule) for rule in rules if linked.intersection(_ends(rule))))
    return linked


def _ends(rule: FieldRule) -> tuple[str, ...]:
    return (rule.field,) if rule.copy_from is None else (rule.field, rule.copy_from)


def _constants(rule: FieldRule) -> Iterator[Single]:
    if rule.default is not None:
        yield rule.default
    yield from rule.clear[:1]
    for before, after in rule.replace:
        yield from (before, after)


def _circle(rules: Sequence[FieldRule], state: Mapping[str, Value]) -> Circle | None:
    """Return who changes a value back that another rule gave its field, within two looks at one item."""
    now = dict(state)
    history: dict[str, list[Step]] = {}
    for _ in range(_LOOKS):
        for step in steps(rules, now, Known(dict(state)), set()):
            made = history.setdefault(step.rule.field, [])
            if any(step.after == earlier.before for earlier in made):
                return Circle(made[-1].rule, step.rule, step.after)
            made.append(step)
    return None
