"""A stderr that is a terminal, or is none, and keeps what is written there."""

from __future__ import annotations

import io


class Stderr(io.StringIO):
    """Says of itself whether it is a terminal."""

    def __init__(self, *, is_terminal: bool) -> None:
        super().__init__()
        self.is_terminal = is_terminal

    def isatty(self) -> bool:
        """Tell whether it is one."""
        return self.is_terminal
