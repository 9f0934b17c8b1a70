"""The only part that speaks SQL: one SQLite file per portal, one thread that owns its connection.

Plain functions `f(db, …, now=…)`, grouped by subject, run inside `Database.write` or `Database.read`. Rows are read and
written by sqlite-utils; what is done for many items of a page, or has to be one step, is SQL that stands, named, at the
top of its module.

Two clocks, told apart by their type: times of this machine are aware `datetime`s, stored as UTC text of a fixed width,
so that text order is time order; times of the portal's clock are `float` unix seconds, stored as REAL (`sent_at`,
`began_server_time`). The two are never compared.
"""
