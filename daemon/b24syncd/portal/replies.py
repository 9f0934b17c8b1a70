"""From the portal's JSON to typed values: items, multifields, times."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from b24syncd.domain.entities import EntityRef
from b24syncd.domain.snapshots import ContactPoint, PointKind, Snapshot
from b24syncd.errors import RetryLater

if TYPE_CHECKING:
    from b24syncd.domain.entities import EntityType

_KINDS = {kind.value: kind for kind in PointKind}


_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class UnexpectedReply(RetryLater):
    """An answer does not have the documented shape; the text names what is missing and never a value."""


def parse_list(result: object, entity_type: EntityType, read_at: float) -> tuple[Snapshot, ...]:
    """Parse the result of `crm.item.list`: `{"items": […]}` (docs: api-reference/crm/universal/crm-item-list.md)."""
    items = result.get("items") if isinstance(result, dict) else None
    if not isinstance(items, list):
        message = "the answer to crm.item.list has no list of items"
        raise UnexpectedReply(message)
    return tuple(_parse_item(item, entity_type, read_at) for item in items)


def parse_item(result: object, entity_type: EntityType, read_at: float) -> Snapshot:
    """Parse the result of `crm.item.get` or `crm.item.update`: `{"item": {…}}`.

    Writes are judged by it, so contact points that are only not shown must not pass for deleted ones.
    """
    item = result.get("item") if isinstance(result, dict) else None
    if isinstance(item, dict) and "fm" not in item and not _tells_of_no_points(item):
        message = f"an item of type {entity_type.value} came without its multifields"
        raise UnexpectedReply(message)
    return _parse_item(item, entity_type, read_at)


def _parse_item(item: Any, entity_type: EntityType, read_at: float) -> Snapshot:  # noqa: ANN401 # JSON as it came
    try:
        ref = EntityRef(entity_type, int(item["id"]))
        multifields = item.get("fm")
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        message = f"an item of type {entity_type.value} came without a usable id"
        raise UnexpectedReply(message) from error
    return Snapshot(ref, _parse_time(item.get("updatedTime")), _parse_points(multifields), read_at)


def _tells_of_no_points(item: dict[str, object]) -> bool:
    return item.get("hasPhone") == "N" and item.get("hasEmail") == "N"


def _parse_time(text: object) -> datetime:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return _NEVER
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _parse_points(multifields: Any) -> tuple[ContactPoint, ...]:  # noqa: ANN401 # JSON as it came
    """Parse the entries that are phones and e-mails; one without a usable id cannot be addressed and is left out."""
    if not multifields:
        return ()
    # PHP writes a map whose keys are not 0..n-1 as an object
    entries = multifields.values() if isinstance(multifields, dict) else multifields
    points = [point for entry in entries if (point := _parse_point(entry)) is not None]
    points.sort(key=_by_id)
    return tuple(points)


def _parse_point(entry: Any) -> ContactPoint | None:  # noqa: ANN401 # JSON as it came
    try:
        kind = _KINDS.get(entry["typeId"])
        if kind is None:
            return None
        value = "" if entry["value"] is None else str(entry["value"])
        return ContactPoint(int(entry["id"]), kind, _storable(value), str(entry["valueType"] or ""))
    except (KeyError, TypeError, ValueError):
        return None


def _storable(value: str) -> str:
    """Return text that can be stored and sent: half of a surrogate pair, which JSON may hold, is no character."""
    return value if value.isascii() else value.encode("utf-8", "replace").decode()


def _by_id(point: ContactPoint) -> int:
    return point.id
