"""Values of fields: how they are read from a request and shown in an answer.

Sources: php modules/crm/lib/controller/item.php `processFields` (an empty value clears, an invalid date is dropped),
php modules/rest/classes/general/rest_util.php `unConvertDate`, `unConvertDateTime` (strtotime in the server's zone),
`ConvertDate` and `ConvertDateTime`, docs api-reference/data-types.md. Times are kept as unix seconds, dates as the unix
second of their midnight.
"""

from __future__ import annotations

import contextlib
import re
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from b24syncd.simulator import php

from .currencies import BASE
from .fields import MOMENTS, NUMBERS, Field, FieldType

if TYPE_CHECKING:
    from collections.abc import Iterable

Value = str | int | float | None
_ABSENT = {FieldType.CHAR: "N", FieldType.DATE: "", FieldType.DATETIME: ""}
_IDS = frozenset({FieldType.ENUMERATION, FieldType.EMPLOYEE, FieldType.FILE, FieldType.SECTION, FieldType.ELEMENT})
"""Custom fields that are kept as numbers (php: CUserTypeManager, the base types int, enum and file)."""
_SHOWN_OTHERWISE = _IDS | {
    *(FieldType.CHAR, FieldType.BOOLEAN, FieldType.CONTACTS, FieldType.DOUBLE, FieldType.DATE, FieldType.DATETIME),
}
_MARK = "\x1e"
_MONEY = re.compile(r"(-?[0-9]+\.?[0-9]*)(?:\|([A-Z]{3}))?")
_MAX_DISTANCE = 253402214400  # the last day of the year 9999: no zone is further than that
_PATTERNS = ("%d.%m.%Y %H:%M:%S", "%d.%m.%Y", "%m/%d/%Y", "%m/%d/%Y %H:%M:%S")


def moment(text: object, zone: tzinfo) -> int | None:
    """Return the unix second that PHP's `strtotime` reads, for the spellings that occur; `None` where it fails."""
    text = php.trim(text)
    for spelling in (text, text.replace(",", " ")):
        with contextlib.suppress(ValueError, OverflowError):
            return _second(datetime.fromisoformat(spelling), zone)
    for pattern in _PATTERNS:
        with contextlib.suppress(ValueError, OverflowError):
            return _second(datetime.strptime(text, pattern), zone)  # noqa: DTZ007 - the zone is the portal's, added below
    return None


def written_by_server(text: object) -> bool:
    """Tell whether a time is written as the server itself writes times: day, month, year, maybe hour."""
    return any(_fits(php.trim(text), pattern) for pattern in _PATTERNS[:2])


def _fits(text: str, pattern: str) -> bool:
    with contextlib.suppress(ValueError):
        return bool(datetime.strptime(text, pattern))  # noqa: DTZ007 - only whether it is one
    return False


def _second(when: datetime, zone: tzinfo) -> int:
    return int((when if when.tzinfo else when.replace(tzinfo=zone)).timestamp())


def iso(second: float, zone: tzinfo) -> str:
    """Return PHP's `date('c')`: ISO 8601 with the portal's offset and whole seconds."""
    return _iso(min(int(second), _MAX_DISTANCE), zone)


@lru_cache(maxsize=4096)
def _iso(second: int, zone: tzinfo) -> str:
    return datetime.fromtimestamp(second, UTC).astimezone(zone).isoformat()


def midnight(second: int, zone: tzinfo) -> int:
    """Return the beginning of the day in the portal's zone: all that a field of type date keeps."""
    return int(datetime.fromtimestamp(second, zone).replace(hour=0, minute=0, second=0, microsecond=0).timestamp())


def walled(second: int, zone: tzinfo) -> int:
    """Return what is left of a time after it lay in the database, as the portal's wall shows it, without a zone.

    Of the hour that a clock set back shows twice, only the first is left.
    """
    return int(datetime.fromtimestamp(second, zone).replace(tzinfo=zone, fold=0).timestamp())


def received(field: Field, raw: object, zone: tzinfo) -> tuple[bool, Value]:
    """Return whether the value is taken at all, and as what it is stored."""
    if not php.truthy(raw):
        return True, _nothing(field, raw)
    if not field.multiple:
        return _received(field, raw, zone)
    # php: modules/crm/lib/item.php `clearEmptyMultipleValues`
    filled = (entry for entry in (raw.values() if isinstance(raw, dict) else (raw,)) if not _is_empty(field, entry))
    entries = (_received(field, entry, zone) for entry in filled)
    return True, joined(php.string(value) for taken, value in entries if taken and value is not None)


def _nothing(field: Field, raw: object) -> Value:
    """Return what PHP's `empty` texts and numbers are kept as (php: modules/crm/lib/field.php `isValueEmpty`)."""
    is_zero = raw in (0, "0") and not isinstance(raw, bool) and not field.multiple
    if is_zero and field.type is FieldType.STRING and field.told is None and raw == "0":
        return "0"
    if is_zero and field.type is FieldType.DOUBLE:
        return 0.0
    if is_zero and field.type is FieldType.INTEGER and field.told in (None, "crm_category"):
        return 0
    return emptied(field)


def _is_empty(field: Field, entry: object) -> bool:
    """php: modules/crm/lib/field.php `isValueEmpty`, of one of several values."""
    if field.type is FieldType.STRING and entry == "0":
        return False
    is_number = field.type in (FieldType.INTEGER, FieldType.DOUBLE)
    return not php.truthy(entry) and not (is_number and entry in (0, "0") and not isinstance(entry, bool))


def emptied(field: Field) -> Value:
    """Return what a field holds when it was emptied: null where its column may be null, else nothing of its type.

    php: main/lib/orm/fields/{stringfield,integerfield,floatfield}.php `cast`.
    """
    if field.nullable or field.custom or field.multiple:
        return None
    if field.type in (FieldType.STRING, FieldType.TEXT, FieldType.STATUS):
        return ""
    if field.type in NUMBERS:
        return 0
    return 0.0 if field.type is FieldType.DOUBLE else None


def _received(field: Field, raw: object, zone: tzinfo) -> tuple[bool, Value]:
    value: Value
    if field.type in MOMENTS:
        value = moment(raw, zone)
        if value is None:
            return False, None
        return True, midnight(value, zone) if field.type is FieldType.DATE else walled(value, zone)
    if field.type in NUMBERS:
        value = php.integer(raw) or None
    elif field.type is FieldType.DOUBLE:
        value = php.number(raw)
    elif field.type in (FieldType.CHAR, FieldType.BOOLEAN):
        value = "Y" if raw is True or raw in ("Y", "y", "true") else "N"
    elif field.type is FieldType.CONTACTS:
        entries = raw.values() if isinstance(raw, dict) else (raw,)
        return True, id_list(php.integer(entry) for entry in entries)
    elif field.type is FieldType.MONEY:
        value = _money(php.string(raw))
    else:
        value = php.string(raw)
    return not isinstance(raw, dict), value


def _money(text: str) -> str | None:
    """Return an amount with its currency, the base one where none is said; what is written otherwise is lost.

    php: modules/currency/lib/userfield/types/moneytype.php `onBeforeSave`; nobody asks whether there is that currency.
    """
    match = _MONEY.fullmatch(text)
    if match is None:
        return None
    amount = match[1]
    if "." in amount:
        amount = amount.rstrip("0").rstrip(".")
    return f"{amount}|{match[2] or BASE}"


def id_list(ids: Iterable[int]) -> str | None:
    """Return ids as a field of several keeps them, each once, `None` for none."""
    return ",".join(str(one) for one in dict.fromkeys(ids) if one > 0) or None


def listed_ids(value: Value) -> list[int]:
    """Return the ids that a field of several holds."""
    return [int(one) for one in str(value).split(",")] if value else []


def joined(entries: Iterable[str]) -> str | None:
    """Return values as a multiple field keeps them: line by line, or behind marks where one has lines of its own."""
    known = list(entries)
    if any("\n" in one for one in known):
        return "".join(_MARK + one for one in known)
    return "\n".join(known) or None


def entries_of(value: Value) -> list[str]:
    """Return the values that a multiple field holds."""
    text = str(value or "")
    if text.startswith(_MARK):
        return text[1:].split(_MARK)
    return text.split("\n") if text else []


def _iso_of(field: Field, second: int, now: datetime) -> str:
    """Return a time as answers tell it; a date is its midnight plus the offset that the portal's clock has now.

    php: `ConvertDate` adds `date('Z')`, the offset of the present, also to a date of the other half of the year.
    """
    zone = now.tzinfo or UTC
    shift = now.utcoffset() or timedelta()
    return iso(second + shift.total_seconds() if field.type is FieldType.DATE else second, zone)


def _one_told(field: Field, one: str, now: datetime) -> str | int:
    if field.type in MOMENTS:
        return _iso_of(field, int(one), now)
    return int(one) if field.type in NUMBERS or (field.type in _IDS and php.numeric(one)) else one


def is_shown_as_kept(field: Field) -> bool:
    """Tell whether `shown` gives back whatever a field holds, in every zone."""
    return not field.multiple and field.type not in _SHOWN_OTHERWISE


def shown(field: Field, value: Value, now: datetime) -> Any:  # noqa: ANN401 - a value, or several
    """Return the value as `crm.item.*` shows it; `now` is the portal's present in its zone."""
    if field.multiple:
        return [_one_told(field, one, now) for one in entries_of(value)]
    if field.type is FieldType.CONTACTS:
        return listed_ids(value)
    if value is None:
        return "N" if field.type in (FieldType.CHAR, FieldType.BOOLEAN) else None
    if field.type in MOMENTS and isinstance(value, int):
        return _iso_of(field, value, now)
    if field.type is FieldType.DOUBLE and isinstance(value, float):
        return php.whole(value)
    return _one_told(field, value, now) if field.type in _IDS and isinstance(value, str) else value


def shown_classic(field: Field, value: Value, now: datetime) -> Any:  # noqa: ANN401 - text, or several
    """Return the value as the classic methods show it: everything is text, an absent date is empty.

    php: a field of several values that is empty is false.
    """
    if field.multiple:
        return shown(field, value, now) or False
    if value is None:
        return _ABSENT.get(field.type)
    if field.type in MOMENTS and isinstance(value, int):
        return _iso_of(field, value, now)
    if field.type is FieldType.DOUBLE and isinstance(value, float | int):
        return f"{value:.2f}"
    if field.type is FieldType.BOOLEAN:
        return "1" if value == "Y" else "0"
    return php.string(value)
