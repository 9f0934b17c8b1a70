"""The configuration, and who else may read what it keeps secret."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from b24syncd.app.runs import chosen_jobs
from b24syncd.errors import SecretExposed
from b24syncd.reports.doctor import of_problem, ok, warning
from b24syncd.settings.environment import variable_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from b24syncd.reports.doctor import Finding
    from b24syncd.settings import Settings

    from .case import Case

_OTHERS_READ = stat.S_IRGRP | stat.S_IROTH
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


async def settings(case: Case) -> AsyncIterator[Finding]:
    """Tell every problem as `config check` does; those of modes are told with the secrets."""
    problems = [problem for problem in case.problems if not isinstance(problem, SecretExposed)]
    for problem in problems:
        yield of_problem(problem)
    if case.problems:
        if not problems:
            yield ok("no problems but that others may read a secret")
        return
    jobs = ", ".join(chosen_jobs(case.settings, ()))
    yield ok(f"{case.settings.source or 'the environment'}: no problems; jobs {jobs}")


async def secrets(case: Case) -> AsyncIterator[Finding]:
    """Look at the modes of everything that holds a secret, or values of customers."""
    exposed = [problem for problem in case.problems if isinstance(problem, SecretExposed)]
    for problem in exposed:
        yield of_problem(problem)
    if case.given is None:
        if not exposed:
            yield ok("no file that others may read, as far as it can be told")
        return
    found = tuple(_of_modes(case.settings))
    for finding in found:
        yield finding
    if not found and not exposed:
        yield ok(_place(case))


def _place(case: Case) -> str:
    """Return where the webhook stands, which nobody else can read."""
    credentials, source = case.settings.portal.credentials, case.settings.source
    files = [str(file) for file, _ in credentials.files]
    if files:
        return f"{files[0]} is its owner's alone" if len(files) == 1 else f"{', '.join(files)} are their owner's alone"
    if source is None or variable_of("portal.webhook") in case.environ:
        return f"the {credentials.called} is in the environment"
    return f"{source}, which holds the {credentials.called}, is its owner's alone"


def _of_modes(settings: Settings) -> Iterator[Finding]:
    if settings.source is not None and _mode(settings.source) & _OTHERS_WRITE:
        called = settings.portal.credentials.called
        told = f"others may change {settings.source}, and so send the {called} elsewhere"
        yield warning(told, f"chmod go-w {settings.source}")
    path = settings.state.path
    if _mode(path) & (_OTHERS_READ | _OTHERS_WRITE) and not _is_closed(path.parent):
        yield warning(f"others may read {path}, which holds phones and e-mails", f"chmod 600 {path}")


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except OSError:
        return 0


def _is_closed(folder: Path) -> bool:
    """Tell whether others may not enter a folder, whatever the modes in it."""
    return not _mode(folder) & (stat.S_IXGRP | stat.S_IXOTH)
