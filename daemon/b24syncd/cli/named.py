"""What a person names on the command line, told in a sentence where there is no such thing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.job_names import EDITS, JOBS
from b24syncd.errors import UsageInvalid
from b24syncd.store import runs

if TYPE_CHECKING:
    import sqlite_utils

    from .moments import Moment


def parse_item(text: str, option: str | None = None) -> EntityRef:
    """Return the item that a person named, perhaps with an option; raise `UsageInvalid` where that is none."""
    try:
        return EntityRef.parse(text)
    except ValueError as error:
        raise UsageInvalid(str(error) if option is None else f"{option}: {error}") from None


def parse_card(text: str) -> EntityRef:
    """Return the item that a person named; raise `UsageInvalid` where that is none, or has no card, as activities."""
    ref = parse_item(text)
    if ref.type is EntityType.ACTIVITY:
        message = (
            f"{ref} has no card of its own; name one, as deal:12 (`b24syncd journal --item {ref}` tells what was done)"
        )
        raise UsageInvalid(message)
    return ref


def parse_type(text: str) -> EntityType:
    """Return the type of items that a person named; raise `UsageInvalid` where that is none."""
    try:
        return EntityType(text.strip().lower())
    except ValueError:
        known = ", ".join(one.value for one in EntityType if one is not EntityType.ACTIVITY)
        message = f"{text!r} is not a type of items; types are: {known}, and type128 for a smart process"
        raise UsageInvalid(message) from None


def require_job(name: str | None) -> None:
    """Raise `UsageInvalid` for the name of no job; what people edit is told under a name of its own."""
    known = (*JOBS, EDITS)
    if name is not None and name not in known:
        message = f"{name!r} is not a job; jobs are: {', '.join(known)}"
        raise UsageInvalid(message)


def moment_of(db: sqlite_utils.Database, since: Moment | None, *, utc: bool) -> datetime | None:
    """Return the time that a person named, perhaps by a run; raise `UsageInvalid` where there is no such run."""

    def began(number: int) -> datetime:
        run = runs.get_run(db, number)
        if run is None:
            raise _no_run(number)
        return run.started_at

    return None if since is None else since.at(now=datetime.now(UTC), utc=utc, began=began)


def require_run(db: sqlite_utils.Database, number: int | None) -> None:
    """Raise `UsageInvalid` for a run that is not on record."""
    if number is not None and runs.get_run(db, number) is None:
        raise _no_run(number)


def _no_run(number: int) -> UsageInvalid:
    return UsageInvalid(f"there is no run {number}; `b24syncd status --runs N` lists the latest")
