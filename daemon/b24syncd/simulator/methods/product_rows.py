"""The methods `crm.item.productrow.{list,set}`.

Sources: php modules/crm/lib/controller/item/productrow.php, docs
api-reference/crm/universal/product-rows/crm-item-productrow-*.md.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from b24syncd.simulator import php
from b24syncd.simulator.errors import RestError, access_denied, missing_parameter, type_not_supported
from b24syncd.simulator.tables.fields import DEAL, LEAD, SMART_INVOICE

from .calls import Answer, Call, Method
from .item_amounts import recalculate
from .listing import cut
from .rights import editable, granted, readable

if TYPE_CHECKING:
    from b24syncd.simulator.tables.product_rows import ProductRow
    from b24syncd.simulator.tables.slugs import Ref
    from b24syncd.simulator.tables.state import PortalState

_OWNERS = {"L": LEAD, "D": DEAL, "SI": SMART_INVOICE}
_MISSING = "REQUIRED_ARG_MISSING"
_PIECES = {"measureCode": 796, "measureName": "pcs"}


def _shown(ref: Ref, owner: str, number: int, row: ProductRow) -> dict[str, Any]:
    price, net = php.whole(row.price), php.whole(round(row.price / (1 + row.tax_rate / 100), 2))
    return {
        "id": row.id,
        "ownerId": ref[1],
        "ownerType": owner,
        "productId": 0,
        "productName": row.name,
        "price": price,
        "priceAccount": price,
        "priceExclusive": net,
        "priceNetto": net,
        "priceBrutto": price,
        "quantity": php.whole(row.quantity),
        "discountTypeId": 2,
        "discountRate": 0,
        "discountSum": 0,
        "taxRate": php.whole(row.tax_rate),
        "taxIncluded": "Y",
        "customized": "Y",
        **_PIECES,
        "sort": 10 * (number + 1),
        "xmlId": "",
        "type": 4,
        "storeId": None,
    }


def _rows_shown(portal: PortalState, ref: Ref, owner: str) -> list[dict[str, Any]]:
    return [_shown(ref, owner, number, row) for number, row in enumerate(portal.product_rows.of(ref))]


def _owner_type(owner: str) -> int:
    if owner in _OWNERS:
        return _OWNERS[owner]
    with contextlib.suppress(ValueError):
        return int(owner[1:], 16) if owner.startswith("T") else 0
    return 0


def _list(call: Call) -> Answer:
    sent = call.parameters.get("filter")
    conditions = {str(name).upper().replace("_", ""): value for name, value in sent.items()} if sent else {}
    owner, owner_id = php.string(conditions.get("=OWNERTYPE")), php.integer(conditions.get("=OWNERID"))
    if not owner or owner_id <= 0:
        name = "=ownerId" if owner else "=ownerType"
        raise RestError(_MISSING, f"Argument '{name}' is required")
    ref = (_owner_type(owner), owner_id)
    if not (granted(call.portal, ref) and readable(call.portal, ref)):
        raise access_denied()
    rows, total, following = cut(_rows_shown(call.portal, ref, owner), call.start)
    return Answer({"productRows": list(rows)}, total, following)


def _set(call: Call) -> Answer:
    for name in ("ownerType", "ownerId", "productRows"):
        if name not in call.parameters:
            raise missing_parameter(name)
    owner = php.string(call.parameters["ownerType"])
    ref = (_owner_type(owner), php.integer(call.parameters["ownerId"]))
    if ref[0] not in call.portal.tables:
        raise type_not_supported()
    item = call.portal.find(*ref)
    if item is None:
        code = "OWNER_NOT_FOUND"
        raise RestError(code, "Owner was not found")
    if not editable(call.portal, ref):
        raise access_denied()
    sent = call.parameters["productRows"]
    rows = [_sent(one) for one in (sent.values() if isinstance(sent, dict) else ()) if isinstance(one, dict)]
    call.portal.product_rows.put(ref, rows)
    recalculate(call.portal, item)
    call.portal.history.saves += 1
    return Answer({"productRows": _rows_shown(call.portal, ref, owner)})


def _sent(row: php.Array) -> tuple[str, float, float, float]:
    price, tax = (php.number(row.get(name)) for name in ("price", "taxRate"))
    quantity = 1.0 if row.get("quantity") is None else php.number(row["quantity"])
    return php.string(row.get("productName")), price, quantity, tax


METHODS = {
    "crm.item.productrow.list": Method(("crm",), _list),
    "crm.item.productrow.set": Method(("crm",), _set),
}
