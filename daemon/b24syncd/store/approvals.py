"""What a person approved, how much was done before they looked, and what stopped until they do."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from . import meta

if TYPE_CHECKING:
    from collections.abc import Collection

    import sqlite_utils

_APPROVED = "approved/"
_CANARY = "canary/"
_FIRSTS = "first_corrections"
_STOP = "safety_stop/"


@dataclass(frozen=True, slots=True)
class Stop:
    """The last run of several that a safety limit ended, and which limit that was, also in a sentence.

    `most_changed` is the share that was allowed, where it was the share that ended it.
    """

    run_id: int
    reason: str
    limit: str = ""
    most_changed: float | None = None


def approve(db: sqlite_utils.Database, fingerprint: str, limits: Collection[str]) -> None:
    """Put on record that a person looked, and lets runs with these rules pass these limits from now on."""
    passed = approved(db, fingerprint).union(limits)
    meta.put(db, _APPROVED + fingerprint, json.dumps(dict.fromkeys(sorted(passed), True)))


def approved(db: sqlite_utils.Database, fingerprint: str) -> frozenset[str]:
    """Return the limits that a person lets runs with these rules pass."""
    return frozenset(meta.get_document(db, _APPROVED + fingerprint))


def canary_of(db: sqlite_utils.Database, fingerprint: str) -> tuple[int, int] | None:
    """Return after which row of the journal corrections with these rules are counted, and how many they were."""
    noted = meta.get_document(db, _CANARY + fingerprint)
    return (int(noted["after"]), int(noted["sent"])) if noted else None


def note_canary(db: sqlite_utils.Database, fingerprint: str, after: int, sent: int) -> None:
    """Put on record how many corrections were made with these rules after a row of the journal."""
    meta.put(db, _CANARY + fingerprint, json.dumps({"after": after, "sent": sent}))


@dataclass(frozen=True, slots=True)
class Firsts:
    """How many corrections a state has made, whether a person approved the first, and whether a run stopped there."""

    sent: int
    is_approved: bool = False
    is_used_up: bool = False


def firsts_of(db: sqlite_utils.Database) -> Firsts | None:
    """Return what is on record of a state's first corrections; None where nobody counts them yet."""
    stored = meta.get_document(db, _FIRSTS)
    return Firsts(**stored) if stored else None


def note_firsts(db: sqlite_utils.Database, firsts: Firsts) -> None:
    """Put it on record."""
    meta.put(db, _FIRSTS, json.dumps(asdict(firsts)))


def note_end(db: sqlite_utils.Database, fingerprint: str, run_id: int, stopped: Stop | None) -> None:
    """Put on record that a safety limit ended a run with these rules, or that it went on since."""
    earlier = stop_of(db, fingerprint)
    if stopped is not None:
        meta.put(db, _STOP + fingerprint, json.dumps(asdict(stopped)))
    elif earlier is not None and earlier.run_id == run_id:
        meta.put(db, _STOP + fingerprint, "{}")


def stop_of(db: sqlite_utils.Database, fingerprint: str) -> Stop | None:
    """Return the last run with these rules that a safety limit ended."""
    stored = meta.get_document(db, _STOP + fingerprint)
    return Stop(**stored) if stored else None


def stops(db: sqlite_utils.Database) -> dict[int, str]:
    """Return why safety limits ended runs, by the number of the run; of runs with the same rules the last one."""
    found = (json.loads(value) for value in meta.values(db, _STOP))
    return {stored["run_id"]: stored["reason"] for stored in found if stored}
