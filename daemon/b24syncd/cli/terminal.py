"""What is drawn on terminals. Imported only where there is one: rich takes longer to import than to draw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO, cast

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.segment import Segment
from rich.text import Text

from b24syncd.observe.logs import logs_through

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import ConsoleOptions, RenderResult

_WIDEST_BAR, _NARROWEST_BAR = 24, 8
_REFRESHED_PER_SECOND = 5
_BEHIND = 1 + len("^C")
"""Where the cursor stands: a Ctrl-C is shown there, and must not push the line to where none clears it."""


Words = Callable[[int], Sequence[str]]
"""What is told beside a bar, in lines that take no more than so many columns."""


@contextmanager
def bar() -> Iterator[Callable[[float, Words], None]]:
    """Draw a bar on stderr for as long as the context lasts; give what moves it to a share, with words.

    The first line of the words comes first, and the bar has what it leaves.
    """
    drawn, console = _Drawn(), Console(stderr=True)
    live = Live(drawn, console=console, transient=True, refresh_per_second=_REFRESHED_PER_SECOND)
    with live, logs_through(cast("TextIO", _Above(console))):

        def move(share: float, words: Words) -> None:
            drawn.share, drawn.words = share, words

        yield move


class _Drawn:
    """A line of the terminal's width: a bar, where there is room for one, and words; below it their other lines."""

    def __init__(self) -> None:
        self.share = 0.0
        self.words: Words = lambda _width: ("",)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = options.max_width - _BEHIND
        first, *others = self.words(width)
        room = width - len(first) - 1
        if room >= _NARROWEST_BAR:
            filled = ProgressBar(1.0, self.share, width=min(room, _WIDEST_BAR), pulse=not self.share)
            yield from filled.__rich_console__(console, options)
            yield Segment(" ")
        yield Segment(first)
        for line in others:
            yield Segment.line()
            yield Segment(line)


class _Above:
    """A stream whose lines stand above the bar, as they are: the terminal folds them, so that they can be copied."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def write(self, text: str) -> int:
        if line := text.removesuffix("\n"):
            self._console.print(Text.from_ansi(line), soft_wrap=True)
        return len(text)

    def flush(self) -> None:
        """Do nothing: it is written at once."""

    def isatty(self) -> bool:
        return True
