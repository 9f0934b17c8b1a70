"""Rebinding by processes: killed, interrupted, by a faulty list, as a rehearsal; the portal ends as the rule says."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest
from tests.acceptance.bindings_world import (
    NOTHING_ELSE,
    WITH_TASKS,
    assert_journal_fits,
    assert_rebound,
    hung,
    kill_after,
    misplaced,
    write_rules,
    writes,
)
from tests.acceptance.processes import until

if TYPE_CHECKING:
    from tests.acceptance.conftest import Installation
    from tests.acceptance.processes import ServedPortal

LEADS = "20"
REFUSED_SOME = 6
"""The exit code where the portal refuses some for good: tasks that nobody may edit."""

BATCHES_ENOUGH = 25
"""Requests, after which some activities are bound twice and most not at all yet."""


@pytest.fixture
def portal(home: Installation) -> ServedPortal:
    write_rules(home)
    return home.serve(*NOTHING_ELSE, *WITH_TASKS, "--converted-leads", LEADS)


def test_a_killed_backfill_goes_on_to_the_end_of_an_undisturbed_one(home: Installation, portal: ServedPortal) -> None:
    kill_after(home, portal, BATCHES_ENOUGH, "backfill", "bindings")
    assert misplaced(portal)
    home.run("backfill", "bindings", code=REFUSED_SOME)
    assert_rebound(portal)
    assert_journal_fits(home, portal)
    written = writes(portal)
    home.run("backfill", "bindings")
    assert writes(portal) == written


def test_ctrl_c_ends_it_in_order_and_it_goes_on(home: Installation, portal: ServedPortal) -> None:
    started = home.start("backfill", "bindings")
    until(lambda: portal.stats["saves"] > 0, every=0.005)
    started.send(signal.SIGINT)
    ended = started.end()
    assert ended.code == 130
    (status,) = home.run("status", "--json").records
    assert status["open_intents"] == 0
    home.run("backfill", "bindings", code=REFUSED_SOME)
    assert_rebound(portal)


def test_a_rehearsal_writes_nothing(home: Installation, portal: ServedPortal) -> None:
    before = hung(portal)
    ended = home.run("backfill", "bindings", "--dry-run", "--csv", "preview.csv")
    assert "converted leads" in (home.folder / "preview.csv").read_text(encoding="utf-8")
    assert ended.out
    assert (writes(portal), hung(portal)) == ({}, before)


def test_a_list_is_worked_through_and_a_faulty_one_not_at_all(home: Installation) -> None:
    write_rules(home)
    portal = home.serve(*NOTHING_ELSE, *WITH_TASKS, "--split-leads", "6")
    moves = portal.ask("moves")["moves"]
    rows = [f"lead:{move['from'][2:]},lead:{move['to'][2:]},{move['activity']}" for move in moves]
    path = home.folder / "moves.csv"
    before = hung(portal)

    faulty = [f"{missing},{rows[0].split(',')[1]}," for missing in ("lead:999999", "deal:888888")]
    path.write_text("\n".join(["from,to,activity", *rows, *faulty]), "utf-8")
    ended = home.run("rebind", "--map", "moves.csv", code=2)
    for number, missing, sentence in zip((2, 3), ("lead:999999", "deal:888888"), ended.sentences, strict=True):
        assert f"line {len(rows) + number}: there is no {missing}" in sentence
    assert (writes(portal), hung(portal)) == ({}, before)

    path.write_text("\n".join(["from,to,activity", *rows]), "utf-8")
    home.run("rebind", "--map", "moves.csv", "--dry-run")
    assert (writes(portal), hung(portal)) == ({}, before)

    home.run("rebind", "--map", "moves.csv")
    assert portal.ask("misplaced", target="lead", story="split", tasks=1)["misplaced"] == []
    assert (portal.stats["breaches"], portal.stats["binding_overlaps"]) == ([], 0)
    assert hung(portal) != before
