"""Lists of decisions: what is wrong in them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from .report import Report

DECISIONS: Final = ("accept", "edit", "dismiss", "reopen", "exclude")
"""What the column `decision` of a list may say."""


class Wrong(StrEnum):
    """What can be wrong in a list."""

    NO_TEXT = "no_text"
    EMPTY = "empty"
    NO_COLUMNS = "no_columns"
    NO_CSV = "no_csv"
    NO_DECISION = "no_decision"
    NO_REVIEW = "no_review"
    TWICE = "twice"
    OTHER_REVIEW = "other_review"
    OTHER_VALUE = "other_value"
    OTHER_STATE = "other_state"
    NOT_TO_BE_ACCEPTED = "not_to_be_accepted"
    NOT_CERTAIN = "not_certain"


@dataclass(frozen=True, slots=True)
class ListProblem(Report):
    """What is wrong in a line of a list, in a sentence; `told` is the word, the state or the reason that is meant."""

    line: int
    problem: str
    wrong: Wrong
    told: str = ""

    def __str__(self) -> str:
        """Return it in words."""
        return f"line {self.line}: {self.problem}"
