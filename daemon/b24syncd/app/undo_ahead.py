"""What an undo would do, looked at in the portal for some cards beforehand; by the daemon's own client and limits."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from b24syncd.assembly import at_portal, undoing_of
from b24syncd.engine.progress import Progress
from b24syncd.engine.tally import Tally
from b24syncd.engine.undo import rehearse
from b24syncd.engine.undo_selection import UndoSelection, choose
from b24syncd.memory import remembered
from b24syncd.portal.wire.commands import Priority
from b24syncd.reports.manual_changes import UndoReport
from b24syncd.store import history, journal_search
from b24syncd.store.journal import Outcome

from .undo import edited_among, spoken

if TYPE_CHECKING:
    from collections.abc import Mapping

    import sqlite_utils

    from b24syncd.domain.entities import EntityRef
    from b24syncd.reports.findings import ManualFinding
    from b24syncd.session import Session
    from b24syncd.store.history import Filter

MADE: Final = frozenset({Outcome.DONE, Outcome.UNVERIFIED})
"""The outcomes of what was made, and can be taken back."""

_PAGE: Final = 200
_MOST_PAGES: Final = 20
"""Pages of the journal that are looked at for some cards."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Some cards that the journal tells of, and how many corrections; there may be `more` than were looked at."""

    refs: tuple[EntityRef, ...]
    corrections: int
    more: bool


@dataclass(frozen=True, slots=True)
class UndoAhead:
    """What an undo would do with the cards that were looked at: so many corrections, and what is left as it is.

    `people` are those of the console who had asked for what is taken back, with how many corrections each.
    """

    findings: tuple[ManualFinding, ...]
    left: int
    people: Mapping[str, int]


def chosen_of(db: sqlite_utils.Database, which: Filter, *, most: int) -> Chosen:
    """Return at most so many of the cards that were corrected last, as far as it takes no long looking."""
    refs: dict[EntityRef, None] = {}
    corrections = 0
    after = None
    if which.ids:
        made = [one.correction.ref for one in history.entries_with(db, which.ids) if one.outcome in MADE]
        found = tuple(dict.fromkeys(made))
        return Chosen(found[:most], len(made), more=len(found) > most)
    for _ in range(_MOST_PAGES):
        page = journal_search.page(db, which, after=after, limit=_PAGE)
        for entry in page.entries:
            if entry.outcome in MADE:
                if len(refs) == most and entry.correction.ref not in refs:
                    return Chosen(tuple(refs), corrections, more=True)
                refs[entry.correction.ref] = None
                corrections += 1
        after = page.goes_on
        if after is None:
            break
    return Chosen(tuple(refs), corrections, more=after is not None)


async def look_ahead(session: Session, which: Filter, refs: tuple[EntityRef, ...]) -> UndoAhead:
    """Read these cards in the portal, and return what an undo of this would do with them; write nothing."""
    settings, chosen = session.settings, await session.database.read(lambda db: _selected(db, which, refs))
    excluded = (await session.database.read(remembered)).excluded
    edits = await edited_among(session.references, chosen)
    settings = spoken(settings, chosen)
    portal = at_portal(settings, session.client, session.memory, session.judge)
    fitted, planner = await undoing_of(settings, portal, excluded, edits)
    planner.chosen = chosen
    report = UndoReport(host=settings.portal.host)
    report.learn(fitted.titles)
    await rehearse(fitted.kinds, planner, report.add, Progress(Tally()), priority=Priority.LIVE)
    return UndoAhead(tuple(report.findings), report.left, chosen.people)


def _selected(db: sqlite_utils.Database, which: Filter, refs: tuple[EntityRef, ...]) -> UndoSelection:
    """Return what is to be taken back of these cards alone."""
    found = [choose(db, replace(which, item=ref)) for ref in refs]
    people: Counter[str] = Counter()
    for one in found:
        people.update(one.people)
    return UndoSelection(
        made={ref: made for one in found for ref, made in one.made.items()},
        replaced={ref: gone for one in found for ref, gone in one.replaced.items()},
        releases={held: run_id for one in found for held, run_id in one.releases.items()},
        people=people,
    )
