"""A report: typed values that are told, and the one way in which they become JSON."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

from b24syncd.domain.entities import EntityRef

_AS_THEY_ARE = frozenset({str, int, float, bool, type(None)})
"""What most of a long list consists of."""


@dataclass(frozen=True, slots=True)
class Report:
    """Something that is told; the names of its fields are the keys in JSON and the columns of lists."""

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {name: plain(getattr(self, name)) for name in self.columns()}

    @classmethod
    @cache
    def columns(cls) -> tuple[str, ...]:
        """Return the names of its fields."""
        return tuple(field.name for field in fields(cls))


def plain(value: object) -> Any:  # noqa: ANN401, PLR0911 # whatever JSON has
    """Return a value as JSON has it: items as `contact:42`, times in ISO 8601 to the second."""
    if type(value) in _AS_THEY_ARE:
        return value
    match value:
        case Report():
            return value.to_json()
        case Enum():
            return value.value
        case datetime():
            return value.isoformat(timespec="seconds")
        case EntityRef() | Path():
            return str(value)
        case dict():
            return {str(plain(name)): plain(inner) for name, inner in value.items()}
        case list() | tuple():
            return [plain(inner) for inner in value]
        case _ if is_dataclass(value):
            return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
        case _:
            return value
