"""Whether people write their phones in the region that is configured, by a sample of them."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from b24syncd.domain.rules import PhoneRules
from b24syncd.errors import ExitCode, Rejected, RetryLater, StateUnusable
from b24syncd.jobs.phones.written_regions import ENOUGH, certain_share, other_region, telling
from b24syncd.reports.doctor import failure, ok, skipped, warning
from b24syncd.store import portal_facts
from b24syncd.store.reading import open_for_reading

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from b24syncd.jobs.phones.written_regions import OtherRegion
    from b24syncd.reports.doctor import Finding

    from .case import Case

_MOST_ITEMS = 2000


async def region(case: Case) -> AsyncIterator[Finding]:
    """Read items until enough numbers were met that tell a region, and compare."""
    rules = next((rules for rules in case.settings.jobs.values() if isinstance(rules, PhoneRules)), None)
    if rules is None:
        yield skipped("the job phones is not enabled")
        return
    if not any(kind.phone_rules is not None for kind in case.kinds):
        yield skipped("the rules of phones could not be looked at")
        return
    met, items = await _sample(case, rules)
    if len(met) < ENOUGH:
        told = f"{items} items have {len(met)} numbers without a country code; {ENOUGH} are needed to tell"
        yield skipped(f"{told} a region")
        return
    values = tuple(met)
    found = await asyncio.to_thread(other_region, values, rules)
    share = 0 if found is not None else await asyncio.to_thread(certain_share, values, rules)
    yield judged(rules.region, share, found, lets_pass=_lets_pass(case, rules.region))


def judged(configured: str, share: int, found: OtherRegion | None, *, lets_pass: bool) -> Finding:
    """Judge the region; a person may have let it pass."""
    if found is None:
        return ok(f"of {ENOUGH} numbers without a country code {share} % are certain in {configured}")
    told = f"phones seem to be written in another region: {found}"
    if lets_pass:
        return warning(f"{told}; a person let it pass", f'set portal.region = "{found.other}", unless it is right')
    cure = f'set portal.region = "{found.other}", or go on with `b24syncd backfill --continue` if all is right'
    return failure(told, cure, ExitCode.SAFETY_STOP)


async def _sample(case: Case, rules: PhoneRules) -> tuple[dict[str, None], int]:
    """Return numbers that tell a region, and how many items were read for them."""
    met: dict[str, None] = {}
    items = 0
    of_phones = [kind for kind in case.kinds if kind.phone_rules is not None]
    for feed in (feed for kind in of_phones for feed in kind.feeds if feed.entity_type in rules.entities):
        if isinstance(case.types.get(feed.entity_type), Rejected):
            continue
        with suppress(Rejected):
            async for page in feed.scan(None):
                items += len(page.snapshots)
                met |= telling(page.snapshots, rules.region)
                if len(met) >= ENOUGH or items >= _MOST_ITEMS:
                    return met, items
    return met, items


def _lets_pass(case: Case, region: str) -> bool:
    try:
        with open_for_reading(case.settings.state.path) as db:
            return portal_facts.region_is_right(db, region)
    except (StateUnusable, RetryLater):
        return False
