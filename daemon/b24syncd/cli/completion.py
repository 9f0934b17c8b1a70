"""`b24syncd completion`: what a shell needs to complete commands, options, jobs and runs; and completing itself."""

import os
from collections.abc import Callable
from contextlib import redirect_stderr, suppress
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from b24syncd.errors import ExitCode
from b24syncd.observe.importing import without

_VARIABLE = "_B24SYNCD_COMPLETE"
"""The shell's function sets it, and with it asks for completions instead of calling a command."""


class Shell(StrEnum):
    """A shell that can complete."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


def completion(
    shell: Annotated[Shell, typer.Argument(metavar="SHELL", help="bash, zsh or fish.")],
) -> None:
    """Print a script by which a shell completes. docs/installation.md tells where it belongs; nothing is installed."""
    from typer._completion_shared import get_completion_script  # noqa: PLC0415  # for this command only

    typer.echo(get_completion_script(prog_name="b24syncd", complete_var=_VARIABLE, shell=shell.value))


def is_asked() -> bool:
    """Tell whether a shell asks for completions."""
    return _VARIABLE in os.environ


def complete(program: Callable[[], object]) -> int:
    """Write what may stand there, by whatever the shell told in its variables; nothing where anything fails."""
    with (
        Path(os.devnull).open("w", encoding="utf-8") as nowhere,
        redirect_stderr(nowhere),
        suppress(Exception),
        without("rich"),  # takes long, and has nothing to draw here
    ):
        from typer._completion_classes import completion_init  # noqa: PLC0415  # for shells that ask only

        completion_init()
        try:
            program()
        except SystemExit as end:
            return end.code if isinstance(end.code, int) else ExitCode.DONE
    return ExitCode.DONE
