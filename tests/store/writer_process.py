"""A process that holds the state given as argument, writes as many rows as each line of its input says, and answers."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from b24syncd.store import meta
from b24syncd.store.database import open_for_writing


async def main() -> None:
    async with open_for_writing(Path(sys.argv[1])) as database:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        for line in sys.stdin:
            for number in range(int(line)):
                await database.write(lambda db, n=number: meta.put(db, f"row {n}", "x" * 200))  # type: ignore[misc]
            sys.stdout.write("written\n")
            sys.stdout.flush()


asyncio.run(main())
