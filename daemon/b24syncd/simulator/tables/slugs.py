"""References to items as custom fields and tasks write them: `L_4`, `D_1`, `C_2`, `CO_3`, `SI_7`, `T80_6`.

Source: docs api-reference/crm/data-types.md#crm-binding-format (a smart process is `T` and its type in lower-case hex).
"""

from __future__ import annotations

import re

from .fields import COMPANY, CONTACT, DEAL, LEAD

Ref = tuple[int, int]
"""Entity type and id of an item."""

_SMART_INVOICE = 31
_PREFIXES = {LEAD: "L", DEAL: "D", CONTACT: "C", COMPANY: "CO", _SMART_INVOICE: "SI"}
_TYPES = {prefix: type_id for type_id, prefix in _PREFIXES.items()}
_SLUG = re.compile(r"\s*(?:(L|D|C|CO|SI)|T([0-9A-F]+))_([1-9][0-9]*)\s*\Z", re.IGNORECASE)


def slug(ref: Ref) -> str:
    """Return the short form of a reference."""
    type_id, item_id = ref
    return f"{_PREFIXES.get(type_id) or f'T{type_id:x}'}_{item_id}"


def parse(text: str) -> Ref | None:
    """Return what a short form refers to; upper and lower case are the same to the server."""
    match = _SLUG.match(text)
    if match is None:
        return None
    type_id = _TYPES[match[1].upper()] if match[1] else int(match[2], 16)
    return type_id, int(match[3])


def slugs(refs: list[Ref]) -> str:
    """Return several references in one line, for the log of edits."""
    return ",".join(slug(ref) for ref in refs)
