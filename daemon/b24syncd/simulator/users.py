"""The portal's people: `profile`, `user.{current,get,search,fields,admin,access}`.

Sources: php modules/rest/lib/api/user.php (what is told depends on which of the scopes `user`, `user_basic` and
`user_brief` the webhook has), rest_provider.php (`profile`), docs api-reference/user/user-*.md.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from . import php
from .calls import GLOBAL, Answer, Call, Method
from .listing import PAGE
from .values import iso

if TYPE_CHECKING:
    from .state import PortalState

_SCOPES = ("user", "user_basic", "user_brief")
_NAMES = """
ID XML_ID ACTIVE NAME LAST_NAME SECOND_NAME TITLE IS_ONLINE TIME_ZONE TIMESTAMP_X DATE_REGISTER
PERSONAL_PROFESSION PERSONAL_GENDER PERSONAL_BIRTHDAY PERSONAL_PHOTO PERSONAL_CITY WORK_POSITION WORK_CITY
LAST_ACTIVITY_DATE UF_EMPLOYMENT_DATE UF_DEPARTMENT UF_PHONE_INNER
"""
_BRIEF = _NAMES.split()
_BASIC = [*_BRIEF, *["EMAIL", "PERSONAL_PHONE", "PERSONAL_MOBILE", "WORK_PHONE", "WORK_COMPANY"]]
_WHOLE = [*_BASIC, *["LAST_LOGIN", "PERSONAL_WWW", "WORK_DEPARTMENT"]]
_PEOPLE = (("Anna", "Orlova", "F", "anna.orlova", "Chief"), ("Pavel", "Smirnov", "M", "pavel.smirnov", "Manager"))


def _allowed(portal: PortalState) -> list[str]:
    scopes = set(portal.access.scopes)
    return _WHOLE if "user" in scopes else _BASIC if "user_basic" in scopes else _BRIEF


def people(portal: PortalState) -> list[dict[str, Any]]:
    """Return who works here, with what the webhook may be told of them."""
    first, registered = portal.options.user_id, iso(0, portal.zone)
    found = []
    for number, (name, last_name, gender, address, position) in enumerate(_PEOPLE):
        known = dict.fromkeys(_WHOLE, "") | {
            "ID": str(first + number),
            "XML_ID": "",
            "ACTIVE": True,
            "NAME": name,
            "LAST_NAME": last_name,
            "PERSONAL_GENDER": gender,
            "EMAIL": f"{address}@portal-primer.ru",
            "WORK_POSITION": position,
            "IS_ONLINE": "Y" if number == 0 else "N",
            "UF_DEPARTMENT": [1],
            "DATE_REGISTER": registered,
            "TIMESTAMP_X": registered,
            "LAST_LOGIN": registered,
            "LAST_ACTIVITY_DATE": registered,
        }
        found.append({field: known[field] for field in _allowed(portal)})
    return found


def _profile(call: Call) -> Answer:
    name, last_name, gender = _PEOPLE[0][:3]
    return Answer(
        {
            "ID": str(call.portal.options.user_id),
            "ADMIN": call.portal.options.administrator,
            "NAME": name,
            "LAST_NAME": last_name,
            "PERSONAL_GENDER": gender,
            "TIME_ZONE": str(call.portal.user.zone or ""),
            "TIME_ZONE_OFFSET": int((call.portal.now().utcoffset() or timedelta()).total_seconds()),
        }
    )


def _current(call: Call) -> Answer:
    return Answer(people(call.portal)[0])


def _get(call: Call) -> Answer:
    sent = call.parameter("filter")
    conditions = sent if isinstance(sent, dict) else call.parameters
    found = people(call.portal)
    for name, value in conditions.items():
        found = [one for one in found if _fits(one, str(name).upper(), value)]
    found.sort(key=lambda one: int(one["ID"]), reverse=php.string(call.parameter("order")).upper() == "DESC")
    rows = found[max(call.start, 0) :][:PAGE]
    if not rows:
        return Answer([])
    # php: `userGet` begins with the row, not with its page, and counts none where nothing is to be counted
    total, behind = len(found) if call.start >= 0 else 0, max(call.start, 0) + len(rows)
    return Answer(rows, total, behind if behind < total else None)


def _fits(person: dict[str, Any], name: str, value: object) -> bool:
    """php: `prepareUserFilter` drops the names that it does not know."""
    prefix, field = name[: len(name) - len(name.lstrip("!=<>@%"))], name.lstrip("!=<>@%")
    if field == "FIND":
        said = " ".join(php.string(part) for part in person.values()).lower()
        return all(word in said for word in php.string(value).lower().split())
    if field not in person:
        return True
    if field == "ID" and prefix in (">", ">=", "<", "<="):
        known, wanted = int(person["ID"]), php.integer(value)
        return {">": known > wanted, ">=": known >= wanted, "<": known < wanted, "<=": known <= wanted}[prefix]
    wanted_values = [php.string(one).lower() for one in (value.values() if isinstance(value, dict) else (value,))]
    if field == "ACTIVE":
        return php.truthy(value) is person["ACTIVE"]
    return (php.string(person[field]).lower() in wanted_values) is not prefix.startswith("!")


def _fields(call: Call) -> Answer:
    return Answer({name: name.removeprefix("UF_").replace("_", " ").capitalize() for name in _allowed(call.portal)})


def _admin(call: Call) -> Answer:
    return Answer(call.portal.options.administrator)


METHODS = {
    "profile": Method((GLOBAL,), _profile),
    "user.admin": Method((GLOBAL,), _admin),
    "user.access": Method((GLOBAL,), _admin),
    "user.current": Method(_SCOPES, _current),
    "user.get": Method(_SCOPES, _get),
    "user.search": Method(_SCOPES, _get),
    "user.fields": Method(_SCOPES, _fields),
}
