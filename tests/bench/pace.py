"""The pace under the cloud's own limits, nothing scaled: how much of the allowed requests a backfill makes use of."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tests.bench.contestants import Allowed, ours, portal_of
from tests.bench.report import Table
from tests.bench.side_by_side import CONTACTS

if TYPE_CHECKING:
    from collections.abc import Iterator

ITEMS = 3_000
WRONG = 2_793 / ITEMS
SHARE = 0.9
STEP_SECONDS = 10


def measure() -> Iterator[Table]:
    """Yield what left in every ten seconds on the cloud, and on a portal of one's own that counts no operating time."""
    yield _of("with the cloud's limits", Allowed(), items=ITEMS)
    uncounted = Allowed(counts_operating=False)
    yield _of("with no operating time", uncounted, rules=CONTACTS, contacts=ITEMS, at_least=WRONG)


def _of(title: str, allowed: Allowed, *, rules: str = "", **made: float) -> Table:
    with portal_of(allowed, authority="", **made) as portal:
        used = ours(portal, dry=False, rules=rules)
        refused = portal.stats()["limit_errors"].get("QUERY_LIMIT_EXCEEDED", 0)
    seconds = portal.requests[-1][0]
    table = Table(
        f"{used.read} items, {used.corrected} corrected, {title}: {len(portal.requests)} requests in"
        f" {seconds:.1f} s, {len(portal.requests) / seconds:.2f}/s of {allowed.per_second * SHARE:.1f}/s,"
        f" {refused} refused",
        ("seconds", "requests", "of them reading", "items written", "commands per writing request"),
    )
    steps = range(int(seconds) // STEP_SECONDS + 1)
    for step in steps:
        within = [commands for at, commands in portal.requests if int(at) // STEP_SECONDS == step]
        kinds = Counter(_kind(commands) for commands in within)
        updates = sum(commands.get("crm.item.update", 0) for commands in within)
        written = sum(sum(commands.values()) for commands in within if _kind(commands) == "writing")
        per_request = f"{written / kinds['writing']:.0f}" if kinds["writing"] else ""
        table.add(
            f"{step * STEP_SECONDS}-{(step + 1) * STEP_SECONDS}",
            len(within),
            kinds["reading"],
            updates,
            per_request,
        )
    return table


def _kind(commands: dict[str, int]) -> str:
    return "writing" if "crm.item.update" in commands else "reading"
