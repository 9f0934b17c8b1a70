"""What it costs to start: CPU time of commands that only look, and how that depends on what they look at."""

from __future__ import annotations

import asyncio
from statistics import median
from typing import TYPE_CHECKING

from tests.bench.contestants import FREELY, Portal, measured_program, state_for
from tests.bench.lists import fill_journal, fill_reviews
from tests.bench.report import Table

from b24syncd.engine.region_hints import keep_region_hints
from b24syncd.settings.loading import load_settings
from b24syncd.store.database import open_for_writing

if TYPE_CHECKING:
    from pathlib import Path

    import sqlite_utils

SIZES = (100, 300_000)
COMMANDS = tuple(tuple(line.split()) for line in ("--help", "status", "journal --limit 20", "review list --limit 50"))
ROUNDS = 7


def measure() -> Table:
    """Return the CPU time of commands beside a small and a large state; the least of some, as it is what they take."""
    sizes = [f"of {size:,}: {word}" for size in SIZES for word in ("least", "median")]
    table = Table(f"CPU seconds of a command, of {ROUNDS}, beside so many corrections and reviews", ("", *sizes))
    found: dict[tuple[str, ...], list[str]] = {command: [] for command in COMMANDS}
    portal = Portal("http://127.0.0.1:9/rest/1/simulated1secret/", FREELY)
    for size in SIZES:
        with state_for(portal) as path:
            asyncio.run(_filled(path, size))
            for command in COMMANDS:
                seconds = [measured_program(path, *command) for _ in range(ROUNDS)]
                found[command] += [f"{min(seconds):.2f}", f"{median(seconds):.2f}"]
    for command, cells in found.items():
        table.add(f"`{' '.join(command)}`", *cells)
    return table


async def _filled(config: Path, size: int) -> None:
    """Make a state as a walk leaves it, which works out ahead what `status` tells of other regions."""
    settings = load_settings(config, {})

    def fill(db: sqlite_utils.Database) -> None:
        fill_reviews(db, size)
        fill_journal(db, size)

    async with open_for_writing(config.parent / "bench.db") as database:
        await database.write(fill)
        await keep_region_hints(database, settings.jobs)
