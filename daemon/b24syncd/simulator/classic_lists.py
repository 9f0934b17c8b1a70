"""What the filters and orders of the classic lists mean.

Sources: php modules/crm/classes/general/restservice.php `internalizeFilterFields` (a name counts only as it is written;
one that is none is dropped; statuses are never searched by a part), modules/main/classes/general/sql_util.php
`PrepareWhere` (an empty array filters nothing) and `PrepareSql` (names of orders in any case; what is not ASC is
downwards).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import php
from .fields import FieldType
from .filters import Filter

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

    from .fields import Field

_BY_PART = ("%=", "=%", "%")


def filter_of(conditions: php.Array, names: Mapping[str, Field], zone: tzinfo) -> Filter:
    """Compile a filter, without what the classic lists pass over."""
    kept: php.Array = {_key(str(name), names): value for name, value in conditions.items() if value != {}}
    return Filter(kept, lambda _, name: names.get(name), zone)


def _key(name: str, names: Mapping[str, Field]) -> str:
    for prefix in _BY_PART:
        field = names.get(name.removeprefix(prefix)) if name.startswith(prefix) else None
        if field is not None and field.type is FieldType.STATUS:
            return f"={name.removeprefix(prefix)}"
    return name


def sorting_of(order: php.Array, names: Mapping[str, Field]) -> list[tuple[Field, bool]]:
    """Return what is ordered by, and whether downwards; a custom field is so only when DESC is said."""
    known = [(names.get(str(name).upper()), php.string(how).upper()) for name, how in order.items()]
    return [(field, how == "DESC" if field.custom else how != "ASC") for field, how in known if field is not None]
