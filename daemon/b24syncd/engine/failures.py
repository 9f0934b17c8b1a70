"""Failures: the items at which the portal fails again and again, so that they hold up neither others nor the run.

An update may crash on the portal's side (an event handler, an automation rule) and take its whole batch with it. So an
item whose batches got no answer twice in a row goes in a batch of its own, and one that goes on failing is given up.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from b24syncd.domain.entities import EntityRef

_ALONE_AFTER = 2
_MOST = 5

TOO_MANY = f"the portal failed at this item {_MOST} times in a row"


class Failures:
    """How often the portal failed at an item since it last succeeded."""

    def __init__(self) -> None:
        """Begin without any."""
        self._in_a_row: Counter[EntityRef] = Counter()

    def add(self, refs: Iterable[EntityRef]) -> None:
        """Count one more for each."""
        self._in_a_row.update(refs)

    def forget(self, ref: EntityRef) -> None:
        """Take in a success."""
        self._in_a_row.pop(ref, None)

    def go_alone(self, ref: EntityRef) -> bool:
        """Tell whether an item goes in a batch of its own, so that it cannot take others with it."""
        return self._in_a_row[ref] >= _ALONE_AFTER

    def are_too_many(self, ref: EntityRef) -> bool:
        """Tell whether an item is not to be tried again."""
        return self._in_a_row[ref] >= _MOST
