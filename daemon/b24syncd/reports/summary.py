"""How a command that works with the portal ended, and the words for that."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from b24syncd.store.runs import Count

from .wording import NOTHING_WRITTEN, counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from b24syncd.domain.entities import EntityRef, EntityType

    from .effort import Effort
    from .wording import Subjects


@dataclass(frozen=True, slots=True)
class Failed:
    """An item that failed, and why."""

    ref: EntityRef
    detail: str | None


@dataclass(frozen=True, slots=True)
class Summary:
    """How a command ended; a preview has no `run_id`. `stopped` tells which safety limit ended it.

    Of the items that were named, `missing` ones are gone or not to be read; no job looks at those `of_no_job`. A
    preview tells `other_region`, in which the portal's phones seem to be written, and what `effort` the writing would
    be. `resting` jobs have no right to work, `paused` ones were told to rest. The portal has no `types_off`, which is
    no fault: they are switched off, or were deleted.
    """

    run_id: int | None
    interrupted: bool
    counts: Mapping[str, int]
    requests: int
    refused_types: Mapping[EntityType, str] = field(default_factory=dict)
    missing: tuple[EntityRef, ...] = ()
    refused_feeds: Mapping[str, str] = field(default_factory=dict)
    failed: tuple[Failed, ...] = ()
    open_reviews: int | None = None
    stopped: str | None = None
    of_no_job: tuple[EntityRef, ...] = ()
    other_region: str | None = None
    effort: Effort | None = None
    resting: Mapping[str, str] = field(default_factory=dict)
    types_off: Mapping[EntityType, str] = field(default_factory=dict)
    paused: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_preview(self) -> bool:
        """Whether nothing was written."""
        return self.run_id is None


def walk_lines(summary: Summary, subjects: Subjects) -> Iterator[str]:
    """Yield how a walk ended, or its preview, in words."""
    counts, is_dry = summary.counts, summary.is_preview
    corrections = counted(counts[Count.CORRECTIONS], "correction")
    done = f"{counts[Count.CORRECTED]} {'to correct' if is_dry else 'corrected'} ({corrections})"
    asked = counted(counts[Count.REVIEWS], "review")
    if summary.open_reviews is not None:
        asked = f"{counted(counts[Count.REVIEWS], 'new review')} ({summary.open_reviews} open)"
    # a page that a limit stopped counts as read only once it is settled
    read = () if summary.stopped is not None else (f"{subjects.counted(counts[Count.READ])} read",)
    yield ", ".join((*read, done, asked, counted(summary.requests, "request")))
    if counts[Count.MENDED]:
        yield f"{counted(counts[Count.MENDED], 'edit')} of people met and mended"
    yield from unverified_lines(summary)
    if counts[Count.OVERTAKEN]:
        yield f"{subjects.counted(counts[Count.OVERTAKEN])} overtaken by somebody's edit and planned afresh"
    yield from _left_out(summary)
    if refused := counts[Count.REFUSED]:
        where = "review list" if summary.stopped is None else f"journal --run {summary.run_id} --outcome refused"
        yield f"{subjects.counted(refused)} refused by the portal: `b24syncd {where}` tells what and why"
    yield from failed_lines(summary, subjects)
    if summary.failed:
        again = summary.failed[0].ref
        yield f"once what was in the way is mended, `b24syncd backfill --only {again}` tries one at once"
    if summary.open_reviews:
        yield "`b24syncd review list` shows what a person has to decide"
    if is_dry and not counts[Count.CORRECTIONS] and not counts[Count.REVIEWS]:
        yield f"nothing is to be done{'' if _is_whole(summary) else ' in what was read'}"
    elif is_dry:
        yield NOTHING_WRITTEN
    yield from cut_short_lines(summary)


def unverified_lines(summary: Summary) -> Iterator[str]:
    """Yield what was made without an answer."""
    if unverified := summary.counts[Count.UNVERIFIED]:
        yield f"{counted(unverified, 'correction')} unverified: made, but the portal's answer was lost"


def failed_lines(summary: Summary, subjects: Subjects) -> Iterator[str]:
    """Yield what failed."""
    if failed := summary.counts[Count.FAILED]:
        yield f"{subjects.counted(failed)} failed; the latest:"
        yield from (f"  {one.ref}: {one.detail or ''}" for one in summary.failed)


def cut_short_lines(summary: Summary) -> Iterator[str]:
    """Yield what ended it before its end."""
    if summary.stopped is not None:
        yield f"stopped by a safety limit: {summary.stopped}"
    if summary.interrupted:
        yield "interrupted before the end" if summary.is_preview else "interrupted; the same command goes on from here"


def _is_whole(summary: Summary) -> bool:
    """Tell whether everything was read that was meant."""
    return not (summary.interrupted or summary.counts[Count.FAILED] or any(_left_out(summary)))


def _left_out(summary: Summary) -> Iterator[str]:
    """Yield what was not looked at, and why."""
    yield from (f"left out {job}, for want of rights: {detail}" for job, detail in summary.resting.items())
    yield from (
        f"left out {job}, {detail}; `b24syncd job resume {job}` lets it go on" for job, detail in summary.paused.items()
    )
    yield from (f"skipped {entity_type.value}: {detail}" for entity_type, detail in summary.refused_types.items())
    yield from (f"switched off, {entity_type.value}: {detail}" for entity_type, detail in summary.types_off.items())
    yield from (f"ended early, {feed}: {detail}" for feed, detail in summary.refused_feeds.items())
    yield from (f"not found: {ref}" for ref in summary.missing)
    yield from (f"no chosen job looks at {ref}" for ref in summary.of_no_job)
