"""`b24syncd rebind`: rebind activities by a list of pairs, or preview what that would do."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple, NoReturn

import typer

from b24syncd.domain.moves import Move
from b24syncd.reports.csv_form import CsvForm
from b24syncd.reports.preview import limits_ahead
from b24syncd.reports.wording import ACTIVITIES

from .backfill import exit_code, print_walk
from .csv_file import CsvOfPreview, Delimiter, Raw, require_preview
from .failures import told_as_json
from .invocation import settings_of
from .moves_file import read_moves
from .output import DryRun, GoesOn, ResultAsJson
from .preview import SAMPLE, PlanReport, SampleSize, require_dry_run
from .progress import shown
from .stopping import run_stoppable
from .work import app

if TYPE_CHECKING:
    from b24syncd.settings import Settings


@told_as_json
def rebind(  # noqa: PLR0913 # the options of a command
    context: typer.Context,
    *,
    moves_file: Annotated[
        Path, typer.Option("--map", metavar="FILE", help="Pairs as from,to[,activity], for example lead:12,company:3.")
    ],
    goes_on: GoesOn = False,
    dry_run: DryRun = False,
    csv_file: CsvOfPreview = None,
    delimiter: Delimiter = ",",
    raw: Raw = False,
    sample: SampleSize = SAMPLE,
    as_json: ResultAsJson = False,
) -> None:
    """Rebind activities by a list. Every row of it is checked before anything is written."""
    require_preview(csv_file, dry_run=dry_run)
    require_dry_run(context, dry_run=dry_run)
    form = CsvForm.parse(delimiter, raw=raw)
    settings = settings_of(context)
    moves = Moves(read_moves(moves_file), moves_file.name)
    preview = PlanReport(csv_file, form, sample=sample, host=settings.portal.host) if dry_run else None
    rebind_listed(settings, moves, preview, goes_on=goes_on, csv_file=csv_file, as_json=as_json)


class Moves(NamedTuple):
    """A list of moves, which has a name."""

    moves: tuple[Move, ...]
    name: str


def rebind_listed(  # noqa: PLR0913 # what is done, and how that is told
    settings: "Settings",
    listed: Moves,
    preview: PlanReport | None,
    *,
    goes_on: bool = False,
    csv_file: Path | None = None,
    as_json: bool = False,
) -> NoReturn:
    """Work through a list of moves, or tell what that would do; end the command with its exit code."""
    found = None
    if preview is not None:
        with preview:
            summary = run_stoppable(app.preview_rebind(settings, *listed, shown, preview.add))
        safety = settings.safety  # everything that is listed is to be moved: only what a person set stops it
        ahead = limits_ahead(summary, canary=safety.canary if safety.canary_is_set else 0, max_changed_share=1.0)
        found = preview.findings.report(summary, ahead)
    else:
        summary = run_stoppable(app.rebind(settings, *listed, shown, goes_on=goes_on))
    print_walk(summary, found, ACTIVITIES, csv_file, as_json=as_json, code=exit_code(summary))
