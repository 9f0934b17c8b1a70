"""How the portal's lists understand times, probed by items of it, and the zone of the user that we work as."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.domain.entities import EntityType
from b24syncd.domain.job_names import PAYMENT_DATES
from b24syncd.errors import ExitCode, Rejected
from b24syncd.portal.dates.filters import DateFilters, TooRestless, Unfiltered
from b24syncd.reports.doctor import failure, ok, skipped, warning

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from b24syncd.portal.dates.marks import DateMark
    from b24syncd.reports.doctor import Finding

    from .case import Case


async def dates(case: Case) -> AsyncIterator[Finding]:
    """Probe one list of items, and that of activities where a job looks at them: each is filtered by code of its own.

    What is known of them is forgotten before, as nothing of it is kept anyway, so that all is measured anew.
    """
    known = dict(case.client.date_marks)
    case.client.date_marks.clear()
    filters = DateFilters(case.client, case.vocabulary)
    met = {kind: highest for kind, highest in case.types.items() if not isinstance(highest, Rejected)}
    items = [kind for kind in sorted(met, key=lambda kind: -met[kind]) if kind is not EntityType.ACTIVITY]
    needs_zone = PAYMENT_DATES in case.settings.enabled
    for kind in (*items[:1], *(kind for kind in met if kind is EntityType.ACTIVITY)):
        yield await _probed(filters, kind, needs_zone=needs_zone)
    if not met:
        yield skipped("no type of items can be read")
    case.client.date_marks.update({**known, **case.client.date_marks})


async def _probed(filters: DateFilters, kind: EntityType, *, needs_zone: bool) -> Finding:
    try:
        mark = await filters.mark(kind)
    except Unfiltered as error:
        return failure(f"{kind.value}: {error}", "bring the portal up to date", ExitCode.UNAVAILABLE)
    except TooRestless as error:
        return skipped(f"{kind.value}: {error}")
    return judged(kind.value, mark, needs_zone=needs_zone)


def judged(name: str, mark: DateMark | None, *, needs_zone: bool) -> Finding:
    """Judge what was measured of a list; its shift is reckoned with in any case."""
    if mark is None:
        return skipped(f"there is no {name} by which the portal's filters could be probed")
    zone = f", its user lives in {mark.user_zone}" if mark.user_zone else ""
    portal = f"the portal's clock is {mark.utc_offset / 3600:+g} h from UTC{zone}"
    if not mark.shift:
        return ok(f"{name}: filters take times as they are meant; {portal}")
    told = f"{name}: filters are off by {mark.shift / 3600:g} h, which is reckoned with; {portal}"
    if needs_zone and not mark.user_zone:
        cure = "name the zone in the profile of the user that b24syncd works as, so that days of payments are right"
        return warning(told, cure)
    return ok(told)
