"""Lists of decisions: what is wrong in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .report import Report

DECISIONS: Final = ("accept", "edit", "dismiss", "reopen", "exclude")
"""What the column `decision` of a list may say."""


@dataclass(frozen=True, slots=True)
class ListProblem(Report):
    """What is wrong in a line of a list."""

    line: int
    problem: str

    def __str__(self) -> str:
        """Return it in words."""
        return f"line {self.line}: {self.problem}"
