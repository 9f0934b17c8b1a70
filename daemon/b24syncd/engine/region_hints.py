"""Working out ahead with which regions more phones would be read, for whoever asks for the status of a state."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from b24syncd.domain.job_names import PHONES
from b24syncd.domain.rules import PhoneRules
from b24syncd.jobs.phones.other_regions import OtherRegions
from b24syncd.store import region_hints, reviews
from b24syncd.store.region_hints import RegionHints

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import sqlite_utils

    from b24syncd.domain.rules import Rules
    from b24syncd.store.database import Database


async def keep_region_hints(database: Database, jobs: Mapping[str, Rules]) -> None:
    """Work it out for the reviews that are open by now, unless these are as they were."""
    rules = jobs.get(PHONES)
    if not isinstance(rules, PhoneRules):
        return

    def found(db: sqlite_utils.Database) -> tuple[str, tuple[str, ...] | None]:
        mark = region_hints.mark_of(db, PHONES, rules)
        is_known = region_hints.remembered(db, mark) is not None
        return mark, None if is_known else tuple(reviews.open_values_of(db, PHONES))

    mark, values = await database.read(found)
    if values is None:
        return
    hints = await asyncio.to_thread(_worked_out, values, rules)
    await database.write(lambda db: region_hints.remember(db, mark, hints))


def _worked_out(values: Iterable[str], rules: PhoneRules) -> RegionHints:
    regions = OtherRegions(rules)
    for value in values:
        regions.add(value)
    return RegionHints(regions.named(), exact=regions.is_exact)
