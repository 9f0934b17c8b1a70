"""How many variants of a test are tried: a few in the suite, all of them in `make attack`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

T = TypeVar("T")

IS_LONG = os.environ.get("ATTACK") == "long"


def some(variants: Iterable[T], number: int = 1) -> list[T]:
    """Return all variants where there is time for them, the first ones otherwise."""
    return list(variants) if IS_LONG else list(variants)[:number]
