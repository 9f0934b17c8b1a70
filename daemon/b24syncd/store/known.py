"""What was seen of the portal before, and what a person approved, so that a run can tell what should not be."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from . import meta

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import sqlite_utils

_TYPES = "known_types"
_FIELDS = "known_fields"
_APPROVED = "approved/"
_CANARY = "canary/"
_FIRSTS = "first_corrections"
_REGION = "region/"
_STOP = "safety_stop/"
_IDS_STAY = "ids_stay"


@dataclass(frozen=True, slots=True)
class Stop:
    """The last run of several that a safety limit ended, and which limit that was, also in a sentence."""

    run_id: int
    reason: str
    limit: str = ""


def types(db: sqlite_utils.Database) -> dict[str, int]:
    """Return the highest id that was seen of each entity type, by its name."""
    return {str(name): int(highest) for name, highest in _stored(db, _TYPES).items()}


def remember_types(db: sqlite_utils.Database, highest: Mapping[str, int]) -> None:
    """Keep the highest ids of these types; those of others stay."""
    meta.put(db, _TYPES, json.dumps(types(db) | dict(highest), sort_keys=True))


def fields(db: sqlite_utils.Database) -> dict[str, str]:
    """Return how the field was called that a job writes into, with its type, by the name of the entity type."""
    return {str(name): str(field) for name, field in _stored(db, _FIELDS).items()}


def remember_fields(db: sqlite_utils.Database, found: Mapping[str, str]) -> None:
    """Keep the fields of these types; those of others stay."""
    meta.put(db, _FIELDS, json.dumps(fields(db) | dict(found), sort_keys=True))


def approve(db: sqlite_utils.Database, fingerprint: str, limits: Collection[str]) -> None:
    """Put on record that a person looked, and lets runs with these rules pass these limits from now on."""
    passed = approved(db, fingerprint).union(limits)
    meta.put(db, _APPROVED + fingerprint, json.dumps(dict.fromkeys(sorted(passed), True)))


def approved(db: sqlite_utils.Database, fingerprint: str) -> frozenset[str]:
    """Return the limits that a person lets runs with these rules pass."""
    return frozenset(_stored(db, _APPROVED + fingerprint))


def canary_of(db: sqlite_utils.Database, fingerprint: str) -> tuple[int, int] | None:
    """Return after which row of the journal corrections with these rules are counted, and how many they were."""
    noted = _stored(db, _CANARY + fingerprint)
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
    stored = _stored(db, _FIRSTS)
    return Firsts(**stored) if stored else None


def note_firsts(db: sqlite_utils.Database, firsts: Firsts) -> None:
    """Put it on record."""
    meta.put(db, _FIRSTS, json.dumps(asdict(firsts)))


def note_region(db: sqlite_utils.Database, region: str) -> None:
    """Put on record that the portal's phones are written in this region, or that a person says so."""
    meta.put(db, _REGION + region, "yes")


def region_is_right(db: sqlite_utils.Database, region: str) -> bool:
    """Tell whether that is on record."""
    return meta.get(db, _REGION + region) is not None


def remember_ids_stay(db: sqlite_utils.Database) -> None:
    """Put on record that this portal keeps the ids of contact points that are changed."""
    meta.put(db, _IDS_STAY, "yes")


def ids_stay(db: sqlite_utils.Database) -> bool:
    """Tell whether it was ever seen to."""
    return meta.get(db, _IDS_STAY) is not None


def note_end(db: sqlite_utils.Database, fingerprint: str, run_id: int, stopped: Stop | None) -> None:
    """Put on record that a safety limit ended a run with these rules, or that it went on since."""
    earlier = stop_of(db, fingerprint)
    if stopped is not None:
        meta.put(db, _STOP + fingerprint, json.dumps(asdict(stopped)))
    elif earlier is not None and earlier.run_id == run_id:
        meta.put(db, _STOP + fingerprint, "{}")


def stop_of(db: sqlite_utils.Database, fingerprint: str) -> Stop | None:
    """Return the last run with these rules that a safety limit ended."""
    stored = _stored(db, _STOP + fingerprint)
    return Stop(**stored) if stored else None


def stops(db: sqlite_utils.Database) -> dict[int, str]:
    """Return why safety limits ended runs, by the number of the run; of runs with the same rules the last one."""
    found = (json.loads(value) for value in meta.values(db, _STOP))
    return {stored["run_id"]: stored["reason"] for stored in found if stored}


def _stored(db: sqlite_utils.Database, key: str) -> dict[str, Any]:
    found = json.loads(meta.get(db, key) or "{}")
    return found if isinstance(found, dict) else {}
