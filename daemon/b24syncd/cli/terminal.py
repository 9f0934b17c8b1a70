"""What is drawn on terminals. Imported only where there is one: rich takes longer to import than to draw."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from b24syncd.observe.logs import logs_through

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def bar() -> Iterator[Callable[[float, str], None]]:
    """Draw a bar on stderr for as long as the context lasts; give what moves it to a share, with words beside it."""
    drawn = Progress(
        BarColumn(bar_width=24),
        TaskProgressColumn(),
        TextColumn("{task.description}", markup=False),
        TimeRemainingColumn(compact=True),
        console=Console(stderr=True),
        transient=True,
    )
    with drawn, logs_through(sys.stderr):  # which the bar has replaced, so that lines go above it
        task = drawn.add_task("", total=None)

        def move(share: float, words: str) -> None:
            drawn.update(task, total=1.0 if share else None, completed=share, description=words)

        yield move
