"""How much of the portal's limits is used at a moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Levels:
    """Our requests that still count against the request limit, of so many that may, and how fast they may leave.

    A `pace` below 1 tells that the portal refused requests, because others draw from its bucket. `operating` is what is
    spent of each method's operating time, of 1; methods of which the portal does not count it are left out.
    """

    requests: int
    most_requests: int
    pace: float
    operating: Mapping[str, float]
