"""Filters of list methods: prefixes, nesting, `logic: OR`, and the ranges of ids and times they imply.

Sources: docs api-reference/crm/universal/crm-item-list.md (prefixes, nesting, errors), php
modules/crm/lib/controller/base.php `prepareDateTimeFieldsForFilter` (dates of scalars are read by strtotime, and become
times on the server's wall, as which all times lie in the database: modules/rest/classes/general/rest_util.php
`unConvertDateTime`; what is none becomes false, and so NULL: modules/main/classes/general/sqlwhere.php
`addDateFilter`). Text is compared without regard to case, as MySQL's default collation does.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from b24syncd.simulator import php
from b24syncd.simulator.tables.fields import MOMENTS, NUMBERS, Field, FieldType
from b24syncd.simulator.tables.values import entries_of, listed_ids, midnight, moment, walled, written_by_server

if TYPE_CHECKING:
    from datetime import tzinfo

    from b24syncd.simulator.tables.model import Item
    from b24syncd.simulator.tables.values import Value

Test = Callable[["Item"], bool]
FieldLookup = Callable[[str, str], Field | None]
"""Finds a filter's field by prefix and name; may raise for an unknown one, `None` has the condition ignored."""
AsSent = Callable[[str, object], bool]
"""Tells by name and value of a condition whether its times reach the database as they were sent."""

_PREFIXED = re.compile(r"(!><|><|!=%|!%=|=%|%=|!=|!%|!@|>=|<=|[=><@%!])?(.*)\Z", re.DOTALL)
_COMPARISONS = {">": 1, ">=": 1, "<": -1, "<=": -1}


@dataclass(slots=True)
class Range:
    """The lowest and the highest value that a filter lets through."""

    low: float = -inf
    high: float = inf

    def narrow(self, prefix: str, value: int) -> None:
        """Take one more comparison of whole numbers into account."""
        match prefix:
            case ">":
                self.low = max(self.low, value + 1)
            case ">=":
                self.low = max(self.low, value)
            case "<":
                self.high = min(self.high, value - 1)
            case "<=":
                self.high = min(self.high, value)
            case _:
                self.low, self.high = max(self.low, value), min(self.high, value)

    @property
    def open(self) -> bool:
        """Whether everything is let through."""
        return self.low == -inf and self.high == inf


class Filter:
    """A compiled filter; `ids` and `updated` are what it says about the two indexed fields, `tests` the rest.

    Where ids are listed, all that pass are `among` these.
    """

    def __init__(  # noqa: PLR0913 # how one family of lists reads its filters, by name
        self,
        conditions: php.Array,
        find: FieldLookup,
        zone: tzinfo,
        compared: Callable[[int], int] = int,
        *,
        as_sent: AsSent = lambda _name, _raw: False,
        by_objects: bool = False,
    ) -> None:
        """Compile. `compared` is what becomes of a time in the list's hands.

        `by_objects` are lists whose server asks the database by objects (php: sqlwhere.php): what has no number is not
        among those with another one.
        """
        self.ids = Range()
        self.updated = Range()
        self.among: frozenset[int] | None = None
        self._find = find
        self._zone = zone
        self._as_sent = as_sent
        self._compared = compared
        self._by_objects = by_objects
        self.tests = self._compile(conditions, top=True)

    def passes(self, item: Item) -> bool:
        """Return whether an item passes, ranges included."""
        return (
            self.ids.low <= item.id <= self.ids.high
            and self.updated.low <= item.updated <= self.updated.high
            and all(test(item) for test in self.tests)
        )

    def _compile(self, conditions: php.Array, *, top: bool = False) -> list[Test]:
        parts = {str(name): value for name, value in conditions.items()}
        disjunction = php.string(parts.pop("logic", parts.pop("LOGIC", "AND"))).upper() == "OR"
        tests: list[Test] = []
        for name, raw in parts.items():
            if isinstance(raw, dict) and name.isdigit():
                nested = self._compile(raw)
                if nested:
                    tests.append(_all_of(nested))
                continue
            prefix, field_name = _PREFIXED.match(name.replace(".", "")).groups("")  # type: ignore[union-attr]
            field = self._find(prefix, field_name)
            if field is None:
                continue
            if field.type in MOMENTS and self._as_sent(field_name, raw):
                tests.append(self._as_stored(field, prefix, raw))
                continue
            if top and not disjunction and self._narrowed(field, prefix, raw):
                continue
            tests.append(self._test(field, prefix, raw))
        return [_any_of(tests)] if disjunction and tests else tests

    def _narrowed(self, field: Field, prefix: str, raw: object) -> bool:
        if isinstance(raw, dict) and field.name == "id" and prefix in ("", "=", "@"):
            self.among = frozenset(map(php.integer, raw.values()))
        if isinstance(raw, dict) or prefix not in ("", "=", *_COMPARISONS):
            return False
        value = self._value(field, raw)
        if field.name == "id" and isinstance(value, int):
            self.ids.narrow(prefix, value)
        elif field.name == "updatedTime" and isinstance(value, int):
            self.updated.narrow(prefix, value)
        else:
            return False
        return True

    def _as_stored(self, field: Field, prefix: str, raw: object) -> Test:
        """Return the test of times that nobody converts: what is not written as the server writes times is none."""
        sent = raw.values() if isinstance(raw, dict) else (raw,)
        known = dict(enumerate(one for one in sent if one in (None, "") or written_by_server(one)))
        if prefix in _COMPARISONS:
            return self._test(field, prefix, known[0]) if known else _nothing
        return self._test(field, prefix, known)

    def _value(self, field: Field, raw: object) -> Value:
        if field.type in MOMENTS:
            second = moment(raw, self._zone)
            if second is None:
                return None
            is_day = field.type is FieldType.DATE
            return midnight(second, self._zone) if is_day else self._compared(walled(second, self._zone))
        if field.type in NUMBERS:
            return php.integer(raw)
        if field.type is FieldType.BOOLEAN:
            # docs: crm-item-list.md - 1 and 0, although the answers say Y and N
            return "y" if php.integer(raw) else "n"
        if field.type is FieldType.DOUBLE:
            return float(php.string(raw)) if php.numeric(raw) else 0.0
        return php.string(raw).lower()

    def _test(self, field: Field, prefix: str, raw: object) -> Test:
        name = field.name
        if "%" in prefix:
            pattern = _like(php.string(raw), anchored="=" in prefix)
            wanted = not prefix.startswith("!")
            return lambda item: bool(pattern.match(php.string(item.value(name)))) is wanted
        if prefix in _COMPARISONS and not isinstance(raw, dict):
            return _comparison(name, prefix, self._value(field, raw))
        values = [self._value(field, part) for part in raw.values()] if isinstance(raw, dict) else None
        if field.multiple:
            return _one_of(name, prefix, [php.string(value) for value in values or [self._value(field, raw)]])
        if field.type is FieldType.CONTACTS:
            ids = {php.integer(part) for part in (raw.values() if isinstance(raw, dict) else (raw,))}
            wanted = not prefix.startswith("!")
            return lambda item: (not ids.isdisjoint(listed_ids(item.value(name)))) is wanted
        if prefix in ("><", "!><") and values is not None and len(values) == 2:  # noqa: PLR2004 - both ends
            low, high = _comparison(name, ">=", values[0]), _comparison(name, "<=", values[1])
            wanted = prefix == "><"
            return lambda item: (low(item) and high(item)) is wanted
        members = {_plain(value) for value in (values if values is not None else [self._value(field, raw)])}
        if field.type in NUMBERS and 0 in members and "@" not in prefix:
            members.add("")  # php: sqlwhere.php `addIntFilter`, sql_util.php `PrepareWhere` - no number is zero as well
        wanted = not prefix.startswith("!")
        needed = not wanted and self._needs_value(field, prefix)
        return lambda item: (
            (_plain(item.value(name)) in members) is wanted and not (needed and item.value(name) is None)
        )

    def _needs_value(self, field: Field, prefix: str) -> bool:
        """Tell whether SQL's NULL, which is neither in a set nor outside, keeps away what has no value."""
        if field.type in (FieldType.CHAR, FieldType.BOOLEAN):
            return False
        return "@" in prefix or (self._by_objects and field.type in (*NUMBERS, FieldType.DOUBLE))


def _nothing(_item: Item) -> bool:
    return False


def _plain(value: Value) -> Value:
    if value is None:
        return ""
    return value.lower() if isinstance(value, str) else value


def _all_of(tests: list[Test]) -> Test:
    return lambda item: all(test(item) for test in tests)


def _any_of(tests: list[Test]) -> Test:
    return lambda item: any(test(item) for test in tests)


def _like(text: str, *, anchored: bool) -> re.Pattern[str]:
    pattern = ".*".join(re.escape(part) for part in text.split("%")) if anchored else f".*{re.escape(text)}.*"
    return re.compile(rf"{pattern}\Z", re.IGNORECASE | re.DOTALL)


def _one_of(name: str, prefix: str, wanted: list[str]) -> Test:
    """Look for any of several values among those of a multiple field."""
    present = not prefix.startswith("!")
    return lambda item: (not set(wanted).isdisjoint(one.lower() for one in entries_of(item.value(name)))) is present


def _comparison(name: str, prefix: str, wanted: Value) -> Test:
    sign, or_equal = _COMPARISONS[prefix], prefix.endswith("=")

    def test(item: Item) -> bool:
        value = item.value(name)
        if value is None or wanted is None:
            return False
        if isinstance(value, str) or isinstance(wanted, str):
            left, right = str(value).lower(), str(wanted)
            return (left > right if sign > 0 else left < right) or (or_equal and left == right)
        return (value > wanted if sign > 0 else value < wanted) or (or_equal and value == wanted)

    return test
