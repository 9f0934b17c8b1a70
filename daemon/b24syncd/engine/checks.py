"""What became of checking jobs against the portal: rules that fit, jobs that rest, and what a person has to mend."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from b24syncd.errors import B24SyncError, Problem, RightMissing, SettingsInvalid

if TYPE_CHECKING:
    from b24syncd.domain.rules import Rules

    NotFitting = tuple[Problem, ...] | B24SyncError
    """What is wrong with the rules of a job, or the error that keeps it from being looked at."""


@dataclass(slots=True)
class Checks:
    """The rules of the jobs that are checked so far, those that are `resting` for want of a right, and all problems."""

    rules: dict[str, Rules]
    problems: list[Problem] = field(default_factory=list)
    resting: dict[str, B24SyncError] = field(default_factory=dict)

    def refuse(self, name: str, why: NotFitting) -> None:
        """Note that a job does not fit; one whose right is missing rests where others have theirs."""
        if isinstance(why, tuple) and why and all(isinstance(problem, RightMissing) for problem in why):
            why = SettingsInvalid(why)
        if isinstance(why, B24SyncError):
            self.resting[name] = why
            self.rules.pop(name, None)
        else:
            self.problems += why

    def finish(self) -> dict[str, str]:
        """Return why jobs rest, by their names; raise what is wrong, and where no job is left, why."""
        if self.problems:
            raise SettingsInvalid(tuple(self.problems))
        if self.resting and not self.rules:
            raise next(iter(self.resting.values()))
        return {name: "; ".join(str(error).splitlines()) for name, error in self.resting.items()}
