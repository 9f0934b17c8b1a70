"""The program `b24syncd`, from its arguments to its exit code, and how every failure ends."""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress

import typer

from b24syncd.errors import B24SyncError, ExitCode, gravest, leaves_of
from b24syncd.observe.logs import Level, configure_logs, get_logger, redacted
from b24syncd.observe.redaction import brief

from .commands import program
from .hangup import hangup_interrupts
from .options import options_first
from .output import visible
from .streams import standard_output

log = get_logger()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code; every failure ends in clear lines on stderr, never in a traceback."""
    arguments = sys.argv[1:] if arguments is None else arguments
    with standard_output():
        configure_logs(level=_early_level())
        try:
            with hangup_interrupts():
                code = _called(arguments)
            sys.stdout.flush()
        except KeyboardInterrupt:
            return ExitCode.INTERRUPTED
        except Exception as error:  # noqa: BLE001  # the top: nothing may end in a traceback
            return _report_error(error)
        return code


def _called(arguments: Sequence[str]) -> int:
    try:
        program()(args=options_first(arguments), prog_name="b24syncd")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else ExitCode.DONE if end.code is None else ExitCode.UNEXPECTED
    return ExitCode.DONE


def _report_error(error: Exception) -> int:
    """Say on stderr what happened, and return the exit code for it."""
    decisive = gravest(error)
    log.debug("failed", exc_info=error)
    if not isinstance(decisive, B24SyncError):
        _say(f"unexpected failure: {_described(decisive)}")
        _say("set B24SYNCD_LOG__LEVEL=debug to see where it came from")
        return ExitCode.UNEXPECTED
    for text in dict.fromkeys(map(str, leaves_of(error))):
        for line in text.splitlines():
            _say(line)
    return decisive.exit_code


def _described(error: BaseException) -> str:
    """Return what may be told of an unexpected exception: its text may hold anybody's data, the system's does not."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}{f': {error.filename}' if error.filename else ''}"
    return brief(error)


def _say(line: str) -> None:
    with suppress(OSError):  # nobody who listens is no other failure
        typer.echo(f"b24syncd: {visible(redacted(line))}", err=True)  # a portal's words may be among them


def _early_level() -> Level:
    """Return the level of logs until the settings are known."""
    return "debug" if os.environ.get("B24SYNCD_LOG__LEVEL") == "debug" else "info"


if __name__ == "__main__":
    sys.exit(main())
