"""Numbers, lists and subjects in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from b24syncd.domain.job_names import BINDINGS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

NOTHING_YET: Final = "nothing has run yet; `b24syncd backfill --dry-run` shows what a first walk would do"
NOTHING_WRITTEN: Final = "nothing was written"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, which takes an s."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def listed(values: Mapping[str, object]) -> str:
    """Return values by their names, as `open 3, closed 1`."""
    return ", ".join(f"{name} {value}" for name, value in values.items()) or "nothing"


@dataclass(frozen=True, slots=True)
class Subjects:
    """What was looked at, as it is told of one and of several."""

    one: str
    several: str

    def counted(self, number: int) -> str:
        """Return so many of them."""
        return f"{number} {self.one if number == 1 else self.several}"


ITEMS = Subjects("item", "items")
ACTIVITIES = Subjects("activity", "activities")
_BOTH = Subjects("item or activity", "items and activities")


def subjects_of(jobs: Collection[str]) -> Subjects:
    """Return what these jobs look at."""
    if BINDINGS not in jobs:
        return ITEMS
    return ACTIVITIES if set(jobs) == {BINDINGS} else _BOTH


def in_halves(text: str) -> tuple[str, str]:
    """Return what an error says, and behind the first semicolon that is in no brackets what to do about it."""
    depth = 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if character == ";" and depth <= 0:
            return text[:place], text[place + 1 :].strip()
    return text, ""
