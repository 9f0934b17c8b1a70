"""`b24syncd review`: what a person has to decide."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from b24syncd.domain.reasons import Reason
from b24syncd.errors import UsageInvalid
from b24syncd.jobs import emails, phones
from b24syncd.store import holds, reviews
from b24syncd.store.database import open_for_writing
from b24syncd.store.reading import open_for_reading, require_state
from b24syncd.store.reviews import StoredReview

from .csv_file import write_csv
from .invocation import settings_of
from .output import AsJson, print_json, print_table

if TYPE_CHECKING:
    import sqlite_utils

app = typer.Typer(no_args_is_help=True, help="See what a person has to decide, and put decisions on record.")

_COLUMNS = ("id", "job", "item", "point", "value", "reason", "suggestion", "state")

_OF_POINTS = (phones.NAME, emails.NAME)
"""The jobs whose reviews are each of one contact point; others only need a number to keep theirs apart."""

_HELD = (Reason.UNDONE, Reason.ALTERNATES)
"""The reasons of reviews that can be released."""

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
    ids: Annotated[list[int], typer.Argument(metavar="ID…", help="Numbers of open reviews.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Put on record that values stay as they are. Each is asked for again only once it changes."""
    path = settings_of(context).state.path
    require_state(path)
    dismissed = asyncio.run(_dismiss(path, ids, datetime.now(UTC)))
    if as_json:
        _print(dismissed, as_json=True)
    else:
        typer.echo(f"{len(dismissed)} dismissed")


async def _dismiss(path: Path, ids: Sequence[int], now: datetime) -> tuple[StoredReview, ...]:
    """Dismiss all of them, or none and raise `UsageInvalid`."""
    wanted = sorted(set(ids))

    def dismiss_all(db: "sqlite_utils.Database") -> tuple[StoredReview, ...]:
        missing = [review_id for review_id in wanted if not reviews.dismiss(db, review_id, now=now)]
        if missing:
            message = f"no open review has the number {', '.join(map(str, missing))}; nothing was dismissed"
            raise UsageInvalid(message)
        return reviews.get_reviews(db, wanted)

    async with open_for_writing(path) as database:
        return await database.write(dismiss_all)


@app.command()
def release(
    context: typer.Context,
    ids: Annotated[
        list[int] | None, typer.Argument(metavar="[ID]…", help="Numbers of `undone` or `alternates` reviews.")
    ] = None,
    *,
    run: Annotated[int | None, typer.Option(metavar="N", help="Everything that the run of this number holds.")] = None,
    as_json: AsJson = False,
) -> None:
    """Let jobs correct again what was undone, or set aside because another program changed it back."""
    if (run is None) == (not ids):
        message = "name the numbers of reviews, or --run N"
        raise UsageInvalid(message)
    path = settings_of(context).state.path
    require_state(path)
    released = asyncio.run(_release(path, sorted(set(ids or ())), run, datetime.now(UTC)))
    if as_json:
        print_json({"released": released})
    else:
        typer.echo(f"{released} released")


async def _release(path: Path, ids: Sequence[int], run: int | None, now: datetime) -> int:
    """Release all of them, or none and raise `UsageInvalid`."""

    def release_all(db: "sqlite_utils.Database") -> int:
        if run is not None:
            held = holds.held_by(db, run)
            if not held:
                message = f"run {run} holds nothing"
                raise UsageInvalid(message)
            return holds.release(db, held, now=now)
        standing = {hold.key for hold in holds.standing(db)}
        found = {
            review.id: (review.ref, review.job)
            for review in reviews.get_reviews(db, ids)
            if review.reason in _HELD and (review.ref, review.job) in standing
        }
        missing = [review_id for review_id in ids if review_id not in found]
        if missing:
            message = f"nothing that is held has the number {', '.join(map(str, missing))}; nothing was released"
            raise UsageInvalid(message)
        return holds.release(db, found.values(), now=now)

    async with open_for_writing(path) as database:
        return await database.write(release_all)


def _print(found: Iterable[StoredReview], *, as_json: bool) -> None:
    rows: Iterator[tuple[object, ...]] = map(_row, found)
    if as_json:
        for row in rows:
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
