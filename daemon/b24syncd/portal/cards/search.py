"""Finding items: what links are called, what a person searches for, and who has the same phone or e-mail.

Docs: api-reference/crm/universal/crm-item-list.md, api-reference/crm/duplicates/crm-duplicate-find-by-comm.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any

from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.portal.activities.duplicates import ids_found, search_for
from b24syncd.portal.wire.commands import Answered, Command, Priority
from b24syncd.portal.words.universal import UniversalWords
from b24syncd.portal.words.vocabulary import by_ids, id_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from b24syncd.domain.snapshots import ContactPoint
    from b24syncd.portal.client import PortalClient
    from b24syncd.portal.wire.commands import Outcome

_NAMED = ("name", "lastName", "secondName")
_SEARCHED = {EntityType.CONTACT: ("name", "lastName"), EntityType.LEAD: ("title", "name", "lastName")}
_MOST = 20
_WITH_POINTS = (EntityType.CONTACT, EntityType.COMPANY, EntityType.LEAD)
_FEWEST_DIGITS = 5


@dataclass(frozen=True, slots=True)
class Hit:
    """An item that was found, what people call it, and by which values."""

    ref: EntityRef
    title: str
    by: tuple[str, ...] = field(default=())


class Search:
    """Searches the portal for items, as somebody who waits."""

    def __init__(self, client: PortalClient) -> None:
        """Ask through `client`."""
        self._client = client

    async def title(self, ref: EntityRef) -> str:
        """Return what an item is called; nothing where it has no name, is gone or is not shown."""
        (outcome,) = await self._client.read(
            [by_ids(UniversalWords(ref.type), [ref.id], _select(ref.type))], priority=Priority.LIVE
        )
        words = UniversalWords(ref.type)
        rows = words.rows_of(outcome.result) if isinstance(outcome, Answered) else ()
        return next((_called(row) for row in rows if id_of(words, row, ref.type) == ref.id), "")

    async def titles(self, refs: Iterable[EntityRef]) -> Mapping[EntityRef, str]:
        """Return what items are called; those that are gone, or not shown, are left out."""
        ordered = sorted(set(refs), key=lambda ref: (ref.type.type_id, ref.id))
        groups = [(kind, tuple(of_type)) for kind, of_type in groupby(ordered, key=lambda ref: ref.type)]
        commands = [
            by_ids(UniversalWords(kind), [ref.id for ref in of_type[:50]], _select(kind)) for kind, of_type in groups
        ]
        outcomes = await self._client.read(commands, priority=Priority.LIVE) if commands else ()
        found: dict[EntityRef, str] = {}
        for (kind, _), outcome in zip(groups, outcomes, strict=True):
            found |= {hit.ref: hit.title for hit in _hits(kind, outcome)}
        return found

    async def by_text(self, kind: EntityType, text: str) -> tuple[Hit, ...]:
        """Return items of a type whose name holds a text, or that have this phone, this e-mail, or this number."""
        wanted = text.strip()
        if not wanted:
            return ()
        conditions: dict[str, object] = {f"%{name}": wanted for name in _SEARCHED.get(kind, ("title",))}
        some: dict[str, object] = {
            "logic": "OR",
            **{str(n): {key: value} for n, (key, value) in enumerate(conditions.items())},
        }
        words = UniversalWords(kind)
        params = {"order": {"id": "DESC"}, "filter": {"0": some}, "start": -1}
        commands = [Command(words.list_method, {**words.fixed(_select(kind)), **params})]
        if wanted.isascii() and wanted.isdigit() and len(wanted) <= 9:  # noqa: PLR2004 # ids are integers of 32 bits
            commands.append(by_ids(words, [int(wanted)], _select(kind)))
        outcomes = await self._client.read(commands, priority=Priority.LIVE)
        hits = {hit.ref: hit for outcome in outcomes for hit in _hits(kind, outcome)}
        if kind in _WITH_POINTS and ("@" in wanted or sum(map(str.isdigit, wanted)) >= _FEWEST_DIGITS):
            hits |= {hit.ref: hit for hit in await self._sharing(wanted, (kind,))}
        return tuple(hits.values())[:_MOST]

    async def duplicates(self, values: Iterable[ContactPoint]) -> tuple[Hit, ...]:
        """Return the items that have one of these phones or e-mails already."""
        points = tuple(values)
        commands = [(kind, one) for kind in _WITH_POINTS for one in search_for(points, kind)]
        outcomes = await self._client.read([one for _, one in commands], priority=Priority.LIVE) if commands else ()
        refs: dict[EntityRef, list[str]] = {}
        for (kind, command), outcome in zip(commands, outcomes, strict=True):
            result = outcome.result if isinstance(outcome, Answered) else None
            for item_id in ids_found(result, kind):
                refs.setdefault(EntityRef(kind, item_id), []).append(str(command.params["type"]))
        titles = await self.titles(refs)
        return tuple(Hit(ref, titles[ref], tuple(by)) for ref, by in refs.items() if ref in titles)

    async def _sharing(self, value: str, kinds: Sequence[EntityType]) -> tuple[Hit, ...]:
        by = "EMAIL" if "@" in value else "PHONE"
        params = {"type": by, "values": [value]}
        asked = [Command("crm.duplicate.findbycomm", {**params, "entity_type": kind.value.upper()}) for kind in kinds]
        outcomes = await self._client.read(asked, priority=Priority.LIVE)
        found = [
            EntityRef(kind, item_id)
            for kind, outcome in zip(kinds, outcomes, strict=True)
            for item_id in ids_found(outcome.result if isinstance(outcome, Answered) else None, kind)
        ]
        return tuple(Hit(ref, title, (by,)) for ref, title in (await self.titles(found)).items())


def _select(kind: EntityType) -> tuple[str, ...]:
    if kind is EntityType.CONTACT:
        return ("id", *_NAMED)
    return ("id", "title", *_NAMED) if kind is EntityType.LEAD else ("id", "title")


def _hits(kind: EntityType, outcome: Outcome) -> list[Hit]:
    words = UniversalWords(kind)
    if not isinstance(outcome, Answered):
        return []
    return [_hit(kind, id_of(words, row, kind), row) for row in words.rows_of(outcome.result)]


def _hit(kind: EntityType, item_id: int, row: Mapping[str, Any]) -> Hit:
    return Hit(EntityRef(kind, item_id), _called(row) or f"{kind.value} {item_id}")


def _called(row: Mapping[str, Any]) -> str:
    return str(row.get("title") or " ".join(str(row[one]) for one in _NAMED if row.get(one))).strip()
