"""What ends a program as a Ctrl-C does, so that nothing is cut off.

A terminal that goes away, as with a dropped connection (SIGHUP), and whoever asks a process to end (SIGTERM).
"""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType


@contextmanager
def signals_interrupt() -> Iterator[None]:
    """Let the first SIGHUP and every SIGTERM do what SIGINT does at that moment, for as long as the context lasts.

    What was ignored from the start (`nohup`) stays so.
    """
    handlers: dict[signal.Signals, Callable[[int, FrameType | None], None]]
    handlers = {signal.SIGHUP: _Hangup(), signal.SIGTERM: _interrupt}
    before = {number: signal.getsignal(number) for number in handlers}
    heard = [number for number in handlers if before[number] != signal.SIG_IGN]
    for number in heard:
        signal.signal(number, handlers[number])
    try:
        yield
    finally:
        for number in heard:
            signal.signal(number, before[number])


class _Hangup:
    """A handler. A shell and the kernel both tell of the same hangup, and a second Ctrl-C would be a rougher one."""

    def __init__(self) -> None:
        self._has_come = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if not self._has_come:
            self._has_come = True
            _interrupt(number, frame)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    if signal.getsignal(signal.SIGINT) in {signal.SIG_IGN, signal.SIG_DFL}:  # begun in the background of a script
        raise KeyboardInterrupt
    signal.raise_signal(signal.SIGINT)
