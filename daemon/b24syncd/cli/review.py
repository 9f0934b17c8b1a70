"""`b24syncd review`: what a person has to decide."""

import asyncio
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from b24syncd.errors import UsageInvalid
from b24syncd.jobs import emails, phones
from b24syncd.store import reviews
from b24syncd.store.reading import open_for_reading, require_state
from b24syncd.store.reviews import StoredReview

from .csv_file import write_csv
from .invocation import settings_of
from .output import AsJson, print_json, print_table
from .streams import while_read

app = typer.Typer(no_args_is_help=True, help="See what a person has to decide, and put decisions on record.")

_COLUMNS = ("id", "job", "item", "point", "value", "reason", "suggestion", "state")

_OF_POINTS = (phones.NAME, emails.NAME)
"""The jobs whose reviews are each of one contact point; others only need a number to keep theirs apart."""

All = Annotated[bool, typer.Option("--all", help="Dismissed and closed ones too.")]


@app.command("list")
def list_(context: typer.Context, *, everything: All = False, as_json: AsJson = False) -> None:
    """List the reviews, oldest first."""
    with open_for_reading(settings_of(context).state.path) as db:
        _print(reviews.each_review(db, all_states=everything), as_json=as_json)


@app.command()
def export(
    context: typer.Context,
    *,
    csv: Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Write a file, not the output.")] = None,
    everything: All = False,
    as_json: AsJson = False,
) -> None:
    """Write the reviews as CSV for a spreadsheet. An apostrophe guards values that could be taken for formulas."""
    with open_for_reading(settings_of(context).state.path) as db:
        found = reviews.each_review(db, all_states=everything)
        if as_json and csv is None:
            _print(found, as_json=True)
            return
        number = write_csv(csv, _COLUMNS, map(_row, found))
    if as_json:
        print_json({"file": str(csv), "reviews": number})
    elif csv is not None:
        typer.echo(f"{number} reviews written to {csv}")


@app.command()
def dismiss(
    context: typer.Context,
    ids: Annotated[list[int], typer.Argument(metavar="ID", help="Numbers of open reviews.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Put on record that values stay as they are. Each is asked for again only once it changes."""
    from b24syncd import app as program  # noqa: PLC0415  # takes long, and is for deciding only

    settings = settings_of(context)
    require_state(settings.state.path)
    wanted = sorted(set(ids))
    dismissed = asyncio.run(program.dismiss(settings, wanted))
    if as_json:
        with open_for_reading(settings.state.path) as db:
            _print(reviews.get_reviews(db, wanted), as_json=True)
    else:
        typer.echo(f"{dismissed} dismissed")


@app.command()
def release(
    context: typer.Context,
    ids: Annotated[
        list[int] | None,
        typer.Argument(metavar="ID", help="Numbers of `undone`, `alternates` or `half_made` reviews."),
    ] = None,
    *,
    run: Annotated[int | None, typer.Option(metavar="N", help="Everything that the run of this number holds.")] = None,
    as_json: AsJson = False,
) -> None:
    """Let jobs correct again what they leave alone. It was undone, alternates, or may be half made."""
    if (run is None) == (not ids):
        message = "name the numbers of reviews, or --run N"
        raise UsageInvalid(message)
    from b24syncd import app as program  # noqa: PLC0415  # takes long, and is for deciding only

    settings = settings_of(context)
    require_state(settings.state.path)
    released = asyncio.run(program.release(settings, sorted(set(ids or ())), run))
    if as_json:
        print_json({"released": released})
    else:
        typer.echo(f"{released} released")


def _print(found: Iterable[StoredReview], *, as_json: bool) -> None:
    rows: Iterator[tuple[object, ...]] = map(_row, found)
    if as_json:
        for row in while_read(rows):
            print_json(dict(zip(_COLUMNS, row, strict=True)))
    else:
        print_table(_COLUMNS, rows)


def _row(review: StoredReview) -> tuple[object, ...]:
    return (
        review.id,
        review.job,
        str(review.ref),
        (review.point_id or None) if review.job in _OF_POINTS else None,
        review.value,
        review.reason,
        review.suggestion,
        review.state.value,
    )
