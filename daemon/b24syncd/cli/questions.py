"""Questions on a terminal, each asked until its answer is one; or what options say in their place."""

from __future__ import annotations

import sys
import termios
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import typer

from b24syncd.errors import B24SyncError, UsageInvalid

from .failures import say_failure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and the option that answers it as well; an empty answer is the default, where there is one."""

    text: str
    option: str
    default: str | None = None
    hidden: bool = False


def answered(question: Question, given: str | None, parse: Callable[[str], T]) -> T:
    """Return what was given, or is answered, as `parse` makes of it.

    What it raises for an answer is said, and the question asked again. Raises `UsageInvalid` where nobody can be asked.
    """
    if given is not None:
        return parse(given)
    if sys.stdin is None or not sys.stdin.isatty():
        if question.default is not None:
            return parse(question.default)
        message = f"{question.option} is missing, and there is no terminal to ask on"
        raise UsageInvalid(message)
    while True:
        try:
            return parse(_line(question) or question.default or "")
        except B24SyncError as error:
            say_failure(error)


def _line(question: Question) -> str:
    default = "" if question.default is None else f" [{question.default}]"
    # before anything is shown: what somebody pastes as soon as they are asked is neither shown nor lost
    with _without_echo() if question.hidden else nullcontext():
        typer.echo(f"{question.text}{default}: ", nl=False, err=True)
        line = sys.stdin.readline()
    if not line:  # Ctrl-D
        raise KeyboardInterrupt
    return line.strip()


@contextmanager
def _without_echo() -> Iterator[None]:
    """Let the terminal show nothing of what is typed; what was typed before the question is forgotten with it."""
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    hidden = [*before]
    hidden[3] &= ~termios.ECHO
    termios.tcsetattr(terminal, termios.TCSAFLUSH, hidden)
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)
        typer.echo(err=True)
