"""10,000 contacts, 2,000 companies and 3,000 leads, walked with a kill in the middle and then once more.

Some minutes, so it is no part of the suite: `python -m tests.acceptance.full_size` in the root of the repository; with
`--job bindings` activities instead (`full_size_bindings`). Both limits' windows are scaled down 20 times, and an update
costs 10 ms of operating time, so that the operating limit binds as it does on a portal where one costs 0.2 s. It ends
with an `AssertionError` where something is not as it should be.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from tests.acceptance import full_size_bindings
from tests.acceptance.conftest import Installation
from tests.acceptance.processes import inherited, until

SCALE = 1 / 20
ITEMS = 15_000
KILLED_AT_SAVES = 5_000
SECONDS = 1800.0


def told(what: str, seconds: float, figures: object) -> None:
    sys.stdout.write(f"{what:<32} {seconds:6.1f} s  {figures}\n")
    sys.stdout.flush()


def walk(home: Installation) -> tuple[float, str]:
    began = time.monotonic()
    ended = home.start("backfill").end(SECONDS)
    assert ended.code == 0, ended.err[-2000:]
    return time.monotonic() - began, ended.out.splitlines()[0]


def walk_points() -> None:
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
        sizes = ("--contacts", "10000", "--companies", "2000", "--leads", "3000")
        portal = home.serve(*sizes, "--scale", str(SCALE), "--update-cost", "0.01")
        began = time.monotonic()
        started = home.start("backfill")
        until(lambda: portal.stats["saves"] >= KILLED_AT_SAVES, seconds=SECONDS)
        started.kill()
        told("backfill, killed", time.monotonic() - began, f"{portal.stats['saves']} items saved")
        told("backfill, goes on", *walk(home))
        portal.assert_right()
        stats = portal.stats
        told("second backfill", *walk(home))
        assert portal.stats["saves"] == stats["saves"]
        portal.assert_right()
        journal = home.run("journal", "--json").records
        made = [entry for entry in journal if entry["outcome"] in {"done", "unverified"}]
        assert len(made) == stats["api_edits"]
        sys.stdout.write(
            f"{ITEMS} items, {stats['saves']} saved by {stats['requests']} requests, "
            f"{len(made)} corrections journalled; "
            f"limit errors {stats['limit_errors']}, written twice {len(stats['repeated_writes'])}, "
            f"bucket at most {stats['bucket_maximum']:.1f} of 50, updates at most "
            f"{stats['operating_maximum']['crm.item.update']:.1f} of {480 * SCALE:.0f} operating seconds\n"
        )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.acceptance.full_size", description=__doc__)
    parser.add_argument("--job", choices=("points", "bindings"), default="points", help="phones and e-mails by default")
    if parser.parse_args().job == "bindings":
        full_size_bindings.main()
    else:
        walk_points()


if __name__ == "__main__":
    main()
