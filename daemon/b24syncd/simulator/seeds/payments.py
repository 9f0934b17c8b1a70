"""Deals that are paid, in part, too much, not at all, and not any more; and when each of them counts as paid."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from b24syncd.simulator.judges.payment_due import due
from b24syncd.simulator.judges.payments import kept
from b24syncd.simulator.tables.fields import DEAL, MOMENTS, SMART_INVOICE
from b24syncd.simulator.tables.payment_truth import PICKS, PaymentTruth

from .payment_moments import YEAR, Moments

if TYPE_CHECKING:
    from b24syncd.simulator.tables.fields import Field
    from b24syncd.simulator.tables.model import Item
    from b24syncd.simulator.tables.payment_truth import Story
    from b24syncd.simulator.tables.state import PortalState
    from b24syncd.simulator.tables.values import Value

_STORIES: tuple[Story, ...] = (
    *("full",) * 8,
    *("partly",) * 4,
    *("unpaid",) * 2,
    *("overpaid", "cancelled", "relapsed", "relapsed", "foreign", "nothing"),
)
_FILLED_SHARE = 0.2
_REFUSED_SHARE = 0.01


def generate_payments(  # noqa: PLR0913 - one number per type
    portal: PortalState,
    seed: int,
    *,
    deals: int = 0,
    invoices: int = 0,
    processes: int = 0,
    payments: float = 2.5,
    obstacles: float = _REFUSED_SHARE,
) -> None:
    """Add items with about so many payments each, `processes` of every smart process that has payments.

    The same seed and numbers give the same portal. Into some items a person has entered a date already, in the first
    field of a date that their type has; a share of them meets `obstacles` and refuses writes. The truth goes to
    `portal.payment_truth`.
    """
    rng = Random(seed)  # noqa: S311 - made-up customers, nothing secret
    world = _World(portal, rng, Moments(rng, portal.zone, int(portal.clock()) - 3600), payments, obstacles)
    smart = [one.entity_type_id for one in portal.options.smart_types if one.payments]
    for entity_type_id, count in ((DEAL, deals), (SMART_INVOICE, invoices), *((one, processes) for one in smart)):
        for number in range(1, count + 1):
            world.item(entity_type_id, number)


@dataclass(frozen=True, slots=True)
class _World:
    portal: PortalState
    rng: Random
    moments: Moments
    payments: float
    obstacles: float

    def item(self, entity_type_id: int, number: int) -> None:
        """Create one item, tell its story in payments, and keep what is true of it."""
        rng, portal = self.rng, self.portal
        story = rng.choice(_STORIES)
        amount = rng.randrange(1_000, 900_000, 50) + rng.choice((0.0, 0.0, 0.5, 0.99))
        values: dict[str, Value] = {"createdBy": 1, "updatedBy": 1, "assignedById": 1, "opened": "Y"}
        values |= {"title": f"Заказ {number}", "stageId": "NEW", "opportunity": amount, "currencyId": "RUB"}
        at = self.moments.end - rng.randrange(YEAR)
        item = portal.create(entity_type_id, values, (), "generator", at)
        ref = (entity_type_id, item.id)
        self._pay(item, story, amount)
        field = self._field(item)
        found = {pick: due(portal, ref, pick) for pick in PICKS}
        portal.payment_truth[ref] = PaymentTruth(
            ref=ref,
            story=story,
            field=None if field is None else field.name,
            before=None if field is None else self._entered(item, field),
            dates={pick: one.second for pick, one in found.items()},
            reviews=frozenset(pick for pick, one in found.items() if one.review),
        )
        if rng.random() < self.obstacles:
            portal.frozen.add(ref)

    def _pay(self, item: Item, story: Story, amount: float) -> None:
        if story == "nothing":
            return
        ref, sums = (item.entity_type_id, item.id), self._sums(amount)
        if story == "overpaid":
            sums.append(round(amount / 10, 2))
        if story == "partly" and len(sums) == 1:
            sums = [round(amount / 3, 2), round(amount - round(amount / 3, 2), 2)]
        for number, part in enumerate(sums, start=1):
            last = number == len(sums)
            abroad = story == "foreign" and last
            paid = story != "unpaid" and not (story == "partly" and last)
            payment = self.portal.payments.create(
                ref, part, "generator", currency="EUR" if abroad else "RUB", paid=self.moments.some() if paid else None
            )
            if story == "cancelled" or (story == "relapsed" and last):
                self.portal.payments.cancel(payment, "generator")

    def _sums(self, amount: float) -> list[float]:
        """Split an amount into payments of whole hundredths."""
        count = self.rng.randint(1, max(1, round(2 * self.payments - 1)))
        hundredths, part = round(100 * amount), round(100 * amount / count)
        return [part / 100] * (count - 1) + [(hundredths - part * (count - 1)) / 100]

    def _entered(self, item: Item, field: Field) -> int | None:
        """Enter a date by hand, now and then: the right one, or any."""
        if self.rng.random() >= _FILLED_SHARE:
            return None
        found = due(self.portal, (item.entity_type_id, item.id), "last").second
        right = found is not None and self.rng.random() < 0.5  # noqa: PLR2004 - half of them
        second = found if right and found is not None else self.moments.some()
        value = kept(field, second, self.portal)
        item.values[field.name] = value
        return value

    def _field(self, item: Item) -> Field | None:
        fields = self.portal.table(item.entity_type_id).fields
        return next((one for one in fields if one.custom and not one.multiple and one.type in MOMENTS), None)
