"""What one rule makes of a value: its look, which is anybody's, and its content, which may be a person's own."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from .abbreviations import spellings
from .casing import with_case
from .markup import strip_html
from .replacing import Table, means_nothing
from .white_space import squeeze, trim

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping

    from b24syncd.domain.rules import FieldRule
    from b24syncd.domain.values import Single, Value


def polished(value: Value, rule: FieldRule, spelt: Container[Single]) -> Value:
    """Return a value without markup and needless white space, and with its capitals, as far as the rule wants it.

    The capitals of texts that are `spelt` just so in rules stay.
    """
    return _each(value, lambda one: _polished(one, rule, spelt) if isinstance(one, str) else one)


@lru_cache(maxsize=256)
def constants(rules: tuple[FieldRule, ...], name: str) -> frozenset[Single]:
    """Return what rules put into a field, spelt as a person wrote it."""
    own = [rule for rule in rules if rule.field == name]
    defaults = [rule.default for rule in own if rule.default is not None]
    return frozenset((*defaults, *(after for rule in own for _, after in rule.replace)))


def rewritten(value: Value, rule: FieldRule, other: Value) -> Value:
    """Return what a rule puts in a value's place; `other` is what stands in the field that it copies from."""
    value = _each(value, lambda one: None if means_nothing(one, rule.clear) else one)
    value = _each(value, lambda one: _replaced(one, rule))
    if is_empty(value) and rule.copy_from is not None:
        value = None if is_empty(other) else _each(other, lambda one: None if is_empty(one) else one)
    if is_empty(value) and rule.default is not None:
        value = (rule.default,) if rule.is_multiple else rule.default
    return value


def is_empty(value: Value) -> bool:
    """Tell whether a value is nothing, or white space only."""
    return value is None or (isinstance(value, str) and not trim(value))


def _each(value: Value, change: Callable[[Single], Single | None]) -> Value:
    """Return a value changed, or each of several; what becomes empty, or like another, is left out; none is None."""
    if value is None:
        return None
    if isinstance(value, tuple):
        made = [(each, change(each)) for each in value]
        kept: list[Single] = [each for each, one in made if one == each]
        entries: list[Single] = []
        for each, one in made:
            if one is None or one == "" or (one != each and one in (*kept, *entries)):
                continue
            entries.append(one)
        return tuple(entries) or None
    return change(value) or None if isinstance(value, str) else change(value)


def _polished(text: str, rule: FieldRule, spelt: Container[Single]) -> str:
    if rule.strip_html:
        text = strip_html(text, line_break="\n" if rule.has_lines else " ")
    if rule.squeeze:
        text = squeeze(text)
    if rule.trim:
        text = trim(text)
    if rule.case is not None and text not in spelt:
        text = with_case(text, rule.case, _spellings(rule.abbreviations))
    return text


def _replaced(value: Single, rule: FieldRule) -> Single:
    if rule.replaces_words and isinstance(value, str):
        return _table(rule).words(value)
    return _table(rule).whole(value)


@lru_cache(maxsize=256)
def _table(rule: FieldRule) -> Table:
    return Table(rule.replace)


@lru_cache(maxsize=64)
def _spellings(own: tuple[str, ...]) -> Mapping[str, str]:
    return spellings(own)
