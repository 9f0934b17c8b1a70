"""The first phone and the first e-mail of each kind, which stand in an item besides `fm` as fields of their own.

Sources: php modules/crm/lib/{lead,contacttable,companytable}.php (expressions of the table, so that they are selected,
filtered and ordered by like its columns) and lib/Model/FieldRepository.php `getMultifieldValueExpression` (by id, the
first one), docs api-reference/crm/universal/crm-item-get.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from .fields import Field, FieldType, snake

if TYPE_CHECKING:
    from collections.abc import Iterable


class Entry(Protocol):
    """A phone, an e-mail, or another contact point."""

    @property
    def type_id(self) -> str:
        """PHONE, EMAIL and their kin."""

    @property
    def value_type(self) -> str:
        """WORK, HOME and their kin."""

    @property
    def value(self) -> str:
        """The text."""


_BY_KIND = {
    ("PHONE", "MOBILE"): "phoneMobile",
    ("PHONE", "WORK"): "phoneWork",
    ("PHONE", "MAILING"): "phoneMailing",
    ("EMAIL", "HOME"): "emailHome",
    ("EMAIL", "WORK"): "emailWork",
    ("EMAIL", "MAILING"): "emailMailing",
}
NAMES = (*_BY_KIND.values(), "imol", "email", "phone")
FIELDS = {snake(name): Field(name, snake(name), snake(name), FieldType.STRING, name, read_only=True) for name in NAMES}
"""The fields by the names of the database."""


def flat(points: Iterable[Entry]) -> dict[str, str]:
    """Return the fields of an item with these contact points, empty ones included."""
    found = dict.fromkeys(NAMES, "")
    for point in points:
        for name in (_BY_KIND.get((point.type_id, point.value_type)), point.type_id.lower()):
            if name in found and not found[name]:
                found[name] = point.value
    return found
