"""What would become of a value that a person types."""

from __future__ import annotations

from dataclasses import dataclass

from .report import Report


@dataclass(frozen=True, slots=True)
class TypedValue(Report):
    """A value as its planner reads it: the values that would be saved, or why not.

    Where it is not certain, `reason` tells why, perhaps with a `suggestion`; then it may be written to the letter,
    unless there is a `problem`, told in a sentence.
    """

    values: tuple[str, ...] = ()
    reason: str | None = None
    suggestion: str | None = None
    may_be_as_is: bool = False
    problem: str | None = None
