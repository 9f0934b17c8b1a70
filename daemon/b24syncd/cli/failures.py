"""What is said of a failure, on stderr and in JSON, and the exit code for it."""

from __future__ import annotations

import logging
import sys
from contextlib import suppress
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

import typer

from b24syncd.errors import B24SyncError, ExitCode, gravest, leaves_of
from b24syncd.observe.importing import lacking
from b24syncd.observe.journal import is_journal, with_priority
from b24syncd.observe.logs import redacted
from b24syncd.observe.redaction import brief

from .output import OVER_ECHO, columns_of, lines_of_sentence, print_json

if TYPE_CHECKING:
    from collections.abc import Callable

_OURS = "b24syncd: "
_INDENT = 2

Command = TypeVar("Command", bound="Callable[..., None]")


def exit_code_of(error: Exception) -> ExitCode:
    """Return the documented exit code of a command that failed so."""
    decisive = gravest(error)
    return decisive.exit_code if isinstance(decisive, B24SyncError) else ExitCode.UNEXPECTED


def lines_of(error: Exception) -> list[str]:
    """Return what is said, without secrets: a portal's words may be among it."""
    decisive = gravest(error)
    if (lack := lacking(decisive)) is not None:
        return [lack]
    if not isinstance(decisive, B24SyncError):
        return [
            redacted(f"unexpected failure: {_described(decisive)}"),
            "set B24SYNCD_LOG__LEVEL=debug to see where it came from",
        ]
    texts = dict.fromkeys(map(str, leaves_of(error)))
    return [redacted(line) for text in texts for line in text.splitlines()]


def say_failure(error: Exception) -> None:
    """Say on stderr what happened."""
    with suppress(OSError):  # nobody who listens is no other failure
        for text in lines_of(error):
            for line in lines_of_sentence(text, columns_of(sys.stderr), start=_OURS, indent=_INDENT):
                typer.echo(with_priority(line, logging.ERROR) if is_journal(sys.stderr) else line, err=True)


def folded_message(error: typer.BadParameter) -> str:
    """Return the message of what typer tells, folded as it is told on a terminal, behind what stands before it."""
    if not error.message:  # of what is missing: all of it stands before, with a line for each choice
        return error.message
    told = f"Error: {error.format_message()}"
    before = told.removesuffix(error.message)
    lines = lines_of_sentence(told, columns_of(sys.stderr), indent=_INDENT)
    return "\n".join(lines).removeprefix(before)


def say_interrupted() -> None:
    """Say on a terminal that Ctrl-C was heard, where nothing else tells how it ended."""
    if sys.stderr.isatty():
        with suppress(OSError):
            typer.echo(f"{OVER_ECHO}{_OURS}interrupted", err=True)


def told_as_json(command: Command) -> Command:
    """Let a command that is called with `as_json` tell its failure as one JSON object on stdout as well."""

    @wraps(command)
    def called(*arguments: Any, **options: Any) -> None:  # noqa: ANN401 # those of any command
        if not options.get("as_json"):
            command(*arguments, **options)
            return
        try:
            command(*arguments, **options)
        except typer.Exit:
            raise
        except KeyboardInterrupt:
            print_failure(["interrupted"], ExitCode.INTERRUPTED)
            raise
        except Exception as error:
            print_failure(lines_of(error), exit_code_of(error))
            raise

    return called  # type: ignore[return-value] # typer sees the options of the command


def print_failure(lines: list[str], code: ExitCode) -> None:
    """Write a failure as JSON."""
    print_json({"error": "\n".join(lines), "exit_code": code})


def _described(error: BaseException) -> str:
    """Return what may be told of an unexpected exception: its text may hold anybody's data, the system's does not."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}{f': {error.filename}' if error.filename else ''}"
    return brief(error)
