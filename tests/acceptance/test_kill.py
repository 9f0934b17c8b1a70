"""`kill -9` at any moment, then the same command: it goes on, to the same end, and nothing is written twice."""

from __future__ import annotations

import signal
import time
from collections import Counter
from random import Random
from typing import TYPE_CHECKING

import pytest
from tests.acceptance.processes import NOW_AND_THEN, until
from tests.variants import some

if TYPE_CHECKING:
    from tests.acceptance.conftest import Installation
    from tests.acceptance.processes import ServedPortal

SIZE = ("--contacts", "140", "--companies", "20", "--leads", "40")
SLOWLY = ("--update-cost", "0.004", "--real-time")
"""So that a good part of the time passes while batches are under way."""


def kill_after(home: Installation, portal: ServedPortal, requests: int, command: str = "backfill") -> bool:
    """Start the command and kill it after so many requests; return False where it came to its end before."""
    before = portal.stats["requests"]
    started = home.start(command)
    until(lambda: started.process.poll() is not None or portal.stats["requests"] - before >= requests, every=0.005)
    if started.process.poll() is not None:
        assert started.end().code == 0
        return False
    started.kill()
    return True


def assert_journal_fits(home: Installation, portal: ServedPortal) -> None:
    """Every edit of the portal is in the journal once; nothing is left open.

    An edit whose outcome could only be read may be told as overtaken, if a person edited the item before it was read.
    """
    outcomes = Counter(entry["outcome"] for entry in home.run("journal", "--json").records)
    made = outcomes["done"] + outcomes["unverified"]
    assert made <= portal.stats["api_edits"] <= made + outcomes["overtaken"]
    assert not outcomes["overtaken"] or portal.stats["person_edits"]
    assert outcomes.keys() <= {"done", "unverified", "not_sent", "overtaken"}
    (status,) = home.run("status", "--json").records
    assert (status["open_intents"], status["queue"]["waiting"], status["writer"]) == (0, 0, None)


@pytest.mark.parametrize("requests", some([9, 4, 15]))
def test_a_killed_backfill_goes_on(home: Installation, requests: int) -> None:
    portal = home.serve(*SIZE, *SLOWLY)
    assert kill_after(home, portal, requests)
    (status,) = home.run("status", "--json").records
    assert status["runs"][0]["state"] == "interrupted"
    ended = home.run("backfill")
    assert [entry for entry in ended.logged if entry["event"] == "resuming_backfill"]
    portal.assert_right()
    assert_journal_fits(home, portal)
    (status,) = home.run("status", "--json").records
    assert [(run["id"], run["kind"], run["state"]) for run in status["runs"]] == [(1, "backfill", "done")]


def test_many_kills_in_a_row(home: Installation) -> None:
    portal = home.serve(*SIZE, *SLOWLY)
    random = Random(1)  # noqa: S311 # has to be repeatable
    kills = 0
    while kills < 5 and kill_after(home, portal, random.randint(1, 10)):
        kills += 1
    assert kills >= 2
    home.run("backfill")
    portal.assert_right()
    assert_journal_fits(home, portal)


def test_it_ends_in_the_state_of_an_undisturbed_one(home: Installation) -> None:
    undisturbed = home.serve(*SIZE)
    home.run("backfill")
    home.set(STATE__PATH=home.folder / "other.db")
    portal = home.serve(*SIZE, *SLOWLY)
    assert kill_after(home, portal, 9)
    home.run("backfill")
    assert values(portal) == values(undisturbed)


def values(portal: ServedPortal) -> dict[tuple[int, int], list[list[object]]]:
    return {
        (entity_type_id, item_id): sorted(points, key=repr)
        for entity_type_id, items in portal.everything().items()
        for item_id, points in items.items()
    }


@pytest.mark.parametrize("kind", ["hang", "late"])
def test_a_batch_that_outlives_its_sender_is_judged_when_it_must_be_over(home: Installation, kind: str) -> None:
    portal = home.serve("--contacts", "60", "--companies", "0", "--leads", "0")
    cut_seconds = 8.0  # leaves the portal, too, some time on a busy machine
    home.set(LIMITS__REQUEST_CUT_SECONDS=cut_seconds)
    # late: the effect comes while the next process already looks at the items
    fault = {"kind": kind, "when": "after", "match": "crm.item.update", "seconds": 2.5 if kind == "late" else 60.0}
    portal.tell("faults", fault)
    started = home.start("backfill")
    until(lambda: bool(portal.stats["faults"]))
    struck = time.monotonic()
    started.kill()
    ended = home.run("backfill")
    assert time.monotonic() - struck >= cut_seconds - 0.5
    portal.assert_right()
    assert_journal_fits(home, portal)
    assert "unverified: made, but the portal's answer was lost" in ended.out
    assert "unverified" in {entry["outcome"] for entry in home.run("journal", "--json").records}


def test_a_killed_daemon_goes_on(home: Installation) -> None:
    portal = home.serve("--contacts", "100", "--companies", "0", "--leads", "0", *SLOWLY)
    home.run("backfill")
    wanted = set()
    for number in range(3):
        daemon = home.follow()
        saves = portal.stats["saves"]
        wanted |= dial(portal, 300 + number)
        until(lambda saves=saves: portal.stats["saves"] > saves)  # type: ignore[misc] # bound in this round
        daemon.kill()
    daemon = home.follow()
    until(lambda: wanted <= numbers(portal))
    until(lambda: home.run("status", "--json").records[0]["open_intents"] == 0, every=NOW_AND_THEN)
    daemon.send(signal.SIGTERM)
    assert daemon.end().code == 0
    assert portal.ask("truth")["lost"] == []
    assert portal.stats["repeated_writes"] == []
    assert_journal_fits(home, portal)


def dial(portal: ServedPortal, prefix: int) -> set[tuple[int, str]]:
    """Let the person add a number to every contact at once; return what is to become of them."""
    edits, wanted = [], set()
    for contact in range(1, 101):
        canonical = f"+7916{prefix}{contact:04}"
        edit = {"action": "add", "entity_type_id": 3, "item_id": contact, "canonical": [canonical]}
        edits.append(edit | {"value": f"8 (916) {prefix} {contact:04}"})
        wanted.add((contact, canonical))
    portal.tell("person", {"edits": edits})
    return wanted


def numbers(portal: ServedPortal) -> set[tuple[int, object]]:
    return {(contact, point[2]) for contact, points in portal.everything()[3].items() for point in points}


def test_the_daemon_settles_what_a_killed_backfill_left(home: Installation) -> None:
    portal = home.serve("--contacts", "60", "--companies", "0", "--leads", "0")
    portal.tell("faults", {"kind": "hang", "when": "after", "match": "crm.item.update", "seconds": 60.0})
    started = home.start("backfill")
    until(lambda: bool(portal.stats["faults"]))
    started.kill()
    (status,) = home.run("status", "--json").records
    assert status["open_intents"] > 0
    daemon = home.follow()
    until(lambda: home.run("status", "--json").records[0]["open_intents"] == 0, every=NOW_AND_THEN)
    daemon.send(signal.SIGTERM)
    assert daemon.end().code == 0
    home.run("backfill")
    portal.assert_right()
    assert_journal_fits(home, portal)
