"""What the state knows of the portal's events: its own connector there, and how far they have told."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from . import cursors, meta

if TYPE_CHECKING:
    from collections.abc import Collection

    import sqlite_utils

_KEY: Final = "events"
_CURSOR: Final = "events"


def connector(db: sqlite_utils.Database) -> str:
    """Return the name of this state's queue at the portal; it is made once, and stays."""
    known = meta.get_document(db, _KEY)
    if "connector" not in known:
        known["connector"] = f"b24syncd-{uuid.uuid4().hex[:12]}"
        meta.put(db, _KEY, json.dumps(known))
    return str(known["connector"])


def note_bound(db: sqlite_utils.Database, *, are_bound: bool) -> None:
    """Put on record that events are bound, or none is any more."""
    known = meta.get_document(db, _KEY)
    if bool(known.get("bound")) != are_bound:
        meta.put(db, _KEY, json.dumps({**known, "bound": are_bound}))


def bound_connector(db: sqlite_utils.Database) -> str | None:
    """Return the connector where events are bound with it."""
    known = meta.get_document(db, _KEY)
    return str(known["connector"]) if known.get("bound") and "connector" in known else None


def told_until(db: sqlite_utils.Database, instant: float, feeds: Collection[str], *, now: datetime) -> None:
    """Keep up to when (unix seconds of the portal's clock) events told all of these feeds."""
    cursors.put(db, _CURSOR, {"since": instant, "feeds": sorted(feeds)}, now=now)


def tell_nothing(db: sqlite_utils.Database) -> None:
    """Forget how far events told."""
    cursors.delete(db, _CURSOR)


def told(db: sqlite_utils.Database) -> dict[str, datetime]:
    """Return up to when events told of each feed that they tell of."""
    position = cursors.get(db, _CURSOR)
    feeds = None if position is None else position.get("feeds")
    if position is None or not isinstance(feeds, list):
        return {}
    until = datetime.fromtimestamp(float(str(position["since"])), UTC)
    return {str(name): until for name in feeds}
