"""What the webhook's user may see and change.

Sources: php modules/crm/lib/service/userpermissions.php, modules/crm/lib/Service/UserPermissions/EntityPermissions/
Item.php (each operation asks for its own right and for no other); here the user may do everything except with what a
test froze or hid, and what was withdrawn of a type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.simulator.tables.fields import LEAD

if TYPE_CHECKING:
    from b24syncd.simulator.tables.access import Operation
    from b24syncd.simulator.tables.slugs import Ref
    from b24syncd.simulator.tables.state import PortalState


_LAST_TYPE = 41
"""php: crm_owner_type.php `LastOwnerType`."""


def exists(portal: PortalState, ref: Ref) -> bool:
    """Return whether there is such an item."""
    return portal.find(*ref) is not None and not (ref[0] == LEAD and portal.options.leads == "off")


def is_type(portal: PortalState, ref: Ref) -> bool:
    """Return whether there can be such an item: an id above zero, of a type of the CRM or of a smart process.

    php: itemidentifier.php `createByParams`, Item.php `hasPermissions`.
    """
    return ref[1] > 0 and (0 < ref[0] <= _LAST_TYPE or ref[0] in portal.tables)


def granted(portal: PortalState, ref: Ref) -> bool:
    """Return whether the user has rights on a reference, be there an item or not: administrators always have."""
    return is_type(portal, ref) and (portal.options.administrator or exists(portal, ref))


def may(portal: PortalState, type_id: int, operation: Operation) -> bool:
    """Return whether the user has this right on a type."""
    return (type_id, operation) not in portal.access.withdrawn


def allowed(portal: PortalState, ref: Ref, operation: Operation) -> bool:
    """Return whether the user may do this with an item that is there."""
    if ref in portal.hidden or (ref in portal.frozen and operation != "read"):
        return False
    return may(portal, ref[0], operation)


def readable(portal: PortalState, ref: Ref) -> bool:
    """Return whether the user may see an item."""
    return allowed(portal, ref, "read") and not (ref[0] == LEAD and portal.options.leads == "off")


def editable(portal: PortalState, ref: Ref) -> bool:
    """Return whether the user may change an item, an activity or a task."""
    return readable(portal, ref) and allowed(portal, ref, "update")


def hides_items(portal: PortalState) -> bool:
    """Return whether there is anything that the user may not see."""
    read = any(operation == "read" for _, operation in portal.access.withdrawn)
    return bool(portal.hidden) or read or portal.options.leads == "off"
