"""Sabotages of promise 3: intent before effect."""

from __future__ import annotations

from tests.attack.sabotaged import Sabotage

SABOTAGES = (
    Sabotage(
        3,
        "intents are journalled after the request has left",
        "portal/requests.py",
        """\
                if request.before_send is not None:
                    await request.before_send()
                sent_at = self._clock.monotonic()
                self.sent += 1
                with self.traffic.request([command.method for command in request.commands]) as seen:
                    reply = await self._post(method, params)
""",
        """\
                sent_at = self._clock.monotonic()
                self.sent += 1
                with self.traffic.request([command.method for command in request.commands]) as seen:
                    reply = await self._post(method, params)
                    if request.before_send is not None:
                        await request.before_send()
""",
        "contract/test_client_commands.py::test_before_send_comes_after_all_waiting_and_can_stop_the_request",
    ),
    Sabotage(
        3,
        "a lost answer is judged while the batch may still be running",
        "engine/context.py",
        "        return min(cut, max(0.0, sent_at + cut - self.client.server_now()))\n",
        "        return min(0.0, cut)\n",
        "engine/test_unknown_outcomes.py::test_while_the_portal_may_still_be_at_it_nothing_is_judged_and_nothing_is_written",
    ),
    Sabotage(
        3,
        "when a repair left is not noted, so that it is judged at once after a crash",
        "engine/writing/writer.py",
        "                    journal.mark_sent(db, update.repair_batch, sent_at=sent_at)\n",
        "                    continue\n",
        "engine/test_unknown_outcomes.py::test_the_same_holds_for_what_is_owed_to_a_person",
    ),
    Sabotage(
        3,
        "entries are compared with their ids, though those of added ones are unknown",
        "domain/settling.py",
        "    if found == values_after(before, corrections):\n",
        "    if _only(current, kinds) == points_after(before, corrections):\n",
        "unit/test_settling.py::test_what_reading_tells",
    ),
    Sabotage(
        3,
        "entries are compared as a set, so that one of two equal ones does not count",
        "domain/settling.py",
        "    if found == values_after(before, corrections):\n",
        "    if found.keys() == values_after(before, corrections).keys():\n",
        "unit/test_settling.py::test_what_reading_tells",
    ),
    Sabotage(
        3,
        "what shows neither before nor after counts as not done, not as overtaken",
        "domain/settling.py",
        "    if found == point_values(before):\n",
        "    if before:\n",
        "engine/test_person.py::test_an_edit_after_a_lost_answer_wins",
    ),
    Sabotage(
        3,
        "an intent does not survive a power cut",
        "store/database.py",
        'db.execute("PRAGMA synchronous = FULL")',
        'db.execute("PRAGMA synchronous = NORMAL")',
        "store/test_database.py::test_the_writer_is_safe_against_a_power_cut",
    ),
)
