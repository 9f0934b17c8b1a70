"""`b24syncd undo`: take back what was corrected, or preview what that would do."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from b24syncd import app
from b24syncd.app import Summary
from b24syncd.domain.undoing import Left, Undoing
from b24syncd.engine.tally import Count
from b24syncd.errors import UsageInvalid
from b24syncd.store import runs
from b24syncd.store.history import Filter
from b24syncd.store.reading import open_for_reading

from .backfill import exit_code
from .csv_file import write_csv
from .invocation import settings_of
from .journal import parse_item
from .moments import moment
from .output import AsJson, counted, print_json, visible
from .preview import finding_of
from .progress import shown

_COLUMNS = ("item", "job", "action", "point", "before", "after", "why")
_SHOWN = 20

_Row = tuple[str, ...]

_WHY = {
    "changed": "changed since",
    "gone": "gone",
    "only_there": "stands nowhere else",
    "not_configured": "its field is not configured",
    "refused": "refused by the portal",
    "excluded": "excluded",
}


def undo(  # noqa: PLR0913 # the options of a command
    context: typer.Context,
    run: Annotated[
        int | None, typer.Argument(metavar="RUN", help="The run to take back, as `status` lists it.")
    ] = None,
    *,
    since: Annotated[
        datetime | None,
        typer.Option(
            parser=moment, metavar="TIME", help="Only what was done from this time on; UTC unless it names an offset."
        ),
    ] = None,
    item: Annotated[
        str | None, typer.Option(metavar="TYPE:ID", help="Only this item or activity, for example contact:42.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would be done; write nothing.")] = False,
    csv_file: Annotated[
        Path | None,
        typer.Option("--csv", metavar="FILE", help="Put what stays (with --dry-run: every finding) into this file."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Take corrections back where the portal still shows them. What is undone stays so until it is released."""
    which = Filter(
        run_id=run,
        since=since,
        item=None if item is None else parse_item(item),
    )
    if which == Filter():
        message = "name what to undo: a run (`b24syncd status` lists them), --since TIME or --item TYPE:ID"
        raise UsageInvalid(message)
    settings = settings_of(context)
    _require_run(settings.state.path, run)
    findings = _Findings()
    holders: tuple[int, ...] = ()
    if dry_run:
        summary = asyncio.run(app.preview_undo(settings, which, shown, findings.add))
    else:
        undone = asyncio.run(app.undo(settings, which, shown))
        summary, holders = undone.summary, undone.holders
        findings.add(Undoing(left=undone.left))
    if as_json:
        for row in findings.rows:
            print_json(dict(zip(_COLUMNS, row, strict=True)))
        print_json(findings.counts(summary))
    else:
        for line in (*findings.lines(csv_file), *_told(findings, summary, holders)):
            typer.echo(line)
    if csv_file is not None:  # last, for it may not be possible, and what was done is to be told in any case
        write_csv(csv_file, _COLUMNS, findings.rows)
    raise typer.Exit(exit_code(summary))


@dataclass(slots=True)
class _Findings:
    """What would be done, and what stays as it is; of a dry run both, of a real one what stays."""

    rows: list[_Row] = field(default_factory=list)
    items: set[str] = field(default_factory=set)
    planned: int = 0
    left: int = 0

    def add(self, undoing: Undoing) -> None:
        """Take in what is to be done with one item."""
        for correction in undoing.corrections:
            self.rows.append((*finding_of(correction)[:6], ""))
            self.items.add(str(correction.ref))
        self.rows.extend(map(_of_left, undoing.left))
        self.planned += len(undoing.corrections)
        self.left += len(undoing.left)

    def lines(self, file: Path | None) -> Iterator[str]:
        """Yield the first findings as text, and how many more there are."""
        for row in self.rows[:_SHOWN]:
            yield _line(row)
        if len(self.rows) > _SHOWN:
            yield f"… and {len(self.rows) - _SHOWN} more; all of them {f'in {file}' if file else 'with --csv FILE'}"

    def counts(self, summary: Summary) -> dict[str, object]:
        """Return the numbers at the end."""
        is_dry = summary.run_id is None
        counts = summary.counts
        return {
            "run": summary.run_id,
            "items": len(self.items) if is_dry else counts[Count.CORRECTED],
            "corrections": self.planned if is_dry else counts[Count.CORRECTIONS],
            "left": self.left,
            "unverified": counts[Count.UNVERIFIED],
            "failed": counts[Count.FAILED],
            "interrupted": summary.interrupted,
        }


def _told(findings: _Findings, summary: Summary, holders: tuple[int, ...]) -> Iterator[str]:
    counts = findings.counts(summary)
    is_dry = summary.run_id is None
    corrections = counted(int(str(counts["corrections"])), "correction")
    items = counted(int(str(counts["items"])), "item")
    done = f"{corrections} {'to make' if is_dry else 'made'} in {items}"
    yield f"{done}, {findings.left} left as they are, {counted(summary.requests, 'request')}"
    if not findings.left and not counts["corrections"] and not counts["failed"]:
        yield "the journal tells of nothing that is still to be taken back there"
    if counts["unverified"]:
        yield f"{counted(summary.counts[Count.UNVERIFIED], 'correction')} unverified: made, but the answer was lost"
    if counts["failed"]:
        yield f"{counted(summary.counts[Count.FAILED], 'item')} failed; the latest:"
        yield from (f"  {entry.ref}: {visible(entry.detail)}" for entry in summary.failed)
    if is_dry:
        yield "nothing was written"
    elif holders:
        released = " and ".join(f"`b24syncd review release --run {run_id}`" for run_id in holders)
        yield f"undone stays undone until {released}"
    if summary.interrupted:
        yield "interrupted before the end" if is_dry else "interrupted; the same command goes on from here"


def _of_left(left: Left) -> _Row:
    item, job, _, point, before, after, *_ = finding_of(left.correction)
    return item, job, "leave", point, before, after, left.why.value


def _line(row: _Row) -> str:
    item, _, action, _, before, after, why = row
    what = {(True, True): f"{before!r} → {after!r}", (True, False): repr(before), (False, True): repr(after)}
    told = what.get((bool(before), bool(after)), "")
    return visible(f"{item:<16} {action} {told}" + (f": {_WHY[why]}" if why else ""))


def _require_run(path: Path, run: int | None) -> None:
    """Raise `UsageInvalid` for a run that is not on record, `StateUnusable` where nothing is."""
    with open_for_reading(path) as db:
        if run is not None and runs.get_run(db, run) is None:
            message = f"there is no run {run}; `b24syncd status --runs N` lists the latest"
            raise UsageInvalid(message)
