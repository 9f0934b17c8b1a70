"""Ctrl-C on a terminal: whoever pressed it is told at once that it was heard, and what a second one does."""

from __future__ import annotations

import asyncio
import sys
from contextlib import nullcontext
from functools import cache
from typing import TYPE_CHECKING, Final, TypeVar

from .output import OVER_ECHO

if TYPE_CHECKING:
    from collections.abc import Coroutine

Result = TypeVar("Result")

STOPPING: Final = "stopping"
"""The event of a stop, which is told in other words on a terminal."""


def run_stoppable(work: Coroutine[object, object, Result]) -> Result:
    """Run what ends gently when a signal comes, and return its result."""
    from b24syncd.engine.lifecycle import stops_told_by  # noqa: PLC0415  # who only lists does not need it

    say = cache(_say)  # once, though what a daemon was asked to do stops along with it
    with stops_told_by(say) if sys.stderr.isatty() else nullcontext():
        return asyncio.run(work)


def _say(seconds: float) -> None:
    told = f"stopping: what is on its way is waited for, {seconds:g} s at most; Ctrl-C again: at once"
    sys.stderr.write(f"{OVER_ECHO}{told}\n")  # not by click, which does not see that something is drawn there
    sys.stderr.flush()
