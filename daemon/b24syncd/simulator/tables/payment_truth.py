"""What the generator knows about the items that it made payments for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from .slugs import Ref

Pick = Literal["last", "first", "fully_paid"]
PICKS: tuple[Pick, ...] = ("last", "first", "fully_paid")
Story = Literal["full", "partly", "overpaid", "unpaid", "cancelled", "relapsed", "foreign", "nothing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentTruth:
    """One generated item: its story, and what its `field` held `before`, entered by hand.

    `dates` are the expected ones by way of picking, as long as nobody pays, cancels or deletes; `None` is no date.
    A way of picking in `reviews` has no answer that a program could give.
    """

    ref: Ref
    story: Story
    field: str | None
    before: int | None
    dates: dict[Pick, int | None]
    reviews: frozenset[Pick]
