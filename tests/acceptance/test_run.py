"""`b24syncd run`: follows what people do, and stops when it is told to."""

from __future__ import annotations

import signal
from itertools import count
from typing import TYPE_CHECKING

import pytest
from tests.acceptance.processes import NOW_AND_THEN, until
from tests.variants import some

if TYPE_CHECKING:
    from tests.acceptance.conftest import Installation
    from tests.acceptance.processes import ServedPortal

CONTACTS = ("--contacts", "60", "--companies", "0", "--leads", "0")
INTERVAL_SECONDS = 0.5
LEEWAY_SECONDS = 100.0
STOP_SECONDS = 150.0
"""Five seconds of grace for what is under way, and the time a process needs to go on a busy machine."""

LONG = {"LIMITS__REQUEST_TIMEOUT_SECONDS": 300.0}
"""So that nothing but the end of the grace lets go of an answer that does not come."""


def write(portal: ServedPortal, contact: int, value: str, canonical: str) -> None:
    portal.edit(action="add", entity_type_id=3, item_id=contact, value=value, canonical=[canonical])


def test_an_edit_is_corrected_within_one_interval(home: Installation) -> None:
    portal = home.serve(*CONTACTS)
    home.run("backfill")
    daemon = home.follow()
    for contact in (7, 8):
        write(portal, contact, f"8 (916) 234-56-{contact:02}", f"+791623456{contact:02}")
        until(
            lambda contact=contact: f"+791623456{contact:02}" in portal.points(3, contact),  # type: ignore[misc]
            seconds=INTERVAL_SECONDS + LEEWAY_SECONDS,
        )
    saves = portal.stats["saves"]
    polls = portal.stats["requests"]
    until(lambda: portal.stats["requests"] > polls + 10)
    assert portal.stats["saves"] == saves
    daemon.send(signal.SIGTERM)
    ended = daemon.end(STOP_SECONDS)
    assert (ended.code, ended.out, ended.sentences) == (0, "", [])
    portal.assert_right()


def test_edits_made_during_a_backfill_and_before_the_daemon_starts_are_seen(home: Installation) -> None:
    portal = home.serve(*CONTACTS)
    edit = {
        "action": "add",
        "entity_type_id": 3,
        "item_id": 1,
        "value": "8 916 234 56 01",
        "canonical": ["+79162345601"],
    }
    portal.tell("person", {"trigger": {"method": "crm.item.update", "nth": 20}, "edits": [edit]})
    home.run("backfill")
    write(portal, 2, "8 916 234 56 02", "+79162345602")
    daemon = home.follow()
    until(lambda: "+79162345601" in portal.points(3, 1) and "+79162345602" in portal.points(3, 2))
    daemon.send(signal.SIGTERM)
    assert daemon.end(STOP_SECONDS).code == 0


def are_written_at_once(portal: ServedPortal, prefix: str) -> bool:
    """Add a number to each of 500 contacts; tell whether all was done in one second of the portal's clock."""
    edits = [
        {"action": "add", "entity_type_id": 3, "item_id": contact, "value": f"{prefix} {contact:04}"}
        for contact in range(1, 501)
    ]
    portal.tell("person", {"edits": edits})
    items = {item["id"]: item for item in portal.ask("state", entityTypeId=3)["items"]}
    return len({items[contact]["updated"] for contact in range(1, 501)}) == 1


def test_500_items_changed_in_the_same_second_are_all_seen(home: Installation) -> None:
    home.set(JOBS__PHONES__ENTITIES="contact", JOBS__EMAILS__ENTITIES="contact")
    portal = home.serve("--contacts", "520", "--companies", "0", "--leads", "0")
    daemon = home.follow()
    prefix = next(prefix for prefix in map("8 916 {}".format, count(234)) if are_written_at_once(portal, prefix))

    def is_done() -> bool:
        contacts = portal.everything()[3]
        values = {contact: {point[2] for point in points} for contact, points in contacts.items()}
        return all(f"+7{prefix[2:].replace(' ', '')}{contact:04}" in values[contact] for contact in range(1, 501))

    until(is_done)
    daemon.send(signal.SIGTERM)
    assert daemon.end(STOP_SECONDS).code == 0
    stats = portal.stats
    assert (stats["limit_errors"], stats["repeated_writes"]) == ({}, [])


@pytest.mark.parametrize("when", some(["after", "before"]))
def test_it_ends_soon_with_0_while_an_answer_is_outstanding(home: Installation, when: str) -> None:
    portal = home.serve(*CONTACTS)
    home.run("backfill")
    home.set(**LONG)
    daemon = home.follow()
    portal.tell("faults", {"kind": "hang", "when": when, "match": "crm.item.update"})
    write(portal, 5, "8 916 234-56-78", "+79162345678")
    until(lambda: bool(portal.stats["faults"]))
    daemon.send(signal.SIGTERM)
    assert daemon.end(STOP_SECONDS).code == 0
    again = home.follow()
    until(lambda: "+79162345678" in portal.points(3, 5))
    until(lambda: home.run("status", "--json").records[0]["open_intents"] == 0, every=NOW_AND_THEN)
    again.send(signal.SIGINT)
    assert again.end(STOP_SECONDS).code == 0
    portal.assert_right()


def test_a_portal_that_is_away_for_a_while_is_waited_for(home: Installation) -> None:
    portal = home.serve(*CONTACTS)
    home.run("backfill")
    daemon = home.follow()
    portal.tell("faults", {"kind": "html", "times": None})
    write(portal, 5, "8 916 234-56-78", "+79162345678")
    until(lambda: portal.stats["faults"].get("html", 0) >= 2)
    portal.forget("faults")
    until(lambda: "+79162345678" in portal.points(3, 5))
    daemon.send(signal.SIGTERM)
    ended = daemon.end(STOP_SECONDS)
    assert ended.code == 0
    assert "portal_fault" in {entry["event"] for entry in ended.logged}


@pytest.mark.parametrize("number", some([signal.SIGINT, signal.SIGTERM]))
def test_an_interrupted_backfill_goes_on_with_the_same_command(home: Installation, number: signal.Signals) -> None:
    portal = home.serve("--contacts", "300", "--companies", "0", "--leads", "0", "--update-cost", "0.01", "--real-time")
    started = home.start("backfill")
    until(lambda: portal.stats["saves"] > 20, every=0.005)
    started.send(number)
    ended = started.end(STOP_SECONDS)
    assert ended.code == 130
    assert "interrupted; the same command goes on from here" in ended.out
    assert portal.ask("truth")["mistakes"]
    home.run("backfill")
    portal.assert_right()
    assert len(home.run("journal", "--json").records) == portal.stats["api_edits"]


def test_an_interrupted_dry_run_says_so(home: Installation) -> None:
    portal = home.serve("--contacts", "300", "--companies", "0", "--leads", "0")
    portal.tell("faults", {"kind": "hang", "match": "crm.item.list", "nth": 2})
    home.set(**LONG)
    started = home.start("backfill", "--dry-run")
    until(lambda: bool(portal.stats["faults"]))
    started.send(signal.SIGINT)
    ended = started.end(STOP_SECONDS)
    assert ended.code == 130
    assert "interrupted before the end" in ended.out
