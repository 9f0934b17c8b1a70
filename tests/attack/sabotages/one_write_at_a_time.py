"""Sabotages of promise 7: one write at a time, one writer."""

from __future__ import annotations

from tests.attack.sabotaged import Sabotage

SABOTAGES = (
    Sabotage(
        7,
        "a second writer shares the lock",
        "store/lock.py",
        "fcntl.LOCK_EX | fcntl.LOCK_NB",
        "fcntl.LOCK_SH | fcntl.LOCK_NB",
        "store/test_lock.py::test_a_second_writer_in_the_same_process_is_kept_out",
    ),
    Sabotage(
        7,
        "a link to the state has a lock of its own",
        "store/database.py",
        "    path = path.resolve()  #",
        "    path = path.absolute()  #",
        "store/test_lock.py::test_a_link_to_the_state_is_the_same_state",
    ),
    Sabotage(
        7,
        "the lock outlives its writer",
        "store/lock.py",
        "        os.close(self._descriptor)\n",
        "        os.dup(self._descriptor)\n",
        "store/test_lock.py::test_the_lock_goes_when_opening_fails",
    ),
    Sabotage(
        7,
        "an item is written again while the outcome of its last write is unknown",
        "engine/writing/recovery.py",
        "(*self._claimed_by_others, *left_since(all_open, now_open))",
        "self._claimed_by_others",
        "engine/test_side_by_side.py::test_what_a_walk_lost_while_a_round_read_the_same_item_is_not_written_before_the_cut",
    ),
    Sabotage(
        7,
        "the items that a dead process left in doubt are written before they are judged",
        "engine/writing/recovery.py",
        "        self._settlement.leave_open(intent.intent.ref for intent in left)\n",
        "",
        "engine/test_unknown_outcomes.py::test_while_the_portal_may_still_be_at_it_nothing_is_judged_and_nothing_is_written",
    ),
)
