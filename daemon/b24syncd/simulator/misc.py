"""The small methods: who am I, what may I, what time is it, and two reference lists of the CRM.

Sources: php modules/rest/classes/general/rest_provider.php (`profile`, `scope`, `methods`, `method.get`, `server.time`,
`app.info`), docs api-reference/common/, api-reference/user/user-current.md, and of api-reference/crm/ the pages
status/crm-status-list.md and auxiliary/multifield/crm-multifield-fields.md.
"""

from __future__ import annotations

from datetime import timedelta

from . import php
from .calls import GLOBAL, Answer, Call, Method
from .values import iso

_STATUSES = (
    ("STATUS", "NEW", "Unassigned"),
    ("STATUS", "IN_PROCESS", "In progress"),
    ("STATUS", "CONVERTED", "Good lead"),
    ("SOURCE", "CALL", "Call"),
    ("SOURCE", "WEB", "Website"),
    ("CONTACT_TYPE", "CLIENT", "Client"),
    ("CONTACT_TYPE", "SUPPLIER", "Supplier"),
    ("COMPANY_TYPE", "CUSTOMER", "Client"),
    ("HONORIFIC", "HNR_RU_1", "Mr."),
)
_MULTIFIELD_FIELDS = {"ID": "integer", "TYPE_ID": "string", "VALUE": "string", "VALUE_TYPE": "string"}


def _profile(call: Call) -> Answer:
    return Answer(
        {
            "ID": str(call.portal.options.user_id),
            "ADMIN": call.portal.options.administrator,
            "NAME": "Anna",
            "LAST_NAME": "Orlova",
            "PERSONAL_GENDER": "F",
            "TIME_ZONE": "",
            "TIME_ZONE_OFFSET": int((call.portal.now().utcoffset() or timedelta()).total_seconds()),
        }
    )


def _user_current(call: Call) -> Answer:
    user = {"ID": str(call.portal.options.user_id), "ACTIVE": True, "NAME": "Anna", "LAST_NAME": "Orlova"}
    if {"user", "user_basic"} & set(call.portal.options.scopes):
        user |= {"EMAIL": "anna.orlova@portal-primer.ru", "TIME_ZONE": ""}
    return Answer(user)


def _scope(call: Call) -> Answer:
    return Answer(list(call.portal.options.scopes))


def _server_time(call: Call) -> Answer:
    return Answer(iso(call.portal.clock(), call.portal.zone))


def _app_info(call: Call) -> Answer:
    # php: appInfo, the branch for webhooks (`getPasswordId`)
    return Answer({"SCOPE": list(call.portal.options.scopes), "LICENSE": "ru_selfhosted"})


def _statuses(call: Call) -> Answer:
    rows = [
        {
            "ID": str(number),
            "ENTITY_ID": entity,
            "STATUS_ID": code,
            "NAME": name,
            "NAME_INIT": name,
            "SORT": str(10 * number),
            "SYSTEM": "Y",
            "CATEGORY_ID": None,
            "COLOR": None,
            "SEMANTICS": None,
        }
        for number, (entity, code, name) in enumerate(_STATUSES, start=1)
    ]
    conditions = call.parameter("filter")
    if isinstance(conditions, dict):
        wanted = {str(name).lstrip("="): php.string(value) for name, value in conditions.items()}
        rows = [row for row in rows if all(row[name] == value for name, value in wanted.items() if name in row)]
    return Answer(rows, len(rows))


def _multifield_fields(_call: Call) -> Answer:
    return Answer(
        {
            name: {
                "type": kind,
                "isRequired": False,
                "isReadOnly": name == "ID",
                "isImmutable": name == "TYPE_ID",
                "isMultiple": False,
                "isDynamic": False,
                "title": name,
            }
            for name, kind in _MULTIFIELD_FIELDS.items()
        }
    )


METHODS = {
    "profile": Method((GLOBAL,), _profile),
    "scope": Method((GLOBAL,), _scope),
    "server.time": Method((GLOBAL,), _server_time),
    "app.info": Method((GLOBAL,), _app_info),
    "user.current": Method(("user", "user_basic", "user_brief"), _user_current),
    "crm.status.list": Method(("crm",), _statuses),
    "crm.multifield.fields": Method(("crm",), _multifield_fields),
}
