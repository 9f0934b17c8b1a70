"""The program `b24syncd`, from its arguments to its exit code, and how every failure ends."""

import io
import os
import sys
from collections.abc import Sequence

import typer

from b24syncd.errors import B24SyncError, ExitCode, leaves_of
from b24syncd.observe.logs import Level, configure_logs, get_logger, redacted
from b24syncd.observe.redaction import brief

from .commands import program
from .options import options_first
from .output import visible

log = get_logger()


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
        program()(args=options_first(arguments), prog_name="b24syncd")
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


if __name__ == "__main__":
    sys.exit(main())
