"""`b24syncd console`: the console for people with a browser, and who may come in."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from b24syncd.domain.people import Role
from b24syncd.errors import UsageInvalid
from b24syncd.observe.logs import without_events
from b24syncd.reports.people import PersonReport, person_report
from b24syncd.store import people
from b24syncd.store.reading import open_for_reading

from .invocation import settings_of
from .layout import Column
from .moments import InUtc
from .output import AsJson, ListShape, print_json, print_reports, print_sentence, time_teller, visible
from .serving import watched
from .stopping import STOPPING, run_stoppable
from .work import app as work

if TYPE_CHECKING:
    from b24syncd.app.follow import Daemon
    from b24syncd.settings import Settings
    from b24syncd.settings.http import Http

app = typer.Typer(no_args_is_help=True, help="The console: work in a browser, and who may come in.")

_SHAPE = ListShape(
    PersonReport.columns(),
    {
        "name": Column("name", long=True),
        "role": Column("role", whole=True),
        "invited_at": Column("invited", whole=True),
        "seen_at": Column("seen", whole=True, nothing="never"),
        "revoked_at": Column("revoked", whole=True, optional=True),
    },
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="What the person is called.")]

_ROLES = (
    "What they may do: see everything, decide reviews, edit items, or operate it all; each includes those before it."
)

_NOT_SERVED = "http.console is not set, so that `run` serves no console; `b24syncd console serve` does"


@app.command()
def serve(context: typer.Context) -> None:
    """Serve the console where no `run` does, until Ctrl-C. Nothing is followed; what people ask for is done."""
    settings = settings_of(context)
    http = _http_of(settings)
    http.require_servable()
    with without_events(*((STOPPING,) if sys.stderr.isatty() else ())):  # it is told in other words
        run_stoppable(_serve(settings))


@app.command()
def invite(
    context: typer.Context,
    name: Name,
    *,
    role: Annotated[Role, typer.Option("--role", help=_ROLES)],
    as_json: AsJson = False,
) -> None:
    """Print a link that lets a person in, once, within 15 minutes. It is a key: send it to nobody else."""
    settings = settings_of(context)
    http = _http_of(settings)
    invited = asyncio.run(work.invite(settings, name, role))
    link = f"{http.address}/join#{invited.key}"
    if as_json:
        print_json(
            {"name": invited.name, "role": invited.role.value, "link": link, "until": invited.expires_at.isoformat()}
        )
        return
    told = time_teller(utc=False)
    print_sentence(f"{invited.name} may {invited.role.value} with this link, once, until {told(invited.expires_at)}:")
    typer.echo(link)
    if not http.has_console:
        typer.echo(_NOT_SERVED, err=True)


@app.command("list")
def list_(context: typer.Context, *, utc: InUtc = False, as_json: AsJson = False) -> None:
    """List who may come in, and who may not any more."""
    with open_for_reading(settings_of(context).state.path) as db:
        print_reports(_SHAPE, map(person_report, people.everybody(db)), as_json=as_json, utc=utc)


@app.command()
def revoke(context: typer.Context, name: Name) -> None:
    """Let a person in no more. What they have open ends at once."""
    revoked = asyncio.run(work.revoke(settings_of(context), name))
    typer.echo(f"{visible(revoked.name)} may not come in any more")


def _http_of(settings: "Settings") -> "Http":
    if settings.http is None:
        message = 'it is not said where the console is; set http.listen, for example to "127.0.0.1:8324"'
        raise UsageInvalid(message)
    return settings.http


async def _serve(settings: "Settings") -> None:
    from b24syncd.web import unix_door  # noqa: PLC0415  # takes long

    async with watched(settings, with_console=True) as watching:

        @asynccontextmanager
        async def serving(daemon: "Daemon") -> AsyncIterator[None]:
            async with unix_door.serving(daemon), watching(daemon):
                yield

        await work.serve_console(settings, serving=serving)
