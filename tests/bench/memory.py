"""Peak memory against the size of the portal: it must not grow with it."""

from __future__ import annotations

from tests.bench.contestants import FREELY, ours, portal_of, script
from tests.bench.report import Table

SIZES = (2_000, 20_000, 60_000)


def measure() -> Table:
    """Return the peak resident memory of a whole backfill, and of the script's."""
    table = Table("Peak memory in MiB", ("items in the portal", *map(str, SIZES)))
    for name, contestant in (("b24syncd", ours), ("plain script", script)):
        peaks = []
        for size in SIZES:
            with portal_of(size, FREELY) as portal:
                peaks.append(f"{contestant(portal, dry=False).peak_mib:.0f}")
        table.add(name, *peaks)
    return table
