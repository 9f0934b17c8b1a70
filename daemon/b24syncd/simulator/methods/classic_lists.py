"""What the filters and orders of the classic lists mean.

Sources: php modules/crm/classes/general/restservice.php `internalizeFilterFields` (a name counts only as it is written;
one that is none is dropped, a time that is none means none; statuses are never searched by a part),
modules/main/classes/general/sql_util.php `PrepareWhere` (an empty array filters nothing) and `PrepareSql` (names of
orders in any case; what is not ASC is downwards).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.simulator import php
from b24syncd.simulator.tables.fields import MOMENTS, FieldType
from b24syncd.simulator.tables.values import moment

from .filters import Filter

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

    from b24syncd.simulator.tables.fields import Field

_BY_PART = ("%=", "=%", "%")


def filter_of(conditions: php.Array, names: Mapping[str, Field], zone: tzinfo) -> Filter:
    """Compile a filter, without what the classic lists pass over."""
    kept: php.Array = {}
    for name, value in conditions.items():
        if value != {}:
            key, meant = _meant(str(name), value, names, zone)
            kept[key] = meant
    return Filter(kept, lambda _, name: names.get(name), zone)


def _meant(key: str, value: object, names: Mapping[str, Field], zone: tzinfo) -> tuple[str, object]:
    name = key.lstrip("!=%<>@")
    field, prefix = names.get(name), key.removesuffix(name)
    if field is None:
        return key, value
    if field.type is FieldType.STATUS and prefix in _BY_PART:
        return f"={name}", value
    if field.type in MOMENTS and not isinstance(value, dict) and moment(value, zone) is None:
        return f"{prefix[:1] if prefix.startswith('!') else ''}{name}", ""  # what is no time is none at all
    return key, value


def sorting_of(order: php.Array, names: Mapping[str, Field]) -> list[tuple[Field, bool]]:
    """Return what is ordered by, and whether downwards; a custom field is so only when DESC is said."""
    known = [(names.get(str(name).upper()), php.string(how).upper()) for name, how in order.items()]
    return [(field, how == "DESC" if field.custom else how != "ASC") for field, how in known if field is not None]
