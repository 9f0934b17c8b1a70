"""Words and sentences of other parts of the program that pages show: they are translated with those of the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from b24syncd.domain.conditions import CURES, ConditionKind, Severity
from b24syncd.domain.decisions import Kept
from b24syncd.domain.entities import EntityType
from b24syncd.domain.job_names import JOBS
from b24syncd.domain.people import Role
from b24syncd.domain.reasons import Reason
from b24syncd.domain.undoing import Why
from b24syncd.reports.health import Verdict
from b24syncd.reports.runs import RunEnd
from b24syncd.store.journal import Outcome
from b24syncd.store.runs import RunKind
from b24syncd.store.stored_reviews import ReviewState

if TYPE_CHECKING:
    from enum import StrEnum

_SHOWN: Final[tuple[type[StrEnum], ...]] = (
    Verdict,
    Severity,
    ConditionKind,
    Role,
    RunKind,
    RunEnd,
    Outcome,
    ReviewState,
    Reason,
    Kept,
    Why,
)

WORDS: Final = tuple(
    dict.fromkeys(
        (
            *(word.value.replace("_", " ") for kind in _SHOWN for word in kind),
            *(job.replace("_", " ") for job in JOBS),
            *(entity_type.value.replace("_", " ") for entity_type in list(EntityType)),
            *CURES,
        )
    )
)
"""All of them, each once."""
