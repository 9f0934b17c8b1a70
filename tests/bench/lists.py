"""How long a page of a list takes, among few rows and among very many."""

from __future__ import annotations

import time
from contextlib import closing
from random import Random
from typing import TYPE_CHECKING

import sqlite_utils

from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.store import journal_search, review_search
from b24syncd.store.history import Filter
from b24syncd.store.migrations.schema import migrate
from b24syncd.store.review_search import ReviewFilter

from .report import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

REVIEWS, CORRECTIONS = (100, 100_000), (100, 1_000_000)
_NOW = "2026-03-01T12:00:00.000000+00:00"
_PAGE, _PAGES = 50, 5
_REASONS = ("not_a_phone", "too_short", "contains_text", "country_not_written")
_RARE = 1000
_REVIEW = "INSERT INTO reviews (entity_type, entity_id, job, point_id, value, reason, suggestion, state, opened_at,"
_JOURNAL = "INSERT INTO journal (run_id, at, batch, job, entity_type, entity_id, what, slot, slot_id, before, after,"
_RUN = (
    "INSERT INTO runs (kind, jobs, fingerprint, state, started_at, counts)"
    " VALUES ('backfill', '[]', '', 'done', ?, '{}')"
)

BY_REVIEW = {
    "all open": ReviewFilter(),
    "a job": ReviewFilter(job="phones"),
    "a reason and a country": ReviewFilter(reasons=frozenset({"too_short"}), regions=frozenset({"KZ"})),
    "a rare job": ReviewFilter(job="emails"),
    "how the value begins": ReviewFilter(text="8 (91"),
    "all of the value": ReviewFilter(text="8 (910) 0000000", exact=True),
    "an item": ReviewFilter(item=EntityRef(EntityType.CONTACT, 50)),
}
BY_CORRECTION = {
    "all": Filter(),
    "a run": Filter(run_id=3),
    "a rare job": Filter(job="emails"),
    "a rare job of a run": Filter(job="emails", run_id=1),
    "a person": Filter(by="Olga"),
    "how the value begins": Filter(text="8 (91"),
    "all of the value": Filter(text="8 (910) 0000000", exact=True),
    "an item": Filter(item=EntityRef(EntityType.CONTACT, 50)),
}


def measure() -> Iterator[Table]:
    """Measure pages of reviews and of corrections."""
    yield _compare(
        "Reviews", REVIEWS, fill_reviews, {name: _pages(review_search.page, which) for name, which in BY_REVIEW.items()}
    )
    found = {name: _pages(journal_search.page, which) for name, which in BY_CORRECTION.items()}
    yield _compare("Corrections", CORRECTIONS, fill_journal, found)


def _pages(page: Callable[..., object], which: object) -> Callable[[sqlite_utils.Database], None]:
    def read(db: sqlite_utils.Database) -> None:
        after: object = None
        for _ in range(_PAGES):
            found = page(db, which, after=after, limit=_PAGE)
            after = getattr(found, "goes_on", None)
            if after is None:
                return

    return read


def _compare(
    title: str,
    sizes: tuple[int, int],
    fill: Callable[[sqlite_utils.Database, int], None],
    lists: dict[str, Callable[[sqlite_utils.Database], None]],
) -> Table:
    table = Table(f"{title}: milliseconds for {_PAGES} pages of {_PAGE}", ("by", *(f"of {size:,}" for size in sizes)))
    took: dict[str, list[float]] = {name: [] for name in lists}
    for size in sizes:
        with closing(sqlite_utils.Database(memory=True)) as db:
            migrate(db)
            with db.conn:
                fill(db, size)
            for name, read in lists.items():
                read(db)
                took[name].append(min(_seconds(read, db) for _ in range(3)))
    for name, seconds in took.items():
        table.add(name, *(f"{each * 1000:.1f}" for each in seconds))
    return table


def _seconds(read: Callable[[sqlite_utils.Database], None], db: sqlite_utils.Database) -> float:
    began = time.perf_counter()
    read(db)
    return time.perf_counter() - began


def fill_reviews(db: sqlite_utils.Database, number: int) -> None:
    random = Random(1)  # noqa: S311 # has to be repeatable

    def rows() -> Iterator[tuple[object, ...]]:
        for each in range(number):
            value = f"8 (9{random.randrange(100):02}) {random.randrange(10**7):07}"
            item = ("contact" if each % 3 else "lead", each)
            job = "phones" if each % _RARE else "emails"
            yield (
                *item,
                job,
                1,
                value,
                random.choice(_REASONS),
                value,
                "open",
                _NOW,
                _NOW,
                value,
                random.choice(("RU", "KZ")),
            )

    sql = f"{_REVIEW} changed_at, value_key, countries) VALUES ({', '.join('?' * 12)})"
    db.conn.executemany(sql, rows())


def fill_journal(db: sqlite_utils.Database, number: int) -> None:
    random = Random(1)  # noqa: S311 # has to be repeatable
    for _ in range(5):
        db.execute(_RUN, (_NOW,))

    def rows() -> Iterator[tuple[object, ...]]:
        for each in range(number):
            value = f"8 (9{random.randrange(100):02}) {random.randrange(10**7):07}"
            start = (1 + each % 5, _NOW, f"b{each // 50}", "phones" if each % _RARE else "emails", "contact", each // 2)
            by = "Olga" if each % _RARE == 1 else ""
            yield (*start, "phone", "WORK", each, f'"{value}"', '"+7"', 0, "done", _NOW, 0, by, value, "+7")

    columns = "mends, outcome, settled_at, restores, asked_by, before_key, after_key"
    sql = f"{_JOURNAL} {columns}) VALUES ({', '.join('?' * 18)})"
    db.conn.executemany(sql, rows())
