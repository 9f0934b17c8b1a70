"""What a state tells those who ask it, said so that releases can be compared: in lists of texts and numbers."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from b24syncd.domain.activities import Bound
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.values import Choice, shown
from b24syncd.engine.undo_selection import choose
from b24syncd.store import cursors, history, holds, journal, queue, reviews, runs
from b24syncd.store.accepted import IS_ACCEPTED
from b24syncd.store.flips import flips_among
from b24syncd.store.past import fields_of, pasts_of

if TYPE_CHECKING:
    import sqlite_utils

    from b24syncd.domain.corrections import Correction

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
_SELECT_REVIEWS = "SELECT id FROM reviews WHERE"
FIELDS = ("ufCrm_1721244707107", "ufCrm_1721244707108")


def told(correction: Correction) -> list[Any]:
    """Return a correction with all that two of them can be told apart by."""
    values = [_told(getattr(correction, name)) for name in type(correction).__slots__]
    return [type(correction).__name__, *values]


def _told(value: Any) -> str:  # noqa: ANN401 # of any kind
    """Return a value of a field as people read it, typed or not, and anything else as Python does."""
    return repr(shown(value) if isinstance(value, date | Decimal | Choice) else value)


def told_state(state: Any) -> list[Any]:  # noqa: ANN401 # of any kind
    """Return a state, whatever a release calls the state of an item."""
    if isinstance(state, Bound):
        return ["bound", repr(state)]
    points = state if isinstance(state, tuple) else getattr(state, "points", None)
    if points is not None:
        return ["points", *map(repr, points)]
    fields = state.fields if hasattr(state, "fields") else {state.name: state.value}
    return ["fields", *([name, shown(value)] for name, value in fields.items())]


def readings(db: sqlite_utils.Database) -> dict[str, Any]:
    """Return the answers to everything that is asked of a state."""
    entries = list(history.iterate(db))
    refs = sorted({entry.correction.ref for entry in entries}, key=str)
    by_ref = {ref: [entry.correction for entry in entries if entry.correction.ref == ref] for ref in refs}
    stored = list(reviews.each_review(db, all_states=True))
    chosen = {run.id: choose(db, history.Filter(run_id=run.id)) for run in runs.latest_runs(db, limit=99)}
    return {
        "journal": [
            [
                *(entry.id, entry.run_id, str(entry.at), entry.sent_at, entry.batch, entry.mends, entry.outcome.value),
                *(entry.detail, str(entry.settled_at)),
                told(entry.correction),
            ]
            for entry in entries
        ],
        "open": [
            [
                *(one.run_id, one.batch, one.mends, one.sent_at, str(one.intent.ref), told_state(one.intent.base)),
                *map(told, one.intent.corrections),
            ]
            for one in journal.open_intents(db)
        ],
        "undo": {
            str(run_id): [
                {str(ref): list(map(told, made)) for ref, made in one.made.items()},
                {str(ref): list(map(told, made)) for ref, made in one.replaced.items()},
                sorted(f"{ref} {job} {held}" for (ref, job), held in one.releases.items()),
            ]
            for run_id, one in chosen.items()
        },
        "refused": [
            [told(one), refusal.words, str(at)]
            for one, refusal, at in journal.refused_since(db, LONG_AGO, [*EntityType])
        ],
        "written": written(db, refs),
        "pasts": {
            str(ref): [sorted(map(str, past.bound)), sorted(map(str, past.left))]
            for ref, past in pasts_of(db, refs).items()
            if ref.type is EntityType.ACTIVITY
        },
        "flips": {
            str(ref): [told(flip.correction), flip.times, str(flip.since)]
            for ref, flip in flips_among(db, by_ref, times=2, since=LONG_AGO).items()
        },
        "holds": [[str(one.ref), one.job, one.run_id, one.reason.value, one.detail] for one in holds.standing(db)],
        "reviews": [
            [one.id, str(one.ref), one.job, one.point_id, one.value, one.reason, one.suggestion, one.state.value]
            for one in stored
        ],
        "accepted": [row[0] for row in db.execute(f"{_SELECT_REVIEWS} {IS_ACCEPTED}")],
        "runs": [
            [run.id, run.kind.value, *run.jobs, run.state.value, str(run.started_at), dict(run.counts)]
            for run in runs.latest_runs(db, limit=99)
        ],
        "counts": [
            journal.count_made(db),
            runs.count_made(db),
            journal.last_id(db),
            [journal.has_made(db, job) for job in ("phones", "emails", "bindings", "payment_dates", "fields")],
        ],
        "queue": [[str(one.ref), one.reason, one.detail] for one in queue.given_up(db)],
        "cursors": [[one.name, one.position] for one in cursors.all_cursors(db)],
    }


def written(db: sqlite_utils.Database, refs: list[EntityRef]) -> dict[str, dict[str, str | None]]:
    """Return what was last written into each field."""
    found: dict[str, dict[str, str | None]] = {name: {} for name in FIELDS}
    for ref, fields in fields_of(db, refs).items():
        for name in FIELDS:
            own = fields[name].own if name in fields else None
            if own is not None:
                found[name][str(ref)] = shown(own.after)
    return found
