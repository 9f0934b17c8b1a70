"""What a preview found: how much of each kind, a random sample, the safety limits ahead, how long it would take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from b24syncd.domain.changed_share import is_too_large
from b24syncd.store.runs import Count

from .groups import Groups
from .report import Report
from .sampling import Sample

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .effort import Effort
    from .findings import Finding
    from .groups import ChangeGroup, CountryGroup, ReasonGroup
    from .regions import RegionsReport
    from .summary import Summary


@dataclass(frozen=True, slots=True)
class PreviewReport(Report):
    """What would be done and asked, in groups, the most frequent first; the `sample` is in the order of the walk.

    `countries` are those of the phone numbers that were read, and `limits` the safety limits ahead, in words. In
    `other_region` phones seem to be written; with `other_regions` more would be read.
    """

    findings: int
    changes: tuple[ChangeGroup, ...]
    reasons: tuple[ReasonGroup, ...]
    countries: tuple[CountryGroup, ...]
    sample: tuple[Finding, ...]
    limits: tuple[str, ...] = ()
    other_region: str | None = None
    other_regions: RegionsReport | None = None
    effort: Effort | None = None

    def ending(self) -> Iterator[str]:
        """Yield what is to be known before it is done."""
        yield from self.limits
        if self.other_regions is not None:
            yield from self.other_regions.lines()
        if self.effort is not None:
            yield from self.effort.lines()


class Findings:
    """Takes in findings as they come, of which there are very many in a large portal."""

    def __init__(self, sample: int) -> None:
        """Begin with nothing; keep a sample of so many."""
        self._groups = Groups()
        self._sample: Sample[Finding] = Sample(sample)

    def add(self, finding: Finding, numbers: Iterable[str] = ()) -> None:
        """Take in a finding, and the phone numbers that were read for it."""
        self._groups.add(finding, numbers)
        self._sample.add(finding)

    def report(
        self, summary: Summary, limits: Iterable[str] = (), other_regions: RegionsReport | None = None
    ) -> PreviewReport:
        """Return what was found by the preview that ended so, and what is ahead of whoever has it done."""
        groups, sample = self._groups, self._sample
        return PreviewReport(
            sample.seen,
            groups.changes(),
            groups.reasons(),
            groups.countries(),
            sample.kept(),
            tuple(limits),
            summary.other_region,
            other_regions,
            summary.effort,
        )


def limits_ahead(summary: Summary, *, canary: int, max_changed_share: float) -> Iterator[str]:
    """Yield which safety limits will stop a run that does what this preview planned, unless they are lifted."""
    counts = summary.counts
    if summary.other_region is not None:
        yield f"the first run stops: phones seem to be written in another region: {summary.other_region}"
        yield "set portal.region, if that is so"
    if canary and counts[Count.CORRECTIONS] > canary:
        yield f"safety.canary = {canary} stops such a run after its first corrections, unless it was lifted before"
    read, changed = counts[Count.READ], counts[Count.CORRECTED]
    if is_too_large(changed, read, max_changed_share):
        share = f"safety.max_changed_share = {max_changed_share:g}"
        yield f"{share} stops a run that would change {changed} of {read} items, unless it was lifted before"
