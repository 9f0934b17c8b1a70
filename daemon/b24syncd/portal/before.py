"""What this program did before, which no portal knows: whoever reads completes snapshots by it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from b24syncd.domain.entities import EntityRef
    from b24syncd.domain.past import FieldPast, Past


class KnowsBefore(Protocol):
    """Tells what was done with activities, and with fields of items."""

    async def pasts(self, activities: Collection[EntityRef]) -> Mapping[EntityRef, Past]:
        """Return the pasts of those activities that have one."""

    async def field_pasts(self, items: Collection[EntityRef]) -> Mapping[EntityRef, Mapping[str, FieldPast]]:
        """Return what was done with fields of those items, by the names of the fields."""


class NothingBefore:
    """Knows of nothing: for those who only look at what is there."""

    async def pasts(self, activities: Collection[EntityRef]) -> Mapping[EntityRef, Past]:
        """Return none."""
        del activities
        return {}

    async def field_pasts(self, items: Collection[EntityRef]) -> Mapping[EntityRef, Mapping[str, FieldPast]]:
        """Return nothing."""
        del items
        return {}
