"""Overrides from the environment: `B24SYNCD_LIMITS__BURST` is `limits.burst`."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final, get_origin

from b24syncd.errors import Problem

from .schema import known_keys

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX: Final = "B24SYNCD_"
CONFIG_VARIABLE: Final = "B24SYNCD_CONFIG"
_TRUE = {"true", "yes", "on", "1"}
_FALSE = {"false", "no", "off", "0"}


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the environment says: values and the variables they came from by full key, and what was wrong with it."""

    values: Mapping[str, object] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def variable_of(key: str) -> str:
    """Return the name of the variable that overrides `key`."""
    return PREFIX + key.replace(".", "__").upper()


def section_of(variable: str) -> str | None:
    """Return the table of the configuration that a variable is about, `limits`; None where it is about none."""
    name, between, _ = variable.removeprefix(PREFIX).partition("__")
    return name.lower() if variable.startswith(PREFIX) and between else None


def read_overrides(environ: Mapping[str, str]) -> Overrides:
    """Return the overrides in `environ`; a variable with our prefix that means nothing is a problem."""
    types = {variable_of(key): (key, kind) for key, kind in known_keys().items()}
    values: dict[str, object] = {}
    variables: dict[str, str] = {}
    problems: list[Problem] = []
    for variable in sorted(environ):
        if not variable.startswith(PREFIX) or variable == CONFIG_VARIABLE:
            continue
        if variable not in types:
            problems.append(_unknown(variable, [*types, CONFIG_VARIABLE]))
            continue
        key, kind = types[variable]
        values[key] = _typed(environ[variable], kind)
        variables[key] = variable
    return Overrides(values, variables, tuple(problems))


def overridden(table: Mapping[str, object], overrides: Overrides) -> dict[str, object]:
    """Return the document with the environment's values put in; what should be a table and is none stays as it is."""
    result = dict(table)
    for key, value in overrides.values.items():
        *names, last = key.split(".")
        level: object = result
        for name in names:
            if not isinstance(level, dict):
                break
            inner = level.get(name, {})
            level[name] = dict(inner) if isinstance(inner, dict) else inner
            level = level[name]
        if isinstance(level, dict):
            level[last] = value
    return result


def _unknown(variable: str, known: list[str]) -> Problem:
    names = [name.removeprefix(PREFIX) for name in known]
    nearest = get_close_matches(variable.removeprefix(PREFIX), names, n=1)
    cure = f"did you mean {PREFIX}{nearest[0]}?" if nearest else "unset it: names with this prefix are ours"
    return Problem(variable, "unknown environment variable", cure)


def _typed(text: str, kind: object) -> object:
    """Return `text` as the TOML value it stands for; text that does not fit stays text, for the schema to refuse."""
    if get_origin(kind) in {tuple, frozenset}:
        return _items(text)
    if get_origin(kind) is dict:
        return _in_json(text)
    word = text.strip().lower()
    if kind is bool:
        return True if word in _TRUE else False if word in _FALSE else text
    if kind in {int, float}:
        for number in (int, float):
            try:
                return number(word)
            except ValueError:
                continue
    return text


def _items(text: str) -> object:
    if text.lstrip().startswith("["):
        return _in_json(text)
    return [item.strip() for item in text.split(",") if item.strip()]


def _in_json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text
