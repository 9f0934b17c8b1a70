"""Pausing a job, and letting it go on: it changes the state alone, and holds at once and over restarts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.domain.job_names import JOBS
from b24syncd.errors import UsageInvalid
from b24syncd.store import paused_jobs

from .results import Changed

if TYPE_CHECKING:
    from datetime import datetime

    from b24syncd.session import Session
    from b24syncd.store.database import Database

    from .requests import PauseRequest, ResumeRequest


async def pause(database: Database, request: PauseRequest, now: datetime) -> Changed:
    """Let a job rest, or raise `UsageInvalid` where it does, or is none."""
    _require_job(request.job)
    if not await database.write(lambda db: paused_jobs.pause(db, request.job, now=now, by=request.by)):
        message = f"{request.job} is paused already"
        raise UsageInvalid(message)
    return Changed(1)


async def resume(database: Database, request: ResumeRequest, now: datetime) -> Changed:
    """Let a job go on, or raise `UsageInvalid` where it is not paused."""
    _require_job(request.job)
    if not await database.write(lambda db: paused_jobs.resume(db, request.job, now=now)):
        message = f"{request.job} is not paused"
        raise UsageInvalid(message)
    return Changed(1)


async def working_of(session: Session, chosen: tuple[str, ...]) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return those of these jobs that are not paused, and why the others rest; raise `UsageInvalid` where all do."""
    paused = {one.job: one for one in await session.database.read(paused_jobs.paused) if one.job in chosen}
    working = tuple(name for name in chosen if name not in paused)
    if not working:
        message = f"{', '.join(paused)} is paused; `b24syncd job resume {next(iter(paused))}` lets it go on"
        raise UsageInvalid(message)
    return working, {name: f"paused by {one.by or 'the shell'}" for name, one in paused.items()}


def _require_job(name: str) -> None:
    if name not in JOBS:
        message = f"{name!r} is not a job; jobs are: {', '.join(JOBS)}"
        raise UsageInvalid(message)
