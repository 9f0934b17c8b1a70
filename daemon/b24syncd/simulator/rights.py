"""What the webhook's user may see and change.

Source: php modules/crm/lib/service/userpermissions.php; here the user may do everything except with what a test
froze or hid, and with leads if they are refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .fields import LEAD

if TYPE_CHECKING:
    from .slugs import Ref
    from .state import PortalState


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


def readable(portal: PortalState, ref: Ref) -> bool:
    """Return whether the user may see an item."""
    return ref not in portal.hidden and not (ref[0] == LEAD and not portal.options.shows_leads)


def editable(portal: PortalState, ref: Ref) -> bool:
    """Return whether the user may change an item, an activity or a task."""
    return readable(portal, ref) and ref not in portal.frozen
