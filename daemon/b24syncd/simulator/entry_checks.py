"""What the portal finds malformed in a contact point that an update of an item brings.

Sources: php modules/crm/classes/general/crm_field_multi.php `CheckFields`, modules/main/tools.php `check_email`, and
for what becomes of the others modules/crm/lib/Service/MultifieldStorage.php `save`: every entry is checked by itself,
those that pass are added, changed and deleted, and the update fails all the same, with an error that has no code.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from .errors import RestError

if TYPE_CHECKING:
    from .model import PointChange

EntryChecks = Literal["none", "letters", "ascii"]
"""What is a letter in an address: nobody asks, any letter of any script, or (in old releases) the English ones."""

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
    value = change.value.strip()
    if len(value) > _LONGEST:
        return RestError(0, f"The field '{change.type_id}' is longer than {_LONGEST} characters.")
    if change.type_id == "EMAIL" and value and not _is_email(value, is_ascii=checks == "ascii"):
        return RestError(0, "The field 'Work e-mail' contains an invalid address.")
    return None


def _is_email(value: str, *, is_ascii: bool) -> bool:
    """Tell what `check_email` tells: of a text with brackets, what stands in the first pair is looked at."""
    inner = _IN_BRACKETS.search(value)
    address = inner[1] if inner else value
    return _EMAIL.fullmatch(address) is not None and (address.isascii() or not is_ascii)
