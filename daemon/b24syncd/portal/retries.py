"""Trying single commands of a reading again: those that failed without a reason that would be theirs.

The first retry is together, the last one alone, so that no other command can be the cause. What fails then as well is
refused, that one item may not hold up all others.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from b24syncd.errors import OutcomeUnknown
from b24syncd.portal.wire.commands import Answered, Deferred, Outcome, Refused, Unknown
from b24syncd.portal.wire.faults import (
    credentials_refused,
    is_of_credentials,
    is_told_by_text,
    lacks_own_scope,
    says_nothing,
)
from b24syncd.portal.wire.transport_faults import FaultTold, NotSent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from b24syncd.portal.pace.patience import Patience
    from b24syncd.portal.wire.commands import Command

_MOST_TRIES = 3
_MOST_ALONE = 10
"""When more fail, it is not one that spoils the others."""


class Retries:
    """How often the commands of one reading failed, by their index."""

    def __init__(self, commands: Sequence[Command], called: str) -> None:
        """Begin without failures; `called` is what lets the program in."""
        self._commands, self._called = commands, called
        self._failed: Counter[int] = Counter()
        self._has_answers = False

    def first_of(self, pending: Sequence[int]) -> list[int]:
        """Return what goes next: a command that failed twice alone, otherwise as much of `pending` as fits."""
        if len(pending) <= _MOST_ALONE and self._is_last_try(pending[0]):
            return [pending[0]]
        return list(pending)

    def final(self, got: Mapping[int, Outcome]) -> dict[int, Outcome]:
        """Return the outcomes that count."""
        self._has_answers |= any(isinstance(outcome, Answered) for outcome in got.values())
        judged = {index: self._judged(index, outcome) for index, outcome in got.items()}
        return {index: outcome for index, outcome in judged.items() if outcome is not None}

    def lost(self, chunk: Sequence[int], fault: Exception) -> dict[int, Outcome]:
        """Return what counts of a request without a usable answer: one that a single command asked for at its last try.

        A command that failed among others which were answered is at its next try where the portal says the same again.
        """
        if len(chunk) > 1 or not self._has_answers:
            return {}
        is_next_try = self._failed[chunk[0]] > 0 and isinstance(fault, FaultTold)
        if is_next_try or self._is_last_try(chunk[0]):
            return self.final({chunk[0]: Unknown(str(fault))})
        return {}

    def _is_last_try(self, index: int) -> bool:
        return self._failed[index] == _MOST_TRIES - 1

    def _judged(self, index: int, outcome: Outcome) -> Outcome | None:
        match outcome:
            case Answered():
                return outcome
            case Deferred():
                return None
            case Refused(code=code, description=description):
                if lacks_own_scope(code, self._commands[index].method):
                    return outcome
                if is_of_credentials(code):
                    raise credentials_refused(code, description, self._called)
                if not says_nothing(code) or is_told_by_text(description):
                    return outcome
                self._failed[index] += 1
                return outcome if self._failed[index] >= _MOST_TRIES else None
            case Unknown(reason=reason):
                if self._has_answers:  # otherwise the portal as a whole is in trouble
                    self._failed[index] += 1
                given_up = Refused("INTERNAL_SERVER_ERROR", f"{self._commands[index].method}: {reason}")
                return given_up if self._failed[index] >= _MOST_TRIES else None


def usable_prefix(outcomes: Sequence[Outcome]) -> tuple[Outcome, ...]:
    """Return what a chain yields: everything up to the first failure, which is told when it is final."""
    for index, outcome in enumerate(outcomes):
        if not isinstance(outcome, Answered):
            return tuple(outcomes[: index + 1 if isinstance(outcome, Refused) else index])
    return tuple(outcomes)


async def wait_for(outcome: Outcome, patience: Patience) -> None:
    """Wait after an outcome that is not final; a blocked method is waited for when it is called again."""
    match outcome:
        case Unknown(reason=reason):
            await patience.wait(OutcomeUnknown(reason))
        case Refused():
            await patience.wait(OutcomeUnknown(f"the portal answered {outcome.rejected}"))
        case Deferred(delay=delay) if delay <= 0:
            await patience.wait(NotSent("the portal answered that there are too many requests"))
