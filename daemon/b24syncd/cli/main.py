"""The program `b24syncd`: its options, its groups of commands, and how every failure ends."""

import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from b24syncd import __version__
from b24syncd.errors import B24SyncError, ExitCode, leaves_of
from b24syncd.observe.logs import Level, configure_logs, get_logger, redacted
from b24syncd.observe.redaction import brief

from . import backfill, config, demo, journal, portal, rebind, review, run, state, status, undo
from .invocation import Invocation
from .output import visible

log = get_logger()

app = typer.Typer(
    name="b24syncd",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Keep the CRM data of a Bitrix24 portal right.",
)
app.command()(run.run)
app.command()(backfill.backfill)
app.command()(rebind.rebind)
app.command()(undo.undo)
app.command()(status.status)
app.command()(journal.journal)
app.command()(demo.demo)
app.add_typer(review.app, name="review")
app.add_typer(state.app, name="state")
app.add_typer(config.app, name="config")
app.add_typer(portal.app, name="portal")


def _print_version(asked: bool) -> None:  # noqa: FBT001  # typer calls it so
    if asked:
        typer.echo(f"b24syncd {__version__}")
        raise typer.Exit


@app.callback()
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


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code; every failure ends in clear lines on stderr, never in a traceback."""
    arguments = sys.argv[1:] if arguments is None else arguments
    configure_logs(level=_early_level())
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # an output in ASCII is no reason to fail
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has seen enough. What is still buffered must not fail again when Python shuts down.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.UNEXPECTED
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    return code


def _run(arguments: Sequence[str]) -> int:
    try:
        app(args=_options_first(arguments), prog_name="b24syncd")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else ExitCode.DONE if end.code is None else ExitCode.UNEXPECTED
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001  # the top: nothing may end in a traceback
        return _told(error)
    return ExitCode.DONE


def _told(error: Exception) -> int:
    """Say on stderr what happened, and return the exit code for it."""
    leaves = list(leaves_of(error))
    expected = [leaf for leaf in leaves if isinstance(leaf, B24SyncError)]
    log.debug("failed", exc_info=error)
    unexpected = [leaf for leaf in leaves if not isinstance(leaf, B24SyncError)]
    if unexpected:
        _say(f"unexpected failure: {_described(unexpected[0])}")
        _say("set B24SYNCD_LOG__LEVEL=debug to see where it came from")
        return ExitCode.UNEXPECTED
    for text in dict.fromkeys(str(leaf) for leaf in expected):
        for line in text.splitlines():
            _say(line)
    return expected[0].exit_code


def _described(error: BaseException) -> str:
    """Return what may be told of an unexpected exception: its text may hold anybody's data, the system's does not."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}{f': {error.filename}' if error.filename else ''}"
    return brief(error)


def _say(line: str) -> None:
    typer.echo(f"b24syncd: {visible(redacted(line))}", err=True)  # a portal's words may be among them


def _early_level() -> Level:
    """Return the level of logs until the settings are known."""
    return "debug" if os.environ.get("B24SYNCD_LOG__LEVEL") == "debug" else "info"


def _options_first(arguments: Sequence[str]) -> list[str]:
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


if __name__ == "__main__":
    sys.exit(main())
