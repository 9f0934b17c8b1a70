"""Endings: what ends a process is on record for whoever looks later, until a later process works."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from b24syncd.domain.conditions import Condition, ConditionKind
from b24syncd.errors import (
    AddressWrong,
    B24SyncError,
    CredentialsRefused,
    FieldChanged,
    OutcomeUnknown,
    PortalBlocked,
    RetryLater,
    SettingsInvalid,
    StateUnavailable,
    gravest,
)
from b24syncd.observe.logs import get_logger
from b24syncd.observe.redaction import brief
from b24syncd.store import conditions

from .safety import Limit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from b24syncd.clock import Clock
    from b24syncd.store.database import Database
    from b24syncd.store.runs import RunKind

    from .safety import Safety

log = get_logger()

_KINDS: tuple[tuple[type[B24SyncError], ConditionKind], ...] = (
    (CredentialsRefused, ConditionKind.CREDENTIALS_REFUSED),
    (PortalBlocked, ConditionKind.PORTAL_BLOCKED),
    (FieldChanged, ConditionKind.SAFETY_STOP),
    (AddressWrong, ConditionKind.SETTINGS_INVALID),
    (SettingsInvalid, ConditionKind.SETTINGS_INVALID),
    (StateUnavailable, ConditionKind.DISK_FULL),
    (OutcomeUnknown, ConditionKind.PORTAL_AWAY),
    (RetryLater, ConditionKind.PORTAL_AWAY),
)


def ending_of(error: BaseException) -> tuple[ConditionKind, str] | None:
    """Return what ended a process, and why in one line; None for what only its command line is to blame for."""
    decisive = gravest(error)
    if not isinstance(decisive, B24SyncError):
        return ConditionKind.STOPPED_BY_ERROR, told_of(decisive)
    kind = next((kind for sort, kind in _KINDS if isinstance(decisive, sort)), None)
    return None if kind is None else (kind, "; ".join(str(decisive).splitlines()))


def told_of(error: BaseException) -> str:
    """Return what may be told of an error: its words where they are ours, else only what it is and where it arose."""
    return str(error) if isinstance(error, B24SyncError) else f"unexpected failure: {brief(error)}"


@asynccontextmanager
async def noting_end(database: Database, clock: Clock) -> AsyncIterator[None]:
    """Put on record what ends the work in this context, where it does not end well."""
    try:
        yield
    except Exception as error:
        try:
            await _note(error, database, clock)
        except Exception as failure:  # noqa: BLE001 # a full disk, for one, takes no note of being full
            log.warning("end_not_noted", detail=told_of(failure))
        raise


async def _note(error: Exception, database: Database, clock: Clock) -> None:
    ending = ending_of(error)
    if ending is None:
        return
    kind, detail = ending
    about = Limit.FIELD.value if kind is ConditionKind.SAFETY_STOP else ""
    met = [Condition(kind, about, clock.now(), detail)]
    await database.write(lambda db: conditions.note(db, met, judged=_never, now=clock.now()))


def _never(_one: Condition) -> bool:
    return False


def of_stop(kind: RunKind, safety: Safety) -> tuple[ConditionKind, str] | None:
    """Return what it is that a safety limit stopped a run, and about what; None where none did."""
    if safety.reason is None:
        return None
    if safety.limit is Limit.REGION:
        return ConditionKind.WRONG_REGION, safety.region
    return ConditionKind.SAFETY_STOP, f"{kind.value}/{safety.limit or ''}"


def is_lifted(one: Condition, safety: Safety) -> bool:
    """Tell whether what stopped an earlier run stops none any more: a person let it pass, or the region is another."""
    if one.kind is ConditionKind.WRONG_REGION:
        return safety.passes(Limit.REGION) or bool(safety.region and one.about != safety.region)
    limit = one.about.rpartition("/")[2]
    return one.kind is ConditionKind.SAFETY_STOP and any(safety.passes(each) for each in Limit if each.value == limit)
