"""2,000 converted leads with about 10,000 activities, rebound undisturbed, with lost answers, and with kills.

Some minutes, so it is no part of the suite: `python -m tests.acceptance.full_size --job bindings` in the root of the
repository. Some activities hang on several items, on a hundred, or mirror tasks; some companies are gone, some refuse.
Both limits' windows are scaled down 20 times. It ends with an `AssertionError` where something is not as it should be.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from math import ceil
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from tests.acceptance.bindings_world import (
    MOST_COMMANDS,
    NOTHING_ELSE,
    WITH_TASKS,
    Size,
    assert_journal_fits,
    assert_rebound,
    kill_after,
    write_rules,
    writes,
)
from tests.acceptance.conftest import Installation
from tests.acceptance.processes import inherited
from tests.bench.report import Table

if TYPE_CHECKING:
    from tests.acceptance.processes import ServedPortal

SCALE = 1 / 20
LEADS = 2_000
KILLS = 6
SECONDS = 1800.0
LOST_SHARE = 0.05

Backfill = Callable[[Installation, "ServedPortal"], None]


def to_its_end(home: Installation, _portal: ServedPortal) -> None:
    ended = home.start("backfill").end(SECONDS)
    assert ended.code == 0, ended.err[-2000:]


def with_lost_answers(home: Installation, portal: ServedPortal) -> None:
    portal.tell("faults", {"kind": "reset", "when": "after", "times": None, "probability": LOST_SHARE})
    to_its_end(home, portal)
    portal.forget("faults")
    to_its_end(home, portal)


def with_kills(home: Installation, portal: ServedPortal) -> None:
    random = Random(1)  # noqa: S311 # has to be repeatable
    for _ in range(KILLS):
        kill_after(home, portal, random.randint(20, 120))
    to_its_end(home, portal)


def rebind(name: str, backfill: Backfill, table: Table, leads: int) -> None:
    with ExitStack() as resources:
        folder = Path(resources.enter_context(tempfile.TemporaryDirectory()))
        home = Installation(folder, inherited(), resources)
        home.set(
            PORTAL__REGION="RU",
            STATE__PATH=home.state,
            SAFETY__CANARY=0,
            LIMITS__PER_SECOND=2 / SCALE,
            LIMITS__OPERATING_SECONDS=480 * SCALE,
            LIMITS__OPERATING_WINDOW_SECONDS=600 * SCALE,
            LIMITS__REQUEST_CUT_SECONDS=60 * SCALE,
        )
        write_rules(home)
        portal = home.serve(*NOTHING_ELSE, *WITH_TASKS, "--converted-leads", str(leads), "--scale", str(SCALE))
        size = Size.of(portal)
        backfill(home, portal)
        assert_rebound(portal)
        stats, written = portal.stats, writes(portal)
        to_its_end(home, portal)
        assert writes(portal) == written
        assert_rebound(portal)
        assert_journal_fits(home, portal)
        per_thousand = f"{stats['requests'] / size.activities * 1000:.0f}"
        least = ceil(size.least_commands(stats) / MOST_COMMANDS)
        again = portal.stats["requests"] - stats["requests"]
        table.add(name, size.activities, stats["saves"], stats["requests"], least, per_thousand, again, 0)


def main(leads: int = LEADS) -> None:
    """Rebind in all three ways, and show what it took."""
    table = Table(
        f"Activities of {leads} converted leads to their companies",
        (
            "",
            "activities",
            "writes",
            "requests",
            "fewest possible",
            "per 1,000 activities",
            "second walk",
            "its writes",
        ),
    )
    rebind("undisturbed", to_its_end, table, leads)
    rebind(f"{LOST_SHARE:.0%} of answers lost", with_lost_answers, table, leads)
    rebind(f"{KILLS} kills", with_kills, table, leads)
    table.note("No source was lost before its target was bound; each ended where the rule sends it.")
    table.show()
