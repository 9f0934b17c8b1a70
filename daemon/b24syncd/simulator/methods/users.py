"""The portal's people: `profile`, `user.{current,get,search,fields,admin,access}`.

Sources: php modules/rest/lib/api/user.php (what is told depends on which of the scopes `user`, `user_basic` and
`user_brief` the webhook has; `user.search` looks for beginnings of words), rest_provider.php (`profile`), docs
api-reference/user/user-*.md.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from b24syncd.simulator import php
from b24syncd.simulator.errors import CORE, RestError
from b24syncd.simulator.tables.values import iso

from .calls import GLOBAL, Answer, Call, Method
from .listing import PAGE

if TYPE_CHECKING:
    from b24syncd.simulator.tables.state import PortalState

_SCOPES = ("user", "user_basic", "user_brief")
_NAMES = """
ID XML_ID ACTIVE NAME LAST_NAME SECOND_NAME TITLE IS_ONLINE TIME_ZONE TIMESTAMP_X DATE_REGISTER
PERSONAL_PROFESSION PERSONAL_GENDER PERSONAL_BIRTHDAY PERSONAL_PHOTO PERSONAL_CITY WORK_POSITION WORK_CITY
LAST_ACTIVITY_DATE UF_EMPLOYMENT_DATE UF_DEPARTMENT UF_PHONE_INNER USER_TYPE
"""
_BRIEF = _NAMES.split()
_BASIC = [*_BRIEF, *["EMAIL", "PERSONAL_PHONE", "PERSONAL_MOBILE", "WORK_PHONE", "WORK_COMPANY"]]
_WHOLE = [*_BASIC, *["LAST_LOGIN", "PERSONAL_WWW", "WORK_DEPARTMENT"]]
_SEARCHED = ("NAME", "LAST_NAME", "SECOND_NAME", "WORK_POSITION")
_ARGUMENT = "ERROR_ARGUMENT"
_FOUND = ("FIND", "NAME_SEARCH")


def _allowed(portal: PortalState) -> list[str]:
    scopes = set(portal.access.scopes)
    return _WHOLE if "user" in scopes else _BASIC if "user_basic" in scopes else _BRIEF


def people(portal: PortalState) -> list[dict[str, Any]]:
    """Return who works here, with what the webhook may be told of them."""
    registered, me = iso(0, portal.zone), portal.options.user_id
    found = []
    for one in portal.people:
        known = dict.fromkeys(_WHOLE, "") | {
            "ID": str(one.id),
            "ACTIVE": one.active,
            "NAME": one.name,
            "LAST_NAME": one.last_name,
            "PERSONAL_GENDER": one.gender,
            "EMAIL": f"{one.address}@portal-primer.ru",
            "WORK_POSITION": one.position,
            "IS_ONLINE": "Y" if one.id == me else "N",
            "UF_DEPARTMENT": [1],
            "USER_TYPE": "employee",
            "DATE_REGISTER": registered,
            "TIMESTAMP_X": registered,
            "LAST_LOGIN": registered,
            "LAST_ACTIVITY_DATE": registered,
        }
        found.append({field: known[field] for field in _allowed(portal)})
    return found


def _profile(call: Call) -> Answer:
    me = call.portal.people[0]
    return Answer(
        {
            "ID": str(call.caller.user_id),
            "ADMIN": call.portal.options.administrator,
            "NAME": me.name,
            "LAST_NAME": me.last_name,
            "PERSONAL_GENDER": me.gender,
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
    searches = call.method == "user.search"
    for name, value in conditions.items():
        found = [one for one in found if _fits(one, str(name).upper(), value, searches=searches)]
    _sort(found, php.string(call.parameter("sort")).upper(), call.parameter("order"))
    rows = found[max(call.start, 0) :][:PAGE]
    if not rows:
        return Answer([])
    # php: `userGet` begins with the row, not with its page, and counts none where nothing is to be counted
    total, behind = len(found) if call.start >= 0 else 0, max(call.start, 0) + len(rows)
    return Answer(_selected(call, rows), total, behind if behind < total else None)


def _sort(found: list[dict[str, Any]], name: str, how: object) -> None:
    """php: `userGet` sorts only where it is told both by what and how, and the ORM refuses what it does not know."""
    if not name or not php.truthy(how):
        return
    if not isinstance(how, str):
        raise RestError(_ARGUMENT, "Order must be a string", argument="")
    if how.upper() not in ("ASC", "DESC"):
        raise RestError(_ARGUMENT, f'Invalid order "{how.upper()}"', argument="")
    if name not in _WHOLE:
        raise RestError(CORE, f"Unknown field definition `{name}` ({name}) for \\Bitrix\\Intranet\\User Entity.")
    found.sort(key=lambda one: _rank(one.get(name)), reverse=how.upper() == "DESC")


def _rank(value: object) -> tuple[int, str]:
    text = php.string(value)
    return (int(text), "") if text.isdecimal() else (0, text.lower())


def _selected(call: Call, rows: list[dict[str, Any]]) -> list[Any]:
    sent = call.parameter("select")
    wanted = {php.string(one) for one in sent.values()} if isinstance(sent, dict) else set()
    if not wanted or "*" in wanted:
        return rows
    all_own = "UF_*" in wanted
    chosen = [
        {name: value for name, value in row.items() if name in wanted or (all_own and name.startswith("UF_"))}
        for row in rows
    ]
    return [row or [] for row in chosen]  # php: an empty array is a list


def _fits(person: dict[str, Any], name: str, value: object, *, searches: bool) -> bool:
    """php: `prepareUserFilter` drops the names that it does not know."""
    prefix, field = name[: len(name) - len(name.lstrip("!=<>@%"))], name.lstrip("!=<>@%")
    if field in _FOUND:
        said = " ".join(php.string(part) for part in person.values()).lower()
        return all(word in said for word in php.string(value).lower().split())
    if field not in person:
        return True
    if field == "ACTIVE":
        return (php.truthy(value) and value != "N") is person["ACTIVE"]
    wanted = [php.string(one).lower() for one in (value.values() if isinstance(value, dict) else (value,))]
    if field == "ID" and prefix in (">", ">=", "<", "<="):
        return _compares(int(person["ID"]), prefix, php.integer(value))
    return _matches(php.string(person[field]).lower(), wanted, prefix, begins=searches and field in _SEARCHED)


def _compares(known: int, prefix: str, wanted: int) -> bool:
    return {">": known > wanted, ">=": known >= wanted, "<": known < wanted, "<=": known <= wanted}[prefix]


def _matches(own: str, wanted: list[str], prefix: str, *, begins: bool) -> bool:
    if begins:
        return any(own.startswith(one) for one in wanted)
    found = any(one.strip("%") in own for one in wanted) if "%" in prefix else own in wanted
    return found is not prefix.startswith("!")


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
