"""The program `b24syncd`, from its arguments to its exit code, and how every failure ends."""

import os
import sys
from collections.abc import Sequence

from b24syncd.errors import ExitCode
from b24syncd.observe.logs import Level, configure_logs, get_logger

from . import completion
from .commands import program
from .failures import exit_code_of, say_failure
from .interrupts import signals_interrupt
from .options import options_first
from .streams import standard_output

log = get_logger()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code; every failure ends in clear lines on stderr, never in a traceback."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if completion.is_asked():
        return completion.complete(lambda: program()(prog_name="b24syncd"))
    with standard_output():
        configure_logs(level=_early_level())
        try:
            with signals_interrupt():
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
    log.debug("failed", exc_info=error)
    say_failure(error)
    return exit_code_of(error)


def _early_level() -> Level:
    """Return the level of logs until the settings are known."""
    return "debug" if os.environ.get("B24SYNCD_LOG__LEVEL") == "debug" else "info"


if __name__ == "__main__":
    sys.exit(main())
