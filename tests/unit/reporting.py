"""What tests of reports tell of: a correction of each kind, reviews, and a state that holds some of everything."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from b24syncd.domain.bindings import Binding
from b24syncd.domain.corrections import (
    AddBinding,
    AddPoint,
    ChangePoint,
    DeletePoint,
    MoveBinding,
    RemoveBinding,
    SetField,
    SetTaskLinks,
)
from b24syncd.domain.decisions import Decision, Kept, LeftOpen
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.plans import Review
from b24syncd.domain.reasons import Reason
from b24syncd.domain.snapshots import ItemState, PointKind
from b24syncd.domain.undoing import NotUndone, Why
from b24syncd.store import approvals, cursors, journal, limits, meta, queue, reviews, runs
from b24syncd.store.journal import Intent, Outcome
from b24syncd.store.runs import RunKind, RunState

if TYPE_CHECKING:
    import sqlite_utils

    from b24syncd.domain.corrections import Correction

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CONTACT = EntityRef(EntityType.CONTACT, 42)
LEAD = EntityRef(EntityType.LEAD, 7)
DEAL = EntityRef(EntityType.DEAL, 5)
CALL = EntityRef(EntityType.ACTIVITY, 900)
ONE, TWO = Binding(1, 7), Binding(2, 8)

CORRECTIONS: tuple[Correction, ...] = (
    ChangePoint(CONTACT, "phones", PointKind.PHONE, 5, "WORK", "8 (916) 234-56-78", "+79162345678"),
    DeletePoint(CONTACT, "phones", PointKind.PHONE, 6, "HOME", "=1+1\n\u202eд"),
    AddPoint(CONTACT, "emails", PointKind.EMAIL, "WORK", "a@b.ru"),
    MoveBinding(CALL, "bindings", ONE, TWO),
    AddBinding(CALL, "bindings", TWO),
    RemoveBinding(CALL, "bindings", ONE),
    SetTaskLinks(CALL, "bindings", 77, ("L_7", "own"), ("D_8", "own")),
    SetField(DEAL, "payment_dates", "ufCrmPaid", None, "2026-03-10"),
    SetField(DEAL, "payment_dates", "ufCrmPaid", "2026-01-10", "2026-03-10"),
    SetField(DEAL, "payment_dates", "ufCrmPaid", "2026-01-10", None),
)
REVIEWS = (
    Review(LEAD, "phones", 9, "call Ivan\t", Reason.NOT_A_PHONE),
    Review(LEAD, "phones", 10, "+8 (495) 123-45-67", Reason.NOT_A_PHONE, "+74951234567"),
    Review(LEAD, "phones", 11, "1-800 no", Reason.NOT_A_PHONE),
    Review(CALL, "bindings", 0, "move from lead:7 to deal:8: ACCESS_DENIED: no", Reason.REFUSED),
    Review(DEAL, "payment_dates", 0, "", Reason.ENTERED_BY_HAND, "2026-03-10"),
)
_WHY = [why for why in Why if why is not Why.ADDED_ITEM]
LEFT = tuple(NotUndone(correction, why) for correction, why in zip(CORRECTIONS, [*_WHY, *_WHY], strict=False))
LEFT_OPEN = tuple(
    LeftOpen(Decision(number, LEAD, "phones", number % 3, "8 916", f"+7{number}"), why)
    for number, why in enumerate(Kept, 1)
)


def fill(db: sqlite_utils.Database) -> None:
    """Let runs of several kinds have been, each correction in one outcome or another."""
    meta.bind_portal(db, "acme.bitrix24.ru")
    first = runs.start_run(db, runs.NewRun(kind=RunKind.BACKFILL, jobs=["phones", "emails"], fingerprint="f", now=NOW))
    for number, correction in enumerate(CORRECTIONS):
        outcome = list(Outcome)[number % len(Outcome)]
        moment = NOW + timedelta(milliseconds=1501 * number)
        intent = Intent(correction.ref, ItemState(()), (correction,))
        journal.insert_intents(db, journal.Batch(first, f"b{number}", sent_at=1.0), [intent], now=moment)
        if outcome is not Outcome.INTENT:
            journal.settle(db, f"b{number}", correction.ref, outcome, now=moment)
    counts = {"read": 100, "corrected": 3, "corrections": 10, "reviews": 0}
    runs.finish_run(db, first, state=RunState.INTERRUPTED, counts=counts, now=NOW + timedelta(seconds=30.5))
    approvals.note_end(
        db, "f", first, approvals.Stop(first, "safety.canary = 2: the first corrections\x1b[2J were made")
    )
    undo = runs.start_run(db, runs.NewRun(kind=RunKind.UNDO, jobs=[], fingerprint="", now=NOW + timedelta(minutes=1)))
    runs.finish_run(db, undo, state=RunState.DONE, counts={"read": 1}, now=NOW + timedelta(minutes=2))
    runs.start_run(
        db, runs.NewRun(kind=RunKind.RUN, jobs=["bindings"], fingerprint="g", now=NOW + timedelta(minutes=3))
    )
    cursors.put(db, "backfill/contact", {"id": 42}, now=NOW)
    cursors.put(db, "poll/contact", {"since": 1_700_000_000.5}, now=NOW)
    sweep: dict[str, object] = {"after_id": 7, "finished": True, "began": 1_700_000_000.25, "highest_id": 9}
    cursors.put(db, "sweep/deal", sweep, now=NOW)
    queue.add(db, [LEAD], "unknown outcome", due_at=NOW + timedelta(minutes=1))
    queue.give_up(db, CONTACT, "refused", "ACCESS_DENIED: no", now=NOW)
    for ref in (LEAD, CALL, DEAL):
        own = [review for review in REVIEWS if review.ref == ref]
        reviews.replace_for_item(db, ref, [own[0].job], own, now=NOW)
    reviews.dismiss(db, 3, now=NOW)
    costs = {"crm.item.list": 0.25, "crm.item.get": 0.123456}
    operating = {"crm.item.update": [2.56789, 1700000000], "crm.item.list": [1, 1700000000.9]}
    limits.save_limits(db, {"send_times": [1.5], "costs": costs, "operating": operating})
