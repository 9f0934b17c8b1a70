"""From pydantic's errors to problems that a person can solve."""

from __future__ import annotations

import json
import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

from b24syncd.domain.job_names import BINDINGS, FIELDS
from b24syncd.errors import Problem

from .schema import Document, known_keys, nested_sections, sections
from .sections import OWN_PROBLEM
from .webhook import without_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import BaseModel, ValidationError
    from pydantic_core import ErrorDetails

_SECRET_KEYS: Final = frozenset({"portal.webhook", "portal.oauth.client_secret"})
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
    "missing": ("this is missing", "write it"),
    "dict_type": ("this is no table", "write its keys in braces: {{… = …}}"),
    "string_too_short": ("this is empty", "give it a value, or leave the key out"),
    "string_pattern_mismatch": (
        "this cannot be a name of files and services",
        "use letters, digits, dots, hyphens and underscores, beginning with a letter or digit",
    ),
}


# By the full name of the key, without the numbers of rules; they win over the cures by type.
_CURES: Final[Mapping[tuple[str, str], str]] = {
    ("tuple_type", "limits.schedule"): "begin every entry with a line [[limits.schedule]]",
    ("model_type", "limits.schedule"): "begin every entry with a line [[limits.schedule]]",
    ("missing", "limits.schedule.share"): "write it, for example share = 0.3",
    ("tuple_type", "jobs.bindings.rules"): "begin every rule with a line [[jobs.bindings.rules]]",
    ("model_type", "jobs.bindings.rules"): "begin every rule with a line [[jobs.bindings.rules]]",
    ("model_type", "jobs.bindings.rules.activities"): 'write its keys in braces: activities = {type = "email"}',
    ("dict_type", "jobs.bindings.rules.where"): 'write its keys in braces: where = {stageId = "CONVERTED"}',
    ("dict_type", "jobs.payment_dates.fields"): 'write its keys in braces: fields = {smart_invoice = "Paid on"}',
    ("missing", "jobs.bindings.rules.name"): 'write it, for example name = "converted leads"',
    ("missing", "jobs.bindings.rules.from"): 'write it, for example from = "lead"',
    ("missing", "jobs.bindings.rules.to"): 'write it, for example to = "company"',
    ("tuple_type", "jobs.fields.rules"): "begin every rule with a line [[jobs.fields.rules]]",
    ("model_type", "jobs.fields.rules"): "begin every rule with a line [[jobs.fields.rules]]",
    ("dict_type", "jobs.fields.rules.where"): "write its keys in braces: where = {categoryId = 0}",
    ("missing", "jobs.fields.rules.name"): 'write it, for example name = "names of companies"',
    ("missing", "jobs.fields.rules.entity"): 'write it, for example entity = "deal"',
    ("missing", "jobs.fields.rules.field"): 'write the title of a field or its code, for example field = "title"',
}
_RULE: Final = re.compile(r"(jobs\.(bindings|fields)\.rules)\[(\d+)\]")
_JOBS_WITH_RULES: Final = (BINDINGS, FIELDS)
_LONGEST_NAME: Final = 40
_Place = tuple[str, int]
"""A job and the number of one of its rules."""


def problems_of(error: ValidationError, variables: Mapping[str, str], document: object = None) -> tuple[Problem, ...]:
    """Return one problem for each error; a key that the environment set is called by its variable.

    A key of a rule is called with the rule's name as well, by the `document` that was judged.
    """
    names = dict(_rule_names(document))
    return tuple(_problem(details, variables, names) for details in error.errors(include_url=False))


def repeated_names(document: object, variables: Mapping[str, str]) -> Iterator[Problem]:
    """Yield a problem for every rule of a job that has the name of one before it."""
    first: dict[tuple[str, str], int] = {}
    names = dict(_rule_names(document))
    for (job, number), name in names.items():
        if first.setdefault((job, name), number) != number:
            key = _source(f"jobs.{job}.rules[{number}].name", variables, names)
            message = f"rules[{first[job, name]}] has this name too"
            yield Problem(key, message, "give every rule a name of its own", _shown(key, name))


def _rule_names(document: object) -> Iterator[tuple[_Place, str]]:
    jobs: Any = document.get("jobs") if isinstance(document, dict) else None
    for job in _JOBS_WITH_RULES:
        section: Any = jobs.get(job) if isinstance(jobs, dict) else None
        rules: Any = section.get("rules") if isinstance(section, dict) else None
        for number, rule in enumerate(rules if isinstance(rules, list) else ()):
            name: Any = rule.get("name") if isinstance(rule, dict) else None
            if isinstance(name, str) and name.strip():
                yield (job, number), name.strip()


def nearest_key(key: str) -> str | None:
    """Return the known key or section that `key` was probably meant to be: one beside it, else one elsewhere."""
    parent, _, name = key.rpartition(".")
    inner = nested_sections().get(_unnumbered(parent))
    if inner is not None:
        near = get_close_matches(name, _keys_of(inner), n=1, cutoff=0.6)
        return near[0] if near else None
    known = [*sections(), "jobs", *known_keys()]
    beside = {full.rpartition(".")[2]: full for full in known if full.rpartition(".")[0] == parent}
    elsewhere = {full.rpartition(".")[2]: full for full in reversed(known)}
    for places, cutoff in ((beside, 0.6), (elsewhere, 0.8)):
        near = get_close_matches(name, places, n=1, cutoff=cutoff)
        if near:
            return places[near[0]]
    return None


def _problem(details: ErrorDetails, variables: Mapping[str, str], names: Mapping[_Place, str]) -> Problem:
    key = _dotted(details["loc"])
    source = _source(key, variables, names)
    if details["type"] == "extra_forbidden":
        return _unknown(key, source)
    context = {"key": key} | details.get("ctx", {})
    if details["type"] == OWN_PROBLEM:
        message, cure = str(context["message"]), str(context["cure"])
    else:
        message, cure = _TYPES.get(details["type"], (details["msg"], "see the annotated example configuration"))
        cure = _CURES.get((details["type"], _unnumbered(key))) or cure.format(**context)
    return Problem(source, message, cure, _shown(key, details["input"]))


def _unknown(key: str, source: str) -> Problem:
    # No value: it may be a secret under a misspelt name.
    nearest = nearest_key(key)
    if nearest is not None:
        return Problem(source, "unknown key", f"did you mean {nearest}?")
    parent = _unnumbered(key.rpartition(".")[0])
    section = (sections() | nested_sections()).get(parent, Document)
    return Problem(source, "unknown key", f"remove it; known here: {', '.join(_keys_of(section))}")


def _keys_of(section: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in section.model_fields.items()]


def _dotted(location: tuple[int | str, ...]) -> str:
    key = ""
    for part in location:
        key += f"[{part}]" if isinstance(part, int) else f".{part}"
    return key.removeprefix(".")


def _unnumbered(key: str) -> str:
    return re.sub(r"\[\d+\]", "", key)


def _source(key: str, variables: Mapping[str, str], names: Mapping[_Place, str]) -> str:
    """Return what a person calls the key: its variable where there is one, and the name of its rule."""
    rule = _RULE.match(key)
    if rule is None:
        return variables.get(key.partition("[")[0], key)
    name = names.get((rule[2], int(rule[3])))
    told = "" if name is None else f" {json.dumps(name[:_LONGEST_NAME], ensure_ascii=False)}"
    return f"{variables.get(rule[1], rule[1])}[{rule[3]}]{told}{key[rule.end() :]}"


def _shown(key: str, value: object) -> str | None:
    if key in _SECRET_KEYS or isinstance(value, dict):
        return None
    text = without_secrets(json.dumps(value, ensure_ascii=False, default=str))
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"
