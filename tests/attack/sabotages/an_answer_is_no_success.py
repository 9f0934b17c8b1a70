"""Sabotages of promise 4: an answer is not a success."""

from __future__ import annotations

from tests.attack.sabotaged import Sabotage

SABOTAGES = (
    Sabotage(
        4,
        "an update is taken for done though the item does not show it",
        "engine/writing/read_back.py",
        "        if shows(update.corrections, after.state):\n",
        "        if update.corrections:\n",
        "engine/test_ignored_updates.py::test_what_the_item_does_not_show_is_not_done",
    ),
    Sabotage(
        4,
        "a batch whose answer was lost is sent again",
        "engine/writing/writer.py",
        "            await self._settlement.lost(batch, str(error))\n",
        "            work.pending.extendleft(reversed(batch.updates))\n",
        "engine/test_unknown_outcomes.py::test_while_the_portal_may_still_be_at_it_nothing_is_judged_and_nothing_is_written",
    ),
    Sabotage(
        4,
        "a refusal is believed without reading the item",
        "engine/writing/read_back.py",
        "            return not is_certain\n",
        "            return False\n",
        "engine/test_errors_after_effect.py::test_an_update_that_was_done_in_spite_of_its_error_is_unverified",
    ),
    Sabotage(
        4,
        "a command that the answer leaves out counts as not executed",
        "portal/wire/batch.py",
        """            outcome = Unknown("the portal's answer to a batch leaves a command out")\n""",
        "            outcome = Deferred(0.0)\n",
        "unit/test_portal_batch.py::test_commands_that_are_left_out_without_a_failure_are_unknown",
    ),
    Sabotage(
        4,
        "a request that was not answered in time counts as not sent",
        "portal/wire/transport.py",
        'fault = OutcomeUnknown(f"the portal did not answer',
        'fault = NotSent(f"the portal did not answer',
        "contract/test_client_commands.py::test_a_hanging_answer_is_unknown_after_the_timeout",
    ),
    Sabotage(
        4,
        "an item that was answered without its contact points passes for an empty one",
        "portal/items.py",
        "        if wanted.points and not all(words.tells_points(row) for row in answer):\n",
        "        if not answer:\n",
        "attack/test_misleading_answers.py::test_what_tells_of_something_else_proves_nothing",
    ),
    Sabotage(
        4,
        "the answer about another item is taken for that about this one",
        "portal/written_rows.py",
        "    return rows if ids == {ref.id} else ",
        "    return rows if ids else ",
        "attack/test_misleading_answers.py::test_what_tells_of_something_else_proves_nothing",
    ),
)
