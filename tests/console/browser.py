"""The browser that looks at the console: Debian's chromium, on a network where nothing else is asked for."""

from __future__ import annotations

import os
import shutil
from typing import Final

CHROMIUM: Final = os.environ.get("CHROMIUM") or shutil.which("chromium")

ARGUMENTS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
