"""`[jobs.fields]`: its rules, with the tables that they keep in files."""

# No `from __future__ import annotations`: pydantic reads the annotations.
import os
from pathlib import Path

from b24syncd.domain.field_settings import FieldSettings
from b24syncd.errors import Problem

from .field_rules import FieldRuleSection, table_fault
from .replacements import read_replacements
from .sections import LookedUpSection
from .webhook import without_secrets


class FieldsSection(LookedUpSection):
    """`[jobs.fields]`; without rules there is nothing to do, so that the job is not enabled."""

    enabled: bool = True
    """Whether ordinary fields are corrected; it takes rules for it."""
    rules: tuple[FieldRuleSection, ...] = ()
    """What becomes of which fields: [rules](field-rules.md). Every rule begins with `[[jobs.fields.rules]]`.

    Fields are named by their titles or codes; `where` is Bitrix24's own filter.

    Example:
    # Names of companies in capitals, with spaces and HTML that forms left.
    [[jobs.fields.rules]]
    name = "names of companies"
    entity = "company"
    field = "title"
    strip_html = true
    trim = true
    squeeze = true
    case = "title"
    abbreviations = ["ГАЗ"]

    # What means nothing goes; of deals of one pipeline an empty source becomes the usual one (of a list by its title).
    [[jobs.fields.rules]]
    name = "sources"
    entity = "deal"
    where = { categoryId = 0 }
    field = "sourceId"
    default = "Website"

    # Spellings of cities become one; replace = "cities.csv" reads them from a file with the columns from,to.
    [[jobs.fields.rules]]
    name = "cities"
    entity = "lead"
    field = "City"
    clear = ["-", "нет"]
    replace = { "мск" = "Москва", "спб" = "Санкт-Петербург" }
    """

    @property
    def has_work(self) -> bool:
        """See `JobSection`."""
        return bool(self.rules)

    def as_settings(self, base: Path | None) -> tuple[FieldSettings, tuple[Problem, ...]]:
        """See `LookedUpSection`."""
        rules, problems = [], []
        for number, rule in enumerate(self.rules):
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
