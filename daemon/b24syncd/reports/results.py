"""What commands come to, as one object: the same whoever carried them out, and what a preview found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from b24syncd.store.runs import Count

from .report import Report

if TYPE_CHECKING:
    from collections.abc import Mapping

    from b24syncd.domain.entities import EntityRef, EntityType

    from .preview import PreviewReport
    from .summary import Summary

TO_CORRECT = "to_correct"
"""What a preview calls the items that would be corrected."""


@dataclass(frozen=True, slots=True)
class FailedReport(Report):
    """An item that failed, and why."""

    item: EntityRef
    detail: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandResult(Report):
    """How a command ended; a preview has no `run`, and tells what it found."""

    run: int | None
    exit_code: int
    interrupted: bool
    stopped: str | None
    requests: int
    counts: Mapping[str, int]
    failed_items: tuple[FailedReport, ...]
    refused_types: Mapping[EntityType, str]
    types_off: Mapping[EntityType, str]
    refused_feeds: Mapping[str, str]
    missing: tuple[EntityRef, ...]
    of_no_job: tuple[EntityRef, ...]
    resting: Mapping[str, str]
    paused: Mapping[str, str]
    open_reviews: int | None
    preview: PreviewReport | None


def command_result(summary: Summary, exit_code: int, preview: PreviewReport | None = None) -> CommandResult:
    """Return how a walk ended, or its preview."""
    return CommandResult(**common(summary, exit_code, preview))


def common(summary: Summary, exit_code: int, preview: PreviewReport | None) -> dict[str, Any]:
    """Return what every command tells of how it ended."""
    counts = counts_of_preview(summary.counts) if summary.is_preview else dict(summary.counts)
    return {
        "run": summary.run_id,
        "exit_code": int(exit_code),
        "interrupted": summary.interrupted,
        "stopped": summary.stopped,
        "requests": summary.requests,
        "counts": counts,
        "failed_items": tuple(FailedReport(one.ref, one.detail) for one in summary.failed),
        "refused_types": summary.refused_types,
        "types_off": summary.types_off,
        "refused_feeds": summary.refused_feeds,
        "missing": summary.missing,
        "of_no_job": summary.of_no_job,
        "resting": summary.resting,
        "paused": summary.paused,
        "open_reviews": summary.open_reviews,
        "preview": preview,
    }


def counts_of_preview(counts: Mapping[str, int]) -> dict[str, int]:
    """Return what a preview counts, by names that promise nothing was done, and without what only happens then."""
    made = {name.value for name in (Count.MENDED, Count.UNVERIFIED, Count.OVERTAKEN, Count.REFUSED)}
    return {
        (TO_CORRECT if name == Count.CORRECTED.value else name): number
        for name, number in counts.items()
        if name not in made
    }
