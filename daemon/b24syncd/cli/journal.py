"""`b24syncd journal`: what was changed from what to what, and what became of it."""

from typing import Annotated

import typer

from b24syncd.errors import UsageInvalid
from b24syncd.reports.journal import journal_line
from b24syncd.reports.portal_words import portal_words
from b24syncd.store.history import Filter, iterate
from b24syncd.store.journal import Outcome
from b24syncd.store.journal_search import each
from b24syncd.store.reading import has_state, reading_or_new

from .candidates import job_names, runs
from .invocation import settings_of
from .layout import Column
from .moments import InUtcAsSince, Since
from .named import moment_of, parse_item, require_job, require_run
from .output import AsJson, ListShape, at_most_all, print_reports, say_nothing_yet

_SHAPE = ListShape(
    ("run", "at", "job", "item", "point", "before", "after", "outcome"),
    {
        "run": Column("run", whole=True, is_number=True),
        "at": Column("at", whole=True),
        "job": Column("job", whole=True),
        "item": Column("item", whole=True),
        "point": Column("point", whole=True, is_number=True, optional=True),
        "told_field": Column("field", long=True, optional=True, below="{}:"),
        "before": Column("before", long=True, below="{}"),
        "after": Column("after", long=True, below="→ {}", nothing="→ nothing"),
        "outcome": Column("outcome", whole=True),
        "by": Column("by", optional=True, below="by {}"),
    },
)


def journal(  # noqa: PLR0913 - an option each
    context: typer.Context,
    *,
    item: Annotated[
        str | None, typer.Option(metavar="TYPE:ID", help="Only this item or activity, as contact:42.")
    ] = None,
    job: Annotated[
        str | None, typer.Option(metavar="JOB", autocompletion=job_names, help="Only this job, for example phones.")
    ] = None,
    run: Annotated[
        int | None, typer.Option(metavar="N", autocompletion=runs, help="Only the run of this number.")
    ] = None,
    by: Annotated[
        str, typer.Option("--by", metavar="NAME", help="Only what this person of the console asked for.")
    ] = "",
    value: Annotated[
        str | None, typer.Option("--value", metavar="TEXT", help="Only of exactly this value, before or after.")
    ] = None,
    begins: Annotated[
        str | None,
        typer.Option("--begins", metavar="TEXT", help="Only of values that begin so; by value, not by time."),
    ] = None,
    outcome: Annotated[Outcome | None, typer.Option(help="Only corrections with this outcome.")] = None,
    since: Since = None,
    limit: Annotated[
        int | None, typer.Option(min=1, callback=at_most_all, metavar="N", help="Only the newest N.")
    ] = None,
    utc: InUtcAsSince = False,
    as_json: AsJson = False,
) -> None:
    """List what was changed from what to what. Oldest first, each with what became of it."""
    named = None if item is None else parse_item(item)
    require_job(job)
    if value is not None and begins is not None:
        message = "--value names all of a value, --begins its beginning: give one of them"
        raise UsageInvalid(message)
    path = settings_of(context).state.path
    with reading_or_new(path) as db:
        if not has_state(path):
            say_nothing_yet(as_json=as_json)
        require_run(db, run)
        which = Filter(
            item=named,
            job=job,
            run_id=run,
            outcome=outcome,
            since=moment_of(db, since, utc=utc),
            by=by,
            text=value or begins or "",
            exact=value is not None,
        )
        found = each(db, which, limit=limit) if begins else iterate(db, which, limit=limit)
        words = portal_words(db)
        lines = (journal_line(entry, words) for entry in found)
        print_reports(_SHAPE, lines, as_json=as_json, utc=utc)
