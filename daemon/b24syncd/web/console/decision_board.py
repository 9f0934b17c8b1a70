"""What people of the console decided lately, and what became of it; kept in memory, for the pages that show it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import count
from typing import TYPE_CHECKING, Final

from b24syncd.app.control_messages import Failed, Finished
from b24syncd.app.requests import DecideRequest, RebindRequest
from b24syncd.domain.decisions import Kept

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from b24syncd.app.submitted import Submitted

_REMEMBERED: Final = 200
"""Decisions that pages tell of; what came before them is in the state and in the journal."""

_MANY: Final = 5
"""Decisions about many reviews at once that pages tell of."""


class Became(StrEnum):
    """What became of a decision."""

    WRITING = "writing"
    WRITTEN = "written"
    LEFT = "left"
    FAILED = "failed"
    DISMISSED = "dismissed"
    REOPENED = "reopened"
    RELEASED = "released"
    OVER = "over"  # nothing was decided: the review was not open any more
    CHANGED = "changed"  # nor was here: it is about something else than when it was shown


@dataclass(frozen=True, slots=True)
class Told:
    """A decision about a review, `by` whom, what became of it, and why it is left, as a word or in a sentence.

    Its `number` tells it from later ones about the same review.
    """

    number: int
    review_id: int
    by: str
    became: Became
    why: str = ""


@dataclass(slots=True)
class DecisionBoard:
    """The latest decisions, those that are being written among them."""

    _numbers: count[int] = field(default_factory=count)
    _latest: deque[tuple[Told, Submitted | None]] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    _many: deque[Submitted] = field(default_factory=lambda: deque(maxlen=_MANY))

    def note(self, ids: Iterable[int], by: str, became: Became, submitted: Submitted | None = None) -> tuple[Told, ...]:
        """Take note of what somebody decided; of what is written, what was `submitted` tells what becomes of it."""
        noted = [(Told(next(self._numbers), review_id, by, became), submitted) for review_id in ids]
        self._latest.extend(noted)
        return tuple(told for told, _ in noted)

    def note_many(self, submitted: Submitted) -> None:
        """Take note of a decision about many reviews."""
        self._many.append(submitted)

    @property
    def many(self) -> tuple[Submitted, ...]:
        """The latest decisions about many reviews, the last one first."""
        return tuple(reversed(self._many))

    def told(self) -> tuple[Told, ...]:
        """Return what became of the latest decisions, the last one about each review."""
        latest = {told.review_id: (told, submitted) for told, submitted in self._latest}
        commands = {id(submitted): submitted for _, submitted in latest.values() if submitted is not None}
        outcomes = {name: dict(_outcomes(submitted)) for name, submitted in commands.items()}
        return tuple(
            told if submitted is None else _ended(told, outcomes[id(submitted)]) for told, submitted in latest.values()
        )


def _ended(told: Told, outcomes: dict[int, tuple[Became, str]]) -> Told:
    became, why = outcomes.get(told.review_id, (told.became, told.why))
    return replace(told, became=became, why=why)


def _outcomes(submitted: Submitted) -> Iterator[tuple[int, tuple[Became, str]]]:
    """Yield what became of each decision of a command that has ended."""
    match submitted.request:
        case DecideRequest(decisions=decisions):
            ids = [decision.review_id for decision in decisions]
        case RebindRequest(moves=moves):
            ids = [move.line for move in moves]
        case _:
            ids = []
    match submitted.outcome:
        case Failed(lines=lines):
            yield from ((review_id, (Became.FAILED, "\n".join(lines))) for review_id in ids)
        case Finished(result={"left": left}):
            yield from ((review_id, (Became.WRITTEN, "")) for review_id in ids)
            yield from ((decision[0], (Became.LEFT, why)) for decision, why in left)
        case Finished(result={"failed": [], "stopped": None, "interrupted": False}):
            yield from ((review_id, (Became.WRITTEN, "")) for review_id in ids)
        case Finished():
            yield from ((review_id, (Became.LEFT, Kept.NOT_WRITTEN.value)) for review_id in ids)
