"""The rules of the job `fields` with the tables that they keep in files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from b24syncd.domain.field_settings import FieldSettings
from b24syncd.errors import Problem

from .field_rules import table_fault
from .replacements import read_replacements
from .webhook import without_secrets

if TYPE_CHECKING:
    from .field_rules import FieldsSection


def read_fields(section: FieldsSection, base: Path | None) -> tuple[FieldSettings | None, tuple[Problem, ...]]:
    """Return the rules, None where the job is not enabled, and what is wrong with the files that they name.

    Files are looked for beside the configuration, in the folder `base`.
    """
    if not section.enabled or not section.rules:
        return None, ()
    rules, problems = [], []
    for number, rule in enumerate(section.rules):
        table: tuple[tuple[str, str], ...] = ()
        if isinstance(rule.replace, str):
            path = (base or Path.cwd()) / Path(os.path.expanduser(rule.replace))  # noqa: PTH111 # see loading.py
            table, faults = read_replacements(path)
            found = [(fault.message, fault.cure) for fault in faults]
            fault = None if found else table_fault(table, words=rule.match == "words")
            found += [] if fault is None else [fault]
            key = f"{rule.as_settings(number, ()).key}.replace"
            problems += [Problem(key, without_secrets(message), cure) for message, cure in found]
        rules.append(rule.as_settings(number, table))
    return FieldSettings(rules=tuple(rules)), tuple(problems)
