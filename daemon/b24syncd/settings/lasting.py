"""What holds for as long as a service lives: it takes over other settings, but neither another portal nor state."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .values import Settings

_OF_PORTAL: Final = {"authorities": "portal.ca_file", "proxy": "HTTPS_PROXY"}
"""Where settings have another name than the field that holds them."""

_KEYS: Final = {"webhook": "webhook", "application": "oauth"}

_RULES: Final = frozenset({"region"})
"""Of a portal's settings, those that planners work by."""


def lasting_changes(before: Settings, after: Settings) -> tuple[str, ...]:
    """Return the keys that differ and cannot be taken over by a service that runs."""
    portal = [one.name for one in fields(before.portal) if one.name not in _RULES]
    names = _OF_PORTAL | {"credentials": f"portal.{_KEYS[after.portal.credentials.called]}"}
    differing = [name for name in portal if getattr(before.portal, name) != getattr(after.portal, name)]
    found = [names.get(name, f"portal.{name}") for name in differing]
    if (before.state.path, before.state.runtime_directory) != (after.state.path, after.state.runtime_directory):
        found.append("state.path")
    if before.http != after.http:
        found += _of_http(before, after)
    return tuple(dict.fromkeys(found))


def _of_http(before: Settings, after: Settings) -> list[str]:
    """Return what differs there: keys that are written otherwise, a secret that is another, files gone wrong."""
    earlier, later = before.effective.get("http", {}), after.effective.get("http", {})
    changed = [f"http.{key}" for key in {**earlier, **later} if earlier.get(key) != later.get(key)]
    was, becomes = before.http, after.http
    if was is not None and becomes is not None:
        changed += ["http.token_file"] if was.token != becomes.token else []
        changed += sorted({one.key for one in {*was.problems} ^ {*becomes.problems}})
    return changed or ["http"]
