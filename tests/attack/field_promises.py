"""What is promised about fields that rules are for, judged by the portal's history alone: a person's words stay theirs.

`POLISHED` fields are only polished: their words are always those that a person wrote last. `REPLACED` ones get other
words by a table, a default or by being cleared; but once they did, what people write there afterwards keeps its words.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING

from tests.attack.witnesses import key_of, ref_of

from b24syncd.simulator.tables.fields import CONTACT
from b24syncd.store.journal import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from random import Random

    from tests.attack.promises import Told
    from tests.attack.witnesses import Witnesses, Written

    from b24syncd.domain.entities import EntityRef
    from b24syncd.simulator.portal import Portal
    from b24syncd.simulator.tables.history import Edit
    from b24syncd.store.history import JournalEntry

POLISHED, REPLACED = ("name", "lastName", "sourceDescription"), ("post", "secondName")
_SLACK_SECONDS = 0.5
_TEXTS = (" АННА ", "анна", "ВАН  ДЕР БЕРГ", "Ольга", "  Ольга", "ЛЮТИК\u00a0 ООО", "b  c ")
_OTHERS = ("дир", "ДИР", "Директор", "-", "нет", "", " Бухгалтер", "Менеджер")
_CODES = {"name": "NAME", "lastName": "LAST_NAME", "sourceDescription": "SOURCE_DESCRIPTION", "post": "POST"}
_CODES |= {"secondName": "SECOND_NAME"}


def rules(*, is_classic: bool) -> str:
    """Return ten rules for contacts, as the environment has them."""
    polish: dict[str, object] = {"trim": True, "squeeze": True, "case": "title"}
    trim: dict[str, object] = {"trim": True}
    told: list[tuple[str, dict[str, object]]] = [
        *((name, what) for what in (polish, trim) for name in POLISHED),
        ("post", {"replace": {"дир": "Директор"}}),
        ("post", {"default": "Менеджер"}),
        ("secondName", {"clear": ["-", "нет"]}),
        ("secondName", trim),
    ]
    names = _CODES if is_classic else {}
    written = [
        {"name": str(number), "entity": "contact", "field": names.get(name, name), **what}
        for number, (name, what) in enumerate(told)
    ]
    return json.dumps(written)


def fill(portal: Portal, rng: Random) -> None:
    """Give all contacts values, as if they had always been there."""
    for item in portal.table(CONTACT):
        item.values |= {name: rng.choice(_TEXTS) for name in POLISHED} | {
            name: rng.choice(_OTHERS) for name in REPLACED
        }


def typed(rng: Random) -> tuple[str, str]:
    """Return a field and what a person types into it."""
    name = rng.choice((*POLISHED, *REPLACED))
    return name, rng.choice(_TEXTS if name in POLISHED else _OTHERS)


def words(value: object) -> str:
    """Return what polishing never changes."""
    return "".join(str(value or "").split()).casefold()


def overwritten(portal: Portal, witnesses: Witnesses, told: Told) -> list[str]:
    """Return the fields in which a person's words were overwritten, of items that nothing is open of."""
    by_ref: dict[EntityRef, list[JournalEntry]] = defaultdict(list)
    for row in told.journal:
        by_ref[row.correction.ref].append(row)
    written: dict[EntityRef, list[Written]] = defaultdict(list)
    for one in witnesses.written:
        written[one.ref].append(one)
    found = []
    for item in portal.table(CONTACT):
        ref = ref_of(CONTACT, item.id)
        if any(row.outcome is Outcome.INTENT for row in by_ref[ref]):
            continue
        edits = portal.history.edits[key_of(ref)]
        for name in (*POLISHED, *REPLACED):
            last = _last_of_a_person(edits, name)
            if last is None or not _is_theirs(edits, name, last):
                continue
            excused = _unseen(edits, name, written[ref], by_ref[ref], told)
            there = words(item.value(name))
            if there != words(edits[last].after) and not excused:
                found.append(f"{ref} shows {item.value(name)!r} in {name}, a person wrote {edits[last].after!r}")
    return found


def _last_of_a_person(edits: Sequence[Edit], name: str) -> int | None:
    numbers = [number for number, edit in enumerate(edits) if edit.name == name and edit.who == "person"]
    return numbers[-1] if numbers else None


def _is_theirs(edits: Sequence[Edit], name: str, last: int) -> bool:
    """Tell whether the words of a field may not be replaced: they may where the program never did so before."""
    own = [edit for edit in edits[:last] if edit.name == name and edit.who == "api"]
    return name in POLISHED or any(words(edit.before) != words(edit.after) for edit in own[-1:])


def _unseen(
    edits: Sequence[Edit], name: str, written: Iterable[Written], rows: Iterable[JournalEntry], told: Told
) -> bool:
    """Tell whether a person wrote where the program cannot see it: see `promises.unseen`."""
    sent = sorted((row.sent_at, row.outcome) for row in rows if row.sent_at is not None)
    for one in written:
        touched = {edit.name for edit in edits[one.first : one.last] if edit.who == "api"}
        last = max((sent_at for sent_at, _ in sent if sent_at <= one.at), default=one.at)
        is_certain = {outcome for sent_at, outcome in sent if sent_at == last} == {Outcome.DONE}
        for number, edit in enumerate(edits[: one.first]):
            in_doubt = not is_certain and edit.at >= last - told.young - _SLACK_SECONDS
            in_gap = number >= one.witnessed and name in touched
            if edit.who == "person" and edit.name == name and (in_gap or in_doubt):
                return True
    return False
