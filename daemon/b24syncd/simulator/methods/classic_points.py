"""Phones, e-mails and their kin as the classic methods take, filter and show them.

Sources: docs tutorials/crm/how-to-edit-crm-objects/how-to-change-email-or-phone.md, php
modules/crm/classes/general/restservice.php `tryInternalizeMultiFields`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from b24syncd.simulator import php
from b24syncd.simulator.errors import CORE, RestError
from b24syncd.simulator.tables.model import PointChange

if TYPE_CHECKING:
    from b24syncd.simulator.tables.model import Item, Table

POINT_TYPES = ("PHONE", "EMAIL", "WEB", "IM", "LINK")
_FILTERED = ("EMAIL", "WEB", "PHONE", "IM")
_EMAIL = re.compile(r"[^@\s<>,;:()\[\]\\\"]+@(?:[A-Za-z0-9\u0080-\U0010ffff-]+\.)+[A-Za-z0-9\u0080-\U0010ffff-]{2,}\Z")
_EMAIL_TITLES = {
    "WORK": "Work e-mail",
    "HOME": "Personal e-mail",
    "MAILING": "Newsletters email",
    "OTHER": "Other e-mail",
}


class PointFilter:
    """A condition on the values of phones or e-mails, taken out of the rest of the filter.

    php: modules/crm/classes/general/entity_helper.php `PrepareMultiFieldFilter` - only names without a prefix, of
    several values the first, and what begins with it fits, although the docs say that all of it has to be equal.
    """

    def __init__(self, conditions: php.Array) -> None:
        """Take them out; `rest` is what is left."""
        self.wanted: dict[str, str] = {}
        self.rest = {name: value for name, value in conditions.items() if name not in _FILTERED}
        for name in _FILTERED:
            sent = conditions.get(name)
            first = sent.get(0) if isinstance(sent, dict) else sent
            if beginning := php.trim(first).replace("%", "").lower():
                self.wanted[name] = beginning

    def passes(self, item: Item) -> bool:
        """Return whether an item has entries with the values."""
        return all(
            any(
                point.type_id == type_id and point.value.lower().startswith(beginning) for point in item.points.values()
            )
            for type_id, beginning in self.wanted.items()
        )


def shown_points(item: Item, type_id: str) -> list[dict[str, str]]:
    """Return the entries of one type, exact twins included."""
    return [
        {"ID": str(point.id), "VALUE_TYPE": point.value_type, "VALUE": point.value, "TYPE_ID": type_id}
        for point in item.points.values()
        if point.type_id == type_id
    ]


def points_of(table: Table, fields: php.Array) -> list[PointChange]:
    """Return what `PHONE`, `EMAIL` and their kin ask for; a malformed e-mail is refused with the whole call."""
    changes: list[PointChange] = []
    for name, entries in fields.items():
        type_id = str(name)
        if type_id not in POINT_TYPES or not isinstance(entries, dict) or not table.has_points:
            continue
        changes.extend(
            _point_change(type_id, {str(part): value for part, value in entry.items()})
            for entry in entries.values()
            if isinstance(entry, dict)
        )
    return changes


def takes_email(value: str) -> bool:
    """Tell whether the classic methods store a text as an e-mail."""
    return _EMAIL.match(value) is not None


def _point_change(type_id: str, entry: dict[str, Any]) -> PointChange:
    point_id = php.integer(entry.get("ID")) or None
    value = "" if php.string(entry.get("DELETE")).upper() == "Y" else php.trim(entry.get("VALUE"))
    # php: `tryInternalizeMultiFields` puts the default also where an entry that exists is sent without a type
    value_type = php.trim(entry.get("VALUE_TYPE")) or ("OTHER" if type_id == "IM" else "WORK")
    if type_id == "EMAIL" and value and not takes_email(value):
        title = _EMAIL_TITLES.get(value_type, "E-mail")
        raise RestError(CORE, f"The field '{title}' contains an invalid address.", stays=True)
    return PointChange(point_id, type_id, value_type, value)
