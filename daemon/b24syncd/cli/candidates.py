"""What a shell may complete beside commands and options: the names of jobs, the reasons of reviews, and runs.

Runs are looked up in the state, which is only read. Where anything is wrong with it, or with the configuration, nothing
is completed, and nothing said.
"""

# No `from __future__ import annotations`: typer reads the annotations.
import os
from collections.abc import Iterator
from contextlib import suppress

import typer

from b24syncd.domain.job_names import JOBS
from b24syncd.domain.reasons import Reason

_MOST_RUNS = 30


def job_names(incomplete: str) -> list[str]:
    """Return the names of jobs that begin like this."""
    return [name for name in JOBS if name.startswith(incomplete)]


def reasons(incomplete: str) -> list[str]:
    """Return the reasons of reviews that begin like this."""
    return [reason.value for reason in Reason if reason.value.startswith(incomplete)]


def runs(context: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Return the latest runs whose numbers begin like this, newest first, each with what it was."""
    found: list[tuple[str, str]] = []
    with suppress(Exception):
        found += (one for one in _runs(context) if one[0].startswith(incomplete))
    return found


def _runs(context: typer.Context) -> Iterator[tuple[str, str]]:
    from b24syncd.settings import load_settings  # noqa: PLC0415  # takes long, and is for runs only
    from b24syncd.store.reading import open_for_reading  # noqa: PLC0415
    from b24syncd.store.runs import latest_runs  # noqa: PLC0415

    settings = load_settings(context.find_root().params.get("config_path"), os.environ)
    with open_for_reading(settings.state.path) as db:
        for run in latest_runs(db, limit=_MOST_RUNS):
            yield str(run.id), f"{run.kind.value} of {', '.join(run.jobs)}" if run.jobs else run.kind.value
