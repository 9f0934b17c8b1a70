"""`make bench`: what b24syncd costs, beside a plain script and the portal's own limits; writes no file."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from tests.bench import activities, binding, cost, lists, memory, operating, pace, reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.bench.report import Table


def main() -> None:
    """Measure what is asked for, everything by default."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument(
        "parts",
        nargs="*",
        metavar="PART",
        help="cost, memory, binding, operating, pace, activities, reading, lists; all by default",
    )
    parser.add_argument("--rounds", type=int, default=3, help="how often costs are measured (default: 3)")
    arguments = parser.parse_args()
    parts: dict[str, Callable[[], Iterable[Table]]] = {
        "cost": lambda: cost.measure(arguments.rounds),
        "memory": lambda: [memory.measure()],
        "binding": lambda: [binding.measure()],
        "operating": lambda: [operating.measure()],
        "pace": lambda: [pace.measure()],
        "activities": lambda: activities.measure(arguments.rounds),
        "reading": reading.measure,
        "lists": lists.measure,
    }
    for name in arguments.parts or parts:
        if name not in parts:
            parser.error(f"there is no part {name!r}; there are {', '.join(parts)}")
        for table in parts[name]():
            table.show()


if __name__ == "__main__":
    main()
