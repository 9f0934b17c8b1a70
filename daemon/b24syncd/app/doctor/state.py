"""The state on this machine: whether it is sound, whether there is room for more, and who works with it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from b24syncd.domain.conditions import Severity
from b24syncd.errors import ExitCode, RetryLater, StateUnusable
from b24syncd.reports.doctor import failure, ok, skipped, warning
from b24syncd.reports.health import health_of, recorded_in
from b24syncd.store import meta, runs
from b24syncd.store.aside import read_aside
from b24syncd.store.check import check_quickly
from b24syncd.store.lock import holder_of, socket_of
from b24syncd.store.migrations.schema import Schema, schema_of, version_of
from b24syncd.store.reading import open_for_reading

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime
    from pathlib import Path

    import sqlite_utils

    from b24syncd.reports.doctor import Finding
    from b24syncd.store.check import Finding as Damage

    from .case import Case

_MEBI = 2**20
_LEAST_BYTES = 32 * _MEBI
_FEW_BYTES = 512 * _MEBI
_FEW_DAYS = 30
_DAY_SECONDS = 86400.0
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class _Seen:
    version: str
    schema: Schema
    damage: tuple[Damage, ...]


async def database(case: Case) -> AsyncIterator[Finding]:
    """Look whether the state is sound as far as a quick look tells, of which schema it is, and whose."""
    path, host = case.settings.state.path, case.settings.portal.host
    if not path.exists():
        yield _before_first_run(path)
        return

    def look(db: sqlite_utils.Database) -> _Seen:
        damage = check_quickly(db)
        if not damage:
            meta.require_portal(db, host)
        return _Seen(version_of(db), schema_of(db, str(path)), damage)

    seen = await read_aside(path, look)
    for one in seen.damage[:_SHOWN]:
        yield failure(f"{path}: {one.problem}", "docs/state.md says how to put a backup back", ExitCode.USAGE)
    if seen.damage:
        return
    holder = holder_of(path)
    held = "" if holder is None else f"; process {holder} holds it"
    older = "; the next start brings it up to date" if seen.schema is Schema.OLDER else ""
    yield ok(f"{path} is sound at a quick look, schema {seen.version}{older}{held}")


def _before_first_run(path: Path) -> Finding:
    folder = path.parent if path.parent.exists() else path.parent.parent
    if not folder.exists():
        return failure(f"the folder {folder} does not exist", "create it, or correct [state] path", ExitCode.USAGE)
    if not os.access(folder, os.W_OK | os.X_OK):
        cure = "run as the user of the service, or correct [state] path"
        return failure(f"no file can be made in {folder} by this user", cure, ExitCode.USAGE)
    return skipped(f"nothing has run yet; {path} is made by the first run")


@dataclass(frozen=True, slots=True)
class Disk:
    """The disk of a folder, and what the state takes there and takes more each day, where that can be told."""

    folder: Path
    free: int
    state: int
    grows: float | None = None
    is_read_only: bool = False
    has_files_left: bool = True


async def disk(case: Case) -> AsyncIterator[Finding]:
    """Look how much room there is for the state, and how long it will do."""
    path = case.settings.state.path.resolve()
    folder = next(folder for folder in path.parents if folder.exists())
    found = os.statvfs(folder)
    size = sum(file.stat().st_size for file in (path, path.with_name(f"{path.name}-wal")) if file.exists())
    yield judged(
        Disk(
            folder,
            found.f_bavail * found.f_frsize,
            size,
            _growth(path, size, case.clock.now()),
            bool(found.f_flag & os.ST_RDONLY),
            not found.f_files or found.f_favail > 0,
        )
    )


def _growth(path: Path, size: int, now: datetime) -> float | None:
    """Return how many bytes a day the state has grown on average; None where it is too young to tell."""
    try:
        with open_for_reading(path, may_be_older=True) as db:
            first = runs.get_run(db, 1)
    except (StateUnusable, RetryLater):
        return None
    days = 0.0 if first is None else (now - first.started_at).total_seconds() / _DAY_SECONDS
    return size / days if days >= 1 else None


def judged(disk: Disk) -> Finding:
    """Judge the room that is left."""
    told = f"{_size(disk.free)} free in {disk.folder}"
    if disk.state:
        told += f", the state takes {_size(disk.state)}"
    days = None if not disk.grows else disk.free / disk.grows
    if disk.grows:
        told += f" and {_size(disk.grows)} more each day"
    cure = f"make room in {disk.folder}, or move the state to another disk (docs/state.md)"
    if disk.is_read_only:
        return failure(f"{disk.folder} is mounted read-only", f"make it writable, or {cure}", ExitCode.USAGE)
    if not disk.has_files_left:
        return failure(f"{told}, but no file can be made there any more (no inodes)", cure, ExitCode.UNAVAILABLE)
    if disk.free < _LEAST_BYTES:
        return failure(told, cure, ExitCode.UNAVAILABLE)
    if disk.free < _FEW_BYTES or (days is not None and days < _FEW_DAYS):
        return warning(told if days is None else f"{told}: enough for {days:,.0f} days", cure)
    return ok(told)


def _size(number: float) -> str:
    amount, units = number / 1024, iter(("KiB", "MiB", "GiB", "TiB"))
    unit = next(units)
    for larger in units:
        if amount < 1024:  # noqa: PLR2004 # the next unit
            break
        amount, unit = amount / 1024, larger
    return f"{amount:.1f} {unit}"


async def service(case: Case) -> AsyncIterator[Finding]:
    """Tell who works with the state, as far as its lock tells, and what was in its way when it last wrote."""
    path = case.settings.state.path
    holder = holder_of(path)
    yield judged_holder(holder, socket_of(path))
    try:
        with open_for_reading(path) as db:
            recorded = recorded_in(db)
    except (StateUnusable, RetryLater):
        return  # the database is another matter
    for one in health_of(recorded, case.clock.now(), is_held=holder is not None).conditions:
        if one.severity is Severity.TROUBLE:
            yield warning(f"on record since {one.since:%Y-%m-%d %H:%M} (UTC): {one.detail}", one.cure)


def judged_holder(holder: int | None, socket: Path | None) -> Finding:
    """Judge the process that holds the state; one that follows the portal has a socket."""
    if holder is None:
        return ok("nothing runs: no process holds the state")
    if socket is None:
        return ok(f"process {holder} holds the state: a backfill or another command")
    return ok(f"`b24syncd run` works: process {holder}")
