"""The output, when it is closed, full, read by somebody who has seen enough, or a terminal that went away.

Nobody who reads is no reason to stop working, nor for another exit code than that of the work: what is written then
goes nowhere. Only a list ends early (`while_read`).
"""

from __future__ import annotations

import errno
import io
import os
import stat
import sys
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from b24syncd.errors import OutputUnwritable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

T = TypeVar("T")


class _Stream(io.TextIOWrapper):
    """A standard stream. Once nobody is there any more who could read it, everything goes nowhere."""

    is_useless = False

    def write(self, text: str, /) -> int:
        """Write; raise `OSError` for every fault but a reader, or a terminal, that went away."""
        try:
            return super().write(text)
        except OSError as error:
            self._failed(error)
            return len(text)

    def flush(self) -> None:
        """Write what is held back; raise as `write` does."""
        try:
            super().flush()
        except OSError as error:
            self._failed(error)

    def _failed(self, error: OSError) -> None:
        if not self._is_deserted(error):
            raise error
        self._give_up()

    def _is_deserted(self, error: OSError) -> bool:
        return isinstance(error, ConnectionError) or (
            error.errno == errno.EIO and stat.S_ISCHR(os.fstat(self.fileno()).st_mode)
        )

    def _give_up(self) -> None:
        self.is_useless = True
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)
        super().flush()  # what is held back would fail again, and at the end of the process too


class _Output(_Stream):
    """Standard output: once it failed for whatever reason, everything goes nowhere, so that nothing fails twice."""

    def _failed(self, error: OSError) -> None:
        is_deserted = self._is_deserted(error)
        self._give_up()
        if not is_deserted:
            message = f"the output cannot be written: {error.strerror}; make room, or send it elsewhere"
            raise OutputUnwritable(message) from None


@contextmanager
def standard_output() -> Iterator[None]:
    """Write to standard output, and to standard error, as told above for as long as the context lasts."""
    _open_what_is_closed()
    with ExitStack() as stack:
        if isinstance(sys.stdout, io.TextIOWrapper):
            output = stack.enter_context(_in_place_of(sys.stdout, _Output))
            stack.enter_context(redirect_stdout(output))
        if isinstance(sys.stderr, io.TextIOWrapper):
            stack.enter_context(redirect_stderr(stack.enter_context(_in_place_of(sys.stderr, _Stream))))
        yield


@contextmanager
def _in_place_of(own: io.TextIOWrapper, kind: type[_Stream]) -> Iterator[_Stream]:
    own.flush()
    # An output in ASCII is no reason to fail.
    stream = kind(own.buffer, own.encoding, "backslashreplace", line_buffering=own.line_buffering)
    try:
        yield stream
    finally:
        with suppress(OutputUnwritable, OSError):  # what is left to write here comes after another failure
            stream.flush()
        stream.detach()


def while_read(rows: Iterable[T]) -> Iterator[T]:
    """Yield what is to be written to the output, until nobody reads it any more."""
    for row in rows:
        if _is_useless():
            return
        yield row


def _is_useless() -> bool:
    return isinstance(sys.stdout, _Stream) and sys.stdout.is_useless


def _open_what_is_closed() -> None:
    """Let what is told on a closed output go nowhere; and no file of ours may get the number of an output."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("r+", encoding="utf-8"))  # noqa: SIM115  # for the whole process
