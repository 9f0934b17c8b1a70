"""What the portal finds malformed in the contact points of an item that is to be saved, and what it then refuses.

Sources: php modules/crm/classes/general/crm_field_multi.php `CheckFields`, `CheckComplexFields`, modules/main/tools.php
`check_email`.

The newest server refuses the whole, before anything is saved, for any entry that the item would have afterwards, also
one that nobody touches: modules/crm/lib/Field/Multifield.php `processLogic`, MultifieldStorage.php `validate`, called
by modules/crm/lib/Service/Operation.php `preSaveChecks` for every addition and update by the universal methods. So do
the classic ones as long as they go by operations, which is what their settings say unless somebody switched it off
(modules/crm/lib/settings/traits/enablefactory.php, crm_contact.php `isUseOperation`); otherwise they look at what is
sent alone. On servers that do not look before they save, every entry is checked by itself: those that pass are added,
changed and deleted, and the update fails all the same, with an error that has no code (MultifieldStorage.php `save`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from b24syncd.simulator import php
from b24syncd.simulator.errors import CORE, ZERO, RestError

from .point_collection import would_be

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from b24syncd.simulator.tables.model import Point, PointChange
    from b24syncd.simulator.tables.options import EntryChecks

_LONGEST = 250
_IN_BRACKETS = re.compile(r"[<\[(](.+?)[>\])]")
_LETTER = r"[^\W\d_]"
_ATOM = rf"(?:{_LETTER}|[=_0-9+~'!$&*^`|\\#%/?{{}}-])+"
_LABEL = rf"(?:{_LETTER}|[0-9-])"
_EMAIL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}+\.)+{_LABEL}{{2,20}}")


def refusal_of(change: PointChange, checks: EntryChecks) -> RestError | None:
    """Return the error of an entry that is not stored; a deletion is never refused."""
    if checks == "none":
        return None
    value = php.trim(change.value)
    if len(value) > _LONGEST:
        return RestError(ZERO, f"The field '{change.type_id}' is longer than {_LONGEST} characters.")
    if change.type_id == "EMAIL" and value and not _is_email(value, is_ascii=checks == "ascii"):
        return RestError(ZERO, "The field 'Work e-mail' contains an invalid address.")
    return None


def refuse_whole(known: Iterable[Point], changes: Sequence[PointChange], checks: EntryChecks) -> None:
    """Raise the error of an item that would have an entry which it may not have; of several, the last one's is told.

    Its code is that of an error without one of its own, by either family of methods: `CheckFields` leaves the error
    with the application, and that is what the server answers instead of the method's own (php:
    modules/rest/classes/general/rest.php `processException`, modules/rest/lib/restexception.php
    `setApplicationException`).
    """
    if checks == "none":
        return
    for entry in reversed(would_be(known, changes)):
        if (said := _malformed(entry, checks)) is not None:
            raise RestError(CORE, said, stays=True)


def _malformed(entry: PointChange, checks: EntryChecks) -> str | None:
    """Return what `CheckFields` says; the database holds none without a kind, and nothing is trimmed yet."""
    if entry.point_id is None and not entry.value_type:
        return "The type of the field is not given."
    if not php.trim(entry.value):
        return f"The field '{entry.type_id}' has no value."
    if len(entry.value) > _LONGEST:
        return f"The field '{entry.type_id}' is longer than {_LONGEST} characters."
    refusal = refusal_of(entry, checks)
    return None if refusal is None else refusal.description


def _is_email(value: str, *, is_ascii: bool) -> bool:
    """Tell what `check_email` tells: of a text with brackets, what stands in the first pair is looked at."""
    inner = _IN_BRACKETS.search(value)
    address = inner[1] if inner else value
    return _EMAIL.fullmatch(address) is not None and (address.isascii() or not is_ascii)
