"""Words and sentences of other parts of the program that pages show: they are translated with those of the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from b24syncd.domain.conditions import CURES, ConditionKind, Severity
from b24syncd.domain.decisions import Kept
from b24syncd.domain.descriptions import Action
from b24syncd.domain.entities import EntityType
from b24syncd.domain.job_names import EDITS, JOBS
from b24syncd.domain.people import Role
from b24syncd.domain.reasons import Reason
from b24syncd.domain.undoing import Why
from b24syncd.engine.how_far import HANDED_OVER, QUEUED
from b24syncd.reports.health import Verdict
from b24syncd.reports.runs import RunEnd
from b24syncd.store.journal import Outcome
from b24syncd.store.runs import Count, RunKind
from b24syncd.store.stored_reviews import ReviewState

if TYPE_CHECKING:
    from enum import Enum

_SHOWN: Final[tuple[type[Enum], ...]] = (
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
    Action,
    Count,
    EntityType,
)

_PHASES: Final = ("starting", "walking", "looking at changes", "looking", "settling", "finished", HANDED_OVER, QUEUED)
_COMMANDS: Final = ("rebind", "accept", "import", "preview")

DEEDS: Final = {"edit": EDITS, "decide": "decisions", "add": "add item"}
"""What is done, where the same word tells what a role permits, or one change."""

WORDS: Final = tuple(
    dict.fromkeys(
        (
            *(str(word.value).replace("_", " ") for kind in _SHOWN for word in kind),
            *(job.replace("_", " ") for job in JOBS),
            *(entity_type.value.replace("_", " ") for entity_type in list(EntityType)),
            *_PHASES,
            *_COMMANDS,
            *DEEDS.values(),
            *CURES,
        )
    )
)
"""All of them, each once."""
