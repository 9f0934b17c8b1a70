"""The SETTINGS of custom fields: what of those that are sent is taken, and what stands there without any.

Sources: php modules/rest/lib/userfieldproxy.php `add`, `update` (of each type a few settings are taken, with defaults),
modules/main/lib/userfield/types/*type.php `prepareSettings` (which puts the rest there).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from b24syncd.simulator import php

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Settings = dict[str, Any]
_STRING = {"SIZE": 20, "ROWS": 1, "REGEXP": "", "MIN_LENGTH": 0, "MAX_LENGTH": 0, "DEFAULT_VALUE": ""}
_INTEGER = {"SIZE": 20, "MIN_VALUE": 0, "MAX_VALUE": 0, "DEFAULT_VALUE": None}
_DATETIME = {"USE_SECOND": "Y", "USE_TIMEZONE": "N"}


def _string(sent: Mapping[str, Any]) -> Settings:
    rows = php.integer(sent.get("ROWS"))
    return _STRING | {"DEFAULT_VALUE": php.string(sent.get("DEFAULT_VALUE")), "ROWS": rows if rows > 0 else 1}


def _integer(sent: Mapping[str, Any]) -> Settings:
    default = sent.get("DEFAULT_VALUE")
    return _INTEGER | {"DEFAULT_VALUE": php.integer(default) if php.string(default) else None}


def _double(sent: Mapping[str, Any]) -> Settings:
    precision = sent.get("PRECISION")
    return _integer(sent) | {"PRECISION": 2 if precision is None else max(php.integer(precision), 0)}


def _boolean(sent: Mapping[str, Any]) -> Settings:
    display = php.string(sent.get("DISPLAY")).upper() or "CHECKBOX"
    return {"DEFAULT_VALUE": int(php.integer(sent.get("DEFAULT_VALUE")) > 0), "DISPLAY": display}


def _date(sent: Mapping[str, Any]) -> Settings:
    default = sent.get("DEFAULT_VALUE")
    given = default if isinstance(default, dict) else {"VALUE": default}
    kind = php.string(given.get("TYPE")).upper() or "NONE"
    return {"DEFAULT_VALUE": {"TYPE": kind, "VALUE": php.string(given.get("VALUE"))}}


def _enumeration(sent: Mapping[str, Any]) -> Settings:
    height = php.integer(sent.get("LIST_HEIGHT"))
    display = php.string(sent.get("DISPLAY")).upper() or "LIST"
    return {"DISPLAY": display, "LIST_HEIGHT": height if height > 0 else 1, "CAPTION_NO_VALUE": ""}


_BY_TYPE: dict[str, Callable[[Mapping[str, Any]], Settings]] = {
    "string": _string,
    "integer": _integer,
    "double": _double,
    "boolean": _boolean,
    "date": _date,
    "datetime": lambda sent: _date(sent) | _DATETIME,
    "enumeration": _enumeration,
}


def settings_of(kind: str, sent: object) -> Settings:
    """Return the settings of a field of a type; what is sent in another shape than a map counts as nothing."""
    make = _BY_TYPE.get(kind)
    return {} if make is None else make(sent if isinstance(sent, dict) else {})
