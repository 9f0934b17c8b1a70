"""The options before every command."""

import os
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from b24syncd import __version__
from b24syncd.errors import UsageInvalid
from b24syncd.observe.logs import Level


@dataclass(frozen=True, slots=True)
class Invocation:
    """The configuration file that was asked for, and the environment."""

    config: Path | None
    environ: Mapping[str, str]
    level: Level | None = None
    """The level of logs that was asked for, where one was."""


_IS_QUIET: ContextVar[bool] = ContextVar("is_quiet", default=False)


def is_quiet() -> bool:
    """Tell whether nothing is to be told beside results, warnings and errors."""
    return _IS_QUIET.get()


def _print_version(asked: bool) -> None:  # noqa: FBT001  # typer calls it so
    if asked:
        typer.echo(f"b24syncd {__version__}")
        raise typer.Exit


def options(
    context: typer.Context,
    *,
    config_path: Annotated[
        Path | None,
        typer.Option(
            "--config",
            metavar="PATH",
            help="The configuration; else $B24SYNCD_CONFIG, else /etc/b24syncd/b24syncd.toml.",
        ),
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Tell nothing but results, warnings and errors: no progress.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Log what is of use for finding faults, too; nobody's data.")
    ] = False,
    version: Annotated[  # noqa: ARG001  # its callback does it all
        bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version and leave.")
    ] = False,
) -> None:
    """Remember what the commands need of these options."""
    if quiet and verbose:
        message = "-q and -v exclude each other"
        raise UsageInvalid(message)
    _IS_QUIET.set(quiet)
    context.obj = Invocation(config_path, os.environ, "warning" if quiet else "debug" if verbose else None)


_SWITCHES = frozenset({"-q", "--quiet", "-v", "--verbose"})


def options_first(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with the options of this program moved to the front: they may stand after a command too."""
    front: list[str] = []
    others: list[str] = []
    remaining = iter(arguments)
    for argument in remaining:
        if argument == "--":
            others += [argument, *remaining]
        elif argument == "--config":
            front += [argument, *(value for value in [next(remaining, None)] if value is not None)]
        elif argument in _SWITCHES or argument.startswith("--config="):
            front.append(argument)
        else:
            others.append(argument)
    return front + others
