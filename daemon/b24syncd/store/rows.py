"""Reading rows without sqlite-utils, whose import takes as long as all of a list: what it offers for reading is little.

What is asked for beyond that, is asked of sqlite-utils itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    import sqlite_utils


class _Table:
    def __init__(self, connection: sqlite3.Connection, name: str) -> None:
        self._connection = connection
        self._name = name

    def rows_where(  # noqa: PLR0913, PLR0917 # as sqlite-utils has it
        self,
        where: str | None = None,
        where_args: Sequence[object] = (),
        order_by: str | None = None,
        select: str = "*",
        limit: int | None = None,
        offset: int | None = None,
    ) -> Iterator[dict[str, Any]]:
        condition = "" if where is None else f" WHERE {where}"
        order = "" if order_by is None else f" ORDER BY {order_by}"
        page = f" LIMIT {-1 if limit is None else limit} OFFSET {offset or 0}"
        found = self._connection.execute(f"SELECT {select} FROM {self._name}{condition}{order}{page}", where_args)  # noqa: S608 # ours
        names = [column[0] for column in found.description]
        for row in found:
            yield dict(zip(names, row, strict=True))

    def count_where(self, where: str | None = None, where_args: Sequence[object] = ()) -> int:
        (row,) = self.rows_where(where, where_args, select="count(*) AS number")
        return int(row["number"])

    def __getattr__(self, name: str) -> object:
        return getattr(_whole(self._connection).table(self._name), name)


class _Rows:
    """A connection as `sqlite_utils.Database` is read from."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.conn = connection

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> sqlite3.Cursor:
        return self.conn.execute(sql, parameters)

    def table(self, name: str) -> _Table:
        return _Table(self.conn, name)

    def close(self) -> None:
        self.conn.close()

    def __getattr__(self, name: str) -> object:
        return getattr(_whole(self.conn), name)


def _whole(connection: sqlite3.Connection) -> sqlite_utils.Database:
    import sqlite_utils  # noqa: PLC0415  # takes long, and is for what lists do not need

    return sqlite_utils.Database(connection, execute_plugins=False)


def as_database(connection: sqlite3.Connection) -> sqlite_utils.Database:
    """Return a connection that is only read from as what reads from it takes it to be."""
    return cast("sqlite_utils.Database", _Rows(connection))
