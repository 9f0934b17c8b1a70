"""Reading rows without sqlite-utils: what it offers for reading is little.

Its import takes as long as all of a list, and before every reading it looks whether there is such a table. What is
asked for beyond that, is asked of sqlite-utils itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    import sqlite_utils


class _Table:
    def __init__(self, rows: _Rows, name: str) -> None:
        self._rows = rows
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
        found = self._rows.conn.execute(f"SELECT {select} FROM {self._name}{condition}{order}{page}", where_args)  # noqa: S608 # ours
        names = [column[0] for column in found.description]
        for row in found:
            yield dict(zip(names, row, strict=True))

    def count_where(self, where: str | None = None, where_args: Sequence[object] = ()) -> int:
        (row,) = self.rows_where(where, where_args, select="count(*) AS number")
        return int(row["number"])

    def __getattr__(self, name: str) -> object:
        return getattr(self._rows.whole.table(self._name), name)


class _Rows:
    """A connection as `sqlite_utils.Database` is read from."""

    def __init__(self, connection: sqlite3.Connection, whole: sqlite_utils.Database | None = None) -> None:
        self.conn = connection
        self._whole = whole

    @property
    def whole(self) -> sqlite_utils.Database:
        if self._whole is None:
            import sqlite_utils  # noqa: PLC0415  # takes long, and is for what lists do not need

            self._whole = sqlite_utils.Database(self.conn, execute_plugins=False)
        return self._whole

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> sqlite3.Cursor:
        return self.conn.execute(sql, parameters)

    def table(self, name: str) -> _Table:
        return _Table(self, name)

    def close(self) -> None:
        self.conn.close()

    def __getitem__(self, name: str) -> object:
        return self.whole[name]

    def __getattr__(self, name: str) -> object:
        return getattr(self.whole, name)


def as_database(connection: sqlite3.Connection) -> sqlite_utils.Database:
    """Return a connection that is only read from as what reads from it takes it to be."""
    return cast("sqlite_utils.Database", _Rows(connection))


def read_quickly(db: sqlite_utils.Database) -> sqlite_utils.Database:
    """Return a database of sqlite-utils from which rows are read by one statement each."""
    return cast("sqlite_utils.Database", _Rows(db.conn, db))
