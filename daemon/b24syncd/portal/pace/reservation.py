"""What is reserved of the operating time for a request until it is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Reservation:
    """The expected cost of one request that is about to leave or on its way."""

    def __init__(self, methods: Sequence[str], expected: Mapping[str, float], at: float) -> None:
        """Hold `expected` seconds per meter for a request of `methods`, since an instant of the portal's clock."""
        self.methods = methods
        self.expected = expected
        self.at = at
        self.is_open = True
