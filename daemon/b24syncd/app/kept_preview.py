"""A preview that a daemon makes beside all else, and keeps: what it found is browsed, and then carried out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from b24syncd.assembly import fit, portal_of
from b24syncd.domain.entities import EntityRef
from b24syncd.engine.preview import Preview
from b24syncd.engine.progress import Progress
from b24syncd.engine.tally import Tally
from b24syncd.errors import UsageInvalid
from b24syncd.memory import remembered
from b24syncd.reports.findings import findings_of, numbers_read
from b24syncd.reports.naming import Naming
from b24syncd.reports.preview import Findings, limits_ahead
from b24syncd.store import previews
from b24syncd.task_group import Tasks

from .backfill import Narrowed, chosen_for
from .effort import WritingAhead
from .requests import BackfillRequest
from .results import Previewed
from .runs import preview_run

if TYPE_CHECKING:
    import sqlite_utils

    from b24syncd.domain.plans import Plan
    from b24syncd.reports.summary import Summary
    from b24syncd.session import Session

    from .requests import PreviewRequest
    from .runs import Execution

_SAMPLE = 20
_EVERY_SECONDS = 1.0


class _Keeper:
    """Takes in plans as they come, and keeps what they find."""

    def __init__(self, session: Session, preview_id: int, naming: Naming) -> None:
        self._session = session
        self._preview_id = preview_id
        self._naming = naming
        self._next, self._unkept = 1, list[tuple[str, dict[str, Any]]]()
        self.findings = Findings(_SAMPLE)

    def add(self, plan: Plan) -> None:
        numbers = [*map(numbers_read, plan.corrections), *(() for _ in plan.reviews)]
        for finding, read in zip(findings_of(plan), numbers, strict=True):
            named = self._naming.named(finding)
            self.findings.add(named, read)
            self._unkept.append((f"{named.job}/{named.action}/{named.reason}", named.to_json()))

    async def keep(self) -> None:
        """Put into the state what has come since."""
        found, self._unkept = self._unkept, []
        first, self._next = self._next, self._next + len(found)
        if found:
            await self._session.database.write(lambda db: previews.add(db, self._preview_id, first, found))

    async def keep_going(self) -> None:
        while True:
            await self._session.client.clock.sleep(_EVERY_SECONDS)
            await self.keep()


async def preview_and_keep(session: Session, request: PreviewRequest, execution: Execution) -> Previewed:
    """Plan what a backfill would do, and keep it; nothing is written to the portal."""
    settings, database, clock = session.settings, session.database, session.client.clock
    narrowed = Narrowed(request.jobs, request.only, request.limit)
    chosen = chosen_for(settings, narrowed)
    jobs = await fit(settings, portal_of(session), chosen, await database.read(remembered), create=False)
    wanted = {"jobs": list(request.jobs), "only": list(map(str, request.only)), "limit": request.limit}
    now, by = clock.now(), request.by
    number = await database.write(lambda db: previews.begin(db, wanted, now=now, by=by))
    keeper = _Keeper(session, number, Naming(settings.portal.host, jobs.titles))
    ahead = WritingAhead(settings, keeper.add)
    walk = Preview(session.client, jobs.kinds, Progress(Tally()), ahead.add_plan)
    work = walk.walk_items(narrowed.only) if narrowed.only else walk.walk(limit=narrowed.limit)
    async with Tasks() as group:
        keeping = group.create_task(keeper.keep_going())
        try:
            summary = await preview_run(walk, work, execution.show, execution.stopping)
        finally:
            keeping.cancel()
    await keeper.keep()
    effort = await ahead.effort(session.memory)
    requests = session.client.requests_sent - execution.requests_before
    summary = replace(summary, resting=jobs.resting, effort=effort, requests=requests)
    report = {"summary": _told(summary), **keeper.findings.report(summary, _limits(session, summary)).to_json()}
    ended = clock.now()
    await database.write(lambda db: previews.end(db, number, report, now=ended))
    return Previewed(number, summary.interrupted)


def _limits(session: Session, summary: Summary) -> tuple[str, ...]:
    limits = session.settings.safety
    return tuple(limits_ahead(summary, canary=limits.canary, max_changed_share=limits.max_changed_share))


def _told(summary: Summary) -> dict[str, Any]:
    return {"interrupted": summary.interrupted, "counts": dict(summary.counts), "requests": summary.requests}


def carrying_out(db: sqlite_utils.Database, preview_id: int, by: str = "") -> BackfillRequest:
    """Return the request that does what a preview planned; raise `UsageInvalid` for one that is not kept."""
    kept = previews.get(db, preview_id)
    if kept is None or kept.ended_at is None:
        message = f"there is no preview {preview_id} that has ended"
        raise UsageInvalid(message)
    only = tuple(map(EntityRef.parse, kept.wanted["only"]))
    return BackfillRequest(jobs=tuple(kept.wanted["jobs"]), only=only, limit=kept.wanted["limit"], by=by)
