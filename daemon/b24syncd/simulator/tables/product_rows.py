"""Product rows of items.

Source: docs api-reference/crm/universal/product-rows/crm-item-productrow-list.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .slugs import Ref


@dataclass(frozen=True, slots=True)
class ProductRow:
    """One row: what is sold, at which price (its tax included), how often, and the tax in percent."""

    id: int
    name: str
    price: float
    quantity: float = 1.0
    tax_rate: float = 0.0

    @property
    def total(self) -> float:
        """The price of the row."""
        return round(self.price * self.quantity, 2)

    @property
    def tax(self) -> float:
        """The tax in it."""
        return round(self.total - self.total / (1 + self.tax_rate / 100), 2)


class ProductRows:
    """The rows of all items."""

    def __init__(self) -> None:
        """Begin without any."""
        self._rows: dict[Ref, list[ProductRow]] = {}
        self._last_id = 0

    def of(self, ref: Ref) -> list[ProductRow]:
        """Return the rows of an item in their order."""
        return self._rows.get(ref, [])

    def put(self, ref: Ref, rows: list[tuple[str, float, float, float]]) -> list[ProductRow]:
        """Replace the rows of an item by others: names, prices, quantities, tax rates."""
        made = []
        for row in rows:
            self._last_id += 1
            made.append(ProductRow(self._last_id, *row))
        self._rows[ref] = made
        return made

    def item_gone(self, ref: Ref) -> None:
        """Forget the rows of an item that was deleted."""
        self._rows.pop(ref, None)
