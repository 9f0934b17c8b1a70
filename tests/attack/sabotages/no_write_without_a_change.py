"""Sabotages of promise 5: no write without a change."""

from __future__ import annotations

from tests.attack.sabotaged import Sabotage

SABOTAGES = (
    Sabotage(
        5,
        "rules that change each other's values back are not found",
        "jobs/fields/circles.py",
        "            if any(step.after == earlier.before for earlier in made):\n",
        "            if any(step.after is earlier for earlier in made):\n",
        "unit/test_field_evaluation.py::test_circles_are_found",
    ),
    Sabotage(
        5,
        "a canonical entry is written as it is",
        "jobs/contact_points.py",
        "        if kept != point.value:\n",
        "        if kept:\n",
        "unit/test_points.py::test_entries_that_can_be_read",
    ),
    Sabotage(
        5,
        "a date is written again because the portal shows it in other characters",
        "jobs/payment_dates.py",
        "    if same_value(there, wanted):\n",
        "    if there == wanted:\n",
        "unit/test_payment_dates.py::test_the_second_hour_of_a_clock_set_back_is_written_once",
    ),
    Sabotage(
        5,
        "an activity is bound to what it hangs on already",
        "jobs/bindings/planner.py",
        "    needed = sorted(end.difference(bound))\n",
        "    needed = sorted(end)\n",
        "unit/test_bindings_properties.py::test_planning_the_result_plans_nothing",
    ),
    Sabotage(
        5,
        "what a fresh reading shows as done already is written all the same",
        "engine/writing/writer.py",
        "corrections=step.corrections)\n",
        "corrections=update.corrections)\n",
        "engine/test_old_snapshots.py::test_an_old_snapshot_is_read_again_before_its_batch_leaves",
    ),
    Sabotage(
        5,
        "an item that was seen once is skipped when a poll announces it again",
        "feeders/payments.py",
        "        rows = [row for row in read.rows if self.known.get(row.ref) != row.updated_at]\n",
        "        rows = [row for row in read.rows if row.ref not in self.known]\n",
        "engine/test_payments_follow.py::test_deals_that_did_not_change_are_not_asked_again",
    ),
    Sabotage(
        5,
        "a change that was committed late is never met",
        "engine/rounds.py",
        "        since = poll.instant_of(position) - self.overlap_seconds\n",
        "        since = poll.instant_of(position)\n",
        "engine/test_follow.py::test_a_change_that_was_committed_late",
    ),
)
