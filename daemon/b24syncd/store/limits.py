"""What was learnt of the portal's limits, as one document that outlives restarts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from . import meta

if TYPE_CHECKING:
    from collections.abc import Mapping

    import sqlite_utils

_KEY = "limits"


def load_limits(db: sqlite_utils.Database) -> dict[str, object]:
    """Return what was learnt, or an empty document."""
    text = meta.get(db, _KEY)
    learnt: dict[str, object] = {} if text is None else json.loads(text)
    return learnt


def save_limits(db: sqlite_utils.Database, learnt: Mapping[str, object]) -> None:
    """Replace what was learnt; a JSON-able document."""
    meta.put(db, _KEY, json.dumps(dict(learnt)))
