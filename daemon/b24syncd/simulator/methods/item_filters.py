"""Filters and orders of `crm.item.list`: which names they take, and which times the server reads.

Sources: php modules/crm/lib/controller/item.php `listAction` (the fields of the type, and by the names of the database
those of its table), modules/crm/lib/service/converter.php (an upper-case name counts only as it stands, not behind a
prefix), modules/crm/lib/controller/base.php `prepareDateTimeFieldsForFilter` (times in arrays, and those behind a name
of the database, go there as they were sent: only the spelling of the server's own language is understood).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from b24syncd.simulator import php
from b24syncd.simulator.tables.fields import snake

from . import filter_rules
from .filters import Filter

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import tzinfo

    from b24syncd.simulator.tables.fields import Field
    from b24syncd.simulator.tables.model import Table


@dataclass(frozen=True, slots=True)
class ItemNames:
    """The names that a request for items of one type may use; `original` keeps those of custom fields."""

    table: Table
    original: bool

    def filter(self, conditions: php.Array, zone: tzinfo, compared: Callable[[int], int]) -> Filter:
        """Compile a filter; raise for what may not be in it."""
        fields = self.table.filtered_names
        raised = self._raised(conditions)
        filter_rules.check_filter(raised, fields)
        return Filter(raised, lambda _, name: fields[name], zone, compared, as_sent=self._as_sent, by_objects=True)

    def order(self, order: php.Array) -> list[tuple[Field, bool]]:
        """Return what is ordered by, and whether downwards; raise for what may not be."""
        fields = self.table.filtered_names
        raised: php.Array = {self._upper(str(name)): php.string(how).upper() for name, how in order.items()}
        filter_rules.check_order(raised, fields)
        return [(fields[str(name)], how == "DESC") for name, how in raised.items()]

    def _upper(self, key: str) -> str:
        if key in self.table.upper_names or key in ("logic", "LOGIC"):
            return key
        return key if self.original and filter_rules.split(key)[1].startswith("UF_") else snake(key)

    def _raised(self, conditions: php.Array) -> php.Array:
        return {
            self._upper(str(name)).replace(".", ""): self._raised(value) if isinstance(value, dict) else value
            for name, value in conditions.items()
        }

    def _as_sent(self, name: str, raw: object) -> bool:
        return isinstance(raw, dict) or name not in self.table.moment_names
