"""The demonstration's chapter on payment dates: a preview, the field, and what people do to payments and dates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from b24syncd.domain.corrections import SetField
from b24syncd.jobs import payment_dates
from b24syncd.simulator.people.person import Action, PersonEdit
from b24syncd.store import history, reviews
from b24syncd.store.reading import open_for_reading

from .live_edits import LiveEdit, follow_edits
from .text import Check, heading, payments_table, reviews_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from b24syncd.domain.entities import EntityRef

    from .portal import DemoPayment, DemoPortal
    from .programs import Programs

_PICK = "fully_paid"
SETTINGS = f"""
[jobs.payment_dates]
enabled = true
field = "Payment date"
pick = "{_PICK}"
"""

_CREATES = "crm.deal.userfield.add"
_TYPED = "2020-02-29"
"""A day on which nobody paid."""

Deals = dict["EntityRef", list["DemoPayment"]]


class PaymentDates:
    """The chapter, in the order in which it is told: `preview`, `fill`, `follow`, `checks`."""

    def __init__(self, programs: Programs, portal: DemoPortal, state: Path) -> None:
        """Look at the deals and their payments."""
        self._programs = programs
        self._portal = portal
        self._state = state
        self._deals = portal.paid_deals()
        self._previewed = ""
        self._field = ""
        self._typed: EntityRef | None = None
        self.edits_made = 0

    def preview(self, configuration: Path) -> None:
        """Enable the job, and show what it would do."""
        number = sum(map(len, self._deals.values()))
        heading(f"Payment dates: {len(self._deals)} deals with {number} payments, and no field yet that shows them")
        typer.echo(SETTINGS.strip())
        with configuration.open("a", encoding="utf-8") as file:
            file.write(SETTINGS)
        before = self._portal.stats()
        self._programs.run("backfill", payment_dates.NAME, "--dry-run")
        after = self._portal.stats()
        made = after["commands"].get(_CREATES, 0)
        self._previewed = f"{after['saves'] - before['saves']} writes, {made} fields made"

    def fill(self) -> None:
        """Have the field made and filled; show deals of all sorts, and what is left to a person."""
        heading("The field is made and filled")
        self._programs.run("backfill", payment_dates.NAME)
        with open_for_reading(self._state) as db:
            corrections = (entry.correction for entry in history.iterate(db))
            self._field = next(each.field for each in corrections if isinstance(each, SetField))
            left = [review for review in reviews.each_review(db, all_states=False) if review.job == payment_dates.NAME]
        payments_table((ref, self._deals[ref], self._shown(ref)) for ref in of_each_sort(self._deals))
        if left:
            heading("What it leaves to a person")
            reviews_table(left)

    def follow(self) -> None:
        """Let people pay, cancel and type a date, while changes are followed."""
        self.edits_made += follow_edits(self._portal, self._live_edits())

    @property
    def lost(self) -> int:
        """How many dates that a person typed are not as they left them."""
        return int(self._typed is not None and self._shown(self._typed) != _TYPED)

    def checks(self) -> list[Check]:
        """Return what has to hold at the end, by the payments that the portal keeps."""
        wrong = self._portal.wrong_dates(self._field, _PICK)
        return [
            Check("preview of dates", self._previewed, self._previewed == "0 writes, 0 fields made"),
            Check("wrong dates", f"in {wrong} of {len(self._deals)} deals, by their payments", wrong == 0),
        ]

    def _live_edits(self) -> list[LiveEdit]:
        """Choose a deal that lacks one payment, and two that show the date of their only one."""
        dated = (ref for ref in _each(self._deals, is_paid_at_once) if self._shown(ref) is not None)
        owing, cancelled, typed = next(_each(self._deals, lacks_one)), next(dated), next(dated)
        self._typed = typed
        return [
            LiveEdit(
                owing,
                _edit(owing, Action.PAY),
                "the payment that was missing is made; nothing touches the deal",
                lambda: self._shown(owing) is not None,
                lambda: f"the field shows {self._shown(owing)}",
            ),
            LiveEdit(
                cancelled,
                _edit(cancelled, Action.UNPAY),
                f"its only payment, of {self._shown(cancelled)}, is cancelled",
                lambda: self._shown(cancelled) is None,
                lambda: "the field is empty",
            ),
            LiveEdit(
                typed,
                _edit(typed, Action.SET_FIELD, name=self._field, value=f"{_TYPED}T12:00:00+03:00"),
                f"a person types {_TYPED} where {self._shown(typed)} was right",
                lambda: self._has_review(typed),
                lambda: f"{self._shown(typed)} stays, and a review asks for a decision",
            ),
        ]

    def _shown(self, ref: EntityRef) -> str | None:
        value = self._portal.field(ref, self._field)
        return None if value is None else value.partition("T")[0]

    def _has_review(self, ref: EntityRef) -> bool:
        with open_for_reading(self._state) as db:
            return any(review.job == payment_dates.NAME for review in reviews.reviews_open_for(db, [ref]))


def is_paid_at_once(payments: list[DemoPayment]) -> bool:
    """Tell whether one payment was all that a deal took."""
    return len(payments) == 1 and payments[0].is_paid


def lacks_one(payments: list[DemoPayment]) -> bool:
    """Tell whether all but one of several payments were made, and that one never was."""
    due = [payment for payment in payments if not payment.is_paid]
    return len(payments) > len(due) == 1 and due[0].day is None and len({payment.currency for payment in payments}) == 1


_SORTS: tuple[Callable[[list[DemoPayment]], bool], ...] = (
    is_paid_at_once,
    lambda payments: len(payments) > 1 and all(payment.is_paid for payment in payments),
    lacks_one,
    lambda payments: any(payment.day is not None and not payment.is_paid for payment in payments),
    lambda payments: len({payment.currency for payment in payments}) > 1,
)


def of_each_sort(deals: Deals) -> list[EntityRef]:
    """Return a deal of each sort: paid at once, in parts, not wholly, not any more, in two currencies."""
    found = (next(_each(deals, sort), None) for sort in _SORTS)
    return list(dict.fromkeys(ref for ref in found if ref is not None))


def _each(
    deals: Mapping[EntityRef, list[DemoPayment]], fits: Callable[[list[DemoPayment]], bool]
) -> Iterator[EntityRef]:
    return (ref for ref, payments in deals.items() if fits(payments))


def _edit(ref: EntityRef, action: Action, *, name: str = "comments", value: str = "") -> PersonEdit:
    return PersonEdit(action=action, entity_type_id=ref.type.type_id, item_id=ref.id, name=name, value=value)
