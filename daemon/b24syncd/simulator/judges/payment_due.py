"""When an item was paid, by its payments as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from b24syncd.simulator.tables.model import Item
    from b24syncd.simulator.tables.payment_truth import Pick
    from b24syncd.simulator.tables.slugs import Ref
    from b24syncd.simulator.tables.state import PortalState


@dataclass(frozen=True, slots=True)
class Due:
    """When an item counts as paid; `None` is not (yet), and a `review` is for a person to say."""

    second: int | None
    review: bool = False


def due(portal: PortalState, ref: Ref, pick: Pick) -> Due:
    """Return what an item's payments say at present; nothing but `paid = Y` counts, whatever dates the others keep."""
    paid = [(int(one.values["datePaid"] or 0), one) for one in portal.payments.of(ref) if _counts(one)]
    paid.sort(key=lambda pair: (pair[0], pair[1].id))
    if not paid:
        return Due(None)
    if pick == "fully_paid":
        item = portal.find(*ref)
        return Due(None) if item is None else _covered(item, paid)
    return Due(paid[-1][0] if pick == "last" else paid[0][0])


def _counts(payment: Item) -> bool:
    return payment.values["paid"] == "Y" and payment.values.get("datePaid") is not None


def _covered(item: Item, paid: list[tuple[int, Item]]) -> Due:
    """Return when the paid sum reached the item's amount; money of another currency cannot be added up."""
    if any(one.values["currency"] != item.values.get("currencyId") for _, one in paid):
        return Due(None, review=True)
    wanted = round(100 * float(item.values.get("opportunity") or 0))
    for second, one in paid:
        wanted -= round(100 * float(one.values["sum"] or 0))
        if wanted <= 0:
            return Due(second)
    return Due(None)
