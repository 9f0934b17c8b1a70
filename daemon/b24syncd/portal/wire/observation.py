"""What an answer teaches about the methods in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .commands import Timing

BATCH = "batch"
"""Newer servers charge a batch as a whole to this name (php: modules/rest, `LoadLimiter::BATCH_TIME_WEIGHT`)."""


@dataclass(frozen=True, slots=True)
class Observation:
    """The times of answered commands per method, how many came without, and which methods are blocked."""

    timings: Mapping[str, Sequence[Timing]] = field(default_factory=dict)
    untimed: Mapping[str, int] = field(default_factory=dict)
    blocked: frozenset[str] = frozenset()
    is_too_fast: bool = False
