"""`b24syncd review`: what a person has to decide."""

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from b24syncd.domain.job_names import BINDINGS
from b24syncd.errors import UsageInvalid
from b24syncd.reports.csv_form import CsvForm
from b24syncd.reports.portal_words import portal_words
from b24syncd.reports.reviews import ReviewReport, review_report
from b24syncd.reports.wording import counted
from b24syncd.store import reviews
from b24syncd.store.reading import has_state, open_for_reading, reading_or_new, require_state
from b24syncd.store.stored_reviews import StoredReview

from .asking import require_yes, summary_of
from .candidates import runs
from .csv_file import CsvOfFindings, Delimiter, Raw
from .failures import told_as_json
from .invocation import settings_of
from .layout import Column
from .moments import InUtcAsSince, Since
from .named import moment_of
from .narrowing import EITHER, Narrowing, chosen, narrowed
from .output import AsJson, AsOneJson, DryRun, ListShape, ResultAsJson, print_json, print_reports, say_nothing_yet
from .review_import import import_

if TYPE_CHECKING:
    import sqlite_utils

    from b24syncd.settings import Settings

app = typer.Typer(no_args_is_help=True, help="See what a person has to decide, and put decisions on record.")

All = Annotated[bool, typer.Option("--all", help="Dismissed, accepted and closed ones too.")]
Ids = Annotated[list[int] | None, typer.Argument(metavar="ID", help="Numbers of open reviews.")]
Limit = Annotated[int | None, typer.Option("--limit", metavar="N", min=1, help="Only the first N.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


_SHAPE = ListShape(
    ("id", "job", "item", "point", "value", "reason", "suggestion", "state"),
    {
        "id": Column("id", whole=True, is_number=True),
        "job": Column("job", whole=True),
        "item": Column("item", whole=True),
        "reason": Column("reason", whole=True),
        "told_value": Column("value", long=True, below="{}"),
        "suggestion": Column("suggestion", long=True, below="→ {}"),
        "told_state": Column("state", whole=True, optional=True),
        "by": Column("by", optional=True, below="by {}"),
    },
)


app.command("import")(import_)


@app.command("list")
@narrowed
def list_(  # noqa: PLR0913 # the options of a command
    context: typer.Context,
    *,
    narrowing: Narrowing,
    since: Since = None,
    limit: Limit = None,
    everything: All = False,
    utc: InUtcAsSince = False,
    as_json: AsJson = False,
) -> None:
    """List the reviews, oldest first."""
    path = settings_of(context).state.path
    with reading_or_new(path) as db:
        if not has_state(path):
            say_nothing_yet(as_json=as_json)
        asked_since = moment_of(db, since, utc=utc)
        found = narrowing.find(db, since=asked_since, all_states=everything, limit=limit)
        _print(db, found, as_json=as_json, utc=utc)


@app.command()
@narrowed
def export(  # noqa: PLR0913 # the options of a command
    context: typer.Context,
    *,
    narrowing: Narrowing,
    csv: Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Write a file, not the output.")] = None,
    delimiter: Delimiter = ",",
    raw: Raw = False,
    since: Since = None,
    limit: Limit = None,
    everything: All = False,
    utc: InUtcAsSince = False,
    as_json: AsJson = False,
) -> None:
    """Write the reviews as CSV for a spreadsheet. An apostrophe guards values that could be taken for formulas."""
    from .csv_file import write_csv  # noqa: PLC0415  # for files only

    form = CsvForm.parse(delimiter, raw=raw)
    with open_for_reading(settings_of(context).state.path) as db:
        asked_since = moment_of(db, since, utc=utc)
        found = narrowing.find(db, since=asked_since, all_states=everything, limit=limit)
        if as_json and csv is None:
            _print(db, found, as_json=True)
            return
        words = portal_words(db)
        rows = (tuple(review_report(review, words).to_json().values()) for review in found)
        number = write_csv(csv, ReviewReport.columns(), rows, form)
    if as_json:
        print_json({"file": str(csv), "reviews": number})
    elif csv is not None:
        typer.echo(f"{counted(number, 'review')} written to {csv}")


@app.command()
@narrowed
@told_as_json
def accept(  # noqa: PLR0913 # the options of a command
    context: typer.Context,
    ids: Ids = None,
    *,
    narrowing: Narrowing,
    limit: Limit = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    csv_file: CsvOfFindings = None,
    as_json: ResultAsJson = False,
) -> None:
    """Write what reviews suggest, many at once. A value that a person changed meanwhile stays as it is."""
    from b24syncd.app.review_decisions import suggested  # noqa: PLC0415  # takes long, and is for deciding only

    from .review_decisions import carry_out, question  # noqa: PLC0415  # takes long, and is for deciding only

    settings = settings_of(context)
    with open_for_reading(settings.state.path) as db:
        found, words = chosen(db, ids, narrowing), portal_words(db)
    decisions, others = suggested(settings, found, by_number=bool(ids))
    decisions = decisions[:limit]
    if not decisions:
        message = "\n".join(("no open review that is meant can be accepted:", *others))
        raise UsageInvalid(message)
    if not as_json:
        accepted = {decision.review_id for decision in decisions}
        for line in (*summary_of([review for review in found if review.id in accepted], words), *others):
            typer.echo(line)
    if dry_run or require_yes(question(decisions), yes=yes, as_json=as_json):
        raise typer.Exit(carry_out(settings, decisions, dry_run=dry_run, csv_file=csv_file, as_json=as_json))


@app.command()
@told_as_json
def edit(  # noqa: PLR0913 # the options of a command
    context: typer.Context,
    review_id: Annotated[int, typer.Argument(metavar="ID", help="Number of an open review.")],
    value: Annotated[
        str, typer.Argument(metavar="VALUE", help="What is to stand there; of reviews of bindings, the target.")
    ],
    *,
    as_is: Annotated[
        bool, typer.Option("--as-is", help="Write it to the letter where it is not certain, and ask no more.")
    ] = False,
    dry_run: DryRun = False,
    csv_file: CsvOfFindings = None,
    as_json: ResultAsJson = False,
) -> None:
    """Write another value than the suggestion of a review."""
    from b24syncd.app.review_decisions import given, move_of  # noqa: PLC0415  # takes long, and is for deciding only

    from .preview import PlanReport  # noqa: PLC0415  # takes long, and is for deciding only
    from .rebind import Moves, rebind_listed  # noqa: PLC0415  # takes long, and is for deciding only
    from .review_decisions import carry_out  # noqa: PLC0415  # takes long, and is for deciding only

    settings = settings_of(context)
    with open_for_reading(settings.state.path) as db:
        (review,) = chosen(db, [review_id], Narrowing())
    if review.job == BINDINGS:
        listed = Moves((move_of(review, value),), "review")
        preview = PlanReport(csv_file, host=settings.portal.host) if dry_run else None
        rebind_listed(settings, listed, preview, csv_file=csv_file, as_json=as_json)
    decision = given(settings, review, value, as_is=as_is)
    raise typer.Exit(carry_out(settings, [decision], dry_run=dry_run, csv_file=csv_file, as_json=as_json))


@app.command()
@narrowed
def dismiss(
    context: typer.Context,
    ids: Ids = None,
    *,
    narrowing: Narrowing,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Put on record that values stay as they are. Each is asked for again only once it changes."""
    from b24syncd import app as program  # noqa: PLC0415  # takes long, and is for deciding only

    settings = settings_of(context)
    require_state(settings.state.path)
    wanted = sorted(set(ids or ()))
    if not wanted:
        with open_for_reading(settings.state.path) as db:
            found, words = chosen(db, None, narrowing), portal_words(db)
        if not as_json:
            for line in summary_of(found, words, after="stays"):
                typer.echo(line)
        if not require_yes(f"Dismiss {counted(len(found), 'review')}", yes=yes, as_json=as_json):
            return
        wanted = [review.id for review in found]
    elif narrowing != Narrowing():
        raise UsageInvalid(EITHER)
    dismissed = asyncio.run(program.dismiss(settings, wanted))
    _tell(settings, wanted, f"{dismissed} dismissed", as_json=as_json)


@app.command()
def reopen(
    context: typer.Context,
    ids: Annotated[list[int], typer.Argument(metavar="ID", help="Numbers of dismissed reviews.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Take a dismissal back, so that it is asked again."""
    from b24syncd import app as program  # noqa: PLC0415  # takes long, and is for deciding only

    settings = settings_of(context)
    require_state(settings.state.path)
    wanted = sorted(set(ids))
    reopened = asyncio.run(program.reopen(settings, wanted))
    _tell(settings, wanted, f"{reopened} reopened", as_json=as_json)


@app.command()
def release(
    context: typer.Context,
    ids: Annotated[
        list[int] | None,
        typer.Argument(metavar="ID", help="Numbers of `undone`, `alternates` or `half_made` reviews."),
    ] = None,
    *,
    run: Annotated[
        int | None, typer.Option(metavar="N", autocompletion=runs, help="Everything that the run of this number holds.")
    ] = None,
    as_json: AsOneJson = False,
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


def _tell(settings: "Settings", ids: Sequence[int], told: str, *, as_json: bool) -> None:
    if as_json:
        with open_for_reading(settings.state.path) as db:
            _print(db, reviews.get_reviews(db, ids), as_json=True)
    else:
        typer.echo(told)


def _print(db: "sqlite_utils.Database", found: Iterable[StoredReview], *, as_json: bool, utc: bool = False) -> None:
    words = portal_words(db)
    print_reports(_SHAPE, (review_report(review, words) for review in found), as_json=as_json, utc=utc)
