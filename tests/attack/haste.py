"""An event loop in which waiting is short: its seconds pass faster than those of the wall."""

from __future__ import annotations

import asyncio
import selectors
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Coroutine

SPEED = 20.0


class _Selector(selectors.DefaultSelector):
    """Waits a part of what it is asked to."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return super().select(None if timeout is None else timeout / SPEED)


class _Loop(asyncio.SelectorEventLoop):
    """Tells a time that runs fast."""

    def __init__(self) -> None:
        super().__init__(_Selector())

    def time(self) -> float:
        return super().time() * SPEED


def in_haste(work: Coroutine[None, None, None]) -> None:
    """Run to its end."""
    with asyncio.Runner(loop_factory=_Loop) as runner:
        runner.run(work)
