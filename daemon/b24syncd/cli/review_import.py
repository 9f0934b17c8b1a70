"""`b24syncd review import`: a list that a person filled in."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from b24syncd.errors import ExitCode, UsageInvalid
from b24syncd.reports.wording import listed
from b24syncd.store.reading import open_for_reading

from .asking import require_yes
from .failures import told_as_json
from .invocation import settings_of
from .output import DryRun, ResultAsJson, print_json

if TYPE_CHECKING:
    from b24syncd.app.review_import import DecisionList
    from b24syncd.settings import Settings

_MOST_PROBLEMS = 20


@told_as_json
def import_(  # the options of a command
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="As `review export` wrote it, with the columns decision, new_value.")
    ],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    dry_run: DryRun = False,
    as_json: ResultAsJson = False,
) -> None:
    """Do what the column `decision` of a list says. Every line is checked before anything is done.

    It says accept, edit (to what stands in new_value), dismiss, reopen or exclude; where it is empty, nothing is done.
    """
    settings = settings_of(context)
    found = _checked(settings, file)
    counts = found.counts()
    if not as_json:
        typer.echo(listed(counts))
    if dry_run:
        if as_json:
            print_json({"exit_code": ExitCode.DONE, "counts": counts})
        return
    if not require_yes(f"Do all of it ({listed(counts)})", yes=yes, as_json=as_json):
        return
    from b24syncd import app  # noqa: PLC0415  # takes long, and is for deciding only

    from .progress import shown  # noqa: PLC0415  # takes long, and is for deciding only
    from .review_decisions import tell  # noqa: PLC0415

    done = asyncio.run(app.carry_out_list(settings, found, shown))
    if done.decided is not None:
        raise typer.Exit(tell(settings, done.decided, as_json=as_json))
    if as_json:
        print_json({"exit_code": ExitCode.DONE, "counts": counts})


def _checked(settings: "Settings", file: Path) -> "DecisionList":
    """Return what a list says; raise `UsageInvalid` with all that is wrong in it, by its lines."""
    from b24syncd.app.review_import import read_decisions  # noqa: PLC0415  # takes long, and is for deciding only

    try:
        content = file.read_bytes()
    except OSError as error:
        message = f"{file} cannot be read: {error.strerror}"
        raise UsageInvalid(message) from None
    with open_for_reading(settings.state.path) as db:
        found = read_decisions(settings, db, content)
    if found.problems:
        lines = [f"{file} {problem}" for problem in found.problems[:_MOST_PROBLEMS]]
        if more := len(found.problems) - len(lines):
            lines.append(f"{file}: and {more} more")
        raise UsageInvalid("\n".join((*lines, "nothing was done")))
    if not found.counts():
        message = f"{file} decides nothing: its column `decision` is empty"
        raise UsageInvalid(message)
    return found
