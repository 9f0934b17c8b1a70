"""What a preview found: how much of each kind, the first findings, and which safety limits are ahead."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from b24syncd.domain.changed_share import is_too_large
from b24syncd.store.runs import Count

from .findings import findings_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from b24syncd.domain.plans import Plan

    from .findings import PlanFinding
    from .summary import Summary


class PreviewReport:
    """Counts findings by their actions and keeps the first so many: of a large portal there are very many."""

    def __init__(self, kept: int) -> None:
        """Begin with nothing."""
        self._kept = kept
        self.first: list[PlanFinding] = []
        self.counts: Counter[str] = Counter()

    @property
    def more(self) -> int:
        """How many there are that were not kept."""
        return self.counts.total() - len(self.first)

    def add(self, plan: Plan) -> Iterator[PlanFinding]:
        """Take in one item's plan; yield its findings."""
        for finding in findings_of(plan):
            self.counts[finding.action] += 1
            if len(self.first) < self._kept:
                self.first.append(finding)
            yield finding


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
