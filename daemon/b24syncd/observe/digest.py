"""Digests: what is to be told of many items one after the other is a line with a count, and the first few of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .logs import get_logger, some_of

if TYPE_CHECKING:
    from collections.abc import Callable

_LONGEST: Final = 60.0
"""Seconds after which something is told, whatever is still to come."""

log = get_logger()


class Digest:
    """Gathers warnings about items by their kind: the event, and its detail."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        """Begin with nothing; `monotonic` tells the time."""
        self._monotonic = monotonic
        self._gathered: dict[tuple[str, str], dict[str, None]] = {}
        self._since = 0.0

    def add(self, event: str, ref: object, detail: str) -> None:
        """Take in a warning; those that wait for long are told."""
        if not self._gathered:
            self._since = self._monotonic()
        self._gathered.setdefault((event, detail), {})[str(ref)] = None
        if self._monotonic() - self._since > _LONGEST:
            self.tell()

    def tell(self) -> None:
        """Tell what was gathered, a line for each kind."""
        gathered, self._gathered = self._gathered, {}
        for (event, detail), refs in gathered.items():
            log.warning(event, detail=detail, **some_of(refs))
