"""How corrections end is counted from a moment on: each once, whenever somebody asks."""

from __future__ import annotations

from collections import Counter

import sqlite_utils
from hypothesis import given
from hypothesis import strategies as st
from tests.fresh_state import fill
from tests.store.conftest import NOW

from b24syncd.store import outcomes, runs
from b24syncd.store.runs import RunKind

OUTCOMES = ["done", "unverified", "refused", "not_sent"]
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("begin"), st.sampled_from(["phones", "emails"])),
        st.tuples(st.just("settle"), st.sampled_from(OUTCOMES)),
        st.tuples(st.just("ask"), st.just("")),
    ),
    max_size=40,
)


def begin(db: sqlite_utils.Database, run: int, job: str, outcome: str = "intent") -> None:
    db.execute(
        "INSERT INTO journal (run_id, at, batch, job, entity_type, entity_id, what, after, restores, mends, outcome)"
        " VALUES (?, '2026-01-01T00:00:00+00:00', 'b', ?, 'lead', 1, 'change', '1', 0, 0, ?)",
        (run, job, outcome),
    )


def settle(db: sqlite_utils.Database, outcome: str) -> tuple[str, str] | None:
    """Settle the oldest open one."""
    found = db.execute("SELECT id, job FROM journal WHERE outcome = 'intent' ORDER BY id LIMIT 1").fetchone()
    if found is None:
        return None
    db.execute("UPDATE journal SET outcome = ? WHERE id = ?", (outcome, found[0]))
    return found[1], outcome


@given(STEPS)
def test_each_is_counted_once_when_it_is_settled(steps: list[tuple[str, str]]) -> None:
    with sqlite_utils.Database(memory=True) as db:
        fill(db)
        run = runs.start_run(db, runs.NewRun(kind=RunKind.RUN, jobs=["phones"], fingerprint="f", now=NOW))
        begin(db, run, "phones", "done")  # before anybody counts
        begin(db, run, "phones")
        counts = outcomes.count_from_now_on(db)
        expected: Counter[tuple[str, str]] = Counter()
        for what, which in steps:
            if what == "begin":
                begin(db, run, which)
            elif what == "settle":
                expected.update(filter(None, [settle(db, which)]))
            else:
                counts = outcomes.count_on(db, counts)
                assert counts.counts == expected
        assert outcomes.count_on(db, counts).counts == expected


def test_the_journal_is_not_read_as_a_whole() -> None:
    with sqlite_utils.Database(memory=True) as db:
        fill(db)
        asked: list[str] = []
        db.conn.set_trace_callback(asked.append)
        outcomes.count_on(db, outcomes.count_from_now_on(db))
        db.conn.set_trace_callback(None)
        assert len(asked) == 6
        plans = [row[3] for statement in asked for row in db.execute(f"EXPLAIN QUERY PLAN {statement}")]
    assert [plan for plan in plans if "SCAN" in plan and "journal" in plan and "journal_open" not in plan] == []
