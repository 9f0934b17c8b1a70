"""`make bench`: b24syncd beside two plain scripts and the portal's own limits, and what it costs; writes no file."""

from __future__ import annotations

import argparse
import logging
from typing import TYPE_CHECKING

import structlog
from tests.bench import (
    activities,
    activities_pace,
    binding,
    both_families,
    changes,
    cost,
    fairness,
    lists,
    memory,
    operating,
    pace,
    reading,
    side_by_side,
    start,
    store,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.bench.report import Table

SHORT = ("side_by_side", "cost", "start", "store")


def main() -> None:
    """Measure what is asked for; else the short form, or all of it but what takes an hour."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help="which parts; by default a short form of the chief ones"
    )
    parser.add_argument("--long", action="store_true", help="all parts, in full")
    parser.add_argument("--rounds", type=int, help="how often costs are measured (default: 1, in full 3)")
    arguments = parser.parse_args()
    rounds = arguments.rounds or (3 if arguments.long else 1)
    small = cost.SIZES if arguments.long else cost.SHORT_SIZES
    parts: dict[str, Callable[[], Iterable[Table]]] = {
        "side_by_side": lambda: side_by_side.measure(in_full=arguments.long),
        "cost": lambda: cost.measure(rounds, small),
        "start": lambda: [start.measure()],
        "store": lambda: store.measure(in_full=arguments.long),
        "memory": lambda: [memory.measure()],
        "binding": lambda: [binding.measure()],
        "operating": lambda: [operating.measure()],
        "both_families": lambda: [both_families.measure()],
        "fairness": lambda: [fairness.measure()],
        "pace": pace.measure,
        "activities": lambda: activities.measure(rounds),
        "activities_pace": lambda: [activities_pace.measure()],
        "reading": reading.measure,
        "lists": lists.measure,
        "changes": changes.measure,
        "million": lambda: [memory.of_made_items()],
    }
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))  # only the tables
    everything = [name for name in parts if name != "million"]
    for name in arguments.parts or (everything if arguments.long else SHORT):
        if name not in parts:
            parser.error(f"there is no part {name!r}; there are {', '.join(parts)}")
        for table in parts[name]():
            table.show()


if __name__ == "__main__":
    main()
