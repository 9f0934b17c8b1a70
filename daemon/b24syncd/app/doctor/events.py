"""Whether changes can come by the portal's events, where they are to; nothing is bound and nothing taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.errors import RetryLater, StateUnusable
from b24syncd.feeders.events import EventFeeds
from b24syncd.portal.offline_events import standing
from b24syncd.portal.wire.commands import Priority
from b24syncd.reports.doctor import ok, skipped, warning
from b24syncd.store import event_queue
from b24syncd.store.reading import open_for_reading

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection
    from pathlib import Path

    from b24syncd.portal.offline_events import Standing
    from b24syncd.reports.doctor import Finding

    from .case import Case


async def events(case: Case) -> AsyncIterator[Finding]:
    """Ask whether the portal would tell events to who asks now, and which are bound for this state."""
    connector = _connector(case.settings.state.path)
    if case.settings.changes.source == "polling":
        yield _unused(connector)
        return
    wanted = EventFeeds.of(feed for kind in case.kinds for feed in kind.feeds).events
    yield judged(await standing(case.client, priority=Priority.LIVE), connector, wanted)


def judged(found: Standing, connector: str | None, wanted: Collection[str]) -> Finding:
    """Judge by what the portal tells, and the connector with which this state has bound events, if it has."""
    if found.lack is not None:
        cure = 'give the application what it lacks, or set changes.source = "polling"; until then changes are polled'
        return warning(f"no events are told: {found.lack}", cure)
    if connector is None:
        return ok(f"they can be used; the service binds {len(wanted)} of them when it starts")
    missing = set(wanted) - found.of(connector)
    if missing:
        return ok(f"they can be used; {len(missing)} of {len(wanted)} are still to be bound, which the service does")
    return ok(f"all {len(wanted)} are bound, for the connector {connector}")


def _unused(connector: str | None) -> Finding:
    if connector is None:
        return skipped('changes are polled (changes.source = "polling")')
    return warning(
        "changes are polled, and the portal still keeps events for this state", "start the service, which unbinds them"
    )


def _connector(path: Path) -> str | None:
    """Return the connector with which the state has bound events; None where it has none, or cannot be read."""
    try:
        with open_for_reading(path) as db:
            return event_queue.bound_connector(db)
    except (StateUnusable, RetryLater):
        return None
