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


def exists(portal: PortalState, ref: Ref) -> bool:
    """Return whether there is such an item."""
    return portal.find(*ref) is not None and not (ref[0] == LEAD and portal.options.leads == "off")


def readable(portal: PortalState, ref: Ref) -> bool:
    """Return whether the user may see an item."""
    return ref not in portal.hidden and not (ref[0] == LEAD and portal.options.leads != "on")


def editable(portal: PortalState, ref: Ref) -> bool:
    """Return whether the user may change an item, an activity or a task."""
    return readable(portal, ref) and ref not in portal.frozen
