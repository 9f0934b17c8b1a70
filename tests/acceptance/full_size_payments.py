"""5,000 deals with about 12,000 payments, walked undisturbed, with lost answers, and with kills; each twice.

Some minutes, so it is no part of the suite: `python -m tests.acceptance.full_size_payments` in the root of the
repository. Some deals are paid in part, in two currencies, no more, or refuse; people have entered some dates. Both
limits' windows are scaled down 20 times. It ends with an `AssertionError` where something is not as it should be.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from tests.acceptance.conftest import Installation
from tests.acceptance.payments_world import (
    NOTHING_ELSE,
    assert_journal_fits,
    assert_right,
    kill_after,
    write_settings,
    writes,
)
from tests.acceptance.processes import inherited
from tests.bench.report import Table

if TYPE_CHECKING:
    from tests.acceptance.processes import ServedPortal

SCALE = 1 / 20
DEALS = 5_000
KILLS = 6
SECONDS = 1800.0
LOST_SHARE = 0.05

Backfill = Callable[[Installation, "ServedPortal"], None]


def to_its_end(home: Installation, _portal: ServedPortal) -> None:
    ended = home.start("backfill").end(SECONDS)
    assert ended.code in {0, 6}, ended.err[-2000:]  # 6: some deals refuse every write


def with_lost_answers(home: Installation, portal: ServedPortal) -> None:
    portal.tell("faults", {"kind": "reset", "when": "after", "times": None, "probability": LOST_SHARE})
    to_its_end(home, portal)
    portal.forget("faults")


def with_kills(home: Installation, portal: ServedPortal) -> None:
    random = Random(1)  # noqa: S311 # has to be repeatable
    for _ in range(KILLS):
        kill_after(home, portal, random.randint(20, DEALS // 12))
    to_its_end(home, portal)


def walk(name: str, backfill: Backfill, table: Table, deals: int) -> None:
    with ExitStack() as resources:
        folder = Path(resources.enter_context(tempfile.TemporaryDirectory()))
        home = Installation(folder, inherited(), resources)
        home.set(
            STATE__PATH=home.state,
            SAFETY__CANARY=0,
            LIMITS__PER_SECOND=2 / SCALE,
            LIMITS__OPERATING_SECONDS=480 * SCALE,
            LIMITS__OPERATING_WINDOW_SECONDS=600 * SCALE,
            LIMITS__REQUEST_CUT_SECONDS=60 * SCALE,
        )
        write_settings(home)
        portal = home.serve(*NOTHING_ELSE, "--paid-deals", str(deals), "--scale", str(SCALE))
        payments, refusing = len(portal.ask("payments")["payments"]), len(portal.ask("state")["frozen"])
        backfill(home, portal)
        assert_right(portal)
        assert_journal_fits(home, portal)
        first, written = portal.stats, writes(portal)["crm.item.update"]
        to_its_end(home, portal)
        assert_right(portal)
        assert portal.stats["saves"] == first["saves"]
        again = portal.stats["requests"] - first["requests"]
        tried = writes(portal)["crm.item.update"] - written
        assert tried <= refusing
        per_thousand = f"{first['requests'] / deals * 1000:.0f}"
        table.add(
            name,
            *(payments, first["saves"], first["requests"], per_thousand),
            *(again, f"{again / deals * 1000:.0f}", f"{portal.stats['saves'] - first['saves']} ({tried} refused)"),
        )


def main() -> None:
    """Walk in all three ways, and show what it took."""
    parser = argparse.ArgumentParser(prog="python -m tests.acceptance.full_size_payments", description=__doc__)
    parser.add_argument("--deals", type=int, default=DEALS)
    deals = parser.parse_args().deals
    table = Table(
        f"Payment dates of {deals} deals",
        ("", "payments", "writes", "requests", "per 1,000 deals", "second walk", "per 1,000 deals", "its writes"),
    )
    walk("undisturbed", to_its_end, table, deals)
    walk(f"{LOST_SHARE:.0%} of answers lost", with_lost_answers, table, deals)
    walk(f"{KILLS} kills", with_kills, table, deals)
    table.note("Every field ended as the payments say; no date was written twice, and each is in the journal once.")
    table.show()


if __name__ == "__main__":
    main()
