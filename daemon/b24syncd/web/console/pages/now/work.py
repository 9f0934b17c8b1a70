"""What is being done on somebody's behalf: commands, how far each is, and how the last ones ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from b24syncd.app.control_messages import Failed
from b24syncd.app.requests import AddRequest, BackfillRequest, PreviewRequest, UndoRequest
from b24syncd.domain.additions import AddFate
from b24syncd.engine.how_far import HANDED_OVER, QUEUED
from b24syncd.web.console.formats import word
from b24syncd.web.console.pages.forms.sentences import ADD_FATES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from b24syncd.app.submitted import Submitted
    from b24syncd.engine.how_far import HowFar

_WAITS: Final = frozenset({HANDED_OVER, QUEUED})


@dataclass(frozen=True, slots=True)
class Work:
    """A command that waits or is executed: its `number`, what it is about, and who asked for it."""

    number: int
    command: str
    about: str
    by: str
    how_far: HowFar
    has_begun: bool
    is_stopping: bool


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended: the run that it was and what that counted, the preview that it made, or why it failed."""

    number: int
    command: str
    about: str
    by: str
    run: int | None
    preview: int | None
    counts: Mapping[str, int]
    is_interrupted: bool
    stopped: str | None
    failed: str


def work_of(submitted: Submitted, *, is_stopping: bool) -> Work:
    """Return how far a command is."""
    request = submitted.request
    how_far = submitted.progress().how_far
    told = (submitted.number, request.command, about(submitted), request.by, how_far)
    return Work(*told, has_begun=how_far.phase not in _WAITS, is_stopping=is_stopping)


def ended_of(submitted: Submitted) -> Ended:
    """Return how a command ended."""
    request, outcome = submitted.request, submitted.outcome
    told = (submitted.number, request.command, about(submitted), request.by)
    if outcome is None or isinstance(outcome, Failed):
        lines = () if outcome is None else outcome.lines
        return Ended(*told, None, None, {}, is_interrupted=False, stopped=None, failed="\n".join(lines))
    result = outcome.result if isinstance(outcome.result, dict) else {}
    summary = result.get("summary", result)
    return Ended(
        *told,
        summary.get("run_id"),
        result.get("number") if isinstance(request, PreviewRequest) else None,
        summary.get("counts", {}),
        is_interrupted=bool(summary.get("interrupted")),
        stopped=summary.get("stopped"),
        failed=_not_added(*result["ending"]) if isinstance(request, AddRequest) else "",
    )


def _not_added(fate: str, ref: str | None, *_: object) -> str:
    """Return what became of an addition that made no item, empty where there is one."""
    return ADD_FATES[AddFate(fate)] if ref is None else ""


def about(submitted: Submitted) -> str:
    """Return what a command is narrowed to, without a value of anybody's."""
    match submitted.request:
        case BackfillRequest(jobs=jobs, only=only, limit=limit) | PreviewRequest(jobs=jobs, only=only, limit=limit):
            most = f"≤ {limit}" if limit is not None else ""
            parts = [", ".join(map(word, jobs)), ", ".join(map(str, only[:5])), most]
        case UndoRequest(which=which):
            parts = [f"#{which.run_id}" if which.run_id else "", str(which.item or ""), word(which.job or "")]
        case _:
            parts = []
    return " · ".join(filter(None, parts))
