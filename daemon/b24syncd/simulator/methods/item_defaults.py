"""What the portal puts into an item that is added, and what it does not let anybody take out of one.

Sources: php modules/crm/lib/Model/FieldRepository.php (`configureDefaultValue`) and the tables of
the types, lib/field.php `processAttributes` (`HasDefaultValue`, `CanNotBeEmptied`),
main/lib/orm/objectify/entityobject.php `sysSetValue` (what would be the same in the database is no change).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from b24syncd.simulator.tables.currencies import BASE
from b24syncd.simulator.tables.fields import COMPANY, CONTACT, DEAL, LEAD, SMART_INVOICE
from b24syncd.simulator.tables.values import emptied, midnight

from .stages import default_pipeline, settled_stage

if TYPE_CHECKING:
    from b24syncd.simulator.tables.fields import Field
    from b24syncd.simulator.tables.model import Item, Table
    from b24syncd.simulator.tables.state import PortalState
    from b24syncd.simulator.tables.values import Value

_STATUSES = {
    LEAD: {"sourceId": "SOURCE"},
    DEAL: {"typeId": "DEAL_TYPE", "sourceId": "SOURCE"},
    CONTACT: {"typeId": "CONTACT_TYPE", "sourceId": "SOURCE"},
    COMPANY: {"typeId": "COMPANY_TYPE", "industry": "INDUSTRY", "employees": "EMPLOYEES"},
    SMART_INVOICE: {"sourceId": "SOURCE"},
}
_PLAIN: dict[str, Value] = {
    "currencyId": BASE,
    "opportunity": 0.0,
    "taxValue": 0.0,
    "revenue": 0.0,
    "isManualOpportunity": "N",
    "isMyCompany": "N",
    "isReturnCustomer": "N",
    "isRecurring": "N",
    "isRepeatedApproach": "N",
    "export": "Y",
    "xmlId": "",
    "previousStageId": "",
}
_NEVER_EMPTY = ("title", "currencyId", "assignedById", "begindate", "closedate")
_WITH_DEFAULTS = (*_NEVER_EMPTY, "typeId", "sourceId", "industry", "employees", "stageId")
"""What is empty in a new item gets its default all the same."""
_LAST_ACTIVITY = ("lastActivityTime", "lastActivityBy")


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
    if "categoryId" in table.names:
        defaults["categoryId"] = default_pipeline(portal, table.entity_type_id)
    sent = {
        name: value for name, value in values.items() if value is not None and (value or name not in _WITH_DEFAULTS)
    }
    whole = defaults | {"createdBy": user, "updatedBy": user, "assignedById": user, "opened": "Y"} | sent
    return settled_stage(portal, table.entity_type_id, {}, whole, new=True)


def updated(portal: PortalState, item: Item, values: dict[str, Value]) -> dict[str, Value]:
    """Return what of an update is taken: some fields are never emptied, and a stage has to belong to the pipeline."""
    names = portal.table(item.entity_type_id).all_names
    kept = {
        name: value
        for name, value in values.items()
        if not (_is_never_emptied(item, name, value) or _is_empty_as_before(names[name], item, value))
    }
    if not _is_later(item, kept.get("lastActivityTime")):
        # php: LastActivityTime.php - neither moment nor person go back
        kept = {name: value for name, value in kept.items() if name not in _LAST_ACTIVITY}
    return settled_stage(portal, item.entity_type_id, item.values, kept, new=False)


def _is_later(item: Item, second: Value) -> bool:
    known = item.values.get("lastActivityTime")
    return isinstance(second, int) and (not isinstance(known, int) or second > known)


def _is_never_emptied(item: Item, name: str, value: Value) -> bool:
    return not value and name in _NEVER_EMPTY and bool(item.values.get(name))


def _is_empty_as_before(field: Field, item: Item, value: Value) -> bool:
    """Tell whether a field is emptied that was never filled: for PHP null and an empty text are the same there."""
    return item.values.get(field.name) is None and not field.nullable and value == emptied(field)
