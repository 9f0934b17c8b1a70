"""The items whose activities a rule is for: the list of those that meet its filter, and what they name themselves."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from b24syncd.domain.bindings import Binding
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.rules import LinkedItem, LinkField, SharedContactPoint
from b24syncd.portal.item_rows import snapshots_in
from b24syncd.portal.paging import Listing
from b24syncd.portal.wire.replies import UnexpectedReply, whole_number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from b24syncd.domain.rules import BindingRule
    from b24syncd.domain.snapshots import ContactPoint

    from .link_fields import Link

_LINKS: dict[tuple[EntityType, EntityType], tuple[str, ...]] = {
    (EntityType.LEAD, EntityType.CONTACT): ("contactId", "contactIds"),
    (EntityType.LEAD, EntityType.COMPANY): ("companyId",),
    (EntityType.DEAL, EntityType.CONTACT): ("contactId", "contactIds"),
    (EntityType.DEAL, EntityType.COMPANY): ("companyId",),
    (EntityType.CONTACT, EntityType.COMPANY): ("companyIds", "companyId"),
}
"""The fields by which an item names items of another type; the first that names any counts. So the primary contact wins
(docs: api-reference/crm/universal/object-fields.md)."""


@dataclass(frozen=True, slots=True)
class SourceRow:
    """An item that meets a rule: what it names for it, and its contact points where the rule goes by them."""

    ref: EntityRef
    named: tuple[Binding, ...] = ()
    points: tuple[ContactPoint, ...] = ()


def sources_of(rule: BindingRule, link: Link | None = None) -> Listing[SourceRow]:
    """Return the list of the items of a rule's type, with what the rule needs to know of them.

    A rule that goes by a custom field needs its `link`.
    """
    source = rule.source
    match rule.to:
        case SharedContactPoint():
            # contact points come only with everything
            return _listing(source, ["*"], partial(_with_points, source))
        case LinkedItem(type=target):
            names = _LINKS.get((source, target), ())
            return _listing(source, ["id", *names], partial(_with_links, source, target, names))
        case _:
            return _listing(source, ["id", *([link.name] if link else [])], partial(_with_field, source, link))


def _with_points(source: EntityType, result: object, read_at: float) -> tuple[SourceRow, ...]:
    return tuple(SourceRow(item.ref, points=item.entries) for item in snapshots_in(result, source, read_at))


def _with_links(
    source: EntityType, target: EntityType, names: tuple[str, ...], result: object, _read_at: float
) -> tuple[SourceRow, ...]:
    rows = read_rows(result)
    return tuple(SourceRow(_ref(row, source), _first_named(row, names, target.type_id)) for row in rows)


def _with_field(source: EntityType, link: Link | None, result: object, _read_at: float) -> tuple[SourceRow, ...]:
    rows = read_rows(result)
    return tuple(SourceRow(_ref(row, source), link.values(row.get(link.name)) if link else ()) for row in rows)


def needs_link(rule: BindingRule) -> str | None:
    """Return the upper-case name of the custom field that a rule goes by, if it does."""
    return rule.to.name if isinstance(rule.to, LinkField) else None


def where_of(rule: BindingRule) -> dict[str, object]:
    """Return the rule's filter as it was written."""
    return {key: json.loads(value) for key, value in rule.where}


def narrowed(where: Mapping[str, object], own: Mapping[str, object] | None = None) -> dict[str, object]:
    """Return a rule's filter, narrowed by conditions of our own.

    Where both would get into each other's way, such as a filter that is an alternative, the rule's goes into a group
    (docs: api-reference/crm/universal/crm-item-list.md, "filter").
    """
    names = {key.lower().lstrip("><=!@%") for key in where}
    ours = {"id", *(key.lower().lstrip("><=!@%") for key in own or {})}
    if "logic" in names or not names.isdisjoint(ours):
        return {"0": dict(where), **(own or {})}
    return {**where, **(own or {})}


def read_rows(result: object) -> list[dict[str, Any]]:
    """Return the items of an answer to `crm.item.list` as they came."""
    items = result.get("items") if isinstance(result, dict) else None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        message = "the answer to crm.item.list has no list of items"
        raise UnexpectedReply(message)
    return items


def ids_in(value: Any) -> tuple[int, ...]:  # noqa: ANN401 # JSON as it came
    """Return the ids that a field holds, each once; 0 and nothing name none."""
    entries = value.values() if isinstance(value, dict) else value if isinstance(value, list) else (value,)
    try:
        return tuple(dict.fromkeys(number for entry in entries if entry and (number := whole_number(entry)) > 0))
    except ValueError as error:
        message = "an item came with a link that is no id"
        raise UnexpectedReply(message) from error


def _listing(
    source: EntityType, select: list[str], parse: Callable[[object, float], tuple[SourceRow, ...]]
) -> Listing[SourceRow]:
    return Listing("crm.item.list", {"entityTypeId": source.type_id, "select": select}, "id", "[items]", parse)


def _ref(row: Mapping[str, Any], source: EntityType) -> EntityRef:
    (item_id, *_) = ids_in(row.get("id")) or (0,)
    if not item_id:
        message = f"an item of type {source.value} came without a usable id"
        raise UnexpectedReply(message)
    return EntityRef(source, item_id)


def _first_named(row: Mapping[str, Any], names: tuple[str, ...], type_id: int) -> tuple[Binding, ...]:
    for name in names:
        if ids := ids_in(row.get(name)):
            return tuple(Binding(type_id, item_id) for item_id in ids)
    return ()
