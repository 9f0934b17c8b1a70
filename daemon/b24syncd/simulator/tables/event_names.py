"""What events are called, of which kinds of things, and which scope opens them.

Sources: php modules/crm/classes/general/restservice.php `registerEventBindings`,
modules/crm/lib/integration/rest/eventmanager.php (items of smart processes and invoices are told under a name for all
types and under one of each), modules/sale/lib/rest/restmanager.php.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .fields import ENTITY_NAMES, SMART_INVOICE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_DOINGS = ("Add", "Update", "Delete")
_DYNAMIC = "onCrmDynamicItem"
ACTIVITY_EVENT = "onCrmActivity"
PAYMENT_SAVED, PAYMENT_DELETED = "OnPaymentEntitySaved", "OnPaymentDeleted"


def events_of(smart_types: Iterable[int], scopes: Collection[str]) -> list[str]:
    """Return the names of all events that these scopes open, where there are these smart processes."""
    found: list[str] = []
    if "crm" in scopes:
        smart = [SMART_INVOICE, *smart_types]
        bases = [*(f"onCrm{name}" for name in ENTITY_NAMES.values()), ACTIVITY_EVENT]
        found += [f"{base}{doing}" for base in bases for doing in _DOINGS]
        found += [f"{_DYNAMIC}{doing}" for doing in _DOINGS]
        found += [f"{_DYNAMIC}{doing}_{type_id}" for type_id in smart for doing in _DOINGS]
    if "sale" in scopes:
        found += [PAYMENT_SAVED, PAYMENT_DELETED]
    return [name.upper() for name in found]


def told_of_item(entity_type_id: int, item_id: int, doing: str) -> list[tuple[str, dict[str, Any]]]:
    """Return the events, with what they tell, of an item that was added, changed or deleted."""
    name = ENTITY_NAMES.get(entity_type_id)
    if name is not None:
        return [(f"onCrm{name}{doing}", {"ID": item_id})]
    fields = {"ID": item_id, "ENTITY_TYPE_ID": entity_type_id}
    return [(f"{_DYNAMIC}{doing}", fields), (f"{_DYNAMIC}{doing}_{entity_type_id}", fields)]
