"""`b24syncd exclude`: items that are left alone."""

import asyncio
from typing import Annotated

import typer

from b24syncd.reports.exclusions import excluded
from b24syncd.reports.portal_words import portal_words
from b24syncd.reports.wording import counted
from b24syncd.store.reading import reading_or_new

from .invocation import settings_of
from .layout import Column
from .moments import InUtc
from .named import parse_item
from .output import AsJson, ListShape, print_json, print_reports
from .work import app as program

app = typer.Typer(no_args_is_help=True, help="Leave items alone, as safety.exclude does. It holds at once.")

Items = Annotated[list[str], typer.Argument(metavar="TYPE:ID…", help="Items or activities, as contact:42.")]

_SHAPE = ListShape(
    ("item", "at", "by"),
    {
        "item": Column("item", whole=True),
        "at": Column("at", whole=True),
        "told_by": Column("by", below="by {}"),
    },
)


@app.command()
def add(context: typer.Context, items: Items, *, as_json: AsJson = False) -> None:
    """Correct these items no more, and ask nothing about them."""
    number = asyncio.run(program.exclude(settings_of(context), [parse_item(item) for item in items]))
    if as_json:
        print_json({"excluded": number})
    else:
        typer.echo(f"{counted(number, 'item')} excluded")


@app.command()
def remove(context: typer.Context, items: Items, *, as_json: AsJson = False) -> None:
    """Look at these items again."""
    number = asyncio.run(program.include(settings_of(context), [parse_item(item) for item in items]))
    if as_json:
        print_json({"no_longer_excluded": number})
    else:
        typer.echo(f"{counted(number, 'item')} no longer excluded")


@app.command(name="list")
def list_(context: typer.Context, *, utc: InUtc = False, as_json: AsJson = False) -> None:
    """List what is excluded, by the configuration and by this command."""
    settings = settings_of(context)
    with reading_or_new(settings.state.path) as db:
        found = excluded(db, settings.safety.exclude, portal_words(db))
        print_reports(_SHAPE, found, as_json=as_json, utc=utc)
