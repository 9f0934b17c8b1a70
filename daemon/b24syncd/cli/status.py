"""`b24syncd status`: whether it is well, what ran, how far it is, what waits."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from b24syncd.clock import SYSTEM_CLOCK
from b24syncd.domain.conditions import Condition, ConditionKind
from b24syncd.errors import ExitCode
from b24syncd.reports.health import Living, Verdict, WaitingReport
from b24syncd.reports.health_lines import verdict_lines
from b24syncd.reports.status import Configured, Writer, status_of
from b24syncd.store.lock import holder_of
from b24syncd.store.reading import reading_or_new
from b24syncd.web.pulse_client import pulse_of

from .invocation import settings_of
from .layout import Column
from .moments import InUtc
from .output import AsOneJson, at_most_all, print_json, print_sentence, print_table, time_teller

if TYPE_CHECKING:
    from pathlib import Path

    from b24syncd.reports.status import Status

_LATEST = 5
_POLL = "poll "
_KINDS = frozenset(kind.value for kind in ConditionKind)

_RUNS = (
    Column("id", whole=True, is_number=True),
    Column("kind", whole=True),
    Column("jobs", below="{}:"),
    Column("state", whole=True),
    Column("started_at", whole=True),
    Column("finished_at", whole=True),
    Column("counts", below="{}"),
)
_CURSORS = (Column("name", whole=True), Column("position", below="{}"), Column("changed_at", whole=True))
_GIVEN_UP = (
    Column("item", whole=True),
    Column("reason", whole=True),
    Column("detail", below="{}"),
    Column("attempts", whole=True, is_number=True),
    Column("at", whole=True),
)
_METHODS = (
    Column("method", whole=True),
    Column("cost of one", whole=True, is_number=True),
    Column("operating", whole=True, is_number=True),
    Column("resets at", whole=True),
)


def status(  # noqa: PLR0913 # the options of a command
    context: typer.Context,
    *,
    runs_shown: Annotated[
        int, typer.Option("--runs", metavar="N", min=1, callback=at_most_all, help="Show the latest N runs.")
    ] = _LATEST,
    with_limits: Annotated[bool, typer.Option("--limits", help="Show what was learnt of the portal's limits.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Only tell whether it is well; exit code 1 where a person is needed.")
    ] = False,
    utc: InUtc = False,
    as_json: AsOneJson = False,
) -> None:
    """Tell whether it is well, and what to do if not. Also what ran, how far it is, and what waits."""
    settings = settings_of(context)
    path = settings.state.path
    configured = Configured(settings.portal.host.lower(), settings.jobs, path)
    holder = holder_of(path)
    with reading_or_new(path) as db:
        writer = None if holder is None else Writer(holder, _living(path))
        found = status_of(db, configured, writer, now=SYSTEM_CLOCK.now(), runs_shown=runs_shown)
    if as_json:
        print_json(found.health.to_json() if check else found.to_json())
    elif check:
        _print_facts(verdict_lines(found.health, time_teller(utc=utc)))
    else:
        _print(found, with_limits=with_limits, utc=utc)
    if check and found.health.verdict is Verdict.TROUBLE:
        raise typer.Exit(ExitCode.UNEXPECTED)


def _living(path: "Path") -> Living | None:
    """Ask the process that holds the state how it is."""
    pulse = pulse_of(path)
    if pulse is None:
        return None
    waiting = pulse.waiting
    return Living(
        last_contact=pulse.last_contact,
        waiting=None if waiting is None else WaitingReport(waiting.what, waiting.since, waiting.until),
        conditions=tuple(
            Condition(ConditionKind(one.kind), one.about, one.since, one.detail)
            for one in pulse.conditions
            if one.kind in _KINDS
        ),
        feeds=tuple(loop.name.removeprefix(_POLL) for loop in pulse.loops if loop.name.startswith(_POLL)),
    )


def _print_facts(facts: Iterable[tuple[str, str]]) -> None:
    for about, fact in facts:
        print_sentence(fact, about=about)


def _print(found: "Status", *, with_limits: bool, utc: bool) -> None:
    beside = time_teller(utc=utc, with_zone=False)
    _print_facts(found.facts(time_teller(utc=utc)))
    if not found.health.has_run:
        return
    runs = [
        (run.id, run.kind, ", ".join(run.jobs), run.state, run.started_at, run.finished_at, run.told_counts())
        for run in found.runs
    ]
    _print_list("runs", _RUNS, runs, utc=utc)
    for sentence in found.sentences():
        print_sentence(sentence)
    cursors = [(cursor.name, cursor.told_position(beside), cursor.changed_at) for cursor in found.cursors]
    _print_list("cursors", _CURSORS, cursors, utc=utc)
    if found.given_up:
        given_up = [(one.item, one.reason, one.detail, one.attempts, one.at) for one in found.given_up]
        _print_list("refused for good", _GIVEN_UP, given_up, utc=utc)
    if with_limits:
        methods = [(one.method, _brief(one.cost), _brief(one.operating), one.resets_at) for one in found.methods()]
        _print_list("limits (seconds)", _METHODS, methods, utc=utc)
        if (rests := found.second_family(time_teller(utc=utc))) is not None:
            print_sentence(rests)


def _print_list(title: str, columns: Sequence[Column], rows: Iterable[Sequence[object]], *, utc: bool) -> None:
    typer.echo("")
    print_table(columns, rows, title=title, utc=utc)


def _brief(seconds: float | None) -> float | None:
    return round(seconds, 4) if isinstance(seconds, float) else seconds
