"""The installed program `b24syncd`: it catches a Ctrl-C also while everything that it needs is being imported."""

import gc
import sys

INTERRUPTED = 130
UNEXPECTED = 1
"""As `errors.ExitCode` has them; nothing may be imported here that takes a moment."""


_ALLOCATIONS = 20_000
"""Between two collections of cyclic garbage, of which there is little. Python's own 700 search for it hundreds of times
while the program starts, and at every few items of a walk: a tenth of all the work."""


def main() -> int:
    """Run the program and return its exit code."""
    gc.set_threshold(_ALLOCATIONS)
    try:
        from .interrupts import signals_interrupt  # noqa: PLC0415  # takes the first hundredth of a second

        with signals_interrupt():
            from .main import main as run  # noqa: PLC0415  # this is what takes half a second

            return run()
    except KeyboardInterrupt:
        if sys.stderr is not None and sys.stderr.isatty():
            sys.stderr.write("\rb24syncd: interrupted\n")
        return INTERRUPTED
    except ImportError as error:
        from b24syncd.observe.importing import lacking  # noqa: PLC0415  # needs no library

        if (lack := lacking(error)) is None:
            raise
        sys.stderr.write(f"b24syncd: {lack}\n")
        return UNEXPECTED
    finally:
        gc.freeze()  # at its end Python would look through all that is left, once more
