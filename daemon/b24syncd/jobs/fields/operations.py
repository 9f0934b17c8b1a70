"""What one rule makes of a value: its look, which is anybody's, and its content, which may be a person's own."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from .abbreviations import spellings
from .casing import with_case
from .markup import strip_html
from .replacing import means_nothing, puts_in, whole, words
from .white_space import squeeze, trim

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from b24syncd.domain.rules import FieldRule
    from b24syncd.domain.values import Single, Value


def polished(value: Value, rule: FieldRule) -> Value:
    """Return a value without markup and needless white space, and with its capitals, as far as the rule wants it."""
    return _each(value, lambda one: _polished(one, rule) if isinstance(one, str) else one)


def rewritten(value: Value, rule: FieldRule, other: Value) -> Value:
    """Return what a rule puts in a value's place; `other` is what stands in the field that it copies from."""
    value = _each(value, lambda one: None if means_nothing(one, rule.clear) else one)
    value = _each(value, lambda one: _replaced(one, rule))
    if is_empty(value) and rule.copy_from is not None:
        value = other
    if is_empty(value) and rule.default is not None:
        value = (rule.default,) if rule.is_multiple else rule.default
    return value


def is_empty(value: Value) -> bool:
    """Tell whether a value is nothing, or white space only."""
    return value is None or (isinstance(value, str) and not trim(value))


def _each(value: Value, change: Callable[[Single], Single | None]) -> Value:
    """Return a value changed, or each of several; what becomes empty is left out, and none is None."""
    if value is None:
        return None
    if isinstance(value, tuple):
        return tuple(one for each in value if (one := change(each)) not in (None, "")) or None
    return change(value) or None if isinstance(value, str) else change(value)


def _polished(text: str, rule: FieldRule) -> str:
    if rule.strip_html:
        text = strip_html(text, line_break="\n" if rule.has_lines else " ")
    if rule.squeeze:
        text = squeeze(text)
    if rule.trim:
        text = trim(text)
    if rule.case is not None and text != rule.default and not puts_in(text, rule.replace):
        text = with_case(text, rule.case, _spellings(rule.abbreviations))
    return text


def _replaced(value: Single, rule: FieldRule) -> Single:
    if rule.replaces_words and isinstance(value, str):
        return words(value, rule.replace)
    return whole(value, rule.replace)


@lru_cache(maxsize=64)
def _spellings(own: tuple[str, ...]) -> Mapping[str, str]:
    return spellings(own)
