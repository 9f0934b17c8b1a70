"""The methods `events`, `event.*` and `feature.get`.

Sources: php modules/rest/lib/api/event.php (an application only; offline events for administrators only; reserving
needs a feature of the plan; a connector is part of the authorisation, not of the call), modules/rest/classes/general/
rest_provider.php `getFeature`, rest.php `sanitizeFilter`, `getNavData`; docs api-reference/events/.
"""

from __future__ import annotations

import operator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from b24syncd.simulator import php
from b24syncd.simulator.errors import RestError, wrong_license
from b24syncd.simulator.tables.event_names import events_of
from b24syncd.simulator.tables.offline_events import OFFLINE
from b24syncd.simulator.tables.values import iso

from .calls import GLOBAL, Answer, Call, Method

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from b24syncd.simulator.tables.offline_events import Record

_PAGE = 50
_ARGUMENT = "ERROR_ARGUMENT"
_FIELDS: dict[str, Callable[[Record], Any]] = {
    "ID": lambda one: one.id,
    "TIMESTAMP_X": lambda one: int(one.at),
    "EVENT_NAME": lambda one: one.event,
    "MESSAGE_ID": lambda one: one.message_id,
}
_LISTED = {**_FIELDS, "PROCESS_ID": lambda one: one.process_id, "ERROR": lambda one: one.error}
_OPERATIONS: dict[str, Callable[[Any, Any], bool]] = {
    "": operator.eq,
    "=": operator.eq,
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}


_WRONG_AUTH = RestError("WRONG_AUTH_TYPE", "Current authorization type is denied for this method", 403)
_NO_EVENT = RestError("ERROR_EVENT_NOT_FOUND", "Event not found")
_BOUND = RestError("ERROR_CORE", "Unable to set event handler: Handler already binded")
_NO_CODE = RestError("CODE_EMPTY", "CODE can't be empty")
_NO_LIMIT = RestError(_ARGUMENT, "Value must be positive integer", argument="LIMIT")
_NO_MESSAGES = RestError(_ARGUMENT, "Value must be array of MESSAGE_ID values", argument="message_id")
_NO_MESSAGE = RestError(_ARGUMENT, _NO_MESSAGES.description, argument="messsage_id")
_NO_IDS = RestError(_ARGUMENT, "Value must be array of integers", argument="id")
_NO_TYPE = RestError(_ARGUMENT, "Value must be one of {online|offline}", argument="EVENT_TYPE")
_MESSAGE_LENGTH = 32
_NO_HANDLER = RestError(_ARGUMENT, "Argument 'HANDLER' is null or empty", argument="HANDLER")
_RESERVING = "extended offline events handling"


def _denied(why: str) -> RestError:
    return RestError("ACCESS_DENIED", f"Access denied! {why}".rstrip(), 403)


def _null(name: str) -> RestError:
    return RestError(_ARGUMENT, f"Argument '{name}' is null or empty", argument=name)


def _application(call: Call, *, why: str | None = None) -> str:
    """Return the application that calls; with a reason, only for an administrator."""
    application = call.caller.application
    if application is None:
        raise _WRONG_AUTH
    if why is not None and not call.portal.options.administrator:
        raise _denied(why)
    return application


def _connector(call: Call) -> str:
    return call.caller.connector or ""


def _text(call: Call, name: str) -> str:
    value = call.parameter(name)
    return "" if value is None else php.string(value).strip()


def _names(call: Call, scopes: Collection[str]) -> list[str]:
    return events_of([one.entity_type_id for one in call.portal.smart_types], scopes)


def _events(call: Call) -> Answer:
    _application(call)
    scope = call.parameter("scope")
    scopes = {*call.caller.scopes, GLOBAL} if scope is None else {php.string(scope)}
    return Answer(_names(call, scopes))


def _given(call: Call, name: str) -> str:
    if not (text := _text(call, name)):
        raise _null(name.upper())
    return text


def _event(call: Call) -> str:
    return _given(call, "event").upper()


def _of_type(call: Call, why: str) -> str:
    """Return the application that calls for offline events; what is told at once no test needs."""
    _application(call)
    _event(call)
    kind = _text(call, "event_type").lower()
    if kind not in ("", "online", "offline"):
        raise _NO_TYPE
    if kind != "offline":
        raise _NO_HANDLER
    return _application(call, why=why)


def _bind(call: Call) -> Answer:
    application = _of_type(call, "Offline events binding requires administrator access rights")
    name = _event(call)
    if name not in _names(call, call.caller.scopes):
        raise _NO_EVENT
    bound = (application, name, _connector(call))
    if bound in call.portal.offline_events.bound:
        raise _BOUND
    call.portal.offline_events.bound.append(bound)
    return Answer(result=True)


def _unbind(call: Call) -> Answer:
    application = _of_type(call, "Offline events unbinding requires administrator access rights")
    name = _event(call)
    bound, events = (application, name, _connector(call)), call.portal.offline_events
    before = len(events.bound)
    events.bound = [one for one in events.bound if one != bound]
    return Answer({"count": before - len(events.bound)})


def _get_bound(call: Call) -> Answer:
    application = _application(call)
    if not call.portal.options.administrator:
        return Answer([])
    own = (one for one in call.portal.offline_events.bound if one[0] == application)
    return Answer([{"event": event, "connector_id": connector, "offline": 1} for _, event, connector in own])


def _filtered(call: Call, records: list[Record], fields: dict[str, Callable[[Record], Any]]) -> list[Record]:
    wanted = call.parameter("filter") or {}
    for key, value in wanted.items():
        name = str(key).upper().lstrip("=<>@%!")  # PHP takes @ and % as well, which no test needs
        operation = str(key)[: len(str(key)) - len(name)]
        if operation not in _OPERATIONS:
            raise RestError(_ARGUMENT, f"Filter operation not allowed: {operation}")
        if name not in fields:
            raise RestError(_ARGUMENT, f"Filter field not allowed: {name}")
        read, compare = fields[name], _OPERATIONS[operation]
        other = _as(name, value)
        records = [record for record in records if compare(read(record), other)]
    return records


def _ordered(call: Call, records: list[Record], fields: dict[str, Callable[[Record], Any]], own: str) -> list[Record]:
    """Return records in the order that was asked for, else by their `own`; php: rest.php `sanitizeOrder`."""
    sent = call.parameter("order")
    asked = {own: "ASC"} if sent is None else sent
    if not isinstance(asked, dict):
        raise RestError(_ARGUMENT, "The order is not an array.")
    sorting = [(str(name).upper(), php.string(how).upper()) for name, how in asked.items()]
    for name, how in sorting:
        if name not in fields:
            raise RestError(_ARGUMENT, f"Order field not allowed: {name}")
        if how not in ("ASC", "DESC"):
            raise RestError(_ARGUMENT, "Order direction should be one of {ASC|DESC}")
    found = sorted(records, key=lambda one: one.id)
    for name, how in reversed(sorting):
        found.sort(key=fields[name], reverse=how == "DESC")
    return found


def _as(name: str, value: object) -> Any:  # noqa: ANN401 # as the field is kept
    if name in ("ID", "ERROR"):
        return php.integer(value)
    text = php.string(value)
    return datetime.fromisoformat(text).timestamp() if name == "TIMESTAMP_X" else text


def _row(call: Call, record: Record) -> dict[str, Any]:
    return {
        "ID": str(record.id),
        "TIMESTAMP_X": iso(record.at, call.portal.zone),
        "EVENT_NAME": record.event,
        "EVENT_DATA": record.data,
        "EVENT_ADDITIONAL": {"user_id": 1},
        "MESSAGE_ID": record.message_id,
    }


def _offline_get(call: Call) -> Answer:
    application = _application(call, why="")
    clears = call.parameter("clear") is None or bool(php.integer(call.parameter("clear")))
    events = call.portal.offline_events
    if not clears and OFFLINE in events.without:
        raise wrong_license(_RESERVING)
    limit = _PAGE if call.parameter("limit") is None else php.integer(call.parameter("limit"))
    if limit <= 0:
        raise _NO_LIMIT
    error = php.integer(call.parameter("error") or 0) == 1
    queue = [one for one in events.of(application, _connector(call)) if one.error == error]
    queue = _ordered(call, _filtered(call, queue, _FIELDS), _FIELDS, "TIMESTAMP_X")
    process_id = call.parameter("process_id")
    if process_id is None:
        found = [one for one in queue if not one.process_id][:limit]
        process_id = events.reserve(found)
    else:
        process_id, clears = php.string(process_id).strip(), False
        found = [one for one in queue if one.process_id == process_id][:limit]
    if clears:
        events.remove(found)
    return Answer({"process_id": None if clears else process_id, "events": [_row(call, one) for one in found]})


def _process(call: Call) -> str:
    name = "process_id"
    if call.parameter(name) is None:
        raise _null(name.upper())
    return _text(call, name)


def _messages(call: Call, *, whole: bool) -> list[str] | None:
    """Return the ids of messages that are named, all of them `whole`; only who clears is told of one that is not."""
    sent = call.parameter("message_id")
    if sent is None:
        return None
    if not isinstance(sent, dict):
        raise _NO_MESSAGES
    messages = [php.string(one).strip() for one in sent.values()]
    if whole and any(len(one) != _MESSAGE_LENGTH for one in messages):
        raise _NO_MESSAGE
    return messages


def _offline_clear(call: Call) -> Answer:
    application, process_id = _application(call, why=""), _process(call)
    events = call.portal.offline_events
    found = [one for one in events.of(application, _connector(call)) if one.process_id == process_id]
    ids, messages = call.parameter("id"), _messages(call, whole=True)
    if messages is not None:
        found = [one for one in found if one.message_id in messages]
    elif ids is not None:
        wanted = {php.integer(one) for one in ids.values()} if isinstance(ids, dict) else {0}
        if any(one <= 0 for one in wanted):
            raise _NO_IDS
        # php: an empty list is none, and everything that the process has reserved is taken off
        found = [one for one in found if one.id in wanted or not wanted]
    events.remove(found)
    return Answer(result=True)


def _offline_error(call: Call) -> Answer:
    application, process_id = _application(call, why=""), _process(call)
    messages = _messages(call, whole=False)
    if messages is None:
        raise _NO_MESSAGES
    events = call.portal.offline_events
    events.mark(process_id, events.of(application, _connector(call)), messages)
    return Answer(result=True)


def _offline_list(call: Call) -> Answer:
    application = _application(call, why="")
    queue = _filtered(call, call.portal.offline_events.of(application, _connector(call)), _LISTED)
    queue = _ordered(call, queue, _LISTED, "ID")
    page = queue[call.start : call.start + _PAGE]
    rows = [{**_row(call, one), "PROCESS_ID": one.process_id, "ERROR": str(one.error)} for one in page]
    rest = call.start + _PAGE
    return Answer(rows, total=len(queue), next=rest if rest < len(queue) else None)


def _feature(call: Call) -> Answer:
    code = _text(call, "code")
    if not code:
        raise _NO_CODE
    return Answer({"value": "N" if code in call.portal.offline_events.without else "Y"})


METHODS = {
    "events": Method((GLOBAL,), _events),
    "event.bind": Method((GLOBAL,), _bind),
    "event.unbind": Method((GLOBAL,), _unbind),
    "event.get": Method((GLOBAL,), _get_bound),
    "event.offline.get": Method((GLOBAL,), _offline_get),
    "event.offline.clear": Method((GLOBAL,), _offline_clear),
    "event.offline.error": Method((GLOBAL,), _offline_error),
    "event.offline.list": Method((GLOBAL,), _offline_list),
    "feature.get": Method((GLOBAL,), _feature),
}
