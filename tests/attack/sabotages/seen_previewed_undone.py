"""Sabotages of promise 10: seen, previewed, undone."""

from __future__ import annotations

from tests.attack.sabotaged import Sabotage

SABOTAGES = (
    Sabotage(
        10,
        "a dry run writes",
        "cli/backfill.py",
        "    if dry_run:\n        with PlanReport",
        "    if dry_run and narrowed.only:\n        with PlanReport",
        "acceptance/test_backfill.py::test_a_dry_run_tells_everything_and_writes_nothing",
    ),
    Sabotage(
        10,
        "a dry run creates the field",
        "app/backfill.py",
        "held_in(path), create=False)",
        "held_in(path), create=True)",
        "engine/test_payments_backfill.py::test_a_field_is_created_and_filled",
    ),
    Sabotage(
        10,
        "a dry run leaves something in the state's place",
        "memory.py",
        '        """Keep nothing."""\n',
        "        self._path.parent.mkdir(exist_ok=True)\n",
        "engine/test_backfill.py::test_a_preview_tells_what_would_be_done_and_writes_nothing_at_all",
    ),
    Sabotage(
        10,
        "undo writes what stands there already",
        "domain/undoing_points.py",
        "            self.corrections.append(ChangePoint(*start, effect.now, effect.origin))\n",
        "            self.corrections.append(ChangePoint(*start, effect.origin, effect.now))\n",
        "unit/test_undoing_points.py::test_a_text_that_was_split_comes_back_as_one",
    ),
    Sabotage(
        10,
        "undo takes away what a person wrote since",
        "domain/undoing_points.py",
        "        elif point.value == effect.now:\n",
        "        elif point.value != effect.origin:\n",
        "engine/test_undo.py::test_a_newer_value_of_a_person_stays_and_is_told",
    ),
    Sabotage(
        10,
        "what is taken back is held only afterwards",
        "engine/undoing.py",
        "            await self._hold(lane, undoings)\n            yield Page(found)\n",
        "            yield Page(found)\n            await self._hold(lane, undoings)\n",
        "engine/test_undo.py::test_cut_off_anywhere_and_begun_again",
    ),
    Sabotage(
        10,
        "what was undone is corrected again",
        "engine/planning.py",
        "        run_id = self.held.get((ref, job))\n",
        "        run_id = None\n",
        "engine/test_undo.py::test_only_the_job_that_was_undone_is_kept_away",
    ),
    Sabotage(
        10,
        "the journal tells what was planned, not what a write met",
        "engine/settlement.py",
        "        settled.met.extend((key, planned, done) for planned, done in aftermath.otherwise)\n",
        "",
        "engine/test_rehearsal_window.py::test_the_journal_tells_what_a_write_met",
    ),
    Sabotage(
        10,
        "the journal does not show what stood there before",
        "cli/journal.py",
        "    before, after = entry.before, entry.after\n",
        "    before, after = None, entry.after\n",
        "unit/test_cli_reading.py::test_the_journal_in_json",
    ),
    Sabotage(
        10,
        "a review that a person dismissed is asked again",
        "store/reviews.py",
        "        return ReviewState.DISMISSED\n",
        "        return ReviewState.OPEN\n",
        "store/test_reviews.py::test_a_dismissed_review_stays_so_until_its_value_changes",
    ),
)
