"""The schema, as a row of migrations; one that was released is never changed again."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from sqlite_utils import Migrations

from b24syncd.errors import StateUnusable

from .condition_migrations import m012_conditions
from .first_migrations import (
    m001_first_tables,
    m002_refusals_by_time,
    m003_undo,
    m004_reasons_of_holds,
    m005_how_texts_were_read,
    m006_lists,
    m007_approvals_of_each_limit,
    m008_decisions,
)
from .journal_migrations import m009_typed_journal, m010_kinds_and_states, m011_grounds_of_refusals
from .notice_migrations import m013_notices

if TYPE_CHECKING:
    import sqlite_utils

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
)

MIGRATIONS = Migrations("b24syncd")
for _step in _STEPS:
    MIGRATIONS()(_step)

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
    if not db.table_names():
        return Schema.EMPTY
    applied = {migration.name for migration in MIGRATIONS.applied(db)}
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
    return max((migration.name for migration in MIGRATIONS.applied(db)), default="").partition("_")[0]


def migrate(db: sqlite_utils.Database) -> None:
    """Bring the schema up to date: all of it or nothing. Tables are made anew, so foreign keys are to be off."""
    with db.atomic():
        MIGRATIONS.apply(db)
