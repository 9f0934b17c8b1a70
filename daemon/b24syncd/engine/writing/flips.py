"""Flips: two programs that change a value back and forth would do so for ever; the item is set aside for a person."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from b24syncd.domain.descriptions import describe
from b24syncd.domain.holds import Hold
from b24syncd.domain.reasons import Reason
from b24syncd.observe.logs import get_logger, some_of
from b24syncd.store import holds
from b24syncd.store.flips import flips_among

if TYPE_CHECKING:
    from collections.abc import Sequence

    import sqlite_utils

    from b24syncd.domain.entities import EntityRef
    from b24syncd.engine.context import RunContext
    from b24syncd.engine.updates import Update
    from b24syncd.store.flips import Flip

_WITHIN = timedelta(days=30)
"""Long enough for a program that runs nightly or weekly, short enough for a person who mistypes a number every year."""

log = get_logger()


class Flips:
    """Sets aside what was corrected in the same way `safety.flips` times before, and was changed back each time."""

    def __init__(self, run: RunContext) -> None:
        """Look into the journal of `run`'s state."""
        self._run = run

    async def set_aside(self, updates: Sequence[Update]) -> frozenset[EntityRef]:
        """Hold those updates that alternate, so that planning asks a person; return which they are."""
        times = self._run.safety.flips
        if not updates or not times:
            return frozenset()
        now = self._run.clock.now()
        planned = {update.ref: update.corrections for update in updates}

        def look(db: sqlite_utils.Database) -> dict[EntityRef, Flip]:
            return flips_among(db, planned, times=times, since=now - _WITHIN)

        found = [self._hold(flip) for flip in (await self._run.database.read(look)).values()]
        if found:
            await self._run.database.write(lambda db: holds.hold(db, found, now=now))
        for hold in found:
            self._run.kind.planner.hold(hold)
        for job in dict.fromkeys(hold.job for hold in found):
            refs = [hold.ref for hold in found if hold.job == job]
            log.warning("set_aside", job=job, reason=Reason.ALTERNATES.value, **some_of(refs))
        return frozenset(hold.ref for hold in found)

    def _hold(self, flip: Flip) -> Hold:
        correction = flip.correction
        both = describe(correction).between("⇄")
        told = f"{both}: corrected {flip.times} times since {flip.since:%Y-%m-%d %H:%M} UTC"
        return Hold(correction.ref, correction.job, self._run.run_id, Reason.ALTERNATES, told)
