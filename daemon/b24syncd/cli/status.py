"""`b24syncd status`: what ran, how far it is, what waits."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from b24syncd.reports.health import WaitingReport
from b24syncd.reports.report import plain
from b24syncd.reports.status import status_of
from b24syncd.store.lock import holder_of
from b24syncd.store.reading import open_for_reading
from b24syncd.web.pulse_client import pulse_of

from .invocation import settings_of
from .output import MOST_ROWS, AsJson, print_json, print_table, visible

if TYPE_CHECKING:
    from pathlib import Path

    from b24syncd.reports.status import Status

_LATEST = 5


def status(
    context: typer.Context,
    *,
    runs_shown: Annotated[
        int, typer.Option("--runs", metavar="N", min=1, max=MOST_ROWS, help="Show the latest N runs.")
    ] = _LATEST,
    as_json: AsJson = False,
) -> None:
    """Show what ran and what waits. Also how far it is, and what was learnt of the portal's limits."""
    settings = settings_of(context)
    path, host = settings.state.path, settings.portal.webhook.host.lower()
    writer = holder_of(path)
    with open_for_reading(path) as db:
        found = status_of(
            db,
            path,
            configured=host,
            jobs=settings.jobs,
            writer=writer,
            waiting=None if writer is None else _waiting(path),
            runs_shown=runs_shown,
        )
    if as_json:
        print_json(found.to_json())
    else:
        _print(found)


def _waiting(path: "Path") -> WaitingReport | None:
    """Ask the process that holds the state what it waits for."""
    pulse = pulse_of(path)
    if pulse is None or pulse.waiting is None:
        return None
    return WaitingReport(pulse.waiting.what, pulse.waiting.since)


def _print(found: "Status") -> None:
    for about, fact in found.facts():
        typer.echo(f"{about:<8} {visible(fact)}")
    runs = [
        (run.id, run.kind, ", ".join(run.jobs), run.state, run.started_at, run.finished_at, run.told_counts())
        for run in found.runs
    ]
    _print_list("runs", ("id", "kind", "jobs", "state", "started_at", "finished_at", "counts"), runs)
    for sentence in filter(None, (run.sentence() for run in found.runs)):
        typer.echo(visible(sentence))
    cursors = [(cursor.name, cursor.told_position(), cursor.changed_at) for cursor in found.cursors]
    _print_list("cursors", ("name", "position", "changed_at"), cursors)
    if found.given_up:
        given_up = [(one.item, one.reason, one.detail, one.attempts, one.at) for one in found.given_up]
        _print_list("refused for good", ("item", "reason", "detail", "attempts", "at"), given_up)
    methods = [(one.method, _brief(one.cost), _brief(one.operating), one.resets_at) for one in found.methods()]
    _print_list("limits (seconds)", ("method", "cost of one", "operating", "resets at"), methods)


def _print_list(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    typer.echo("")
    print_table(columns, ([plain(cell) for cell in row] for row in rows), title=title)


def _brief(seconds: float | None) -> float | None:
    return round(seconds, 4) if isinstance(seconds, float) else seconds
