"""The methods `crm.currency.{list,get,fields,base.get}`.

Sources: php modules/crm/classes/general/restservice.php `CCrmCurrencyRestProxy` (a list takes an order alone, and is
never paged), crm_currency.php `GetFieldsInfo`, `CheckReadPermission` (who may not read products is refused), docs
api-reference/crm/currency/crm-currency-*.md (`total` is always 0).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from b24syncd.simulator import php
from b24syncd.simulator.errors import NO_CODE, RestError
from b24syncd.simulator.tables.currencies import BASE, Currency
from b24syncd.simulator.tables.values import iso

from .calls import Answer, Call, Method

if TYPE_CHECKING:
    from b24syncd.simulator.tables.state import PortalState

_TYPES = {"AMOUNT_CNT": "int", "AMOUNT": "double", "BASE": "char", "SORT": "int", "DATE_UPDATE": "datetime"}
_READ_ONLY = (*("BASE", "DATE_UPDATE", "LID", "FORMAT_STRING", "FULL_NAME", "DEC_POINT", "THOUSANDS_SEP", "DECIMALS"),)
_DENIED = RestError(NO_CODE, "Access denied.")


def _shown(portal: PortalState, number: int, one: Currency) -> dict[str, Any]:
    return {
        "CURRENCY": one.code,
        "AMOUNT_CNT": "1",
        "AMOUNT": one.amount,
        "SORT": str(100 * (number + 1)),
        "BASE": "Y" if one.code == BASE else "N",
        "FULL_NAME": one.name,
        "LID": portal.options.language,
        "FORMAT_STRING": one.format,
        "DEC_POINT": ".",
        "THOUSANDS_SEP": "&nbsp;",
        "DECIMALS": "2",
        "DATE_UPDATE": iso(0, portal.zone),
    }


def _rows(call: Call) -> list[dict[str, Any]]:
    if not call.portal.access.reads_products:
        raise _DENIED
    return [_shown(call.portal, number, one) for number, one in enumerate(call.portal.currencies.values())]


def _list(call: Call) -> Answer:
    rows = _rows(call)
    order = call.parameter("order")
    if isinstance(order, dict) and order:
        # php: of an order the first field alone counts
        name, how = next(iter(order.items()))
        column = str(name).upper()
        if column in rows[0]:
            rows.sort(key=lambda row: (column == "SORT" and int(row["SORT"]), row[column]))
            if php.string(how).upper() == "DESC":
                rows.reverse()
    return Answer(rows, 0)


def _get(call: Call) -> Answer:
    code = php.trim(call.parameter("id")).upper()
    found = next((row for row in _rows(call) if row["CURRENCY"] == code), None)
    if found is None:
        raise RestError(NO_CODE, "Not found" if code else "ID is not defined or invalid.")
    return Answer(found | {"LANG": {call.portal.options.language: {"FULL_NAME": found["FULL_NAME"]}}})


def _base(_call: Call) -> Answer:
    return Answer(BASE)


def _fields(call: Call) -> Answer:
    shown = _shown(call.portal, 0, call.portal.currencies[BASE])
    told = {
        name: {
            "type": _TYPES.get(name, "string"),
            "isRequired": False,
            "isReadOnly": name in _READ_ONLY,
            "isImmutable": False,
            "isMultiple": False,
            "isDynamic": False,
            "title": name.replace("_", " ").capitalize(),
        }
        for name in shown
    }
    return Answer(told)


METHODS = {
    f"crm.currency.{name}": Method(("crm",), handler)
    for name, handler in (("list", _list), ("get", _get), ("fields", _fields), ("base.get", _base))
}
