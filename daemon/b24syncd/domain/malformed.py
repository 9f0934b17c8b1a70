"""Entries that the portal finds malformed: it saves nothing of an item that would have one after the update.

Sources: php modules/crm/lib/Service/Operation.php `preSaveChecks`, modules/crm/lib/Service/MultifieldStorage.php
`validate`, modules/crm/classes/general/crm_field_multi.php `CheckFields`, modules/main/tools.php `check_email`. Older
servers look at what is sent alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .corrections import AddPoint, ChangePoint, DeletePoint
from .snapshots import PointKind, Snapshot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .corrections import Correction
    from .states import AnySnapshot

IN_THE_WAY = (
    "the portal saves nothing of an item with a malformed phone or e-mail: "
    "mend that first, in the portal or by its review"
)

_LONGEST = 250
_BRACKETED = re.compile(r"[<(\[](.*?)[>)\]]")
_IN_NAME = r"(?:[^\W\d_]|[0-9_=+~'!$&*^`|\\#%/?{}-])"
_IN_DOMAIN = r"(?:[^\W\d_]|[0-9-])"
_ADDRESS = re.compile(rf"{_IN_NAME}+(?:\.{_IN_NAME}+)*@(?:{_IN_DOMAIN}+\.)+{_IN_DOMAIN}{{2,20}}")


def is_malformed(kind: PointKind, value: str) -> bool:
    """Tell whether the portal stores no such entry; a text with an address in brackets is one to it."""
    text = value.strip()
    if not text or len(value) > _LONGEST:
        return True
    if kind is not PointKind.EMAIL:
        return False
    bracketed = _BRACKETED.search(text)
    return _ADDRESS.fullmatch(bracketed[1] if bracketed and bracketed[1] else text) is None


def keeps_malformed(snapshot: AnySnapshot, corrections: Sequence[Correction]) -> bool:
    """Tell whether an item would have a malformed entry once `corrections` are made."""
    if not isinstance(snapshot, Snapshot):
        return False
    kept = {point.id: (point.kind, point.value) for point in snapshot.entries}
    added = []
    for each in corrections:
        match each:
            case ChangePoint():
                kept[each.point_id] = each.kind, each.after
            case DeletePoint():
                kept.pop(each.point_id, None)
            case AddPoint():
                added.append((each.kind, each.after))
            case _:
                pass
    return any(is_malformed(kind, value) for kind, value in (*kept.values(), *added))
