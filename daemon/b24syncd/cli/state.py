"""`b24syncd state`: a copy of the memory of a portal, whether it is sound, and whose it is."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from b24syncd.errors import ExitCode
from b24syncd.reports.wording import counted
from b24syncd.store import meta
from b24syncd.store.backup import back_up
from b24syncd.store.check import Finding, check
from b24syncd.store.database import open_for_writing
from b24syncd.store.reading import open_for_reading

from .invocation import settings_of
from .layout import Column
from .output import AsOneJson, print_json, print_table, visible

app = typer.Typer(no_args_is_help=True, help="Copy or check the state, or give it to a renamed portal.")

_FINDINGS = (
    Column("table", whole=True),
    Column("problem", below="{}"),
    Column("rows", whole=True, is_number=True),
    Column("for example", long=True),
)


@app.command()
def backup(
    context: typer.Context,
    target: Annotated[Path, typer.Argument(metavar="FILE", help="Where to; there must be no such file yet.")],
    *,
    as_json: AsOneJson = False,
) -> None:
    """Copy the state as it is now. It may be in use; the copy is checked, and its owner's alone."""
    path = settings_of(context).state.path
    size = back_up(path, target)
    if as_json:
        print_json({"state": str(path), "backup": str(target.absolute()), "bytes": size})
    else:
        typer.echo(f"{visible(path)} copied to {visible(target)} and checked: {size} bytes")


@app.command(name="check")
def check_state(context: typer.Context, *, as_json: AsOneJson = False) -> None:
    """Tell what is wrong with the state. All of it is read, nothing changed. Ends with 1 where something is wrong."""
    path = settings_of(context).state.path
    with open_for_reading(path, of_one_moment=True) as db:
        findings = check(db)
    if as_json:
        print_json({"state": str(path), "sound": not findings, "findings": [_record(each) for each in findings]})
    elif findings:
        rows = [(each.table, each.problem, each.rows, each.example) for each in findings]
        print_table(_FINDINGS, rows)
        typer.echo(f"{visible(path)}: {counted(len(findings), 'problem')}; docs/state.md tells what to do")
    else:
        typer.echo(f"{visible(path)} is sound")
    if findings:
        raise typer.Exit(ExitCode.UNEXPECTED)


@app.command()
def rename(
    context: typer.Context,
    former: Annotated[str, typer.Argument(metavar="HOST", help="The host that the portal had.")],
) -> None:
    """Give the state to the new host of a renamed portal. The host is that of the configuration."""
    settings = settings_of(context)
    path, host = settings.state.path, settings.portal.host
    with open_for_reading(path):
        pass  # there is one
    asyncio.run(_renamed(path, former, host))
    typer.echo(f"{visible(path)} belongs to the portal {visible(host)} now")


async def _renamed(path: Path, former: str, host: str) -> None:
    async with open_for_writing(path) as database:
        await database.write(lambda db: meta.rename_portal(db, former, host))


def _record(finding: Finding) -> dict[str, object]:
    return {"table": finding.table, "problem": finding.problem, "rows": finding.rows, "example": finding.example}
