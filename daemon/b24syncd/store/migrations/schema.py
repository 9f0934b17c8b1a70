"""The schema, as a row of migrations; one that was released is never changed again."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from b24syncd.errors import StateUnusable

from .additions import m017_added_items
from .asking import m016_who_asked
from .conditions import m012_conditions
from .fields import m014_names_of_fields
from .finding import m018_finding
from .first import (
    m001_first_tables,
    m002_refusals_by_time,
    m003_undo,
    m004_reasons_of_holds,
    m005_how_texts_were_read,
    m006_lists,
    m007_approvals_of_each_limit,
    m008_decisions,
)
from .journal import m009_typed_journal, m010_kinds_and_states, m011_grounds_of_refusals
from .notices import m013_notices
from .people import m015_people

if TYPE_CHECKING:
    import sqlite_utils
    from sqlite_utils import Migrations

_STEPS = (
    m001_first_tables,
    m002_refusals_by_time,
    m003_undo,
    m004_reasons_of_holds,
    m005_how_texts_were_read,
    m006_lists,
    m007_approvals_of_each_limit,
    m008_decisions,
    m009_typed_journal,
    m010_kinds_and_states,
    m011_grounds_of_refusals,
    m012_conditions,
    m013_notices,
    m014_names_of_fields,
    m015_people,
    m016_who_asked,
    m017_added_items,
    m018_finding,
)

_SET = "b24syncd"
_TABLE = "_sqlite_migrations"
"""Where sqlite-utils notes what it applied."""
_APPLIED = f"SELECT name FROM {_TABLE} WHERE migration_set = ?"  # noqa: S608  # a name of its own
_KNOWN = frozenset(step.__name__ for step in _STEPS)


class Schema(Enum):
    """What a database holds, compared with what this release knows."""

    EMPTY = "empty"
    OLDER = "older"
    CURRENT = "current"


def schema_of(db: sqlite_utils.Database, name: str) -> Schema:
    """Tell the schema of a database without changing it.

    Raises `StateUnusable` for the database of another program and for one of a newer release.
    """
    tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables:
        return Schema.EMPTY
    applied = {name for (name,) in db.execute(_APPLIED, (_SET,))} if _TABLE in tables else set()
    if not applied:
        message = f"{name} is a database of another program; name another file as [state] path"
        raise StateUnusable(message)
    if newer := applied - _KNOWN:
        message = (
            f"{name} was written by a newer b24syncd ({', '.join(sorted(newer))}); use that release or a newer one"
        )
        raise StateUnusable(message)
    return Schema.CURRENT if applied == _KNOWN else Schema.OLDER


def version_of(db: sqlite_utils.Database) -> str:
    """Return the last step that a database of ours has taken, as `m011`."""
    applied = (name for (name,) in db.execute(_APPLIED, (_SET,)))
    return max(applied, default="").partition("_")[0]


def migrations() -> Migrations:
    """Return all of them, as sqlite-utils applies them."""
    from sqlite_utils import Migrations  # noqa: PLC0415  # takes long, and is for writing only

    found = Migrations(_SET)
    for step in _STEPS:
        found()(step)
    return found


def migrate(db: sqlite_utils.Database) -> None:
    """Bring the schema up to date: all of it or nothing. Tables are made anew, so foreign keys are to be off."""
    with db.atomic():
        migrations().apply(db)
