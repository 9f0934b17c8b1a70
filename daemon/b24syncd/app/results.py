"""What an order came to, as JSON: what the daemon tells the command in the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from b24syncd.domain.decisions import Kept
from b24syncd.domain.decisions import Left as LeftOpen
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.undoing import Left, Why
from b24syncd.reports.summary import Failed, Summary
from b24syncd.store.journal_rows import from_row, to_row

from .orders import decision_from_row, decision_to_row

if TYPE_CHECKING:
    from collections.abc import Mapping


def summary_to_json(summary: Summary) -> dict[str, Any]:
    """Return a summary as it is sent."""
    return {
        "run_id": summary.run_id,
        "interrupted": summary.interrupted,
        "counts": dict(summary.counts),
        "requests": summary.requests,
        "refused_types": {entity_type.value: detail for entity_type, detail in summary.refused_types.items()},
        "missing": [str(ref) for ref in summary.missing],
        "refused_feeds": dict(summary.refused_feeds),
        "failed": [[str(one.ref), one.detail] for one in summary.failed],
        "open_reviews": summary.open_reviews,
        "stopped": summary.stopped,
        "of_no_job": [str(ref) for ref in summary.of_no_job],
        "resting": dict(summary.resting),
    }


def summary_from_json(found: Mapping[str, Any]) -> Summary:
    """Return the summary that was sent."""
    return Summary(
        **{
            **found,
            "refused_types": {EntityType(name): detail for name, detail in found["refused_types"].items()},
            "missing": tuple(EntityRef.parse(text) for text in found["missing"]),
            "of_no_job": tuple(EntityRef.parse(text) for text in found["of_no_job"]),
            "failed": tuple(Failed(EntityRef.parse(text), detail) for text, detail in found["failed"]),
        }
    )


def left_to_json(left: tuple[Left, ...]) -> list[list[Any]]:
    """Return what an undo leaves as it is, as it is sent."""
    return [[list(to_row(one.correction)), one.why.value] for one in left]


def left_from_json(found: list[list[Any]]) -> tuple[Left, ...]:
    """Return the same as it was sent."""
    return tuple(Left(from_row(tuple(row)), Why(why)) for row, why in found)


def left_open_to_json(left: tuple[LeftOpen, ...]) -> list[list[Any]]:
    """Return which decisions were not written, as it is sent."""
    return [[list(decision_to_row(one.decision)), one.why.value] for one in left]


def left_open_from_json(found: list[list[Any]]) -> tuple[LeftOpen, ...]:
    """Return the same as it was sent."""
    return tuple(LeftOpen(decision_from_row(tuple(row)), Kept(why)) for row, why in found)
