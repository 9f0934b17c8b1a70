"""The options before every command."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from b24syncd import __version__


@dataclass(frozen=True, slots=True)
class Invocation:
    """The configuration file that was asked for, and the environment."""

    config: Path | None
    environ: Mapping[str, str]


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
    version: Annotated[  # noqa: ARG001  # its callback does it all
        bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version and leave.")
    ] = False,
) -> None:
    """Remember what the commands need of these options."""
    context.obj = Invocation(config_path, os.environ)


def options_first(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with `--config PATH` moved to the front: it may be written after a command too."""
    front: list[str] = []
    others: list[str] = []
    remaining = iter(arguments)
    for argument in remaining:
        if argument == "--":
            others += [argument, *remaining]
        elif argument == "--config":
            front += [argument, *(value for value in [next(remaining, None)] if value is not None)]
        elif argument.startswith("--config="):
            front.append(argument)
        else:
            others.append(argument)
    return front + others
