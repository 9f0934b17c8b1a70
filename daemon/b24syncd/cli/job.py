"""`b24syncd job`: let a job rest, and go on."""

import asyncio
from typing import Annotated

import typer

from .candidates import job_names
from .invocation import settings_of
from .output import AsJson, print_json
from .work import app as program

app = typer.Typer(no_args_is_help=True, help="Pause a job, or let it go on. It holds at once, and over restarts.")

Job = Annotated[str, typer.Argument(metavar="JOB", autocompletion=job_names, help="A job, for example phones.")]


@app.command()
def pause(context: typer.Context, job: Job, *, as_json: AsJson = False) -> None:
    """Let a job rest. A backfill in which it takes part is interrupted; the same command goes on with it later."""
    asyncio.run(program.pause(settings_of(context), job))
    if as_json:
        print_json({"paused": job})
    else:
        typer.echo(f"{job} is paused; `b24syncd job resume {job}` lets it go on")


@app.command()
def resume(context: typer.Context, job: Job, *, as_json: AsJson = False) -> None:
    """Let a paused job go on. What changed meanwhile is looked at."""
    asyncio.run(program.resume(settings_of(context), job))
    if as_json:
        print_json({"resumed": job})
    else:
        typer.echo(f"{job} goes on")
