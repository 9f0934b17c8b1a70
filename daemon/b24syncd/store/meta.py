"""What belongs to the state as a whole, first of all whose portal it is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from b24syncd.errors import StateUnusable

if TYPE_CHECKING:
    import sqlite_utils

_FORMER = "former_portal/"
# As often as a request is sent: the limits are among it.
_PUT = "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
_COUNT_UP = (
    "INSERT INTO meta (key, value) VALUES (?, '1') ON CONFLICT (key) DO UPDATE SET value = CAST(value + 1 AS TEXT)"
)

REVIEWS_WRITTEN = "reviews_written"
"""The key of a number that is another one whenever a review is written; of changed states `review_groups` tells."""


def bind_portal(db: sqlite_utils.Database, host: str) -> None:
    """Tie a new state to a portal's host; raise `StateUnusable` for the state of another portal."""
    require_portal(db, host)
    put(db, "portal", host.lower())


def require_portal(db: sqlite_utils.Database, host: str) -> None:
    """Raise `StateUnusable` for the state of another portal."""
    bound = bound_portal(db)
    if bound is not None and bound != host.lower():
        message = (
            f"the state belongs to the portal {bound}, the configuration names {host.lower()}; "
            "give every portal a [state] path of its own, or, if this one was renamed, "
            f"call `b24syncd state rename {bound}`"
        )
        raise StateUnusable(message)


def rename_portal(db: sqlite_utils.Database, former: str, host: str) -> None:
    """Tie the state of the portal that was called `former` to its new host; raise `StateUnusable` for another's.

    It may be said again: which hosts the portal had is on record.
    """
    bound, former, host = bound_portal(db), former.lower(), host.lower()
    if bound == host != former and get(db, _FORMER + former) is None:
        message = (
            f"the state belongs to the portal {bound} already, and was never that of {former}; nothing was changed"
        )
        raise StateUnusable(message)
    if bound not in {former, host}:
        whose = f"the portal {bound}" if bound is not None else "no portal yet"
        message = f"the state belongs to {whose}, not to {former}; name the host that it belongs to"
        raise StateUnusable(message)
    put(db, _FORMER + former, "yes")
    put(db, "portal", host)


def bound_portal(db: sqlite_utils.Database) -> str | None:
    """Return the host of the portal this state belongs to, or nothing for a new one."""
    return get(db, "portal")


def get(db: sqlite_utils.Database, key: str) -> str | None:
    """Return the value of a key."""
    found = [str(row["value"]) for row in db.table("meta").rows_where("key = ?", (key,))]
    return found[0] if found else None


def get_document(db: sqlite_utils.Database, key: str) -> dict[str, Any]:
    """Return the object in JSON that a key has, an empty one where there is none."""
    found = json.loads(get(db, key) or "{}")
    return found if isinstance(found, dict) else {}


def values(db: sqlite_utils.Database, prefix: str) -> list[str]:
    """Return the values of all keys that begin like this."""
    rows = db.table("meta").rows_where("key >= ? AND key < ?", (prefix, prefix + chr(0x10FFFF)), order_by="key")
    return [row["value"] for row in rows]


def count_up(db: sqlite_utils.Database, key: str) -> None:
    """Make the number of a key the next one."""
    db.execute(_COUNT_UP, (key,))


def put(db: sqlite_utils.Database, key: str, value: str) -> None:
    """Keep the value of a key."""
    db.execute(_PUT, (key, value))
