"""Starts the program again and again without importing it again and again: each start is forked from this process.

It reads an order in JSON from each line of its standard input, answers with the number of the process that it started,
and, when that has ended, with its exit code (below zero: the signal that ended it).
"""

from __future__ import annotations

import gc
import json
import os
import sys
from typing import Any

from b24syncd.cli.main import main


def serve() -> None:
    """Carry out orders until there are no more."""
    gc.freeze()
    for line in sys.stdin:
        order = json.loads(line)
        number = os.fork()
        if number == 0:
            os._exit(_run(order))
        _tell(number)
        _, status = os.waitpid(number, 0)
        _tell(os.waitstatus_to_exitcode(status))


def _run(order: dict[str, Any]) -> int:
    """Be the program, with the arguments, the environment, the folder and the files of the order."""
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environ"])
    for path, number in ((os.devnull, 0), (order["out"], 1), (order["err"], 2)):
        os.dup2(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), number)
    code = main(order["arguments"])
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def _tell(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    serve()
