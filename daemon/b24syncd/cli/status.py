"""`b24syncd status`: what ran, how far it is, what waits."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from b24syncd.store import cursors, history, known, limits, meta, obstacles, queue, reviews, runs
from b24syncd.store.lock import holder_of
from b24syncd.store.reading import open_for_reading
from b24syncd.store.runs import Run, RunState

from . import other_regions
from .invocation import settings_of
from .output import MOST_ROWS, AsJson, print_json, print_table, visible

if TYPE_CHECKING:
    import sqlite_utils

    from b24syncd.settings import Settings

_LATEST = 5
_GIVEN_UP = 100
_INSTANTS = ("since", "began")
"""What is an instant in the position of a cursor."""


@dataclass(frozen=True, slots=True)
class _Status:
    """Everything that is shown, as plain values by name."""

    portal: str | None
    configured: str
    state: str
    writer: int | None
    runs: list[dict[str, object]]
    cursors: list[dict[str, object]]
    resting: list[dict[str, object]]
    open_intents: int
    queue: dict[str, int]
    given_up: list[dict[str, object]]
    reviews: dict[str, int]
    other_regions: other_regions.Ahead
    limits: Mapping[str, object]


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
    path = settings.state.path
    writer = holder_of(path)
    with open_for_reading(path) as db:
        found = _status(db, settings, writer, runs_shown)
    if as_json:
        print_json({name: getattr(found, name) for name in _Status.__slots__})
    else:
        _print(found)


def _status(db: "sqlite_utils.Database", settings: "Settings", writer: int | None, runs_shown: int) -> _Status:
    stops = known.stops(db)
    return _Status(
        portal=meta.bound_portal(db),
        configured=settings.portal.webhook.host.lower(),
        state=str(settings.state.path),
        writer=writer,
        runs=[_run(run, writer, stops) for run in runs.latest_runs(db, limit=runs_shown)],
        cursors=[
            {
                "name": cursor.name,
                "position": cursor.position,
                "changed_at": cursor.changed_at.isoformat(timespec="seconds"),
            }
            for cursor in cursors.all_cursors(db)
        ],
        resting=[] if writer is None else [asdict(obstacle) for obstacle in obstacles.standing(db)],
        open_intents=history.open_count(db),
        queue={state.value: number for state, number in queue.counts(db).items()},
        given_up=[
            {
                "item": str(entry.ref),
                "reason": entry.reason,
                "detail": entry.detail,
                "attempts": entry.attempts,
                "at": entry.due_at.isoformat(timespec="seconds"),
            }
            for entry in queue.given_up(db, limit=_GIVEN_UP)
        ],
        reviews={state.value: number for state, number in reviews.counts(db).items()},
        other_regions=other_regions.regions_for_open(db, settings),
        limits=limits.load_limits(db),
    )


def _run(run: Run, writer: int | None, stops: Mapping[int, str]) -> dict[str, object]:
    # A run whose process was killed is on record as running until the next writer looks.
    state = RunState.INTERRUPTED if run.state is RunState.RUNNING and writer is None else run.state
    return {
        "id": run.id,
        "kind": run.kind.value,
        "jobs": list(run.jobs),
        "state": state.value,
        "started_at": run.started_at.isoformat(timespec="seconds"),
        "finished_at": None if run.finished_at is None else run.finished_at.isoformat(timespec="seconds"),
        "counts": dict(run.counts),
        "stopped": None if state is RunState.RUNNING else stops.get(run.id),
    }


def _print(found: _Status) -> None:
    other = f", but the configuration names {found.configured}" if found.portal not in {None, found.configured} else ""
    typer.echo(visible(f"portal   {found.portal or 'not known yet'}{other}"))
    typer.echo(f"state    {visible(found.state)}")
    typer.echo(f"writer   {'none: nothing is running' if found.writer is None else f'process {found.writer}'}")
    typer.echo(f"queue    {_counts(found.queue)}")
    typer.echo(f"reviews  {_counts(found.reviews)}")
    for line in other_regions.told(**found.other_regions):
        typer.echo(f"phones   {line}")
    typer.echo(f"journal  {found.open_intents} corrections wait for their outcome")
    for rest in found.resting:
        typer.echo(visible(f"resting  {rest['jobs']} ({rest['where']}): {rest['detail']}"))
    _print_list("runs", found.runs, ("id", "kind", "jobs", "state", "started_at", "finished_at", "counts"))
    for run in found.runs:
        if run["stopped"]:
            typer.echo(visible(f"run {run['id']} was stopped by a safety limit: {run['stopped']}"))
    cursors_told = [{**cursor, "position": _position(cursor["position"])} for cursor in found.cursors]
    _print_list("cursors", cursors_told, ("name", "position", "changed_at"))
    if found.given_up:
        _print_list("refused for good", found.given_up, ("item", "reason", "detail", "attempts", "at"))
    typer.echo("")
    print_table(
        ("method", "cost of one", "operating", "resets at"), _limit_rows(found.limits), title="limits (seconds)"
    )


def _limit_rows(learnt: Mapping[str, object]) -> Iterator[tuple[object, ...]]:
    """Yield a row for each method of which something was learnt."""
    costs, operating = _mapping(learnt.get("costs")), _mapping(learnt.get("operating"))
    for method in sorted({*costs, *operating}):
        match costs.get(method), operating.get(method):
            case cost, [float() | int() as spent, float() | int() as resets_at]:
                yield method, _brief(cost), _brief(spent), _time(resets_at)
            case cost, _:
                yield method, _brief(cost), None, None


def _brief(seconds: object) -> object:
    return round(seconds, 4) if isinstance(seconds, float) else seconds


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _print_list(title: str, rows: list[dict[str, object]], columns: tuple[str, ...]) -> None:
    typer.echo("")
    print_table(columns, [[_plain(row[column]) for column in columns] for row in rows], title=title)


def _position(position: object) -> object:
    """Return a position as it is told: an instant of the portal's clock as a time, yes or no in words."""
    if not isinstance(position, dict):
        return position
    return {name: _told(name, value) for name, value in position.items()}


def _told(name: str, value: object) -> object:
    match value:
        case bool():
            return "yes" if value else "no"
        case float() | int() if name in _INSTANTS:
            return _time(value)
        case _:
            return value


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return _counts({name: number for name, number in value.items() if number != 0})
    return ", ".join(map(str, value)) if isinstance(value, list) else value


def _counts(counts: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {number}" for name, number in counts.items()) or "nothing"
