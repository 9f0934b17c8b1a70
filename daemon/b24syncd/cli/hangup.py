"""A terminal that goes away, as with a dropped connection: its SIGHUP is a Ctrl-C, so that nothing is cut off."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType


@contextmanager
def hangup_interrupts() -> Iterator[None]:
    """Let the first SIGHUP do what SIGINT does at that moment, for as long as the context lasts.

    Where it was ignored from the start (`nohup`), it stays so.
    """
    before = signal.getsignal(signal.SIGHUP)
    if before == signal.SIG_IGN:
        yield
        return
    signal.signal(signal.SIGHUP, _Hangup())
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, before)


class _Hangup:
    """The handler. A shell and the kernel both tell of the same hangup, and a second Ctrl-C would be a rougher one."""

    def __init__(self) -> None:
        self._has_come = False

    def __call__(self, _number: int, _frame: FrameType | None) -> None:
        if self._has_come:
            return
        self._has_come = True
        if signal.getsignal(signal.SIGINT) in {signal.SIG_IGN, signal.SIG_DFL}:  # begun in the background of a script
            raise KeyboardInterrupt
        signal.raise_signal(signal.SIGINT)
