"""From the portal's JSON to typed values: multifields, times."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from b24syncd.domain.snapshots import ContactPoint, PointKind
from b24syncd.errors import RetryLater

_DIGITS = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_KINDS = {kind.value: kind for kind in PointKind}


_TEXT = (str, int, float, type(None))
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_YEAR, LAST_YEAR = 2, 9998
"""Between them, every time can be told in every zone."""


class UnexpectedReply(RetryLater):
    """An answer does not have the documented shape; the text names what is missing and never a value."""


class PointsHidden(UnexpectedReply):
    """The portal tells that an item has phones or e-mails, and not which."""


def whole_number(value: object) -> int:
    """Return a whole number as PHP writes one, a number or its digits; raise `ValueError` for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        return int(value)
    message = "no whole number"
    raise ValueError(message)


def id_from(value: object) -> int:
    """Return an id; raise `ValueError` for what names nothing."""
    number = whole_number(value)
    if number < 1:
        message = "an id that is not above 0"
        raise ValueError(message)
    return number


def parse_time(text: object) -> datetime:
    """Parse a time of change; one that is not told lies before all others."""
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else NEVER
    except ValueError:
        return NEVER
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        return NEVER
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def parse_points(multifields: Any) -> tuple[ContactPoint, ...]:  # noqa: ANN401 # JSON as it came
    """Parse the entries that are phones and e-mails; one without a usable id cannot be addressed and is left out.

    Raises `UnexpectedReply` for two entries of one id.
    """
    if not multifields:
        return ()
    # PHP writes a map whose keys are not 0..n-1 as an object
    entries = multifields.values() if isinstance(multifields, dict) else multifields
    points = [point for entry in entries if (point := _parse_point(entry)) is not None]
    points.sort(key=_by_id)
    if len({point.id for point in points}) < len(points):
        # one of them would be taken for a duplicate of the other, and deleted with it
        message = "an item came with two contact points of the same id"
        raise UnexpectedReply(message)
    return tuple(points)


def _parse_point(entry: Any) -> ContactPoint | None:  # noqa: ANN401 # JSON as it came
    try:
        kind = _KINDS.get(entry["typeId"])
        if kind is None:
            return None
        value, value_type = entry["value"], entry["valueType"]
        if not isinstance(value, _TEXT) or not isinstance(value_type, _TEXT):
            return None
        shown = "" if value is None else str(value)
        return ContactPoint(id_from(entry["id"]), kind, _storable(shown), str(value_type or ""))
    except (KeyError, TypeError, ValueError):
        return None


def _storable(value: str) -> str:
    """Return text that can be stored and sent: half of a surrogate pair, which JSON may hold, is no character."""
    return value if value.isascii() else value.encode("utf-8", "replace").decode()


def _by_id(point: ContactPoint) -> int:
    return point.id
