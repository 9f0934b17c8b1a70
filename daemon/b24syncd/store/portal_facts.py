"""What was seen of the portal before, so that a run can tell what should not be."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from . import meta

if TYPE_CHECKING:
    from collections.abc import Mapping

    import sqlite_utils

_TYPES = "known_types"
_FIELDS = "known_fields"
_TITLES = "field_titles"
_REGION = "region/"
_IDS_STAY = "ids_stay"


def types(db: sqlite_utils.Database) -> dict[str, int]:
    """Return the highest id that was seen of each entity type, by its name."""
    return {str(name): int(highest) for name, highest in meta.get_document(db, _TYPES).items()}


def remember_types(db: sqlite_utils.Database, highest: Mapping[str, int]) -> None:
    """Keep the highest ids of these types; those of others stay."""
    meta.put(db, _TYPES, json.dumps(types(db) | dict(highest), sort_keys=True))


def fields(db: sqlite_utils.Database) -> dict[str, str]:
    """Return how the field was called that a job writes into, with its type, by the name of the entity type."""
    return {str(name): str(field) for name, field in meta.get_document(db, _FIELDS).items()}


def remember_fields(db: sqlite_utils.Database, found: Mapping[str, str]) -> None:
    """Keep the fields of these types; those of others stay."""
    meta.put(db, _FIELDS, json.dumps(fields(db) | dict(found), sort_keys=True))


def titles(db: sqlite_utils.Database) -> dict[str, dict[str, str]]:
    """Return what people call fields that jobs work with, by the name of the entity type and of the field."""
    return {str(name): dict(of_type) for name, of_type in meta.get_document(db, _TITLES).items()}


def remember_titles(db: sqlite_utils.Database, found: Mapping[str, Mapping[str, str]]) -> None:
    """Keep the titles of these fields; those of others stay: the journal tells of fields that no job knows any more."""
    known = titles(db)
    kept = {name: known.get(name, {}) | dict(found.get(name, {})) for name in (*known, *found)}
    if kept != known:
        meta.put(db, _TITLES, json.dumps(kept, sort_keys=True, ensure_ascii=False))


def note_region(db: sqlite_utils.Database, region: str) -> None:
    """Put on record that the portal's phones are written in this region, or that a person says so."""
    meta.put(db, _REGION + region, "yes")


def region_is_right(db: sqlite_utils.Database, region: str) -> bool:
    """Tell whether that is on record."""
    return meta.get(db, _REGION + region) is not None


def remember_ids_stay(db: sqlite_utils.Database) -> None:
    """Put on record that this portal keeps the ids of contact points that are changed."""
    meta.put(db, _IDS_STAY, "yes")


def ids_stay(db: sqlite_utils.Database) -> bool:
    """Tell whether it was ever seen to."""
    return meta.get(db, _IDS_STAY) is not None
