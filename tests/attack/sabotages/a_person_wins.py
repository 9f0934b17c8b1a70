"""Sabotages of promise 2: a person's edit wins."""

from __future__ import annotations

from tests.attack.sabotaged import Sabotage

SABOTAGES = (
    Sabotage(
        2,
        "an item is in a batch twice, and its second witness shows what the first had read",
        "portal/written_rows.py",
        "        if ref in seen:\n",
        "        if ref is None:\n",
        "contract/test_client_classic.py::test_an_item_is_in_a_batch_once",
    ),
    Sabotage(
        2,
        "the witness is not compared with the snapshot",
        "domain/points_judge.py",
        "        if met_points(met) == tuple(base):\n",
        "        if met is not None:\n",
        "engine/test_person.py::test_a_value_type_changed_meanwhile_stays",
    ),
    Sabotage(
        2,
        "what a write spoiled is not mended",
        "engine/answers.py",
        "        self._go_on(target, written.after, aftermath.repairs, plan, taken)\n",
        "        self._go_on(target, written.after, (), plan, taken)\n",
        "engine/test_rehearsal_window.py::test_the_journal_tells_what_a_write_met",
    ),
    Sabotage(
        2,
        "an entry that a person deleted and the write brought back stays",
        "domain/mending.py",
        "    return (*restored, *missing, *unwanted)\n",
        "    return (*restored, *missing)\n",
        "engine/test_rehearsal_window.py::test_an_entry_deleted_after_its_witness_does_not_come_back",
    ),
    Sabotage(
        2,
        "a repair is planned away, as if the person had written what it restores",
        "engine/answers.py",
        "            mends=target.mending is not None,\n",
        "            mends=False,\n",
        "engine/test_bindings_person.py::test_the_only_link_that_a_person_leaves_stays",
    ),
    Sabotage(
        2,
        "a snapshot that has grown old is not read again",
        "engine/writer.py",
        "target.snapshot.read_at > self._young_seconds\n",
        "target.snapshot.read_at > 60 * self._young_seconds\n",
        "engine/test_old_snapshots.py::test_an_old_snapshot_is_read_again_before_its_batch_leaves",
    ),
    Sabotage(
        2,
        "a correction whose answer was lost is told as done",
        "engine/recovery.py",
        "    Verdict.DONE: Outcome.UNVERIFIED,\n",
        "    Verdict.DONE: Outcome.DONE,\n",
        "engine/test_person.py::test_what_a_lost_answer_hides_is_marked_unverified",
    ),
    Sabotage(
        2,
        "a correction that was made in spite of its refusal is told as done",
        "engine/answers.py",
        "            settled.outcomes.append((key, target.ref, Outcome.UNVERIFIED, detail))\n",
        "            settled.outcomes.append((key, target.ref, Outcome.DONE, detail))\n",
        "engine/test_errors_after_effect.py::test_an_update_that_was_done_in_spite_of_its_error_is_unverified",
    ),
    Sabotage(
        2,
        "an activity that a person put back is moved again",
        "jobs/bindings.py",
        "if item in held and item in snapshot.past.left}",
        "if item in held and item in snapshot.past.bound}",
        "unit/test_bindings_taken_back.py::test_a_way_that_a_person_went_back_is_not_gone_again",
    ),
    Sabotage(
        2,
        "a date that a person entered is overwritten",
        "jobs/payment_dates.py",
        "    if same_value(snapshot.written.get(field.name, there), there):\n",
        "    if field.name not in snapshot.written or there is not None:\n",
        "unit/test_payment_dates.py::test_what_a_person_made_of_ours_stays_and_is_asked_about",
    ),
)
