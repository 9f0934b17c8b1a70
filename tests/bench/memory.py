"""Peak memory against the size of the portal: it must not grow with it."""

from __future__ import annotations

from tests.bench.contestants import FREELY, ours, portal_of, script
from tests.bench.report import Table
from tests.bench.side_by_side import CONTACTS

SIZES = (2_000, 20_000, 60_000)
MADE = (100_000, 300_000, 1_000_000)
WRONG = 0.1


def measure() -> Table:
    """Return the peak resident memory of a whole backfill, and of the script's."""
    table = Table("Peak memory in MiB", ("items in the portal", *map(str, SIZES)))
    for name, contestant in (("b24syncd", ours), ("plain script", script)):
        peaks = []
        for size in SIZES:
            with portal_of(FREELY, items=size) as portal:
                peaks.append(f"{contestant(portal, dry=False).peak_mib:.0f}")
        table.add(name, *peaks)
    return table


def of_made_items() -> Table:
    """Return the peak resident memory of backfills over items that the portal makes as they are read."""
    table = Table(
        "Backfills over contacts that are made as they are read, a tenth of them messy",
        ("contacts", "corrected", "peak MiB", "CPU s", "seconds"),
    )
    for size in MADE:
        with portal_of(FREELY, as_read=size, wrong=WRONG) as portal:
            used = ours(portal, dry=False, rules=CONTACTS)
        seconds = (f"{used.cpu_seconds:.0f}", f"{used.wall_seconds:.0f}")
        table.add(f"{used.read:,}", used.corrected, f"{used.peak_mib:.0f}", *seconds)
    return table
