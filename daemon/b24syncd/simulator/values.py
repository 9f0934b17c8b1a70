"""Values of fields: how they are read from a request and shown in an answer.

Sources: php modules/crm/lib/controller/item.php `processFields` (an empty value clears, an invalid date is dropped),
php modules/rest/classes/general/rest_util.php `unConvertDateTime` (strtotime in the server's zone), docs
api-reference/data-types.md. Times are kept as unix seconds, dates as the unix second of their midnight.
"""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING

from . import php
from .fields import MOMENTS, NUMBERS, Field, FieldType

if TYPE_CHECKING:
    from collections.abc import Iterable

Value = str | int | float | None
_MAX_DISTANCE = 253402214400  # the last day of the year 9999: no zone is further than that


def moment(text: object, zone: tzinfo) -> int | None:
    """Return the unix second that PHP's `strtotime` reads, for the spellings that occur; `None` where it fails."""
    text = php.string(text).strip()
    for spelling in (text, text.replace(",", " ")):
        with contextlib.suppress(ValueError, OverflowError):
            return _second(datetime.fromisoformat(spelling), zone)
    for pattern in ("%d.%m.%Y %H:%M:%S", "%d.%m.%Y"):
        with contextlib.suppress(ValueError, OverflowError):
            return _second(datetime.strptime(text, pattern), zone)  # noqa: DTZ007 - the zone is the portal's, added below
    return None


def _second(when: datetime, zone: tzinfo) -> int:
    return int((when if when.tzinfo else when.replace(tzinfo=zone)).timestamp())


def iso(second: float, zone: tzinfo) -> str:
    """Return PHP's `date('c')`: ISO 8601 with the portal's offset and whole seconds."""
    return datetime.fromtimestamp(min(int(second), _MAX_DISTANCE), UTC).astimezone(zone).isoformat()


def received(field: Field, raw: object, zone: tzinfo) -> tuple[bool, Value]:
    """Return whether the value is taken at all, and as what it is stored."""
    if not php.truthy(raw):
        return True, None
    value: Value
    if field.type in MOMENTS:
        value = moment(raw, zone)
        if value is not None and field.type is FieldType.DATE:
            value = _midnight(value, zone)
        return value is not None, value
    if field.type in NUMBERS:
        value = php.integer(raw) or None
    elif field.type is FieldType.DOUBLE:
        value = float(php.string(raw)) if php.numeric(raw) else float(php.integer(raw))
    elif field.type is FieldType.CHAR:
        value = "Y" if raw is True or raw in ("Y", "y", "true") else "N"
    elif field.type is FieldType.CONTACTS:
        entries = raw.values() if isinstance(raw, dict) else (raw,)
        return True, id_list(php.integer(entry) for entry in entries)
    else:
        value = php.string(raw)
    return not isinstance(raw, dict), value


def _midnight(second: int, zone: tzinfo) -> int:
    day = datetime.fromtimestamp(second, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return int(day.timestamp())


def id_list(ids: Iterable[int]) -> str | None:
    """Return ids as a field of several keeps them, each once, `None` for none."""
    return ",".join(str(one) for one in dict.fromkeys(ids) if one > 0) or None


def listed_ids(value: Value) -> list[int]:
    """Return the ids that a field of several holds."""
    return [int(one) for one in str(value).split(",")] if value else []


def shown(field: Field, value: Value, zone: tzinfo) -> Value | list[int]:
    """Return the value as `crm.item.*` shows it."""
    if field.type is FieldType.CONTACTS:
        return listed_ids(value)
    if value is None:
        return "N" if field.type is FieldType.CHAR else None
    if field.type in MOMENTS and isinstance(value, int):
        return iso(value, zone)
    if field.type is FieldType.DOUBLE and isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def shown_classic(field: Field, value: Value, zone: tzinfo) -> str | None:
    """Return the value as the classic methods show it: everything is text, an absent date is empty."""
    if value is None:
        if field.type is FieldType.CHAR:
            return "N"
        return "" if field.type in MOMENTS else None
    if field.type in MOMENTS and isinstance(value, int):
        return iso(value, zone)
    if field.type is FieldType.DOUBLE and isinstance(value, float | int):
        return f"{value:.2f}"
    return php.string(value)
