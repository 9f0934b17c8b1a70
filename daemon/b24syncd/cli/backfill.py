"""`b24syncd backfill`: walk the portal once, or preview what that would do."""

import asyncio
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Annotated

import typer

from b24syncd import app
from b24syncd.app import Narrowed, Summary
from b24syncd.domain.entities import EntityRef
from b24syncd.domain.plans import Plan
from b24syncd.engine.safety import FEWEST
from b24syncd.engine.tally import Count
from b24syncd.errors import ExitCode, UsageInvalid
from b24syncd.jobs import bindings
from b24syncd.settings import Safety
from b24syncd.settings.schema import JOBS

from .csv_file import CsvOfPreview
from .invocation import settings_of
from .other_regions import RegionsAhead
from .output import DryRun, GoesOn, counted, visible
from .preview import PlanReport
from .progress import shown


def backfill(  # noqa: PLR0913 # the options of a command
    context: typer.Context,
    jobs: Annotated[
        list[str] | None,
        typer.Argument(metavar="JOB", help=f"Jobs to do, among {', '.join(JOBS)}; all enabled ones by default."),
    ] = None,
    *,
    dry_run: DryRun = False,
    csv_file: CsvOfPreview = None,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="ITEM", help="Only this item or activity, as contact:42; may be repeated."),
    ] = None,
    goes_on: GoesOn = False,
    limit: Annotated[int | None, typer.Option(metavar="N", min=1, help="Only the first N items or activities.")] = None,
) -> None:
    """Walk the whole portal once. Interrupted, it goes on where it was when it is started again."""
    narrowed = Narrowed(tuple(jobs or ()), tuple(_ref(text) for text in only or ()), limit)
    if narrowed.only and limit is not None:
        message = "--only and --limit exclude each other"
        raise UsageInvalid(message)
    if csv_file is not None and not dry_run:
        message = "--csv goes with --dry-run; what was done is in `b24syncd journal`"
        raise UsageInvalid(message)
    settings = settings_of(context)
    regions = RegionsAhead(settings)
    if dry_run:
        with PlanReport(csv_file) as report:

            def add(plan: Plan) -> None:
                report.add(plan)
                regions.add(plan)

            summary = asyncio.run(app.preview(settings, narrowed, shown, add))
        typer.echo(report.told())
    else:
        summary = asyncio.run(app.backfill(settings, narrowed, shown, goes_on=goes_on))
    typer.echo(told(summary, subjects_of(narrowed.jobs or tuple(settings.jobs))))
    if dry_run:
        for line in limits_ahead(summary, settings.safety):
            typer.echo(line)
        if summary.other_region is None:  # the cure of a wrong region is another one, not more of them
            for line in regions.told():
                typer.echo(line)
    raise typer.Exit(exit_code(summary))


@dataclass(frozen=True, slots=True)
class Subjects:
    """What was looked at, as it is told of one and of several."""

    one: str
    several: str

    def counted(self, number: int) -> str:
        """Return so many of them."""
        return f"{number} {self.one if number == 1 else self.several}"


ITEMS = Subjects("item", "items")
ACTIVITIES = Subjects("activity", "activities")
_BOTH = Subjects("item or activity", "items and activities")


def subjects_of(jobs: Collection[str]) -> Subjects:
    """Return what these jobs look at."""
    if bindings.NAME not in jobs:
        return ITEMS
    return ACTIVITIES if set(jobs) == {bindings.NAME} else _BOTH


def limits_ahead(summary: Summary, limits: Safety) -> Iterator[str]:
    """Yield which safety limits will stop a run that does what this preview planned, unless they are lifted."""
    counts = summary.counts
    if summary.other_region is not None:
        yield f"the first run stops: phones seem to be written in another region: {summary.other_region}"
        yield "set portal.region, if that is so"
    if limits.canary and counts[Count.CORRECTIONS] > limits.canary:
        canary = f"safety.canary = {limits.canary}"
        yield f"{canary} stops such a run after its first corrections, unless it was lifted before"
    read, changed = counts[Count.READ], counts[Count.CORRECTED]
    if changed > limits.max_changed_share * max(read, FEWEST):
        share = f"safety.max_changed_share = {limits.max_changed_share:g}"
        yield f"{share} stops a run that would change {changed} of {read} items, unless it was lifted before"


def told(summary: Summary, subjects: Subjects) -> str:
    """Return the summary at the end of a backfill, as lines."""
    counts = summary.counts
    is_dry = summary.run_id is None
    corrections = counted(counts[Count.CORRECTIONS], "correction")
    done = f"{counts[Count.CORRECTED]} {'to correct' if is_dry else 'corrected'} ({corrections})"
    asked = counted(counts[Count.REVIEWS], "review")
    if summary.open_reviews is not None:
        asked = f"{counted(counts[Count.REVIEWS], 'new review')} ({summary.open_reviews} open)"
    # a page that a limit stopped counts as read only once it is settled
    read = () if summary.stopped is not None else (f"{subjects.counted(counts[Count.READ])} read",)
    lines = [", ".join((*read, done, asked, counted(summary.requests, "request")))]
    if counts[Count.MENDED]:
        lines.append(f"{counted(counts[Count.MENDED], 'edit')} of people met and mended")
    if counts[Count.UNVERIFIED]:
        unverified = counted(counts[Count.UNVERIFIED], "correction")
        lines.append(f"{unverified} unverified: made, but the portal's answer was lost")
    if counts[Count.OVERTAKEN]:
        lines.append(f"{subjects.counted(counts[Count.OVERTAKEN])} overtaken by somebody's edit and planned afresh")
    lines.extend(_left_out(summary, subjects))
    if summary.open_reviews:
        lines.append("`b24syncd review list` shows what a person has to decide")
    if is_dry:
        lines.append("nothing was written")
    if summary.stopped is not None:
        lines.append(f"stopped by a safety limit: {summary.stopped}")
    if summary.interrupted:
        lines.append("interrupted before the end" if is_dry else "interrupted; the same command goes on from here")
    return "\n".join(map(visible, lines))


def _left_out(summary: Summary, subjects: Subjects) -> Iterator[str]:
    """Yield what was not looked at, or failed, and why."""
    yield from (f"left out {job}, for want of rights: {detail}" for job, detail in summary.resting.items())
    yield from (f"skipped {entity_type.value}: {detail}" for entity_type, detail in summary.refused_types.items())
    yield from (f"ended early, {feed}: {detail}" for feed, detail in summary.refused_feeds.items())
    yield from (f"not found: {ref}" for ref in summary.missing)
    yield from (f"no chosen job looks at {ref}" for ref in summary.of_no_job)
    if refused := summary.counts[Count.REFUSED]:
        where = "review list" if summary.stopped is None else f"journal --run {summary.run_id} --outcome refused"
        yield f"{subjects.counted(refused)} refused by the portal: `b24syncd {where}` tells what and why"
    if failed := summary.counts[Count.FAILED]:
        yield f"{subjects.counted(failed)} failed; the latest:"
        yield from (f"  {entry.ref}: {entry.detail}" for entry in summary.failed)
    if summary.failed:
        again = summary.failed[0].ref
        yield f"once what was in the way is mended, `b24syncd backfill --only {again}` tries one at once"


def exit_code(summary: Summary) -> ExitCode:
    """Return the documented exit code of a backfill that ended like this."""
    if summary.stopped is not None:
        return ExitCode.SAFETY_STOP
    if summary.interrupted:
        return ExitCode.INTERRUPTED
    if summary.resting:
        return ExitCode.REFUSED
    if summary.counts[Count.FAILED] or summary.missing or summary.of_no_job or summary.refused_feeds:
        return ExitCode.SOME_FAILED
    return ExitCode.DONE


def _ref(text: str) -> EntityRef:
    try:
        return EntityRef.parse(text)
    except ValueError as error:
        message = f"--only: {error}"
        raise UsageInvalid(message) from None
