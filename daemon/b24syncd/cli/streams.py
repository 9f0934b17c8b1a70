"""The output, when it is closed, full, or read by somebody who has seen enough.

Nobody who reads is no reason to stop working, nor for another exit code than that of the work: what is written then
goes nowhere. Only a list ends early (`while_read`).
"""

from __future__ import annotations

import io
import os
import sys
from contextlib import contextmanager, redirect_stdout, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from b24syncd.errors import OutputUnwritable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

T = TypeVar("T")


class _Output(io.TextIOWrapper):
    """Standard output. Once it failed, everything goes nowhere, so that nothing fails twice."""

    is_useless = False

    def write(self, text: str, /) -> int:
        """Write; raise `OutputUnwritable` for every fault but a reader who went away."""
        try:
            return super().write(text)
        except OSError as error:
            self._give_up(error)
            return len(text)

    def flush(self) -> None:
        """Write what is held back; raise as `write` does."""
        try:
            super().flush()
        except OSError as error:
            self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        self.is_useless = True
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)
        super().flush()  # what is held back would fail again
        if not isinstance(error, ConnectionError):
            message = f"the output cannot be written: {error.strerror}; make room, or send it elsewhere"
            raise OutputUnwritable(message) from None


@contextmanager
def standard_output() -> Iterator[None]:
    """Write to standard output as told above for as long as the context lasts."""
    _open_what_is_closed()
    own = sys.stdout
    if not isinstance(own, io.TextIOWrapper):
        yield
        return
    own.flush()
    # An output in ASCII is no reason to fail.
    stream = _Output(own.buffer, own.encoding, "backslashreplace", line_buffering=own.line_buffering)
    try:
        with redirect_stdout(stream):
            yield
    finally:
        with suppress(OutputUnwritable):  # what is left to write here comes after another failure
            stream.flush()
        stream.detach()


def while_read(rows: Iterable[T]) -> Iterator[T]:
    """Yield what is to be written to the output, until nobody reads it any more."""
    for row in rows:
        if _is_useless():
            return
        yield row


def _is_useless() -> bool:
    return isinstance(sys.stdout, _Output) and sys.stdout.is_useless


def _open_what_is_closed() -> None:
    """Let what is told on a closed output go nowhere; and no file of ours may get the number of an output."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("r+", encoding="utf-8"))  # noqa: SIM115  # for the whole process
