"""The operating limit, scaled down so that it binds: what arrives, what is refused, and how long it takes."""

from __future__ import annotations

from tests.bench.contestants import Allowed, ours, portal_of, script
from tests.bench.report import Table

ITEMS = 1_800
UPDATE_COST = 0.01
ALLOWED = Allowed(burst=1_000, per_second=200, operating_seconds=2.4, operating_window_seconds=3.0)
"""The cloud's 480 s in 600 s, two hundred times faster; an update costs what two seconds would."""


def measure() -> Table:
    """Return how many updates arrive of those that are wanted."""
    table = Table(
        f"Operating limit of {ALLOWED.operating_seconds} s in {ALLOWED.operating_window_seconds} s,"
        f" {UPDATE_COST * 1000:.0f} ms per update",
        ("", "updates wanted", "arrived", "lost", "refused", "seconds", "fewest seconds"),
    )
    for name, contestant in (("b24syncd", ours), ("plain script", script)):
        with portal_of(ALLOWED, update_cost=UPDATE_COST, items=ITEMS) as portal:
            wanted = contestant(portal, dry=True).corrected
            used = contestant(portal, dry=False)
            stats = portal.stats()
        refused = stats["limit_errors"].get("OPERATION_TIME_LIMIT", 0)
        lost = 1 - stats["saves"] / wanted
        # the first window's worth leaves at once
        windows = wanted * UPDATE_COST / ALLOWED.operating_seconds - 1
        fewest = windows * ALLOWED.operating_window_seconds
        table.add(name, wanted, stats["saves"], f"{lost:.0%}", refused, f"{used.wall_seconds:.0f}", f"{fewest:.0f}")
        if used.output and name != "b24syncd":
            table.note(f"The script ended with {used.output}")
    return table
