"""What this program did before, which no portal knows: whoever reads completes snapshots by it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from b24syncd.domain.entities import EntityRef
    from b24syncd.domain.past import Past
    from b24syncd.domain.values import Value

    WrittenInto = Mapping[EntityRef, Mapping[str, Value]]
    """What was last written into fields of items, by their names: None where one was cleared."""


class KnowsBefore(Protocol):
    """Tells what was done with activities, and what was written into fields."""

    async def pasts(self, activities: Collection[EntityRef]) -> Mapping[EntityRef, Past]:
        """Return the pasts of those activities that have one."""

    async def written(self, items: Collection[EntityRef], fields: Collection[str]) -> WrittenInto:
        """Return what was last written into these fields of the items; where nothing ever was, it is left out."""

    async def replaced(self, items: Collection[EntityRef], fields: Collection[str]) -> WrittenInto:
        """Return what stood in these fields before the last write of any sort, where there was one."""


class NothingBefore:
    """Knows of nothing: for those who only look at what is there."""

    async def pasts(self, activities: Collection[EntityRef]) -> Mapping[EntityRef, Past]:
        """Return none."""
        del activities
        return {}

    async def written(self, items: Collection[EntityRef], fields: Collection[str]) -> WrittenInto:
        """Return nothing."""
        del items, fields
        return {}

    async def replaced(self, items: Collection[EntityRef], fields: Collection[str]) -> WrittenInto:
        """Return nothing."""
        del items, fields
        return {}
