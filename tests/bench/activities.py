"""What a rebound activity costs: CPU time, memory, and requests beside the fewest that the order of writing allows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import ceil
from statistics import median
from typing import TYPE_CHECKING, Any

from tests.bench.contestants import FREELY, Allowed, Used, ours, portal_of
from tests.bench.cost import MOST_COMMANDS, PAGE
from tests.bench.report import Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SMALL, LARGE = 200, 1_000
CLOUD = 300
RULES = """
[jobs.phones]
enabled = false
[jobs.emails]
enabled = false
[[jobs.bindings.rules]]
name = "converted leads"
from = "lead"
where = { stageId = "CONVERTED" }
to = "company"
"""


@dataclass(frozen=True, slots=True)
class Round:
    """A dry run and the whole on one portal, and the portal's counts of each."""

    leads: int
    dry: Used
    whole: Used
    dry_stats: dict[str, Any]
    stats: dict[str, Any]

    @property
    def requests(self) -> int:
        """How many requests the whole took."""
        return int(self.stats["requests"] - self.dry_stats["requests"])

    def commands(self, method: str) -> int:
        """Return how many commands of a method the whole took."""
        return int(self.stats["commands"].get(method, 0) - self.dry_stats["commands"].get(method, 0))

    def fewest(self) -> int:
        """Return how few requests would do."""
        methods = {**self.stats["commands"], **self.dry_stats["commands"]}
        return fewest(
            2 * ceil(self.leads / PAGE), self.whole.read, {name: self.commands(name) for name in methods}, self.refused
        )

    @property
    def refused(self) -> int:
        """How many activities the portal refused."""
        told = re.search(r"(\d+) \w+ refused by the portal", self.whole.output)
        return int(told[1]) if told else 0


def fewest(pages: int, activities: int, commands: Mapping[str, int], refused: int = 0) -> int:
    """Return how few requests would do: every page and all bindings once, a witness before every write, and proofs.

    What is refused ends its batch, and nobody knows beforehand what that will be: so many writes as a batch holds
    get through with the chance that none of them is refused.
    """
    bindings = sum(commands.get(f"crm.activity.binding.{name}", 0) for name in ("add", "delete", "move"))
    tasks = commands.get("tasks.task.update", 0)
    batches = (2 * bindings + 4 * tasks + commands.get("crm.item.get", 0)) / MOST_COMMANDS
    share = refused / (bindings + tasks)
    if refused:
        batches = refused / (1 - (1 - share) ** ((bindings + tasks) / batches))
    return ceil((pages + ceil(activities / PAGE) + activities) / MOST_COMMANDS + batches)


def one_round(leads: int, allowed: Allowed = FREELY) -> Round:
    with portal_of(allowed, converted=leads) as portal:
        dry = ours(portal, dry=True, rules=RULES)
        dry_stats = portal.stats()
        return Round(leads, dry, ours(portal, dry=False, rules=RULES), dry_stats, portal.stats())


def measure(rounds: int) -> Iterator[Table]:
    """Yield the costs, and then what travels: without limits, and at the cloud's pace."""
    pairs = [(one_round(SMALL), one_round(LARGE)) for _ in range(rounds)]
    table = Table(
        f"Activities: CPU time in ms, without start-up ({SMALL} to {LARGE} leads, median of {rounds})",
        ("per activity read and planned", "per activity rebound", "peak MiB, small", "peak MiB, large"),
    )
    table.add(
        f"{median(_per_read(*pair) for pair in pairs):.2f}",
        f"{median(_per_rebound(*pair) for pair in pairs):.2f}",
        *(f"{max(pair[size].whole.peak_mib for pair in pairs):.0f}" for size in (0, 1)),
    )
    yield table
    yield traffic({"without limits": pairs[-1][1], "at the cloud's pace": one_round(CLOUD, Allowed())})


def _per_read(small: Round, large: Round) -> float:
    return 1000 * (large.dry.cpu_seconds - small.dry.cpu_seconds) / (large.dry.read - small.dry.read)


def _per_rebound(small: Round, large: Round) -> float:
    writing = [one.whole.cpu_seconds - one.dry.cpu_seconds for one in (small, large)]
    return 1000 * (writing[1] - writing[0]) / (large.whole.corrected - small.whole.corrected)


def traffic(rounds: dict[str, Round]) -> Table:
    """Return requests and commands of whole walks, beside the fewest requests possible."""
    methods = ("list", "add", "delete")
    table = Table(
        "Activities: requests and commands of the whole",
        ("", "activities", "rebound", "requests", "fewest possible", "per 1,000 activities", *methods, "seconds"),
    )
    for name, one in rounds.items():
        per_thousand = f"{1000 * one.requests / one.whole.read:.0f}"
        commands = (one.commands(f"crm.activity.binding.{method}") for method in methods)
        table.add(
            name,
            one.whole.read,
            one.whole.corrected,
            one.requests,
            one.fewest(),
            per_thousand,
            *commands,
            f"{one.whole.wall_seconds:.0f}",
        )
    return table
