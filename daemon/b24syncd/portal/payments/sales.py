"""The shop's own lists: which items were paid for since an instant, though nothing touched the items themselves.

Paying leaves an item's time of change alone, so this is the quick way to learn of it; it takes the scope `sale` and an
administrator. The list of payments tells when each was made. One that is cancelled keeps that date, and one that is
deleted is not there any more (php: modules/sale/lib/payment.php, `onFieldModify`); but either way its order is saved
and tells when (php: modules/sale/lib/orderbase.php, `completeSaving`), so orders are asked for as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.observe.logs import get_logger
from b24syncd.portal.dates.filters import DateFilters
from b24syncd.portal.paging import PAGE_SIZE
from b24syncd.portal.wire.commands import Answered, Command, Priority, Refused
from b24syncd.portal.wire.faults import lacks_own_scope, says_nothing
from b24syncd.portal.wire.replies import UnexpectedReply, id_from

from .replies import parse_instant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from b24syncd.portal.client import PortalClient

_SCOPE = "sale"
_AMBIGUOUS_SECONDS = 7200.0
"""By so much a portal may err that compares times without their offsets, about the hour in which clocks are set."""

_FURTHEST_SECONDS = 26 * 3600.0
"""By so much times are told off at most: as the wall of the webhook's user shows them, with the server's offset (php:
modules/sale/lib/rest/entity/base.php, `externalizeFields`)."""

_SETTLED_SECONDS = 2.0
"""A time so far from the present is not given once more: it has a resolution of one second."""

_ASK_AGAIN_SECONDS = 500.0
"""So often it is asked whether what was taken is given back, or works again: ten minutes are promised."""

log = get_logger()


@dataclass(frozen=True, slots=True)
class _List:
    """A list of the shop: its name in the answer, which of its times is asked for, and what its orders are called."""

    method: str
    rows: str
    time: str
    order: str

    def after(self, last_id: int, start: datetime) -> Command:
        """Return a page; names are camelCase only, and `start` of -1 is the first page, uncounted."""
        params = {
            "select": list(dict.fromkeys(("id", self.order, self.time))),
            "filter": {f">={self.time}": start.isoformat(), ">id": last_id},
            "order": {"id": "asc"},
            "start": -1,
        }
        return Command(self.method, params)


_PAYMENTS = _List("sale.payment.list", "payments", "datePaid", "orderId")
_ORDERS = _List("sale.order.list", "orders", "dateUpdate", "id")
_Times = dict[tuple[_List, int], datetime]
"""The times of rows, by their list and id."""

_LISTS = (_PAYMENTS, _ORDERS)
"""Docs: api-reference/sale/payment/sale-payment-list.md, api-reference/sale/order/sale-order-list.md."""


class Sales:
    """Follows the payments of the shop, where the webhook may; what is in the way is told once."""

    def __init__(self, client: PortalClient, *, sweep_hours: float) -> None:
        """Ask through `client`; what is not to be learnt here is met by the sweep, every so many hours (0: never)."""
        self._client = client
        self._dates = DateFilters(client)
        self._sweep_hours = sweep_hours
        self._lists: tuple[_List, ...] | None = None
        self._obstacles: list[str] = []
        self.lack: str | None = None
        """What was taken from the webhook, so that payments are seen late."""
        self._asked_at = float("-inf")
        self._resting: tuple[_List, ...] = ()
        self._rests_until = float("inf")
        """Lists that failed without a reason, which may be of the moment, and until when they are not asked."""
        self._told: set[str] = set()
        self._met: _Times = {}
        self._known: _Times = {}

    async def paid_since(self, since: float, *, priority: Priority) -> tuple[EntityRef, ...] | None:
        """Return the items with payments made, cancelled or deleted since an instant of the portal's clock.

        The instant is in unix seconds. None where that is not to be learnt here: the scope or the right is missing, or
        the portal does not filter. Where it shows payments only, those that are cancelled or deleted are left out.
        """
        if self.lack is not None and self._client.clock.monotonic() - self._asked_at >= _ASK_AGAIN_SECONDS:
            self._asked_at = self._client.clock.monotonic()
            if await self._has_scope(priority):
                self._lists, self.lack = _LISTS, None
            else:
                self._obstacles.clear()  # it is told already
        if self._lists is None:
            self._lists = _LISTS if await self._has_scope(priority) else ()
        if self._client.clock.monotonic() >= self._rests_until:
            self._lists = tuple(listed for listed in _LISTS if listed in (*self._lists, *self._resting))
            self._resting, self._rests_until = (), float("inf")
        orders = await self._orders(since, priority) if self._lists else set()
        items = await self._items(sorted(orders), priority)
        self._tell()
        return items if self._lists else None

    def remember(self) -> None:
        """Pass over what was told last for as long as its time stays the same: all of it has been looked at."""
        self._known = self._met

    async def _has_scope(self, priority: Priority) -> bool:
        (outcome,) = await self._client.read([Command("scope", {})], priority=priority)
        scopes = outcome.result if isinstance(outcome, Answered) else None
        if isinstance(scopes, list) and _SCOPE in scopes:
            return True
        self._obstacles.append(f"the {self._client.credentials.called} has no permission {_SCOPE!r}")
        return False

    async def _orders(self, since: float, priority: Priority) -> set[int]:
        """Return the orders of what happened since then."""
        (now,) = await self._client.read([Command("server.time", {})], priority=priority)
        present = parse_instant(now.result if isinstance(now, Answered) else None)
        ahead, slack = await self._user()
        # Some portals compare with a time of their own clock and take no notice of an offset behind it; these compare
        # with the user's time as well, and so one who is behind is asked for more.
        start = datetime.fromtimestamp(int(since + min(ahead, 0.0) - slack), present.tzinfo)
        earliest = start.timestamp() - _AMBIGUOUS_SECONDS - (_FURTHEST_SECONDS if ahead else 0.0)
        orders: set[int] = set()
        self._met = {}
        reached = dict.fromkeys(self._lists or (), 0)
        while reached:
            commands = [listed.after(last_id, start) for listed, last_id in reached.items()]
            outcomes = await self._client.read(commands, priority=priority)
            for (listed, last_id), outcome in zip(tuple(reached.items()), outcomes, strict=True):
                if isinstance(outcome, Refused):
                    self._refused(listed, listed.method, outcome)
                    if lacks_own_scope(outcome.code, listed.method):
                        called = self._client.credentials.called
                        self.lack = f"the {called} has no permission {_SCOPE!r} any more: payments are seen late"
                        self._asked_at = self._client.clock.monotonic()
                    del reached[listed]
                    continue
                rows = _rows(outcome.result if isinstance(outcome, Answered) else None, listed.rows)
                met = [_met(row, listed) for row in rows]
                ids = [last_id, *(row_id for row_id, _, _ in met)]
                if ids != sorted(set(ids)) or any(at.timestamp() < earliest for _, _, at in met):
                    # this server passes over names that it does not know (php: sale/lib/rest/entity/base.php)
                    self._close(listed, f"the portal does not filter {listed.method} by {listed.time}")
                    del reached[listed]
                    continue
                for row_id, order_id, at in met:
                    if self._known.get((listed, row_id)) != at:
                        orders.add(order_id)
                    if abs((present - at).total_seconds() + ahead) > _SETTLED_SECONDS + slack:
                        self._met[listed, row_id] = at
                reached[listed] = ids[-1]
                if len(rows) < PAGE_SIZE:
                    del reached[listed]
        return orders

    async def _user(self) -> tuple[float, float]:
        """Return by how much the webhook's user is ahead of the server, as lists of items tell, and how unsure that is.

        Without items nobody can tell; then nothing was paid for either.
        """
        ahead = await self._dates.shift(EntityType.DEAL)
        return ahead, await self._dates.slack(EntityType.DEAL) if ahead else 0.0

    async def _items(self, orders: Sequence[int], priority: Priority) -> tuple[EntityRef, ...]:
        """Return the items that orders belong to, each to one at most."""
        chunks = [orders[first : first + PAGE_SIZE] for first in range(0, len(orders), PAGE_SIZE)]
        found: set[EntityRef] = set()
        outcomes = await self._client.read([_owners(chunk) for chunk in chunks], priority=priority)
        for outcome, chunk in zip(outcomes, chunks, strict=True):
            if isinstance(outcome, Refused):
                self._refused(None, "crm.orderentity.list", outcome)
                break
            owners = dict(map(_owner, _rows(outcome.result if isinstance(outcome, Answered) else None, "orderEntity")))
            if not owners.keys() <= set(chunk):
                self._close(None, "the portal does not filter crm.orderentity.list by orderId")
                break
            found.update(owners.values())
        return tuple(sorted(found, key=_by_type_and_id))

    def _refused(self, closed: _List | None, method: str, refused: Refused) -> None:
        """Ask a list no more, or not for a while where no reason was given (docs: sale-payment-list.md, code 0)."""
        detail = f"the portal refuses {method} ({refused.rejected})"
        is_told = detail in self._told
        if says_nothing(refused.code):
            self._told.add(detail)
            self._resting += (self._lists or ()) if closed is None else (closed,)
            self._rests_until = self._client.clock.monotonic() + _ASK_AGAIN_SECONDS
        self._close(closed, "" if is_told else detail)

    def _close(self, closed: _List | None, detail: str) -> None:
        """Ask a list no more; none of them where it is not one list that is closed."""
        self._lists = tuple(listed for listed in self._lists or () if closed is not None and listed is not closed)
        self._obstacles += filter(None, [detail])

    def _tell(self) -> None:
        """Tell what has come into the way since this was last told, and when payments are seen instead."""
        reasons, lists = "; ".join(self._obstacles), self._lists or ()
        self._obstacles.clear()
        if not reasons or _ORDERS in lists:  # orders are saved for payments that are made as well
            return
        late = "payments that are cancelled or deleted" if lists else "payments"
        hours = self._sweep_hours
        seen = f"by the sweep, every {hours:g} hours" if hours else "by the next backfill (changes.sweep_hours is 0)"
        log.warning("payments_seen_late", detail=f"{reasons}: of deals that do not change, {late} are seen {seen}")


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


def _met(row: Any, listed: _List) -> tuple[int, int, datetime]:  # noqa: ANN401 # JSON as it came
    try:
        return id_from(row["id"]), id_from(row[listed.order]), parse_instant(row[listed.time])
    except (KeyError, TypeError, ValueError) as error:
        message = f"the answer to {listed.method} has a row without a usable id, order or time"
        raise UnexpectedReply(message) from error


def _owner(row: Any) -> tuple[int, EntityRef]:  # noqa: ANN401 # JSON as it came
    try:
        owner = EntityRef(EntityType.from_type_id(id_from(row["ownerTypeId"])), id_from(row["ownerId"]))
        return id_from(row["orderId"]), owner
    except (KeyError, TypeError, ValueError) as error:
        message = "an order came without a usable id or owner"
        raise UnexpectedReply(message) from error


def _by_type_and_id(ref: EntityRef) -> tuple[int, int]:
    return ref.type.type_id, ref.id
