"""The migration that gave fields one name, whichever methods wrote them.

How classic names become universal ones is the portal's doing, not this program's, and so no part of an old release.
"""

from __future__ import annotations

import json
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING

from b24syncd.domain.entities import EntityType
from b24syncd.domain.field_names import universal_name

if TYPE_CHECKING:
    import sqlite_utils

_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_LARGEST_ID = 0x7FFFFFFF

_NAMES = "SELECT DISTINCT entity_type, slot FROM journal WHERE what = 'field' AND slot = upper(slot)"
_RENAME = "UPDATE journal SET slot = ?3 WHERE what = 'field' AND entity_type = ?1 AND slot = ?2"
_BASES = "SELECT batch, entity_type, entity_id, base FROM intents WHERE base LIKE '{\"points\"%'"
_SET_BASE = "UPDATE intents SET base = ?4 WHERE batch = ?1 AND entity_type = ?2 AND entity_id = ?3"
_REVIEWS = "SELECT id, entity_type, entity_id, value FROM reviews WHERE job = 'fields' AND value LIKE '%: %'"
_OLDER = (
    "DELETE FROM reviews WHERE job = 'fields' AND entity_type = ?1 AND entity_id = ?2 AND id IN (SELECT id FROM reviews"
    " WHERE job = 'fields' AND entity_type = ?1 AND entity_id = ?2 AND (id = ?3 OR point_id = ?4)"
    " ORDER BY changed_at DESC, id DESC LIMIT -1 OFFSET 1)"
)
_SET_REVIEW = "UPDATE reviews SET point_id = ?, value = ? WHERE id = ?"
_TITLES = "SELECT value FROM meta WHERE key = 'field_titles'"
_SET_TITLES = "UPDATE meta SET value = ? WHERE key = 'field_titles'"


def m014_names_of_fields(db: sqlite_utils.Database) -> None:
    """Call fields as the universal methods do where names of the classic ones stood: in the journal and beside it."""
    for entity_type, classic in db.execute(_NAMES).fetchall():
        if (name := _name(entity_type, classic)) != classic:
            db.execute(_RENAME, (entity_type, classic, name))
    for *key, base in db.execute(_BASES).fetchall():
        with suppress(ValueError, TypeError, KeyError):  # what is damaged stays as it is, for the check to tell
            state = json.loads(base)
            fields = {_name(key[1], name): value for name, value in state["fields"].items()}
            db.execute(_SET_BASE, (*key, _JSON.encode({**state, "fields": fields})))
    _rename_in_reviews(db)
    for (text,) in db.execute(_TITLES).fetchall():
        titles = {
            kind: {_name(kind, name): title for name, title in of_type.items()} | _kept(kind, of_type)
            for kind, of_type in json.loads(text).items()
        }
        db.execute(_SET_TITLES, (json.dumps(titles, sort_keys=True, ensure_ascii=False),))


def _rename_in_reviews(db: sqlite_utils.Database) -> None:
    """Name fields in reviews anew; of two about one field then the one that changed last stays."""
    for review_id, entity_type, entity_id, value in db.execute(_REVIEWS).fetchall():
        classic, colon, rest = value.partition(": ")
        if (name := _name(entity_type, classic)) != classic:
            point_id = zlib.crc32(name.encode()) & _LARGEST_ID
            db.execute(_OLDER, (entity_type, entity_id, review_id, point_id))
            db.execute(_SET_REVIEW, (point_id, name + colon + rest, review_id))


def _kept(entity_type: str, titles: dict[str, str]) -> dict[str, str]:
    """Return what stands under names of the universal methods already."""
    return {name: title for name, title in titles.items() if _name(entity_type, name) == name}


def _name(entity_type: str, classic: str) -> str:
    try:
        return universal_name(EntityType(entity_type), classic)
    except ValueError:  # no type that this release knows
        return classic
