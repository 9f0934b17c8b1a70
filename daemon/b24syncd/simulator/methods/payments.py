"""The methods `crm.item.payment.{list,get,pay,unpay}`.

Sources: docs api-reference/crm/universal/payment/crm-item-payment-*.md, php
modules/crm/lib/controller/item/payment.php (names, fields, what is refused: an item is never looked for, only the
right to it) and
modules/crm/lib/entity/paymentdocumentsrepository.php (a type without payments, or an item that is not there, has
none; a list is never paged).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from b24syncd.simulator import php
from b24syncd.simulator.errors import ZERO, RestError, access_denied, unmatched_parameter
from b24syncd.simulator.tables.values import shown

from .binder import number
from .calls import Answer, Call, Method
from .filters import Filter
from .listing import in_order
from .rights import editable, exists, granted, readable
from .sale_names import without_offsets
from .smart_types import has_payments

if TYPE_CHECKING:
    from b24syncd.simulator.tables.fields import Field
    from b24syncd.simulator.tables.model import Item

_NOT_FOUND = RestError(ZERO, "Payment has not been found")
_SHOWN = (
    *("id", "accountNumber", "paid", "datePaid", "empPaidId"),
    *("paySystemId", "sum", "currency", "paySystemName"),
)


def _array(call: Call, name: str) -> php.Array:
    sent = call.parameters.get(name, {})
    if not isinstance(sent, dict):
        raise unmatched_parameter(name, php.string(sent), "array")
    return sent


def _shown(call: Call, payment: Item) -> dict[str, Any]:
    names, now, told = call.portal.payments.table.names, call.portal.now(), call.portal.user.told
    return {name: shown(names[name], told(names[name], payment.value(name)), now) for name in _SHOWN}


def _list(call: Call) -> Answer:
    item_id, type_id = number(call, "entityId"), number(call, "entityTypeId")
    conditions, order = _array(call, "filter"), _array(call, "order")
    portal, ref = call.portal, (type_id, item_id)
    if not (granted(portal, ref) and readable(portal, ref)):
        # php: base.php `setAccessDenied`
        raise access_denied()
    if not has_payments(portal, type_id) or not exists(portal, ref):
        return Answer([])
    wanted = Filter(without_offsets(portal, conditions), lambda prefix, name: _named(call, prefix, name), portal.zone)
    sorting = [(_named(call, "", str(name)), php.string(how).upper() == "DESC") for name, how in order.items()]
    found = [payment for payment in portal.payments.of(ref) if wanted.passes(payment)]
    rows = in_order(found, sorting) if sorting else found
    return Answer([_shown(call, payment) for payment in rows])


def _named(call: Call, prefix: str, name: str) -> Field:
    table = call.portal.payments.table
    # php: converter.php knows an upper-case name only as it stands, not behind a prefix
    field = table.names.get(name) or (None if prefix else table.upper_names.get(name))
    if field is None:
        unknown = f"Unknown field definition `{name}` ({name}) for \\Bitrix\\Sale\\Internals\\Payment Entity."
        raise RestError(ZERO, unknown)
    return field


def _payment(call: Call) -> Item:
    payment = call.portal.payments.table.items.get(number(call, "id"))
    if payment is None:
        raise _NOT_FOUND
    owner = call.portal.payments.owner(payment)
    if owner is not None and not editable(call.portal, owner):
        raise access_denied()
    return payment


def _get(call: Call) -> Answer:
    return Answer(_shown(call, _payment(call)))


def _pay(call: Call) -> Answer:
    payment = _payment(call)
    call.portal.history.saves += call.portal.payments.pay(payment, "api", user_id=call.caller.user_id)
    return Answer(result=True)


def _unpay(call: Call) -> Answer:
    call.portal.history.saves += call.portal.payments.cancel(_payment(call), "api")
    return Answer(result=True)


METHODS = {
    f"crm.item.payment.{name}": Method(("crm",), handler)
    for name, handler in (("list", _list), ("get", _get), ("pay", _pay), ("unpay", _unpay))
}
