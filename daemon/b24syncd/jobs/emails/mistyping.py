"""Slips of the fingers: how one word becomes another by a single one."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_SURE_FOR_TWO_LETTERS = 2


class Slip(IntEnum):
    """What happened to a word, the likelier the smaller."""

    SWAPPED = 0
    BESIDE = 1
    """A key was struck twice, or the one beside it was struck too or instead."""
    MISSING = 2
    OTHER = 3


def slip(written: str, meant: str) -> Slip | None:
    """Return the one slip that makes `written` of `meant`; `None` if there is not exactly one."""
    start = next(
        (place for place, (one, other) in enumerate(zip(written, meant, strict=False)) if one != other),
        min(len(written), len(meant)),
    )
    ours, theirs = written[start:], meant[start:]
    match len(ours) - len(theirs):
        case 0 if ours and ours[1:] == theirs[1:]:
            return Slip.BESIDE if _are_beside(ours[0], theirs[0]) else Slip.OTHER
        case 0 if len(ours) > 1 and ours[:2] == theirs[1::-1] and ours[2:] == theirs[2:]:
            return Slip.SWAPPED
        case 1 if ours[1:] == theirs:
            around = written[start - 1 : start] + ours[1:2]
            return Slip.BESIDE if any(_are_beside(ours[0], each) for each in around) else Slip.OTHER
        case -1 if ours == theirs[1:]:
            return Slip.MISSING
        case _:
            return None


def likeliest(written: str, words: Iterable[str]) -> str | None:
    """Return the word that was meant, where one is likelier than all others.

    Of words with two letters nearly every one is a single slip away from another: only the likely slips count.
    """
    slips: dict[Slip, list[str]] = {}
    for word in words:
        found = slip(written, word)
        if found is not None and (found <= Slip.BESIDE or len(word) > _SURE_FOR_TWO_LETTERS):
            slips.setdefault(found, []).append(word)
    best = slips[min(slips)] if slips else []
    return best[0] if len(best) == 1 else None


def _are_beside(one: str, other: str) -> bool:
    """Tell whether two letters are the same key, or neighbours on the keyboard."""
    return one == other or any(abs(_x(row, one) - _x(row, other)) == 1 for row in _ROWS if one in row and other in row)


def _x(row: str, letter: str) -> int:
    return row.index(letter)
