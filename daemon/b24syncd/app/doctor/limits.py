"""What the state knows of the portal's limits: what methods cost, what of them is spent, who else draws on them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from b24syncd.domain.conditions import ConditionKind, cure_of
from b24syncd.errors import RetryLater, StateUnusable
from b24syncd.memory import BorrowedMemory
from b24syncd.portal.pace.learnt_limit import limit_of
from b24syncd.portal.pace.share import share_at
from b24syncd.reports.doctor import ok, skipped, warning
from b24syncd.reports.wording import counted
from b24syncd.session import limits_of
from b24syncd.store import conditions
from b24syncd.store.reading import open_for_reading

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from b24syncd.portal.pace.limits import LimitsState
    from b24syncd.reports.doctor import Finding
    from b24syncd.settings.schema import Limits
    from b24syncd.store.conditions import OnRecord

    from .case import Case

_DEAREST = 3


async def limits(case: Case) -> AsyncIterator[Finding]:
    """Tell what was learnt of the operating time."""
    learnt = await BorrowedMemory(case.settings.state.path).load()
    now = case.clock.now().timestamp()
    if case.asked is not None and case.asked.knows_time:
        now = case.client.server_now()
    for finding in judged(learnt, case.settings.limits, now):
        yield finding


def judged(learnt: LimitsState, allowed: Limits, now: float) -> Iterator[Finding]:
    """Judge what was learnt at a time of the portal's clock."""
    if not learnt.costs and not learnt.operating:
        yield skipped("nothing was learnt of this portal's limits yet")
        return
    share = share_at(now + (learnt.utc_offset or 0.0), limits_of(allowed))
    for method, (spent, resets_at) in sorted(learnt.operating.items()):
        limit = limit_of(learnt.operating_limits, method, allowed.operating_seconds)
        if spent >= limit * share and resets_at > now:
            told = f"{method} has spent {spent:.0f} s of its {limit:.0f} s of operating time"
            cure = f"wait until {datetime.fromtimestamp(resets_at, UTC):%H:%M} (UTC), when some of it comes back"
            yield warning(told, f"{cure}; let other programs with this webhook do less")
    lower = {method: one for method, one in learnt.operating_limits.items() if one[0] < allowed.operating_seconds}
    for method, (limit, learnt_at) in sorted(lower.items()):
        told = f"the portal allows {limit:.0f} s of {method}, not {allowed.operating_seconds:g} s, as it refused more"
        since = datetime.fromtimestamp(learnt_at, UTC)
        yield warning(f"{told} on {since:%Y-%m-%d}", "set limits.operating_seconds to what the portal allows")
    dearest = sorted(learnt.costs.items(), key=lambda cost: -cost[1])[:_DEAREST]
    costs = ", ".join(f"{method} {round(seconds, 4):g} s" for method, seconds in dearest)
    methods = counted(len(learnt.operating), "method")
    yield ok(f"learnt: {costs or 'no costs'}; {methods} with operating time on record")


async def address(case: Case) -> AsyncIterator[Finding]:
    """Tell whether other programs on this address drew on the request limit, as far as a daemon met that."""
    if not case.settings.state.path.exists():
        yield skipped("nothing has run yet")
        return
    try:
        with open_for_reading(case.settings.state.path) as db:
            last = conditions.last_of(db, {ConditionKind.FOREIGN_REQUESTS})
    except (StateUnusable, RetryLater) as error:
        yield skipped(str(error))
        return
    yield judged_address(last)


def judged_address(last: OnRecord | None) -> Finding:
    """Judge by the last time that the portal refused a request although ours were within the limit."""
    if last is None:
        return ok("no request of ours was refused because of others, as far as is on record")
    since = f"{last.condition.since:%Y-%m-%d %H:%M}"
    if last.over_at is None:
        return warning(f"since {since} (UTC): {last.condition.detail}", cure_of(last.condition))
    return ok(f"none now; {since} to {last.over_at:%Y-%m-%d %H:%M} (UTC): {last.condition.detail}")
