"""Smart processes, and the method `crm.type.list` that names them.

Sources: docs api-reference/crm/universal/user-defined-object-types/crm-type-list.md; php
modules/crm/lib/service/factory.php (`isLinkWithProductsEnabled` false: the items have no payments) and
modules/crm/lib/controller/type.php (administrators of the CRM only). Smart invoices are items of type 31 and are not
listed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import php
from .calls import Answer, Call, Method
from .errors import access_denied
from .fields import DEAL, LEAD, SMART_INVOICE, SmartType
from .listing import cut
from .values import iso

if TYPE_CHECKING:
    from .state import PortalState

_WITH_PRODUCTS = (LEAD, DEAL, SMART_INVOICE)
_ON = ("isCategoriesEnabled", "isStagesEnabled", "isBeginCloseDatesEnabled", "isClientEnabled")
_OFF = (
    *("isUseInUserfieldEnabled", "isMycompanyEnabled", "isDocumentsEnabled", "isSourceEnabled", "isObserversEnabled"),
    *("isRecyclebinEnabled", "isAutomationEnabled", "isBizProcEnabled", "isSetOpenPermissions", "isCountersEnabled"),
)


def has_payments(portal: PortalState, entity_type_id: int) -> bool:
    """Return whether items of a type can be linked with products, and so with orders and payments."""
    smart = (one.entity_type_id for one in portal.options.smart_types if one.payments)
    return entity_type_id in _WITH_PRODUCTS or entity_type_id in smart


def _list(call: Call) -> Answer:
    if not call.portal.options.administrator:
        raise access_denied()
    conditions = call.parameters.get("filter")
    types = [_shown(call.portal, smart) for smart in call.portal.options.smart_types]
    if isinstance(conditions, dict):
        wanted = {str(name).lstrip("="): php.string(value).lower() for name, value in conditions.items()}
        types = [
            one for one in types if all(php.string(one.get(name)).lower() == value for name, value in wanted.items())
        ]
    rows, total, following = cut(types, call.start)
    return Answer({"types": list(rows)}, total, following)


def _shown(portal: PortalState, smart: SmartType) -> dict[str, Any]:
    payments = "Y" if smart.payments else "N"
    created = iso(0, portal.zone)
    return {
        "id": smart.id,
        "title": smart.title,
        "code": "",
        "createdBy": 1,
        "entityTypeId": smart.entity_type_id,
        "customSectionId": None,
        **dict.fromkeys(_ON, "Y"),
        **dict.fromkeys(_OFF, "N"),
        "isLinkWithProductsEnabled": payments,
        "isPaymentsEnabled": payments,
        "createdTime": created,
        "updatedTime": created,
        "updatedBy": 1,
    }


METHODS = {"crm.type.list": Method(("crm",), _list)}
