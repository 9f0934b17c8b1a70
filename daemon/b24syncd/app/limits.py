"""The safety limits of a run, as its state and earlier runs leave them, and what is put on record when it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.domain.conditions import ENDINGS, STOPS, Condition, ConditionKind
from b24syncd.domain.rules import PhoneRules
from b24syncd.engine.canary import count_firsts, count_sent, note_firsts
from b24syncd.engine.endings import is_lifted, of_stop
from b24syncd.engine.safety import Allowance, Limit, Safety
from b24syncd.engine.tally import Tally
from b24syncd.jobs.phones.planner import NAME as PHONES
from b24syncd.store import approvals, conditions
from b24syncd.store.runs import RunKind

if TYPE_CHECKING:
    import sqlite_utils

    from b24syncd.session import Session
    from b24syncd.store.runs import Run

_WHOLE = frozenset({RunKind.BACKFILL, RunKind.RUN})
"""What looks at the whole portal; a part of it, or what a person asked for, tells nothing of the rest."""

_BY_RULES = _WHOLE | {RunKind.PARTIAL}

_WALK = "go on with `b24syncd backfill --continue`"
_GO_ON = {RunKind.BACKFILL: _WALK, RunKind.RUN: f"{_WALK}, or end this and begin again with `b24syncd run --continue`,"}


async def safety_of(session: Session, run: Run, *, goes_on: bool, seen: frozenset[Limit] = frozenset()) -> Safety:
    """Return the safety limits of a run; what a person approved once holds for all runs with the same rules.

    They approve what they have `seen`, or what stopped the last run with these rules, and everything where none was
    stopped. The first corrections of a state are approved once and for all.
    """
    stop = await session.database.read(lambda db: approvals.stop_of(db, run.fingerprint))
    limits = session.settings.safety
    canary, firsts = limits.canary, None
    if not limits.canary_is_set:
        firsts = session.firsts
        await count_firsts(session.database, firsts, canary)
        canary = canary if run.kind is not RunKind.REBIND else 0  # everything that is listed is to be moved
    if goes_on:
        stopped = {Limit(stop.limit)} if stop is not None and stop.limit else set()
        stopped |= {Limit.CANARY} if firsts is not None and firsts.is_used_up else set()
        lifted = set(seen) or stopped or set(Limit)
        if firsts is not None and Limit.CANARY in lifted:
            lifted.remove(Limit.CANARY)
            firsts.approved.add(Limit.CANARY)
            await note_firsts(session.database, firsts)
        await session.database.write(lambda db: approvals.approve(db, run.fingerprint, lifted))
    allowance = session.allowances.setdefault(run.fingerprint, Allowance())
    allowance.approved.update(
        map(Limit, await session.database.read(lambda db: approvals.approved(db, run.fingerprint)))
    )
    if canary and firsts is None:
        allowance.sent = max(allowance.sent, await count_sent(session.database, run.fingerprint, allowance.sent))
    safety = Safety(Tally(run.counts), canary, limits.max_changed_share, limits.flips, allowance, firsts)
    safety.go_on = _GO_ON.get(run.kind, safety.go_on) if firsts is not None else safety.go_on
    phones = session.settings.jobs.get(PHONES)
    safety.region = phones.region if isinstance(phones, PhoneRules) else ""
    safety.pauses = firsts is not None and run.kind is RunKind.RUN
    if stop is not None and stop.run_id == run.id:
        safety.stand_by(stop)
    return safety


async def note_end(
    session: Session, run: Run, safety: Safety, *, is_finished: bool = False, is_handed_over: bool = False
) -> None:
    """Put on record which safety limit ended a run, if one did, and how many corrections its canary has counted.

    What stopped earlier runs of its kind is over where it `is_finished`, and what ended earlier processes where it
    worked at all by rules; but where it `is_handed_over`, its daemon knows what of that stands.
    """
    stop = None
    if safety.reason is not None:
        most_changed = safety.most_changed if safety.limit is Limit.SHARE else None
        stop = approvals.Stop(run.id, safety.reason, safety.limit or "", most_changed)
    now, stopped = session.client.clock.now(), of_stop(run.kind, safety)
    met = () if stopped is None else (Condition(*stopped, now, str(safety.reason)),)

    def judges(one: Condition) -> bool:
        is_of_portal = one.kind is ConditionKind.WRONG_REGION or one.about == Limit.FIELD.value
        is_own = run.kind in _WHOLE if is_of_portal else one.about.startswith(f"{run.kind.value}/")
        has_worked = is_finished or (stopped is not None and run.kind is not RunKind.RUN)
        if one.kind in ENDINGS:
            return has_worked and not is_handed_over and (run.kind in _BY_RULES or not session.settings.enabled)
        return is_lifted(one, safety) or (is_finished and one.kind in STOPS and is_own)

    def note(db: sqlite_utils.Database) -> None:
        approvals.note_end(db, run.fingerprint, run.id, stop)
        conditions.note(db, met, judged=judges, now=now)

    await session.database.write(note)
    if safety.firsts is not None:
        await note_firsts(session.database, safety.firsts)
    elif safety.canary:
        await count_sent(session.database, run.fingerprint, safety.allowance.sent)
