"""What an examination found: check by check how it is, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from b24syncd.errors import B24SyncError, ExitCode, RightMissing

from .report import Report
from .wording import in_halves

if TYPE_CHECKING:
    from collections.abc import Iterable

    from b24syncd.errors import Problem

_GRAVEST_FIRST = (
    ExitCode.UNEXPECTED,
    ExitCode.USAGE,
    ExitCode.REFUSED,
    ExitCode.SAFETY_STOP,
    ExitCode.UNAVAILABLE,
    ExitCode.SOME_FAILED,
)
"""First what only a person mends, then what time mends, then what concerns some items alone (as `errors.gravest`)."""


class Level(StrEnum):
    """How something is; `SKIPPED` is what could not be looked at, which is told in its place."""

    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"
    SKIPPED = "skipped"


class Verdict(StrEnum):
    """How all of it is; an examination that was interrupted has none."""

    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Finding(Report):
    """What was found, and what to do about it; `exit_code` is the one with which a command would fail for it."""

    level: Level
    detail: str
    cure: str | None = None
    exit_code: ExitCode = ExitCode.DONE


@dataclass(frozen=True, slots=True)
class Check(Report):
    """One finding of the check of this name, which may have several."""

    name: str
    finding: Finding

    def to_json(self) -> dict[str, Any]:
        """Return the finding along with the name."""
        return {"name": self.name, **self.finding.to_json()}


@dataclass(frozen=True, slots=True)
class Examination(Report):
    """All checks in their order, as far as they were made."""

    checks: tuple[Check, ...]
    verdict: Verdict
    exit_code: ExitCode

    @classmethod
    def of(cls, checks: Iterable[Check], *, interrupted: bool = False) -> Examination:
        """Judge by the worst; of several failures the gravest gives the exit code."""
        checks = tuple(checks)
        if interrupted:
            return cls(checks, Verdict.INTERRUPTED, ExitCode.INTERRUPTED)
        levels = {check.finding.level for check in checks}
        if Level.FAILURE in levels:
            codes = (check.finding.exit_code for check in checks if check.finding.level is Level.FAILURE)
            return cls(checks, Verdict.FAILURE, min(codes, key=_GRAVEST_FIRST.index))
        return cls(checks, Verdict.WARNING if Level.WARNING in levels else Verdict.OK, ExitCode.DONE)

    def sentence(self) -> str:
        """Return how it is, in one line."""
        numbers = {level: sum(check.finding.level is level for check in self.checks) for level in Level}
        failures, warnings = numbers[Level.FAILURE], numbers[Level.WARNING]
        told = [
            *([f"{failures} {'failure' if failures == 1 else 'failures'}"] if failures else []),
            *([f"{warnings} {'warning' if warnings == 1 else 'warnings'}"] if warnings else []),
            *([f"{numbers[Level.SKIPPED]} not looked at"] if numbers[Level.SKIPPED] else []),
        ]
        match self.verdict:
            case Verdict.INTERRUPTED:
                return f"interrupted; so far: {', '.join(told) or 'nothing is wrong'}"
            case Verdict.OK:
                return ", ".join(("all is well", *told))
            case _:
                return ", ".join(told)


def ok(detail: str) -> Finding:
    """Return that something is as it should be."""
    return Finding(Level.OK, detail)


def warning(detail: str, cure: str) -> Finding:
    """Return what may do harm later, or lets less be done than is configured."""
    return Finding(Level.WARNING, detail, cure)


def failure(detail: str, cure: str | None, exit_code: ExitCode) -> Finding:
    """Return what keeps a command from its work."""
    return Finding(Level.FAILURE, detail, cure, exit_code)


def skipped(why: str) -> Finding:
    """Return why something was not looked at."""
    return Finding(Level.SKIPPED, f"not looked at: {why}")


def of_problem(problem: Problem) -> Finding:
    """Return a problem of the configuration, or of what it asks of a portal."""
    where = f"{problem.key}: " if problem.key else ""
    value = "" if problem.value is None else f" (is {problem.value})"
    code = ExitCode.REFUSED if isinstance(problem, RightMissing) else ExitCode.USAGE
    return failure(f"{where}{problem.message}{value}", problem.cure, code)


def of_error(error: B24SyncError) -> Finding:
    """Return an error, whose text ends with the cure where there is one."""
    detail, cure = in_halves("; ".join(str(error).splitlines()))
    return failure(detail, cure or None, error.exit_code)
