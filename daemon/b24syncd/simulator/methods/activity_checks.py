"""What is looked at before an activity is written: its kind, its owner, whom it went to.

Source: php modules/crm/classes/general/restservice.php `CCrmActivityRestProxy` `innerAdd`, `internalizeCommunications`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.simulator import php
from b24syncd.simulator.errors import NO_CODE, RestError
from b24syncd.simulator.tables.activity_fields import CALL, EMAIL, MEETING, PROVIDER
from b24syncd.simulator.tables.fields import ENTITY_NAMES

from .rights import editable, exists

if TYPE_CHECKING:
    from b24syncd.simulator.tables.slugs import Ref
    from b24syncd.simulator.tables.state import PortalState

Communications = list[tuple[str, str, "Ref"]]
_TYPES = {1: "Meeting", 2: "Call", 3: "Task", 4: "E-mail", 5: "Activity", 6: "Provider"}
PROVIDERS = {MEETING: ("CRM_MEETING", "MEETING"), CALL: ("VOXIMPLANT_CALL", "CALL"), EMAIL: ("CRM_EMAIL", "EMAIL")}
_COMMUNICATION_TYPES = {CALL: "PHONE", EMAIL: "EMAIL"}


def communications(fields: php.Array, owner: Ref, type_id: int) -> Communications:
    """Return the communications that are kept: one without an entity is the owner's, only meetings need no value."""
    kept: Communications = []
    sent = fields.get("COMMUNICATIONS")
    for entry in sent.values() if isinstance(sent, dict) else ():
        if not isinstance(entry, dict):
            continue
        entity = (php.integer(entry.get("ENTITY_TYPE_ID")), php.integer(entry.get("ENTITY_ID")))
        value = php.string(entry.get("VALUE"))
        if value and min(entity) <= 0:
            entity = owner
        right_kind = _COMMUNICATION_TYPES.get(type_id)
        kind = php.string(entry.get("TYPE")) or right_kind or ""
        if (value or type_id == MEETING) and min(entity) > 0 and right_kind in (None, kind):
            kept.append((kind, value, entity))
    return kept


def check_owner(portal: PortalState, ref: Ref) -> None:
    """Raise unless an activity may be bound to an item: this method alone looks whether it is there."""
    name = ENTITY_NAMES[ref[0]].upper() if ref[0] in ENTITY_NAMES else f"[{ref[0]}]"
    if ref[0] not in portal.tables:
        raise RestError(NO_CODE, f"Entity type '{name}' is not supported in current context")
    if not exists(portal, ref):
        raise RestError(NO_CODE, f"Could not find '{name}' with ID: {ref[1]}")
    if not editable(portal, ref):
        raise RestError(NO_CODE, "Access denied.")


def check_kind(type_id: int, provider: str) -> None:
    """Raise for a kind of activity that is not made like this."""
    if type_id not in _TYPES:
        raise RestError(NO_CODE, "The field TYPE_ID is not defined or invalid.")
    if type_id == PROVIDER and not provider:
        raise RestError(NO_CODE, "The custom activity without provider is not supported in current context.")
    if type_id != PROVIDER and type_id not in PROVIDERS:
        kind = _TYPES[type_id]
        raise RestError(NO_CODE, f'The activity type "{kind} is not supported in current context".')
    if provider == "CONFIGURABLE_REST_APP":
        raise RestError(NO_CODE, "Use crm.activity.configurable.add for this activity provider")
    if provider == "REST_APP":
        raise RestError(NO_CODE, "Application context required.")
