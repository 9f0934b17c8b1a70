"""The methods `sale.payment.list` and `sale.order.list` (scope `sale`), and `crm.orderentity.list`.

Sources: docs api-reference/sale/payment/sale-payment-list.md, api-reference/sale/order/sale-order-list.md and
api-reference/crm/universal/order-entity/crm-order-entity-list.md; php modules/sale/lib/controller/payment.php and
modules/crm/lib/controller/orderentity.php; php modules/rest/lib/engine/restmanager.php (`start=-1` is the first page,
uncounted, whatever the documentation says).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from b24syncd.simulator import php
from b24syncd.simulator.errors import RestError, unmatched_parameter
from b24syncd.simulator.tables.values import shown

from .calls import Answer, Call, Method
from .filters import Filter
from .listing import page
from .sale_names import named, without_offsets

if TYPE_CHECKING:
    from b24syncd.simulator.tables.model import Table

    from .filters import Test

_DENIED = RestError("200040300010", "Access Denied")


def _array(call: Call, name: str) -> php.Array:
    sent = call.parameters.get(name, {})
    if not isinstance(sent, dict):
        raise unmatched_parameter(name, php.string(sent), "array")
    return sent


def _rows(call: Call, table: Table, default_order: str, *tests: Test) -> tuple[list[dict[str, Any]], Any, Any]:
    if not call.portal.options.administrator:
        raise _DENIED
    conditions = without_offsets(call.portal, _array(call, "filter"))
    user = call.portal.user
    compared = user.of_object if call.portal.options.sale_offsets else user.of_text
    wanted = Filter(conditions, lambda _, name: named(table, name), call.portal.zone, compared)
    wanted.tests.extend(tests)
    order = [
        (field, php.string(direction).upper() == "DESC")
        for name, direction in _array(call, "order").items()
        if (field := named(table, str(name))) is not None
    ]
    found = page(table, wanted, order or [(table.names[default_order], False)], call.start)
    select = [php.string(name) for name in _array(call, "select").values()]
    chosen = [field for name in select if (field := named(table, name)) is not None]
    fields = sorted(chosen or table.fields, key=lambda field: field.name)
    now = call.portal.now()
    rows = [
        {field.name: shown(field, user.told_by_shop(field, item.value(field.name)), now) for field in fields}
        for item in found.items
    ]
    return rows, found.total, found.next


def _payments(call: Call) -> Answer:
    rows, total, following = _rows(call, call.portal.payments.table, "id")
    return Answer({"payments": rows}, total, following)


def _orders(call: Call) -> Answer:
    rows, total, following = _rows(call, call.portal.payments.shop_orders, "id")
    return Answer({"orders": rows}, total, following)


def _order_entities(call: Call) -> Answer:
    table = call.portal.payments.orders
    rows, total, following = _rows(call, table, "ownerId", lambda item: item.value("ownerId") is not None)
    return Answer({"orderEntity": rows}, total, following)


METHODS = {
    "sale.payment.list": Method(("sale",), _payments),
    "sale.order.list": Method(("sale",), _orders),
    "crm.orderentity.list": Method(("crm",), _order_entities),
}
