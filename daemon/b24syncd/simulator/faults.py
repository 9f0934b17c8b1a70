"""Scripted faults: requests that are refused, answers that are lost, garbled or late, commands that fail.

`before` nothing took effect; `after` everything did, only the answer is lost. A fault of the whole request matches by
its method or by a method in its batch; `429` and `command_error` strike single commands.
Sources: docs error-codes.md and limits.md (bodies and statuses; what an interrupted request did stays done).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import TYPE_CHECKING

from .errors import RestError, operation_time_limit

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable

    from . import php
    from .methods.calls import Call


class Kind(StrEnum):
    """What happens."""

    RESET = "reset"
    TRUNCATED = "truncated"
    HTML = "html"
    MEMORY = "memory"
    """The page that PHP leaves behind when a request takes too much memory."""
    HANG = "hang"
    """No answer for `seconds`."""
    LATE = "late"
    """The effect itself comes `seconds` later, whether or not the client is still there; then the answer."""
    CUT = "cut"
    """The connection breaks after `commands` commands of a batch; what they did stays done."""
    ERROR_500 = "500"
    ERROR_503 = "503"
    OVERLOAD = "overload"
    ERROR_429 = "429"
    COMMAND_ERROR = "command_error"
    """One command is answered with `code` and `description`."""


_OF_COMMANDS = (Kind.ERROR_429, Kind.COMMAND_ERROR)
ANY = "*"


@dataclass(frozen=True, slots=True)
class Request:
    """A request as faults see it: its method, its parameters, the methods of the commands in its batch."""

    method: str
    parameters: php.Array
    methods: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One scripted fault: from the `nth` match on, `times` times (`None`: always), each time with `probability`.

    `match` is a method, `*`, or a predicate over the request (for faults of commands: over the `Call`). A fault of the
    whole request may strike only those in which there are `more_than` so many commands of that method: a chain of pages
    that is too much for the server.
    """

    kind: Kind
    match: str | Callable[[Request], bool] | Callable[[Call], bool] = ANY
    when: str = "before"
    nth: int = 1
    times: int | None = 1
    probability: float = 1.0
    seconds: float = 3600.0
    commands: int = 1
    more_than: int = 0
    status: int = 502
    code: str = "INTERNAL_SERVER_ERROR"
    description: str = "Internal server error"

    def matches(self, subject: Request | Call, *methods: str) -> bool:
        """Return whether the fault is meant for this request or command, which carries these methods."""
        if callable(self.match):
            return self.match(subject)  # type: ignore[arg-type] # the kind of fault tells which it takes
        return self.match == ANY or methods.count(self.match.lower()) > self.more_than


class _Armed:
    """A fault and how often it matched and struck."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.matched = 0
        self.struck = 0

    def strikes(self, rng: Random) -> bool:
        fault = self.fault
        if self.matched < fault.nth or (fault.times is not None and self.struck >= fault.times):
            return False
        if fault.probability < 1 and rng.random() >= fault.probability:
            return False
        self.struck += 1
        return True


class FaultScript:
    """All faults that lie in wait; also the watcher that lets commands fail. The seed decides about probabilities."""

    def __init__(self, counts: Counter[str], seed: int = 0) -> None:
        """Begin without faults; `counts` counts those that struck, by kind."""
        self._counts = counts
        self._rng = Random(seed)  # noqa: S311 - has to be repeatable
        self._armed: list[_Armed] = []

    def add(self, *faults: Fault) -> None:
        """Let more faults lie in wait."""
        self._armed.extend(_Armed(fault) for fault in faults)

    def clear(self) -> None:
        """Forget them all."""
        self._armed.clear()

    @property
    def waiting(self) -> bool:
        """Whether any fault is scripted."""
        return bool(self._armed)

    def strike(self, request: Request) -> Fault | None:
        """Return the fault that strikes this request, if any does."""
        return self._first([a for a in self._armed if a.fault.kind not in _OF_COMMANDS], request, request.methods)

    def before(self, call: Call) -> RestError | None:
        """Let a command fail without any effect."""
        return self._command(call, "before")

    def after(self, call: Call) -> RestError | None:
        """Let a command fail although it took effect."""
        return self._command(call, "after")

    def _command(self, call: Call, when: str) -> RestError | None:
        armed = [a for a in self._armed if a.fault.kind in _OF_COMMANDS and a.fault.when == when]
        fault = self._first(armed, call, (call.method,))
        if fault is None:
            return None
        return operation_time_limit() if fault.kind is Kind.ERROR_429 else RestError(fault.code, fault.description)

    def _first(self, armed: list[_Armed], subject: Request | Call, methods: tuple[str, ...]) -> Fault | None:
        matching = [candidate for candidate in armed if candidate.fault.matches(subject, *methods)]
        for candidate in matching:
            candidate.matched += 1
        for candidate in matching:
            if candidate.strikes(self._rng):
                self._counts[candidate.fault.kind.value] += 1
                return candidate.fault
        return None
