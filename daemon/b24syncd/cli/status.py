"""`b24syncd status`: whether it is well, what ran, how far it is, what waits."""

import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from shutil import get_terminal_size
from textwrap import fill
from typing import TYPE_CHECKING, Annotated

import typer

from b24syncd.clock import SYSTEM_CLOCK
from b24syncd.domain.conditions import Condition, ConditionKind
from b24syncd.errors import ExitCode
from b24syncd.reports.health import Living, Verdict, WaitingReport
from b24syncd.reports.health_lines import verdict_lines
from b24syncd.reports.report import plain
from b24syncd.reports.status import status_of
from b24syncd.store.lock import holder_of
from b24syncd.store.reading import reading_or_new
from b24syncd.web.pulse_client import pulse_of

from .invocation import settings_of
from .output import MOST_ROWS, AsJson, print_json, print_table, visible

if TYPE_CHECKING:
    from pathlib import Path

    from b24syncd.reports.status import Status

_LATEST = 5
_POLL = "poll "
_NARROWEST = 40
_INDENT = " " * 9
_KINDS = frozenset(kind.value for kind in ConditionKind)


def status(
    context: typer.Context,
    *,
    runs_shown: Annotated[
        int, typer.Option("--runs", metavar="N", min=1, max=MOST_ROWS, help="Show the latest N runs.")
    ] = _LATEST,
    with_limits: Annotated[bool, typer.Option("--limits", help="Show what was learnt of the portal's limits.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Only tell whether it is well; exit code 1 where a person is needed.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Tell whether it is well, and what to do if not. Also what ran, how far it is, and what waits."""
    settings = settings_of(context)
    path, host = settings.state.path, settings.portal.webhook.host.lower()
    writer = holder_of(path)
    with reading_or_new(path) as db:
        found = status_of(
            db,
            path,
            configured=host,
            jobs=settings.jobs,
            writer=writer,
            living=None if writer is None else _living(path),
            now=SYSTEM_CLOCK.now(),
            runs_shown=runs_shown,
        )
    if as_json:
        print_json(found.health.to_json() if check else found.to_json())
    elif check:
        _print_facts(verdict_lines(found.health, _told))
    else:
        _print(found, with_limits=with_limits)
    if check and found.health.verdict is Verdict.TROUBLE:
        raise typer.Exit(ExitCode.UNEXPECTED)


def _living(path: "Path") -> Living | None:
    """Ask the process that holds the state how it is."""
    pulse = pulse_of(path)
    if pulse is None:
        return None
    return Living(
        last_contact=pulse.last_contact,
        waiting=None if pulse.waiting is None else WaitingReport(pulse.waiting.what, pulse.waiting.since),
        conditions=tuple(
            Condition(ConditionKind(one.kind), one.about, one.since, one.detail)
            for one in pulse.conditions
            if one.kind in _KINDS
        ),
        feeds=tuple(loop.name.removeprefix(_POLL) for loop in pulse.loops if loop.name.startswith(_POLL)),
    )


def _told(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _print_facts(facts: Iterable[tuple[str, str]]) -> None:
    """Write facts, on a terminal in lines of its width that break between words."""
    for about, fact in facts:
        line = f"{about:<8} {visible(fact)}"
        if sys.stdout.isatty():
            width = max(_NARROWEST, get_terminal_size().columns)
            line = fill(line, width, subsequent_indent=_INDENT, break_long_words=False, break_on_hyphens=False)
        typer.echo(line)


def _print(found: "Status", *, with_limits: bool) -> None:
    _print_facts(found.facts(_told))
    if not found.health.has_run:
        return
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
    if with_limits:
        methods = [(one.method, _brief(one.cost), _brief(one.operating), one.resets_at) for one in found.methods()]
        _print_list("limits (seconds)", ("method", "cost of one", "operating", "resets at"), methods)


def _print_list(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    typer.echo("")
    print_table(columns, ([plain(cell) for cell in row] for row in rows), title=title)


def _brief(seconds: float | None) -> float | None:
    return round(seconds, 4) if isinstance(seconds, float) else seconds
