"""What is right about the generated values, kept apart from whoever corrects them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Truth:
    """One generated entry; `canonical` is what it means, `None` says that it must stay untouched."""

    entity_type_id: int
    item_id: int
    point_id: int
    type_id: str
    raw: str
    canonical: tuple[str, ...] | None


def expected(truths: list[Truth]) -> Counter[tuple[str, str]]:
    """Return the (type, value) entries an item must end with: each canonical value once, untouched ones as they are."""
    canonical = {(truth.type_id, value) for truth in truths for value in truth.canonical or ()}
    untouched = Counter((truth.type_id, truth.raw) for truth in truths if truth.canonical is None)
    return Counter(canonical) + untouched
