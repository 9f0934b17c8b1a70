"""A process on a disk that has room for files of so many bytes only; it tells how its errand with the state ended.

With the errand `read-only` it is one of a user to whom the files do not belong, and only opens the state.
"""

from __future__ import annotations

import asyncio
import os
import resource
import sys
import tempfile
from pathlib import Path

from b24syncd.errors import B24SyncError
from b24syncd.store import meta
from b24syncd.store.backup import back_up
from b24syncd.store.database import open_for_writing

NOBODY = 65534


async def write(path: Path, rows: int) -> None:
    async with open_for_writing(path) as database:
        for number in range(rows):
            await database.write(lambda db, n=number: meta.put(db, f"more {n}", "y" * 500))  # type: ignore[misc]
            sys.stdout.write(f"{number}\n")


errand, path, target, size = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
if errand == "read-only" and os.geteuid() == 0:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(write(Path(folder) / "warm.db", 0))  # imports what is imported late, while it may
    os.setuid(NOBODY)
try:
    if errand == "backup":
        back_up(path, target)
    else:
        asyncio.run(write(path, 0 if errand == "read-only" else 10_000))
except B24SyncError as error:
    sys.stdout.write(f"{error.exit_code.value}\n{error}\n")
sys.stdout.flush()
os._exit(0)  # whatever wants to write at exit may no longer do so
