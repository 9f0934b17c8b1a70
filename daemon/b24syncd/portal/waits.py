"""What requests wait for at the moment, in words for the progress bar."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Waits:
    """Everything that is being waited for; the latest is told."""

    def __init__(self) -> None:
        self._texts: list[str] = []

    @property
    def latest(self) -> str | None:
        """What was begun to be waited for last, None when nothing is."""
        return self._texts[-1] if self._texts else None

    @contextmanager
    def on(self, text: str) -> Iterator[None]:
        """Tell `text` for as long as the block runs."""
        self._texts.append(text)
        try:
            yield
        finally:
            self._texts.remove(text)
