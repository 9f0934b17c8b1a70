"""Additions: an item is added once, whatever becomes of the answer.

The intent is in the journal before the request leaves. Where the answer is lost, reading tells by what the item
carries: found, it was added; not found once the portal must have cut the request, it was not. Nothing is sent again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from b24syncd.domain.additions import AddEnding, AddFate
from b24syncd.errors import OutcomeUnknown, Rejected, RetryLater
from b24syncd.observe.logs import get_logger
from b24syncd.portal.cards.creating import add_command, added_in, find_command, found_in, mark_of
from b24syncd.portal.pace.waits import WaitCause
from b24syncd.portal.wire.commands import Answered, Priority, Refused
from b24syncd.portal.wire.faults import raise_if_undocumented
from b24syncd.portal.wire.transport_faults import ConnectorRefused, NotAPortal, NotSent, TokenExpired
from b24syncd.store import additions, runs
from b24syncd.store.journal import Outcome
from b24syncd.store.runs import Count

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import sqlite_utils

    from b24syncd.domain.additions import Addition, Mark
    from b24syncd.domain.entities import EntityRef, EntityType
    from b24syncd.portal.cards.fields import CardField
    from b24syncd.portal.cards.references import References
    from b24syncd.portal.client import PortalClient
    from b24syncd.store.additions import Added

    from .backfill import Backfill
    from .context import WholeRun

log = get_logger()

_MADE = {Outcome.DONE: AddFate.ADDED, Outcome.UNVERIFIED: AddFate.UNVERIFIED}
_NOT_MADE = {Outcome.REFUSED: AddFate.REFUSED, Outcome.NOT_SENT: AddFate.NOT_ADDED}
_UNTOLD = (
    "the answer was lost, and items of this type carry nothing by which reading could tell: look in the portal whether"
    " it is there before you add it again"
)
_UNTOLD_YET = "the answer was lost; the next work of this program tells whether it was added"
_NEVER = "the answer was lost; the portal has none, so that adding it again does no harm"


@dataclass(slots=True)
class Add:
    """Adds one item; in the end `ending` tells what became of it."""

    addition: Addition
    fields: Mapping[str, CardField]
    mark: Mark | None
    ending: AddEnding = field(default=AddEnding(AddFate.NOT_ADDED))

    async def add(self, walk: Backfill) -> None:
        """Send it, unless its form was sent before and may have added it; then read what became of that."""
        async with walk.run.in_flight.adding(self.addition.token):
            await self._add(walk)

    async def _add(self, walk: Backfill) -> None:
        run, token = walk.run, self.addition.token
        before = await run.database.read(lambda db: additions.of_token(db, token))
        if before is None or self._may_go_again(before.outcome):
            await self._send(walk)
        known = await run.database.read(lambda db: additions.of_token(db, token))
        if known is not None and known.outcome is Outcome.INTENT and self.mark is not None:
            known = await self._judged(walk, known)
        if known is not None:
            self.ending = self._told(known)

    def _may_go_again(self, outcome: Outcome) -> bool:
        """Tell whether reading has shown that nothing was added; what was refused a person has mended meanwhile."""
        return outcome is Outcome.NOT_SENT or (outcome is Outcome.REFUSED and self.mark is not None)

    async def _send(self, walk: Backfill, *, once_more: bool = True) -> None:
        run, item = walk.run, self.addition.correction
        command = add_command(self.addition, self.fields, self.mark)

        async def journal() -> None:
            now, sent_at = run.clock.now(), run.client.server_now()
            await run.database.write(lambda db: additions.insert(db, run.run_id, item, now=now, sent_at=sent_at))

        try:
            outcome = await run.client.write_once(command, priority=Priority.LIVE, before_send=journal)
        except (NotSent, NotAPortal) as error:
            self.ending = AddEnding(AddFate.NOT_ADDED, detail=str(error))
            await self._settle(walk, Outcome.NOT_SENT, detail=str(error))
            if once_more and isinstance(error, TokenExpired | ConnectorRefused):  # whose next request is another
                await self._send(walk, once_more=False)
            return
        except OutcomeUnknown as error:
            log.warning("answer_lost", reason=str(error), items=1)
            return
        if isinstance(outcome, Answered):
            ref = added_in(outcome, self.addition.type)
            if ref is not None:
                await self._settle(walk, Outcome.DONE, ref)
        elif isinstance(outcome, Refused):  # it may come after the effect: an event handler, an automation rule
            ref = await self._look(walk) if self.mark is not None else None
            found = Outcome.REFUSED if ref is None else Outcome.UNVERIFIED
            await self._settle(walk, found, ref, detail=str(outcome.rejected))
        else:
            await self._settle(walk, Outcome.NOT_SENT, detail="put off")

    async def _look(self, walk: Backfill) -> EntityRef | None:
        if self.mark is None:
            return None
        return await look_for(walk.run.client, self.addition.type, self.mark, self.addition.token)

    async def _judged(self, walk: Backfill, known: Added) -> Added:
        """Return what became of a lost answer: at once where it shows, else when the request must be over."""
        run = walk.run
        while not walk.is_stopping:
            rest = run.seconds_until_cut(known.sent_at)  # before reading
            ref = await self._look(walk)
            if ref is not None or rest <= 0:
                outcome = Outcome.NOT_SENT if ref is None else Outcome.UNVERIFIED
                await self._settle(walk, outcome, ref, detail=_NEVER if ref is None else None)
                break
            with run.client.waits.on(WaitCause.LOST_ANSWERS, "lost answers, to be judged", seconds=rest):
                await run.clock.sleep(min(rest, 1.0))
        return await run.database.read(lambda db: additions.of_token(db, known.item.token)) or known

    async def _settle(
        self, walk: Backfill, outcome: Outcome, ref: EntityRef | None = None, *, detail: str | None = None
    ) -> None:
        run, now, token = walk.run, walk.run.clock.now(), self.addition.token
        counts = {Count.CORRECTIONS.value: 1, Count.CORRECTED.value: 1} if outcome in _MADE else {}

        def settle(db: sqlite_utils.Database) -> None:
            item_id = 0 if ref is None else ref.id
            additions.settle(db, token, outcome, item_id=item_id, detail=detail, now=now)
            runs.add_counts(db, run.run_id, counts)

        await run.database.write(settle)
        run.tally.take_in(counts)
        if ref is not None:
            log.info("item_added", ref=str(ref), outcome=outcome.value)

    def _told(self, known: Added) -> AddEnding:
        detail = known.detail or ""
        if known.outcome in _MADE:
            return AddEnding(_MADE[known.outcome], known.item.ref, detail)
        if known.outcome in _NOT_MADE:
            return AddEnding(_NOT_MADE[known.outcome], None, detail)
        return AddEnding(AddFate.UNKNOWN, None, _UNTOLD if self.mark is None else _UNTOLD_YET)


async def judge_open(run: WholeRun, references: References) -> None:
    """Judge the additions that earlier processes left open, as far as reading tells now; others stay open."""
    for one in await run.database.read(additions.open_ones):
        token, kind = one.item.token, one.item.ref.type
        if run.seconds_until_cut(one.sent_at) > 0:
            continue
        try:
            mark = mark_of(await references.fields(kind))
            ref = None if mark is None else await look_for(run.client, kind, mark, token)
        except (Rejected, RetryLater):
            continue
        if mark is not None:
            await run.database.write(partial(_settle_left, token=token, ref=ref, now=run.clock.now()))
            log.info("judged", outcome=(Outcome.NOT_SENT if ref is None else Outcome.UNVERIFIED).value, items=1)


def _settle_left(db: sqlite_utils.Database, *, token: str, ref: EntityRef | None, now: datetime) -> None:
    outcome, item_id = (Outcome.NOT_SENT, 0) if ref is None else (Outcome.UNVERIFIED, ref.id)
    additions.settle(db, token, outcome, item_id=item_id, detail=_NEVER if ref is None else None, now=now)


async def look_for(client: PortalClient, entity_type: EntityType, mark: Mark, token: str) -> EntityRef | None:
    """Return the item that was added under a token, None where there is none; raise `RetryLater` where none tells."""
    (outcome,) = await client.read([find_command(entity_type, mark, token)], priority=Priority.LIVE)
    if isinstance(outcome, Refused):
        raise_if_undocumented(outcome.rejected)
        raise RetryLater(str(outcome.rejected))
    return found_in(outcome, entity_type)
