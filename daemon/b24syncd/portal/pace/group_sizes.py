"""How many updates may follow one witness list: as many as last no longer than the bound, by what was seen.

Pure but for what it remembers. Between the list and the end of the last update a person's edit goes unseen, so what
lasted too long makes the next groups smaller at once, and what lasted well lets them grow slowly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LARGEST = 49
"""A list and so many updates fill a batch."""

SMALLEST = 2

ALONE = 1
_MARGIN = 1.2
_GROWTH = 4


class GroupSizes:
    """The sizes of groups by kind of item, for a bound in `seconds`; 0 is for pairs alone."""

    def __init__(self, seconds: float) -> None:
        """Begin without experience: only the expected seconds keep groups small."""
        self._seconds = seconds
        self._most: dict[str, int] = {}

    def allow(self, seconds: float) -> None:
        """Keep to another bound from now on, with what was learnt."""
        self._seconds = seconds

    def restore(self, most: Mapping[str, int]) -> None:
        """Take over what was learnt in an earlier life."""
        self._most = {kind: min(LARGEST, max(ALONE, size)) for kind, size in most.items()}

    def learnt(self) -> dict[str, int]:
        """Return the kinds whose groups did not last as they were expected to, with the most that they may hold."""
        return dict(self._most)

    def most(self, kind: str, before: float | None, each: float | None) -> int:
        """Return how many updates may follow a list, 1 for a pair.

        `before` is how many seconds the reading is expected to take and `each` how many an update, None where nobody
        knows.
        """
        if before is None or each is None or self._seconds <= 0:
            return ALONE
        room = self._seconds / _MARGIN - before
        if room <= 0:
            return ALONE
        size = self._most.get(kind, LARGEST)
        if each * size > room:
            size = int(room / each)
        return size if size >= SMALLEST else ALONE

    def is_too_large(self, kind: str, size: int, before: float | None, each: float | None) -> bool:
        """Tell whether a group that was not when it was put together would last too long by what is known now."""
        if size == ALONE or before is None or each is None:
            return False
        return size > self._most.get(kind, LARGEST) or before + size * each > self._seconds

    def learn(self, kind: str, lasted: Sequence[tuple[int, float | None]]) -> None:
        """Take in how long the groups of one batch lasted, by their size: what the portal does not time is not tried.

        Pairs teach as well, as groups of one.
        """
        if not lasted or self._seconds <= 0:
            return
        if any(seconds is None for _, seconds in lasted):
            self._most[kind] = ALONE
            return
        timed = [(size, seconds) for size, seconds in lasted if seconds is not None]
        too_long = [_fitting(size, seconds, self._seconds) for size, seconds in timed if seconds > self._seconds]
        if too_long:
            self._most[kind] = min(too_long)
        else:
            self._grow(kind, *max(timed))

    def lose(self, kind: str, size: int) -> None:
        """Take in that a group was not answered, or its list was not to be had: perhaps it was too much at once."""
        self._most[kind] = max(ALONE, min(size, self._most.get(kind, LARGEST)) // 2)

    def _grow(self, kind: str, size: int, seconds: float) -> None:
        most = self._most.get(kind, LARGEST)
        more = min(LARGEST, most + max(1, most // _GROWTH))
        is_evidence = size >= most or most < SMALLEST
        if not is_evidence or seconds * more > self._seconds * size:
            return
        if more == LARGEST:
            self._most.pop(kind, None)
        else:
            self._most[kind] = more


def _fitting(size: int, seconds: float, bound: float) -> int:
    """Return the size that would have lasted as long as it may, smaller in any case."""
    return max(ALONE, min(size - 1, int(size * bound / seconds)))
