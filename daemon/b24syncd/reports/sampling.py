"""A random sample of findings that come one after the other, however many there are."""

from __future__ import annotations

from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")

_SEED = 24
"""Always the same: a preview of the same portal shows the same sample."""


class Sample(Generic[T]):
    """Keeps so many of what is added, each with the same chance (reservoir sampling), in the order in which it came.

    Source: Vitter, Random sampling with a reservoir (1985), algorithm R.
    """

    def __init__(self, size: int) -> None:
        """Keep `size` of them."""
        self._size = size
        self._random = Random(_SEED)  # noqa: S311 # nobody has to guess it
        self._kept: list[tuple[int, T]] = []
        self.seen = 0

    def add(self, one: T) -> None:
        """Take in one of them."""
        self.seen += 1
        if len(self._kept) < self._size:
            self._kept.append((self.seen, one))
        elif (place := self._random.randrange(self.seen)) < self._size:
            self._kept[place] = (self.seen, one)

    def kept(self) -> tuple[T, ...]:
        """Return the sample."""
        return tuple(one for _, one in sorted(self._kept, key=lambda kept: kept[0]))
