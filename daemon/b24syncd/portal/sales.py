"""The shop's own list of payments: which items were paid for since an instant, though nothing touched them.

Paying leaves an item's time of change alone, so this is the quick way to learn of it; it takes the scope `sale` and an
administrator. It tells of payments only: one that is cancelled keeps its date, and one that is deleted is not there any
more (php: modules/sale/lib/payment.php, `onFieldModify`). Those are found by looking at the items again.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.observe.logs import get_logger

from .commands import Answered, Command, Priority, Refused
from .items import PAGE_SIZE
from .payment_replies import parse_instant
from .replies import UnexpectedReply

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .client import PortalClient

_SCOPE = "sale"
_AMBIGUOUS_SECONDS = 7200.0
"""By so much a portal may err that compares times without their offsets, about the hour in which clocks are set."""

log = get_logger()


class Sales:
    """Follows the payments of the shop, where the webhook may; what is in the way is told once."""

    def __init__(self, client: PortalClient) -> None:
        """Ask through `client`."""
        self._client = client
        self._is_open: bool | None = None

    async def paid_since(self, since: float, *, priority: Priority) -> tuple[EntityRef, ...] | None:
        """Return the items with payments made since an instant of the portal's clock (unix seconds), in their order.

        None where that is not to be learnt here: the scope or the right is missing, or the portal does not filter.
        """
        if self._is_open is None:
            self._is_open = await self._has_scope(priority)
        if not self._is_open:
            return None
        orders = await self._orders(since, priority)
        return None if orders is None else await self._items(sorted(orders), priority)

    async def _has_scope(self, priority: Priority) -> bool:
        (outcome,) = await self._client.read([Command("scope", {})], priority=priority)
        scopes = outcome.result if isinstance(outcome, Answered) else None
        has = isinstance(scopes, list) and _SCOPE in scopes
        if not has:
            log.warning("payments_not_followed", detail=f"the webhook has no permission {_SCOPE!r}")
        return has

    async def _orders(self, since: float, priority: Priority) -> set[int] | None:
        """Return the orders with payments made since then."""
        zone = parse_instant(await self._read(Command("server.time", {}), priority)).tzinfo
        # some portals compare with a time of their own clock and take no notice of an offset behind it
        start = datetime.fromtimestamp(int(since), zone)
        orders: set[int] = set()
        last_id = 0
        while True:
            result = await self._read(_payments_after(last_id, start), priority)
            if isinstance(result, Refused):
                self._close(f"the portal refuses sale.payment.list ({result.rejected})")
                return None
            rows = _rows(result, "payments")
            for row in rows:
                payment_id, order_id, paid_at = _payment(row)
                if payment_id <= last_id or paid_at.timestamp() < since - _AMBIGUOUS_SECONDS:
                    # this server passes over names that it does not know (php: sale/lib/rest/entity/base.php)
                    self._close("the portal does not filter sale.payment.list by datePaid")
                    return None
                last_id = payment_id
                orders.add(order_id)
            if len(rows) < PAGE_SIZE:
                return orders

    async def _items(self, orders: Sequence[int], priority: Priority) -> tuple[EntityRef, ...] | None:
        """Return the items that orders belong to, each to one at most."""
        chunks = [orders[first : first + PAGE_SIZE] for first in range(0, len(orders), PAGE_SIZE)]
        found: set[EntityRef] = set()
        outcomes = await self._client.read([_owners(chunk) for chunk in chunks], priority=priority)
        for outcome, chunk in zip(outcomes, chunks, strict=True):
            if isinstance(outcome, Refused):
                self._close(f"the portal refuses crm.orderentity.list ({outcome.rejected})")
                return None
            wanted = set(chunk)
            for row in _rows(outcome.result if isinstance(outcome, Answered) else None, "orderEntity"):
                order_id, ref = _owner(row)
                if order_id not in wanted:
                    self._close("the portal does not filter crm.orderentity.list by orderId")
                    return None
                found.add(ref)
        return tuple(sorted(found, key=_by_type_and_id))

    async def _read(self, command: Command, priority: Priority) -> object:
        """Return a command's result, or its refusal."""
        (outcome,) = await self._client.read([command], priority=priority)
        return outcome.result if isinstance(outcome, Answered) else outcome

    def _close(self, detail: str) -> None:
        self._is_open = False
        log.warning("payments_not_followed", detail=detail)


def _payments_after(last_id: int, start: datetime) -> Command:
    """Return a page of payments (docs: api-reference/sale/payment/sale-payment-list.md); names are camelCase only."""
    params = {
        "select": ["id", "orderId", "datePaid"],
        "filter": {">=datePaid": start.isoformat(), ">id": last_id},
        "order": {"id": "asc"},
        "start": -1,
    }
    return Command("sale.payment.list", params)


def _owners(orders: Sequence[int]) -> Command:
    """Return the owners of orders (docs: api-reference/crm/universal/order-entity/crm-order-entity-list.md)."""
    params = {
        "select": ["orderId", "ownerId", "ownerTypeId"],
        "filter": {"@orderId": list(orders)},
        "order": {"orderId": "asc"},
        "start": -1,
    }
    return Command("crm.orderentity.list", params)


def _rows(result: object, name: str) -> list[Any]:
    rows = result.get(name) if isinstance(result, dict) else None
    if not isinstance(rows, list):
        message = f"an answer of the shop has no list {name!r}"
        raise UnexpectedReply(message)
    return rows


def _payment(row: Any) -> tuple[int, int, datetime]:  # noqa: ANN401 # JSON as it came
    try:
        return int(row["id"]), int(row["orderId"]), parse_instant(row["datePaid"])
    except (KeyError, TypeError, ValueError) as error:
        message = "a payment of the shop came without a usable id, order or date"
        raise UnexpectedReply(message) from error


def _owner(row: Any) -> tuple[int, EntityRef]:  # noqa: ANN401 # JSON as it came
    try:
        return int(row["orderId"]), EntityRef(EntityType.from_type_id(int(row["ownerTypeId"])), int(row["ownerId"]))
    except (KeyError, TypeError, ValueError) as error:
        message = "an order came without a usable id or owner"
        raise UnexpectedReply(message) from error


def _by_type_and_id(ref: EntityRef) -> tuple[int, int]:
    return ref.type.type_id, ref.id
