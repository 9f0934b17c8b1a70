"""From pydantic's errors to problems that a person can solve."""

from __future__ import annotations

import json
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from b24syncd.errors import Problem

from .schema import OWN_PROBLEM, Document, known_keys, sections
from .webhook import without_secrets

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

_SECRET_KEYS: Final = frozenset({"portal.webhook"})
_LONGEST_VALUE: Final = 80
_TYPES: Final[Mapping[str, tuple[str, str]]] = {
    "string_type": ("this is no text", 'write it in quotes: "…"'),
    "int_type": ("this is no whole number", "write a number such as 4"),
    "int_from_float": ("this is no whole number", "write a number such as 4"),
    "float_type": ("this is no number", "write a number such as 2.5, without quotes"),
    "finite_number": ("this is no finite number", "write a number such as 2.5"),
    "bool_type": ("this is neither true nor false", "write true or false, without quotes"),
    "tuple_type": ("this is no list", 'write ["…", "…"]'),
    "frozen_set_type": ("this is no list", 'write ["…", "…"]'),
    "model_type": ("this is no table", "write its keys below a line [{key}]"),
    "greater_than": ("this is too small", "write a number greater than {gt:g}"),
    "greater_than_equal": ("this is too small", "write a number of at least {ge:g}"),
    "less_than_equal": ("this is too large", "write a number of at most {le:g}"),
    "enum": ("this is none of the possible words", "write {expected}"),
    "literal_error": ("this is none of the possible words", "write {expected}"),
    "string_too_short": ("this is empty", "give it a value, or leave the key out"),
    "string_pattern_mismatch": (
        "this cannot be a name of files and services",
        "use letters, digits, dots, hyphens and underscores, beginning with a letter or digit",
    ),
}


def problems_of(error: ValidationError, variables: Mapping[str, str]) -> tuple[Problem, ...]:
    """Return one problem for each error; a key that the environment set is called by its variable."""
    return tuple(_problem(details, variables) for details in error.errors(include_url=False))


def nearest_key(key: str) -> str | None:
    """Return the known key or section that `key` was probably meant to be: one beside it, else one elsewhere."""
    known = [*sections(), "jobs", *known_keys()]
    parent, _, name = key.rpartition(".")
    beside = {full.rpartition(".")[2]: full for full in known if full.rpartition(".")[0] == parent}
    elsewhere = {full.rpartition(".")[2]: full for full in reversed(known)}
    for places, cutoff in ((beside, 0.6), (elsewhere, 0.8)):
        near = get_close_matches(name, places, n=1, cutoff=cutoff)
        if near:
            return places[near[0]]
    return None


def _problem(details: ErrorDetails, variables: Mapping[str, str]) -> Problem:
    key = _dotted(details["loc"])
    if details["type"] == "extra_forbidden":
        return _unknown(key)
    context = {"key": key} | details.get("ctx", {})
    if details["type"] == OWN_PROBLEM:
        message, cure = str(context["message"]), str(context["cure"])
    else:
        message, cure = _TYPES.get(details["type"], (details["msg"], "see the annotated example configuration"))
    shown = _shown(key, details["input"])
    return Problem(_source(key, variables), message, cure.format(**context), shown)


def _unknown(key: str) -> Problem:
    # No value: it may be a secret under a misspelt name.
    nearest = nearest_key(key)
    if nearest is not None:
        return Problem(key, "unknown key", f"did you mean {nearest}?")
    parent = key.rpartition(".")[0]
    section = sections().get(parent)
    fields = section.model_fields if section is not None else Document.model_fields
    return Problem(key, "unknown key", f"remove it; known here: {', '.join(fields)}")


def _dotted(location: tuple[int | str, ...]) -> str:
    key = ""
    for part in location:
        key += f"[{part}]" if isinstance(part, int) else f".{part}"
    return key.removeprefix(".")


def _source(key: str, variables: Mapping[str, str]) -> str:
    return variables.get(key.partition("[")[0], key)


def _shown(key: str, value: object) -> str | None:
    if key in _SECRET_KEYS or isinstance(value, dict):
        return None
    text = without_secrets(json.dumps(value, ensure_ascii=False, default=str))
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"
