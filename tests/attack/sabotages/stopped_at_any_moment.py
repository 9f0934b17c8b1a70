"""Sabotages of promise 8: can be stopped at any moment."""

from __future__ import annotations

from tests.attack.sabotaged import Sabotage

SABOTAGES = (
    Sabotage(
        8,
        "the cursor passes a page that a stop cut short",
        "engine/writing/pipeline.py",
        "        if applied.is_complete:\n",
        "        if applied:\n",
        "engine/test_stopping.py::test_a_signal_lets_what_is_under_way_finish",
    ),
    Sabotage(
        8,
        "the cursor moves over pages that are not settled yet",
        "engine/writing/pipeline.py",
        "        return tuple(passed)\n",
        "        return (page,)\n",
        "engine/test_stopping.py::test_what_is_read_ahead_and_right_moves_no_cursor_over_what_is_still_to_be_written",
    ),
    Sabotage(
        8,
        "intents that a dead process left open are not taken over",
        "engine/writing/recovery.py",
        "        left = tuple(one for one in self._own(intents) if one.intent.ref not in in_hand)\n",
        "        left = tuple(one for one in self._own(()) if one.intent.ref not in in_hand)\n",
        "engine/test_stopping.py::test_stopped_before_every_single_command",
    ),
    Sabotage(
        8,
        "what changed below the cursor of an interrupted backfill is not looked at",
        "engine/backfill.py",
        "        if resumed is not None and not self.is_stopping:\n",
        "        if resumed is not None and self.is_stopping:\n",
        "engine/test_stopping.py::test_a_resumed_backfill_covers_what_changed_below_its_cursor",
    ),
    Sabotage(
        8,
        "SIGTERM does not keep the writers from sending more",
        "engine/lifecycle.py",
        "    on_stop()\n",
        "    del on_stop\n",
        "engine/test_stopping.py::test_a_signal_lets_what_is_under_way_finish",
    ),
    Sabotage(
        8,
        "of a transaction that fails, a part stays",
        "store/database.py",
        "            self._db.rollback()\n",
        '            self._db.conn.execute("COMMIT")\n',
        "store/test_database.py::test_a_failing_statement_undoes_those_before_it",
    ),
    Sabotage(
        8,
        "a stop takes back a transaction that was under way",
        "store/database.py",
        "        return await asyncio.shield(loop.run_in_executor(self._thread, call, *arguments))\n",
        "        return await loop.run_in_executor(self._thread, call, *arguments)\n",
        "store/test_database.py::test_a_write_that_was_handed_over_survives_the_cancellation_of_its_caller",
    ),
    Sabotage(
        8,
        "a process does not know that the clock on the portal's wall was set back before it began",
        "portal/pace/serverclock.py",
        "        self.utc_offset, self.set_back_at = state.utc_offset, state.set_back_at\n",
        "        self.utc_offset = self.set_back_at = None\n",
        "engine/test_set_back.py::test_a_process_that_begins_after_the_clock_was_set_back_sees_it_as_well",
    ),
)
