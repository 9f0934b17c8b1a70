"""The pace under the cloud's own limits, nothing scaled: how much of the allowed requests a backfill makes use of."""

from __future__ import annotations

from collections import Counter

from tests.bench.contestants import Allowed, ours, portal_of
from tests.bench.report import Table

ITEMS = 3_000
SHARE = 0.9
STEP_SECONDS = 10


def measure() -> Table:
    """Return what left in every ten seconds of one backfill."""
    allowed = Allowed()
    with portal_of(allowed, items=ITEMS) as portal:
        used = ours(portal, dry=False)
    seconds = portal.requests[-1][0]
    table = Table(
        f"{used.read} items, {used.corrected} corrected, with the cloud's limits: {len(portal.requests)} requests in"
        f" {seconds:.0f} s, {len(portal.requests) / seconds:.2f}/s of {allowed.per_second * SHARE:.1f}/s",
        ("seconds", "requests", "of them reading", "items written", "commands per writing request"),
    )
    steps = range(int(seconds) // STEP_SECONDS + 1)
    for step in steps:
        within = [commands for at, commands in portal.requests if int(at) // STEP_SECONDS == step]
        kinds = Counter(_kind(commands) for commands in within)
        pairs = sum(commands.get("crm.item.update", 0) for commands in within)
        per_request = f"{2 * pairs / kinds['writing']:.0f}" if kinds["writing"] else ""
        table.add(
            f"{step * STEP_SECONDS}-{(step + 1) * STEP_SECONDS}",
            len(within),
            kinds["reading"],
            pairs,
            per_request,
        )
    return table


def _kind(commands: dict[str, int]) -> str:
    return "writing" if "crm.item.update" in commands else "reading"
