"""How the controllers of the shop read names and times.

Sources: php modules/main/lib/engine/response/converter.php with `camel2snake` (every capital letter begins a new word,
so an upper-case name is none), php modules/sale/lib/rest/entity/base.php `internalizeFilterFields` (an unknown name is
dropped without an error, and the value goes to the database as it was sent).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from b24syncd.simulator import php
    from b24syncd.simulator.tables.fields import Field
    from b24syncd.simulator.tables.model import Table
    from b24syncd.simulator.tables.state import PortalState

_CAPITAL = re.compile(r"(.)([A-Z])")
_OFFSET = re.compile(r"(\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})\Z")


def named(table: Table, name: str) -> Field | None:
    """Return the field that a name means: `datePaid` and `date_paid` are one, `DATE_PAID` is none."""
    return table.upper_names.get(_CAPITAL.sub(r"\1_\2", name).upper())


def without_offsets(portal: PortalState, conditions: php.Array) -> php.Array:
    """Return a filter as a portal reads it that takes every time for its own; others leave it as it is."""
    if portal.options.sale_offsets:
        return conditions
    return {name: _without_offset(value) for name, value in conditions.items()}


def _without_offset(value: object) -> Any:  # noqa: ANN401 - whatever was sent
    if isinstance(value, dict):
        return {name: _without_offset(part) for name, part in value.items()}
    return _OFFSET.sub(r"\1", value) if isinstance(value, str) else value
