"""The orders and payments of the portal, and the items of the CRM that they belong to.

Sources: php modules/sale/lib/payment.php `onFieldModify` (paying sets the date, and cancelling does not take it away),
`delete` (what is paid is not deleted), php modules/sale/lib/orderbase.php `completeSaving` (an order that is saved with
its payments tells when), php modules/crm/lib/binding/orderentity.php (an order belongs to one item at
most, and to none when that is deleted). Nothing here touches the item: its `updatedTime` tells nothing of payments.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .activity_fields import fields_in
from .event_names import PAYMENT_DELETED, PAYMENT_SAVED
from .history import Edit
from .model import Item, Table
from .values import walled

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import tzinfo

    from .history import History, Who
    from .slugs import Ref
    from .values import Value

PAYMENT, ORDER = 1001, 1002
"""Mark payments and orders among the references of this simulation; to the CRM they are no types."""

PAY_SYSTEMS = {6: ("Cash", "Y"), 19: ("Card payment", "N")}
ORDER_FIELDS = fields_in("ORDER_ID integer, OWNER_ID integer, OWNER_TYPE_ID integer", {})
SHOP_FIELDS = fields_in(
    """
ACCOUNT_NUMBER string, ADDITIONAL_INFO string, AFFILIATE_ID integer, CANCELED char, COMMENTS string,
COMPANY_ID integer, CURRENCY string, DATE_CANCELED datetime, DATE_INSERT datetime, DATE_LOCK datetime,
DATE_MARKED datetime, DATE_STATUS datetime, DATE_UPDATE datetime, DEDUCTED char, DISCOUNT_VALUE double,
EMP_CANCELED_ID integer, EMP_MARKED_ID integer, EMP_STATUS_ID integer, EXTERNAL_ORDER char, ID integer, ID_1C string,
LID string, LOCKED_BY string, MARKED char, ORDER_TOPIC string, PAYED char, PERSON_TYPE_ID integer,
PERSON_TYPE_XML_ID string, PRICE double, REASON_CANCELED string, REASON_MARKED string, RECOUNT_FLAG char,
RECURRING_ID string, RESPONSIBLE_ID integer, STATUS_ID string, STATUS_XML_ID string, TAX_VALUE double,
UPDATED_1C char, USER_DESCRIPTION string, USER_ID integer, VERSION integer, VERSION_1C string, XML_ID string
""",
    {},
)
"""php: modules/sale/lib/rest/entity/order.php `getFields`; docs: api-reference/sale/order/sale-order-list.md."""
FIELDS = fields_in(
    """
ACCOUNT_NUMBER string, COMMENTS string, COMPANY_ID integer, CURRENCY string, DATE_BILL datetime, DATE_MARKED datetime,
DATE_PAID datetime, DATE_PAY_BEFORE datetime, DATE_RESPONSIBLE_ID datetime, EMP_MARKED_ID integer, EMP_PAID_ID integer,
EMP_RESPONSIBLE_ID integer, EMP_RETURN_ID integer, EXTERNAL_PAYMENT char, ID integer, ID_1C string, IS_RETURN char,
MARKED char, ORDER_ID integer, PAID char, PAY_RETURN_COMMENT string, PAY_RETURN_DATE date, PAY_RETURN_NUM string,
PAY_SYSTEM_ID integer, PAY_SYSTEM_IS_CASH char, PAY_SYSTEM_NAME string, PAY_SYSTEM_XML_ID string,
PAY_VOUCHER_DATE date, PAY_VOUCHER_NUM string, PRICE_COD double, PS_CURRENCY string, PS_INVOICE_ID string,
PS_RESPONSE_DATE datetime, PS_STATUS char, PS_STATUS_CODE string, PS_STATUS_DESCRIPTION string,
PS_STATUS_MESSAGE string, PS_SUM double, REASON_MARKED string, RESPONSIBLE_ID integer, SUM double, UPDATED_1C char,
VERSION_1C string, XML_ID string
""",
    {},
)
_EMPTY = (
    *(
        "comments",
        "id1c",
        "payReturnComment",
        "payReturnNum",
        "payVoucherNum",
        "psCurrency",
        "psStatus",
        "psStatusCode",
    ),
    *("psStatusDescription", "psStatusMessage", "reasonMarked", "version1c"),
)
_ORDER_DEFAULTS: dict[str, Value] = {
    **dict.fromkeys(("additionalInfo", "comments", "id1c", "lockedBy", "orderTopic", "personTypeXmlId"), ""),
    **dict.fromkeys(("reasonCanceled", "reasonMarked", "recurringId", "statusXmlId", "userDescription"), ""),
    **dict.fromkeys(("canceled", "deducted", "externalOrder", "marked", "payed", "updated1c"), "N"),
    **dict.fromkeys(("discountValue", "price", "taxValue"), 0.0),
    "version1c": "",
    "lid": "s1",
    "personTypeId": 4,
    "recountFlag": "Y",
    "statusId": "N",
    "version": 0,
}
_LONG_AGO = 400 * 86400
_DEFAULTS: dict[str, Value] = {**dict.fromkeys(_EMPTY, ""), "priceCod": "0.000000"}


@dataclass(slots=True)
class Order(Item):
    """An order, with the item it belongs to; its payments have its currency."""

    currency: str = "RUB"
    payments: list[int] = field(default_factory=list)
    made: int = 0
    """So many payments it ever had: they are numbered."""

    @property
    def ref(self) -> Ref | None:
        """The item it belongs to."""
        owner = self.values.get("ownerTypeId"), self.values.get("ownerId")
        return (int(owner[0]), int(owner[1])) if owner[0] and owner[1] else None


class Payments:
    """All orders and payments of one portal."""

    def __init__(self, history: History, clock: Callable[[], float], zone: tzinfo) -> None:
        """Begin without any."""
        self.table = Table(PAYMENT, FIELDS)
        self.orders = Table(ORDER, ORDER_FIELDS)
        """Orders as the CRM knows them, by what they belong to."""
        self.shop_orders = Table(ORDER, SHOP_FIELDS)
        """The same orders as the shop shows them."""
        self.by_order: dict[int, Order] = {}
        self._by_ref: dict[Ref, list[int]] = {}
        self._history = history
        self._clock = clock
        self._zone = zone

    def order(self, ref: Ref, currency: str = "RUB") -> Order:
        """Make an order for an item."""
        second = int(self._clock())
        order_id = self.orders.new_id()
        values: dict[str, Value] = {
            **_ORDER_DEFAULTS,
            "orderId": order_id,
            "ownerId": ref[1],
            "ownerTypeId": ref[0],
            "accountNumber": str(order_id),
            "currency": currency,
            "xmlId": f"bx_{order_id:013x}",
            "userId": 1,
            "responsibleId": 1,
            "dateStatus": walled(second, self._zone),
        }
        order = Order(ORDER, order_id, second, second, values, {}, currency)
        self.orders.insert(order)
        self.shop_orders.insert(order)
        self.by_order[order_id] = order
        self._by_ref.setdefault(ref, []).append(order_id)
        return order

    def create(  # noqa: PLR0913 - a payment has so many parts
        self,
        ref: Ref,
        amount: float,
        who: Who,
        *,
        currency: str = "RUB",
        paid: int | None = None,
        order: Order | None = None,
    ) -> Item:
        """Add a payment to an item's order of that currency, or to the order given; `paid` is when it was paid."""
        own = order or next((one for one in self.orders_of(ref) if one.currency == currency), None)
        own = own or self.order(ref, currency)
        second = int(self._clock())
        own.made += 1
        values: dict[str, Value] = {
            **_DEFAULTS,
            "accountNumber": f"{own.id}/{own.made}",
            "currency": own.currency,
            "dateBill": second,
            "orderId": own.id,
            "paid": "N",
            "paySystemId": 6,
            "responsibleId": 1,
            "sum": float(amount),
        }
        payment = Item(PAYMENT, self.table.new_id(), second, second, values)
        values["paySystemName"], values["paySystemIsCash"] = PAY_SYSTEMS[6]
        values["xmlId"] = f"bx_{payment.id:013x}"
        self.table.insert(payment)
        own.payments.append(payment.id)
        self._saved(payment, who)
        if paid is not None:
            self.pay(payment, who, at=paid)
        return payment

    def pay(self, payment: Item, who: Who, *, user_id: int = 1, at: int | None = None) -> bool:
        """Pay, now or at some time; what is paid already stays as it is, unless a time is given."""
        if payment.values["paid"] == "Y" and at is None:
            return False
        second = walled(int(self._clock()) if at is None else at, self._zone)
        return self.change(payment, {"paid": "Y", "datePaid": second, "empPaidId": user_id}, who)

    def cancel(self, payment: Item, who: Who) -> bool:
        """Cancel; the date of the payment stays where it is."""
        return self.change(payment, {"paid": "N"}, who)

    def change(self, payment: Item, values: dict[str, Value], who: Who) -> bool:
        """Change a payment's fields; return whether anything changed."""
        changed = False
        for name, value in values.items():
            before = payment.values.get(name)
            if before != value:
                payment.values[name] = value
                changed = True
                old, new = (None if one is None else str(one) for one in (before, value))
                self._history.record(Edit(self._clock(), who, PAYMENT, payment.id, name, None, old, new))
        if changed:
            self._saved(payment, who)
        return changed

    def _saved(self, payment: Item, who: Who) -> None:
        """Note when the order of a payment was saved; what is generated was saved when it was paid, or long ago."""
        order, now = self.by_order[int(payment.values["orderId"] or 0)], int(self._clock())
        generated = payment.values.get("datePaid") or walled(now - _LONG_AGO, self._zone)
        saved = int(generated) if who == "generator" else walled(now, self._zone)
        order.values["dateUpdate"] = max(saved, int(order.values.get("dateUpdate") or 0))
        order.values.setdefault("dateInsert", order.values["dateUpdate"])
        self._history.tell(PAYMENT_SAVED, {"ID": payment.id}, who)

    def remove(self, payment: Item, who: Who) -> None:
        """Delete a payment; a paid one is cancelled first, as the portal asks for."""
        self.cancel(payment, who)
        self._saved(payment, who)
        self.table.remove(payment)
        self.by_order[int(payment.values["orderId"] or 0)].payments.remove(payment.id)
        self._history.record(Edit(self._clock(), who, PAYMENT, payment.id, "id", None, str(payment.id), None))
        self._history.tell(PAYMENT_DELETED, {"ID": payment.id}, who)

    def item_gone(self, ref: Ref) -> None:
        """Leave the orders of a deleted item without an owner."""
        for order in self.orders_of(ref):
            order.values.update({"ownerId": None, "ownerTypeId": None})
        self._by_ref.pop(ref, None)

    def orders_of(self, ref: Ref) -> list[Order]:
        """Return the orders of an item."""
        return [self.by_order[one] for one in self._by_ref.get(ref, ())]

    def of(self, ref: Ref) -> list[Item]:
        """Return the payments of an item, oldest first."""
        ids = sorted(one for order in self.orders_of(ref) for one in order.payments)
        return [self.table.items[one] for one in ids]

    def owner(self, payment: Item) -> Ref | None:
        """Return the item that a payment belongs to."""
        return self.by_order[int(payment.values["orderId"] or 0)].ref
