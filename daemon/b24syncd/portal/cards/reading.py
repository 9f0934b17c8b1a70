"""Reading one item as its card shows it: every field typed, phones and e-mails, and whether it has products."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from b24syncd.portal.wire.commands import Answered, Command, Priority, Refused
from b24syncd.portal.wire.faults import raise_if_undocumented
from b24syncd.portal.wire.replies import UnexpectedReply
from b24syncd.portal.words.universal import UniversalWords

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from b24syncd.domain.entities import EntityRef
    from b24syncd.domain.snapshots import ContactPoint
    from b24syncd.domain.values import Value
    from b24syncd.portal.client import PortalClient

    from .fields import CardField

_OWNERS = {1: "L", 2: "D", 31: "SI"}
"""How product rows call the types of their items (docs: api-reference/crm/data-types.md, "object_type")."""


@dataclass(frozen=True, slots=True)
class Card:
    """One item: its values by field; what could not be read is `unread`. `points` is None for a type without them."""

    ref: EntityRef | None
    values: Mapping[str, Value]
    points: tuple[ContactPoint, ...] | None
    title: str = ""
    has_products: bool = False
    unread: frozenset[str] = field(default_factory=frozenset)


async def read_card(client: PortalClient, ref: EntityRef, fields: Mapping[str, CardField]) -> Card:
    """Read an item; raise `Rejected` where the portal does not show it."""
    words = UniversalWords(ref.type)
    commands = [words.write(ref.id, {})[0]]
    if "opportunity" in fields:
        owner = _OWNERS.get(ref.type.type_id, f"T{ref.type.type_id:x}")
        rows = {"filter": {"=ownerType": owner, "=ownerId": ref.id}}
        commands.append(Command("crm.item.productrow.list", rows))
    outcome, *others = await client.read(commands, priority=Priority.LIVE)
    if isinstance(outcome, Refused):
        raise_if_undocumented(outcome.rejected)
        raise outcome.rejected
    row = outcome.result.get("item") if isinstance(outcome, Answered) and isinstance(outcome.result, dict) else None
    if not isinstance(row, dict):
        message = f"an item of type {ref.type.value} came without its fields"
        raise UnexpectedReply(message)
    values: dict[str, Value] = {}
    unread: set[str] = set()
    for name, one in fields.items():
        try:
            values[name] = one.parse(row.get(name))
        except UnexpectedReply:
            unread.add(name)
        if name not in row:
            unread.add(name)
    points = words.points(row) if words.tells_points(row) else None
    return Card(ref, values, points, _title(row), _has_rows(others), frozenset(unread))


def _title(row: Mapping[str, object]) -> str:
    title = row.get("title")
    names = (title,) if title else (row.get("name"), row.get("lastName"))
    return " ".join(name for name in names if isinstance(name, str)).strip()


def _has_rows(outcomes: Iterable[object]) -> bool:
    return any(
        isinstance(one, Answered) and isinstance(one.result, dict) and bool(one.result.get("productRows"))
        for one in outcomes
    )
