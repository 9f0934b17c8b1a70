"""Sabotages of promise 1: nothing is lost."""

from __future__ import annotations

from tests.attack.sabotaged import Sabotage

SABOTAGES = (
    Sabotage(
        1,
        "what cannot be read is deleted",
        "jobs/contact_points.py",
        "            reviews.append(review)\n",
        "            reviews.append(review)\n            readable.append((point, ()))\n",
        "unit/test_points.py::test_an_entry_that_cannot_be_read_stays_and_holds_nothing",
    ),
    Sabotage(
        1,
        "of a text that can be read in part, the rest is thrown away",
        "jobs/reading.py",
        "    if unread:\n",
        "    if len(unread) == len(parts):\n",
        "unit/test_points.py::test_an_entry_that_cannot_be_read_stays_and_holds_nothing",
    ),
    Sabotage(
        1,
        "the further numbers of a text are not added",
        "jobs/contact_points.py",
        "                yield AddPoint(ref, job, point.kind, point.type_to_add, value, (value,))\n",
        "                continue\n",
        "unit/test_points.py::test_entries_that_can_be_read",
    ),
    Sabotage(
        1,
        "two entries that come with one id pass for duplicates",
        "portal/replies.py",
        "    if len({point.id for point in points}) < len(points):\n",
        "    if len({point.id for point in points}) > len(points):\n",
        "attack/test_decoding.py::test_two_entries_of_one_id_are_no_answer",
    ),
    Sabotage(
        1,
        "a duplicate is deleted though the entry that kept its value has vanished meanwhile",
        "domain/mending.py",
        "if point.id in touched or (is_unknown_id(point.id) and point.kind in jobs)",
        "if is_unknown_id(point.id) and point.kind in jobs",
        "engine/test_rehearsal_window.py::test_a_value_whose_keeper_vanishes_after_the_witness_comes_back",
    ),
    Sabotage(
        1,
        "what a write that was never answered saved in part passes for a person's deletion",
        "engine/recovery.py",
        "                    doubts.append(self._doubt(lost))\n",
        "                    self._doubt(lost)\n",
        "engine/test_partial_saves.py::test_a_person_is_asked_where_nobody_can_tell_whether_the_rest_was_saved",
    ),
    Sabotage(
        1,
        "an activity is taken off an item in the batch that binds it elsewhere",
        "domain/corrections.py",
        "    return first or corrections\n",
        "    return corrections\n",
        "engine/test_bindings_person.py::test_the_target_is_taken_off_before_the_source_is_left",
    ),
    Sabotage(
        1,
        "an activity is taken off an item for one that is gone",
        "portal/target_proofs.py",
        "AddBinding(target=target) | MoveBinding(target=target):\n            yield target\n",
        "AddBinding(target=target) | MoveBinding(target=target):\n            yield from ()\n",
        "engine/test_bindings_gone.py::test_a_target_that_goes_before_the_write",
    ),
    Sabotage(
        1,
        "a full activity is taken off an item though its target found no room",
        "jobs/bindings.py",
        "            if ways.last(source) not in beyond\n",
        "",
        "unit/test_bindings.py::test_a_full_activity_is_left_to_a_person",
    ),
    Sabotage(
        1,
        "the last binding of an activity is taken off",
        "domain/binding_judge.py",
        "current.bindings == (correction.source,)",
        "current.bindings == ()",
        "unit/test_binding_judge.py::test_what_is_still_needed",
    ),
    Sabotage(
        1,
        "undo takes a value away that only a text says",
        "domain/undoing_points.py",
        "    undoing.keep_all_values()\n",
        "",
        "unit/test_undoing_points.py::test_a_number_that_only_a_text_says_stays_in_it",
    ),
    Sabotage(
        1,
        "undo takes an entry that was there before for one that was added",
        "domain/undoing_points.py",
        "            self.originals.add(point_id)\n",
        "",
        "unit/test_undoing_points.py::test_an_entry_that_was_there_before_is_not_taken_for_one_that_was_added",
    ),
)
