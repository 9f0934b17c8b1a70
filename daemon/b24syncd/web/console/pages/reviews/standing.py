"""What stood in a review as a page showed it: who decides later decides about that, and about nothing newer."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from b24syncd.store.value_json import value_to_json

if TYPE_CHECKING:
    from b24syncd.store.stored_reviews import StoredReview

_DIGITS: Final = 16


def stands_by(review: StoredReview) -> str:
    """Return what tells a review with this value and suggestion from the same one with others."""
    shown = value_to_json(review.value) + value_to_json(review.suggestion)
    return hashlib.sha256(shown.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]
