"""Errors, classed by what the caller does about them.

B24SyncError
├── SettingsInvalid     tell every problem at once, change nothing             exit 2
├── UsageInvalid        tell what is wrong with the command line               exit 2
├── AddressWrong        stop: what answers there is no portal, nor will it be  exit 2
├── CredentialsRefused  stop: a person has to give other credentials or rights exit 3
├── PortalBlocked       stop: retrying is useless for now (OVERLOAD_LIMIT, …)  exit 4
├── StateLocked         stop: another writer holds the state                   exit 4
├── StateUnusable       stop: the database cannot be opened or is too new      exit 2
│   └── StateUnavailable    stop: its disk is full, or others lock it          exit 4
├── OutputUnwritable    stop: the disk of a report or of the output is full    exit 4
├── SafetyStop          stop: a safety limit wants a person to look first      exit 5
│   └── FieldChanged        the field of a job is not what it was              exit 5
├── Detached            a daemon goes on with what was handed over to it       exit 130
├── HandedOverFailed    a daemon was handed this over, and says why it failed  its own
├── RetryLater          nothing was done; the same call may go through later   exit 4
├── OutcomeUnknown      a write may or may not have been done: read first      exit 4
└── Rejected            the portal refused this one command for good           exit 6, mostly only told
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class ExitCode(IntEnum):
    """The documented exit codes of every command."""

    DONE = 0
    UNEXPECTED = 1
    USAGE = 2
    REFUSED = 3
    UNAVAILABLE = 4
    SAFETY_STOP = 5
    SOME_FAILED = 6
    INTERRUPTED = 130


class B24SyncError(Exception):
    """Base of all errors that are expected; its text is one clear sentence without secrets."""

    exit_code: ExitCode = ExitCode.UNEXPECTED


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem of the configuration: where, what, and what to do about it. `value` is never a secret."""

    key: str
    message: str
    cure: str
    value: str | None = None

    def __str__(self) -> str:
        """Return the problem as one line; it is of no key where there is no configuration at all."""
        value = "" if self.value is None else f" (is {self.value})"
        return f"{f'{self.key}: ' if self.key else ''}{self.message}{value}; {self.cure}"


class RightMissing(Problem):
    """What is configured is no mistake, but the portal does not let this webhook do it."""

    __slots__ = ()


class SecretExposed(Problem):
    """A file that holds a secret may be read or changed by others."""

    __slots__ = ()


class SettingsInvalid(B24SyncError):
    """The configuration has problems; all of them are in `problems`."""

    exit_code = ExitCode.USAGE

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        """Keep the problems; the text lists them, a line each."""
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class UsageInvalid(B24SyncError):
    """The command line asks for something that does not exist or does not fit."""

    exit_code = ExitCode.USAGE


class AddressWrong(B24SyncError):
    """What answers at the configured address is no portal that can be spoken to: it will not heal by itself."""

    exit_code = ExitCode.USAGE


class CredentialsRefused(B24SyncError):
    """The portal refused the credentials, the scope or the user's rights."""

    exit_code = ExitCode.REFUSED


class PortalBlocked(B24SyncError):
    """The portal is blocked, unpaid or deleted; retrying is useless."""

    exit_code = ExitCode.UNAVAILABLE


class SafetyStop(B24SyncError):
    """A safety limit stopped the run; what was under way is settled, and it can go on."""

    exit_code = ExitCode.SAFETY_STOP


class FieldChanged(SafetyStop):
    """A field that was written into before is not there as it was, so that nothing began."""


class Detached(B24SyncError):
    """A command was handed over to a daemon, which goes on with it though nobody waits any more."""

    exit_code = ExitCode.INTERRUPTED


class HandedOverFailed(B24SyncError):
    """A command that was handed over to a daemon failed there; the text is the daemon's."""

    def __init__(self, message: str, exit_code: int) -> None:
        """Keep the exit code that the command would have had."""
        super().__init__(message)
        self.exit_code = ExitCode(exit_code)


class StateLocked(B24SyncError):
    """Another writer holds the state."""

    exit_code = ExitCode.UNAVAILABLE


class StateUnusable(B24SyncError):
    """The database cannot be opened, is of a newer version, or is no database of ours."""

    exit_code = ExitCode.USAGE


class StateUnavailable(StateUnusable):
    """The database is sound, but cannot be used until its disk has room or another program lets go of it."""

    exit_code = ExitCode.UNAVAILABLE


class OutputUnwritable(B24SyncError):
    """What was asked for cannot be written, to a report or to the output: a disk is full or fails."""

    exit_code = ExitCode.UNAVAILABLE


class RetryLater(B24SyncError):
    """Nothing was done, and the same call may go through after `delay` seconds."""

    exit_code = ExitCode.UNAVAILABLE

    def __init__(self, message: str, delay: float = 0.0) -> None:
        """Keep the delay in seconds."""
        super().__init__(message)
        self.delay = delay


class OutcomeUnknown(B24SyncError):
    """A request may or may not have taken effect: read before anything is written again."""

    exit_code = ExitCode.UNAVAILABLE


class Rejected(B24SyncError):
    """The portal refused one command for good."""

    exit_code = ExitCode.SOME_FAILED

    def __init__(self, code: str, description: str) -> None:
        """Keep Bitrix24's error code and description."""
        super().__init__(f"{code or 'no code'}: {description or 'no description'}")
        self.code = code
        self.description = description


UNEXPECTED = "unexpected"


def class_of(error: BaseException) -> str:
    """Return the class of an error by the name that metrics have for it: `retry_later` for `RetryLater` and its kin."""
    kind = next((kind for kind in type(error).__mro__ if kind.__module__ == __name__), None)
    return UNEXPECTED if kind is None else name_of(kind)


def name_of(kind: type[BaseException]) -> str:
    """Return the name of a class of errors as metrics have it."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind.__name__).lower()


_OTHERS = 4
_RANKS: dict[type[B24SyncError], int] = {
    StateUnusable: 0,
    CredentialsRefused: 1,
    PortalBlocked: 2,
    SafetyStop: 3,
    OutcomeUnknown: _OTHERS + 1,
    RetryLater: _OTHERS + 2,
    Rejected: _OTHERS + 3,
}
"""Of several errors at once the one of the lowest rank decides: first what only a person mends, then what time mends,
then what concerns one command alone."""


def gravest(error: BaseException) -> BaseException:
    """Return the error that decides what is to be done where several came at once; an unexpected one always does."""
    return min(leaves_of(error), key=_rank)


def _rank(error: BaseException) -> int:
    if not isinstance(error, B24SyncError):
        return -1
    return next((rank for kind, rank in _RANKS.items() if isinstance(error, kind)), _OTHERS)


def leaves_of(error: BaseException) -> Iterator[BaseException]:
    """Yield the errors themselves, without the groups around them."""
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from leaves_of(inner)
    else:
        yield error
