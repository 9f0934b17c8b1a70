"""What every page, batch and round asks of the state is found by index, however long the journal is."""

from __future__ import annotations

from contextlib import closing

import pytest
from tests.bench.store import HOT, plans_of, state_in_memory

LONG = ("journal", "reviews", "queue", "runs", "intents", "holds")
OPEN = "SCAN journal USING INDEX journal_open"
"""An index of the rows alone that have no outcome yet."""


@pytest.mark.parametrize("name", HOT)
def test_no_statement_of_the_work_looks_at_all_rows(name: str) -> None:
    with closing(state_in_memory()) as db:
        plans = plans_of(db, HOT[name])
    assert plans
    steps = {step for plan in plans.values() for step in plan}
    assert [step for step in steps - {OPEN} if step.startswith("SCAN") and step.split()[1] in LONG] == []
