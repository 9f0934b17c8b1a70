"""The index in which the portal finds who shares a phone or an e-mail.

Source: php modules/crm/lib/integrity/duplicatecommunicationcriterion.php `prepareCodes`, `normalizePhone` (an e-mail is
trimmed and lower-cased; of a phone an extension is cut off) and modules/main/tools.php `NormalizePhone`, which knows
the prefixes of Russia and little else: `+7 916 …` and `8 916 …` are one number, `916 …` is another.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .model import Item
    from .slugs import Ref

TYPES = ("PHONE", "EMAIL")
_LONG = 10
_NO_PART_OF_A_NUMBER = re.compile(r"[^0-9#*,;]")
_EXTENSION = re.compile(r"([0-9]+)([;#]*)([0-9,]*)")


def phone_code(value: str) -> str:
    """Return what two spellings of one phone have in common; empty if there is no digit."""
    long = len(value.encode()) >= _LONG
    number = _NO_PART_OF_A_NUMBER.sub("", f"00{value[1:]}" if long and value.startswith("+8") else value)
    if len(number) >= _LONG and not number.startswith(("80", "81", "82")):
        if number.startswith("00"):
            number = number[2:]
        elif number.startswith("011"):
            number = number[3:]
        elif number.startswith("8"):
            number = f"7{number[1:]}"
        elif number.startswith("0"):
            number = number[1:]
    return _EXTENSION.sub(r"\1", number)


def code(type_id: str, value: str) -> str:
    """Return the code under which a value is filed; without one, the value itself stands for it."""
    return (phone_code(value) if type_id == "PHONE" else value.strip().lower()) or value


class MatchCodes:
    """Who is filed under which code."""

    def __init__(self) -> None:
        """Begin empty."""
        self._filed: dict[tuple[str, str], set[Ref]] = {}
        self._codes: dict[Ref, set[tuple[str, str]]] = {}

    def register(self, item: Item) -> None:
        """File an item anew, under the codes of its present entries."""
        ref = (item.entity_type_id, item.id)
        codes = {
            (point.type_id, code(point.type_id, point.value))
            for point in item.points.values()
            if point.type_id in TYPES
        }
        before = self._codes.get(ref, set())
        for gone in before - codes:
            self._filed[gone].discard(ref)
        for come in codes - before:
            self._filed.setdefault(come, set()).add(ref)
        self._codes[ref] = codes

    def forget(self, item: Item) -> None:
        """Take a deleted item out."""
        ref = (item.entity_type_id, item.id)
        for gone in self._codes.pop(ref, set()):
            self._filed[gone].discard(ref)

    def find(self, type_id: str, value: str, entity_type_id: int | None, limit: int) -> list[Ref]:
        """Return who shares a value, by type and id; the limit counts all types together."""
        filed = self._filed.get((type_id, code(type_id, value)), set())
        return sorted(ref for ref in filed if entity_type_id in (None, ref[0]))[:limit]
