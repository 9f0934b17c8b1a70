"""Reading without sqlite-utils gives what sqlite-utils gives."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest
import sqlite_utils

from b24syncd.store.rows import as_database


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"where": "id > ?", "where_args": (1,)},
        {"where": "name = ? AND id < ?", "where_args": ("b", 9), "order_by": "id DESC"},
        {"order_by": "id", "limit": 2},
        {"order_by": "id", "limit": 1, "offset": 1},
        {"order_by": "id", "offset": 2},
        {"select": "DISTINCT name", "order_by": "name"},
        {"where": "0"},
    ],
)
def test_rows_are_those_of_sqlite_utils(asked: dict[str, Any]) -> None:
    connection = sqlite3.connect(":memory:")
    theirs, ours = sqlite_utils.Database(connection, execute_plugins=False), as_database(connection)
    rows: list[dict[str, Any]] = [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}, {"id": 3, "name": "b"}]
    theirs.table("things").insert_all(rows)
    assert list(ours.table("things").rows_where(**asked)) == list(theirs.table("things").rows_where(**asked))
    condition = (asked.get("where"), asked.get("where_args", ()))
    assert ours.table("things").count_where(*condition) == theirs.table("things").count_where(*condition)
    assert ours.table_names() == ["things"]
    ours.close()
