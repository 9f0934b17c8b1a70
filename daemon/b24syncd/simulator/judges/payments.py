"""Whether the dates of payment stand in the items as they should."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from b24syncd.simulator.tables.fields import DEAL, Field, FieldType
from b24syncd.simulator.tables.values import iso, midnight, walled

from .payment_due import due

if TYPE_CHECKING:
    from b24syncd.simulator.tables.history import Edit
    from b24syncd.simulator.tables.model import Item
    from b24syncd.simulator.tables.payment_truth import Pick
    from b24syncd.simulator.tables.state import PortalState
    from b24syncd.simulator.tables.values import Value


def payment_mistakes(
    portal: PortalState, field: str, pick: Pick, *, entity_type_id: int = DEAL, clear_when_unpaid: bool = True
) -> list[dict[str, Any]]:
    """Return the items whose field, by its name or its code, is not what their payments say.

    Without a date, what a person entered stays, and what REST wrote goes, unless it is not to be cleared. A review
    keeps what is there. Items whose field a person wrote meanwhile are left out; those that refuse writes keep theirs.
    """
    table = portal.table(entity_type_id)
    kept_in = next(one for one in table.fields if field in {one.name, one.upper})
    found = []
    for item in table:
        edits = [one for one in portal.history.edits_of(entity_type_id, item.id) if one.name == kept_in.name]
        if any(edit.who == "person" for edit in edits):
            continue
        right = _right(portal, item, kept_in, pick, edits, clear=clear_when_unpaid)
        there = item.value(kept_in.name)
        if there not in right:
            truth = portal.payment_truth.get((entity_type_id, item.id))
            found.append(
                {
                    "entityTypeId": entity_type_id,
                    "id": item.id,
                    "story": truth.story if truth else None,
                    "is": _iso_of(portal, kept_in, there),
                    "must_be": [_iso_of(portal, kept_in, value) for value in right],
                }
            )
    return found


def _right(  # noqa: PLR0913 - all that decides about one item
    portal: PortalState, item: Item, field: Field, pick: Pick, edits: list[Edit], *, clear: bool
) -> tuple[Value, ...]:
    """Return the values that are right, any one of them."""
    ref = (item.entity_type_id, item.id)
    truth = portal.payment_truth.get(ref)
    before = truth.before if truth is not None and truth.field == field.name else None
    written = [int(edit.after) for edit in edits if edit.who == "api" and edit.after is not None]
    now = due(portal, ref, pick)
    if ref in portal.frozen:
        return (before,)
    if now.second is not None:
        return (kept(field, now.second, portal),)
    if not written:
        return (before,)
    return (None,) if clear and not now.review else (before, *written)


def kept(field: Field, second: int, portal: PortalState) -> int:
    """Return what a field keeps of a moment: the day, or the time."""
    return midnight(second, portal.zone) if field.type is FieldType.DATE else walled(second, portal.zone)


def _iso_of(portal: PortalState, field: Field, value: Value) -> str | None:
    if value is None:
        return None
    told = iso(int(value), portal.zone)
    return told.partition("T")[0] if field.type is FieldType.DATE else told
