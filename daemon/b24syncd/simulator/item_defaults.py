"""What the portal puts into an item that is added, and what it does not let anybody take out of one.

Sources: php modules/crm/lib/Model/FieldRepository.php (`configureDefaultValue`) and the tables of
the types, lib/field.php `processAttributes` (`HasDefaultValue`, `CanNotBeEmptied`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from .fields import COMPANY, CONTACT, DEAL, LEAD
from .stages import settled_stage
from .values import midnight

if TYPE_CHECKING:
    from .model import Item, Table
    from .state import PortalState
    from .values import Value

CURRENCY = "RUB"
_STATUSES = {
    LEAD: {"sourceId": "SOURCE"},
    DEAL: {"typeId": "DEAL_TYPE"},
    CONTACT: {"typeId": "CONTACT_TYPE", "sourceId": "SOURCE"},
    COMPANY: {"typeId": "COMPANY_TYPE", "industry": "INDUSTRY", "employees": "EMPLOYEES"},
}
_PLAIN: dict[str, Value] = {
    "currencyId": CURRENCY,
    "opportunity": 0.0,
    "taxValue": 0.0,
    "revenue": 0.0,
    "isManualOpportunity": "N",
    "isMyCompany": "N",
    "isReturnCustomer": "N",
    "isRecurring": "N",
    "isRepeatedApproach": "N",
    "closed": "N",
    "export": "Y",
    "categoryId": 0,
}
_NEVER_EMPTY = ("title", "currencyId", "assignedById", "begindate", "closedate")


def added(portal: PortalState, table: Table, values: dict[str, Value]) -> dict[str, Value]:
    """Return the values of a new item, with those that the portal puts where none is sent."""
    today = midnight(int(portal.clock()), portal.zone)
    user = portal.options.user_id
    defaults = {name: value for name, value in _PLAIN.items() if name in table.names}
    for name, entity in _STATUSES.get(table.entity_type_id, {}).items():
        defaults[name] = next((one.status_id for one in portal.statuses.of(entity)), None)
    if "closedate" in table.names:
        in_a_week = int((portal.now() + timedelta(days=7)).timestamp())
        defaults |= {"begindate": today, "closedate": midnight(in_a_week, portal.zone)}
    sent = {name: value for name, value in values.items() if value is not None}
    whole = defaults | {"createdBy": user, "updatedBy": user, "assignedById": user, "opened": "Y"} | sent
    return settled_stage(portal, table.entity_type_id, {}, whole, new=True)


def updated(portal: PortalState, item: Item, values: dict[str, Value]) -> dict[str, Value]:
    """Return what of an update is taken: some fields are never emptied, and a stage has to belong to the pipeline."""
    kept = {
        name: value
        for name, value in values.items()
        if value is not None or name not in _NEVER_EMPTY or item.values.get(name) is None
    }
    return settled_stage(portal, item.entity_type_id, item.values, kept, new=False)
