"""What the program is asked to do in the state machine; each process may end by force at any step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from tests.attack.attacks import CRASHES, SEEDS
from tests.attack.machine_begin import Beginning

if TYPE_CHECKING:
    from tests.attack.crashes import Crash


class Program(Beginning):
    """Commands and lives of the daemon."""

    @rule(crash=CRASHES, insists=st.booleans())
    def backfill(self, crash: Crash | None, insists: bool) -> None:  # noqa: FBT001
        """Walk; `insists` on going on where a safety limit stops it."""
        self.scenario.backfill(crash)
        if insists and self.scenario.stopped:
            self.scenario.backfill(crash, goes_on=True)

    @rule(minutes=st.integers(1, 12), crash=CRASHES, insists=st.booleans())
    def follow(self, minutes: int, crash: Crash | None, insists: bool) -> None:  # noqa: FBT001
        self.scenario.follow(60 * minutes, crash)
        if insists and self.scenario.stopped:
            self.scenario.follow(60 * minutes, crash, goes_on=True)

    @precondition(lambda self: self.scenario.has_state)
    @rule(choice=SEEDS, whole_run=st.booleans(), crash=CRASHES)
    def undo(self, choice: int, whole_run: bool, crash: Crash | None) -> None:  # noqa: FBT001
        rows = self.scenario.world.journal()
        if rows:
            row = rows[choice % len(rows)]
            self.scenario.undo(row.run_id if whole_run else None, None if whole_run else row.correction.ref, crash)

    @precondition(lambda self: self.scenario.has_state)
    @rule()
    def release(self) -> None:
        self.scenario.release()
