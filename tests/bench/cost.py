"""What an item costs in CPU time, ours beside the plain script's, and what travels for it."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from statistics import median
from typing import TYPE_CHECKING, Any

from tests.bench.contestants import FREELY, Used, ours, portal_of, script
from tests.bench.report import Table

if TYPE_CHECKING:
    from collections.abc import Callable

SIZES = 3_000, 15_000
SHORT_SIZES = 2_000, 8_000
PAGE, MOST_COMMANDS = 50, 50


@dataclass(frozen=True, slots=True)
class Round:
    """One contestant on one portal: a dry run, the whole, and the portal's counts of each."""

    dry: Used
    whole: Used
    dry_stats: dict[str, Any]
    stats: dict[str, Any]


def one_round(contestant: Callable[..., Used], items: int) -> Round:
    with portal_of(FREELY, items=items) as portal:
        dry = contestant(portal, dry=True)
        dry_stats = portal.stats()
        return Round(dry, contestant(portal, dry=False), dry_stats, portal.stats())


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds of CPU time, without start-up: differences between a small and a large portal."""

    per_read: float
    per_corrected: float
    start: float


def cost(small: Round, large: Round) -> Cost:
    per_read = (large.dry.cpu_seconds - small.dry.cpu_seconds) / (large.dry.read - small.dry.read)
    writing = [one.whole.cpu_seconds - one.dry.cpu_seconds for one in (small, large)]
    per_corrected = (writing[1] - writing[0]) / (large.whole.corrected - small.whole.corrected)
    return Cost(per_read * 1000, per_corrected * 1000, (small.dry.cpu_seconds - per_read * small.dry.read) * 1000)


def measure(rounds: int, sizes: tuple[int, int] = SIZES) -> tuple[Table, Table]:
    """Return the costs, and what travelled for the large portal."""
    names: dict[str, Callable[..., Used]] = {"b24syncd": ours, "plain script": script}
    costs: dict[str, list[Cost]] = {name: [] for name in names}
    large: dict[str, Round] = {}
    for _ in range(rounds):
        for name, contestant in names.items():
            small, large[name] = (one_round(contestant, size) for size in sizes)
            costs[name].append(cost(small, large[name]))
    table = Table(
        f"CPU time in ms, without start-up ({sizes[0]} to {sizes[1]} items, median of {rounds})",
        ("", "per item read and planned", "per item corrected", "both", "start-up"),
    )
    for name, found in costs.items():
        read = median(one.per_read for one in found)
        corrected = median(one.per_corrected for one in found)
        start = median(one.start for one in found)
        table.add(name, f"{read:.2f}", f"{corrected:.2f}", f"{read + corrected:.2f}", f"{start:.0f}")
    return table, traffic(large)


def traffic(large: dict[str, Round]) -> Table:
    """Return requests and commands beside the fewest that the portal's limits allow."""
    read, corrected = large["b24syncd"].whole.read, large["b24syncd"].whole.corrected
    pages, reading = ceil(read / PAGE), ceil(read / (PAGE * MOST_COMMANDS))
    table = Table(
        f"Requests and commands of the whole for {read} items, {corrected} of them to correct",
        ("", "requests of the dry run", "requests", "list", "get", "update"),
    )
    table.add("the fewest possible", reading, reading + ceil(corrected / MOST_COMMANDS), pages, 0, corrected)
    table.add("… with witnesses", reading, reading + ceil(2 * corrected / MOST_COMMANDS), pages, corrected, corrected)
    for name, found in large.items():
        requests = found.dry_stats["requests"]
        commands = {
            method: found.stats["commands"].get(method, 0) - found.dry_stats["commands"].get(method, 0)
            for method in ("crm.item.list", "crm.item.get", "crm.item.update")
        }
        table.add(name, requests, found.stats["requests"] - requests, *commands.values())
    return table
