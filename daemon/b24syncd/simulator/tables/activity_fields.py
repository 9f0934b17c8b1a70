"""The fields of activities, and what the portal says about them.

Source: docs api-reference/crm/timeline/activities/activity-base/crm-activity-fields.md (types and flags) and
crm-activity-get.md (what an activity looks like).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .fields import Field, FieldType, camel

if TYPE_CHECKING:
    from .values import Value

ACTIVITY = 6
"""The type of activities among the types of the CRM (php: CCrmOwnerType::Activity)."""

MEETING, CALL, TASK, EMAIL, PROVIDER = 1, 2, 3, 4, 6
"""Values of TYPE_ID; 3 only of activities that mirror tasks in the old way."""

INCOMING, OUTGOING = 1, 2
NEVER = 253402203600
"""The deadline of what has none: 9999-12-31, where the clock is three hours ahead of UTC."""

_NAMES = {"CREATED": "createdTime", "LAST_UPDATED": "updatedTime"}
_SPECIFICATION = """
ID integer!, OWNER_ID integer, OWNER_TYPE_ID integer, TYPE_ID integer, PROVIDER_ID string, PROVIDER_TYPE_ID string,
PROVIDER_GROUP_ID string, ASSOCIATED_ENTITY_ID integer!, SUBJECT string, CREATED datetime!, LAST_UPDATED datetime!,
START_TIME datetime, END_TIME datetime, DEADLINE datetime!, COMPLETED char, STATUS integer, RESPONSIBLE_ID user,
PRIORITY integer, NOTIFY_TYPE integer, NOTIFY_VALUE integer, DESCRIPTION text, DESCRIPTION_TYPE integer,
DIRECTION integer, LOCATION string, ORIGINATOR_ID string, ORIGIN_ID string, AUTHOR_ID user!, EDITOR_ID user!,
PROVIDER_DATA string, RESULT_MARK integer, RESULT_VALUE double, RESULT_SUM double, RESULT_CURRENCY_ID string,
RESULT_STATUS integer, RESULT_STREAM integer, RESULT_SOURCE_ID string, AUTOCOMPLETE_RULE integer
"""
_TOLD_TYPES = {
    "OWNER_TYPE_ID": "crm_enum_ownertype",
    "TYPE_ID": "crm_enum_activitytype",
    "STATUS": "crm_enum_activitystatus",
    "PRIORITY": "crm_enum_activitypriority",
    "NOTIFY_TYPE": "crm_enum_activitynotifytype",
    "DESCRIPTION": "string",
    "DESCRIPTION_TYPE": "crm_enum_contenttype",
    "DIRECTION": "crm_enum_activitydirection",
}
_BESIDES = {
    "SETTINGS": "object",
    "PROVIDER_PARAMS": "object",
    "BINDINGS": "crm_activity_binding",
    "COMMUNICATIONS": "crm_activity_communication",
    "FILES": "diskfile",
    "WEBDAV_ELEMENTS": "diskfile",
    "IS_INCOMING_CHANNEL": "char",
}
_REQUIRED = {"TYPE_ID", "SUBJECT", "RESPONSIBLE_ID", "COMMUNICATIONS"}
IMMUTABLE = {"OWNER_ID", "OWNER_TYPE_ID", "TYPE_ID"}
_MULTIPLE = {"BINDINGS", "COMMUNICATIONS", "FILES", "WEBDAV_ELEMENTS"}
_READ_ONLY = {"BINDINGS", "IS_INCOMING_CHANNEL"}
_ZERO = (
    *("ASSOCIATED_ENTITY_ID", "NOTIFY_TYPE", "NOTIFY_VALUE", "DIRECTION", "RESULT_MARK", "RESULT_STATUS"),
    *("RESULT_STREAM", "AUTOCOMPLETE_RULE"),
)


def fields_in(specification: str, names: dict[str, str]) -> tuple[Field, ...]:
    """Return fields written as `UPPER_NAME type`, with `!` for those that nobody writes."""
    fields = []
    for line in specification.split(","):
        upper, kind = line.split()
        title = upper.replace("_", " ").capitalize()
        name = names.get(upper, camel(upper))
        fields.append(Field(name, upper, upper, FieldType(kind.rstrip("!")), title, read_only=kind.endswith("!")))
    return tuple(fields)


FIELDS = fields_in(_SPECIFICATION, _NAMES)
DEFAULTS: dict[str, Value] = {
    **{camel(upper): 0 for upper in _ZERO},
    "priority": 2,
    "descriptionType": 1,
    "description": "",
    "location": "",
    "completed": "N",
    "status": 1,
    "deadline": NEVER,
}


def described() -> dict[str, dict[str, Any]]:
    """Return what `crm.activity.fields` answers."""
    told = {field.classic: _TOLD_TYPES.get(field.classic, field.type.value) for field in FIELDS} | _BESIDES
    # DEADLINE is told to be writable, although no value that is sent ever gets into it
    read_only = {field.classic for field in FIELDS if field.read_only and field.classic != "DEADLINE"} | _READ_ONLY
    return {
        name: {
            "type": kind,
            "isRequired": name in _REQUIRED,
            "isReadOnly": name in read_only,
            "isImmutable": name in IMMUTABLE,
            "isMultiple": name in _MULTIPLE,
            "isDynamic": False,
            **({"isDeprecated": True} if name == "WEBDAV_ELEMENTS" else {}),
            "title": name.replace("_", " ").capitalize(),
        }
        for name, kind in told.items()
    }
