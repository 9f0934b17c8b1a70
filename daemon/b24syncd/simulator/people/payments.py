"""What the scripted person does to payments: pays, cancels, deletes, corrects; and dates typed into items."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.simulator.tables.fields import MOMENTS
from b24syncd.simulator.tables.payments import PAYMENT
from b24syncd.simulator.tables.values import iso, moment, received

from .edits import Action, PersonEdit

if TYPE_CHECKING:
    from random import Random

    from b24syncd.simulator.tables.model import Item, Table
    from b24syncd.simulator.tables.slugs import Ref
    from b24syncd.simulator.tables.state import PortalState
    from b24syncd.simulator.tables.values import Value


def handled(portal: PortalState, edit: PersonEdit) -> bool:
    """Do what a person does to a payment, or to one of an item's; return whether there was something to do.

    Of an item, the first payment that is due is paid, or a new one over its amount; the last paid one is cancelled or
    deleted.
    """
    payments = portal.payments
    payment = _meant(portal, edit)
    if payment is None:
        return False
    match edit.action:
        case Action.PAY:
            return payments.pay(payment, "person", at=moment(edit.value, portal.zone) if edit.value else None)
        case Action.UNPAY:
            return payments.cancel(payment, "person")
        case Action.SET_FIELD:
            return payments.change(payment, typed(portal, payments.table, edit), "person")
        case _:
            payments.remove(payment, "person")
            return True


def _meant(portal: PortalState, edit: PersonEdit) -> Item | None:
    payments, ref = portal.payments, (edit.entity_type_id, edit.item_id)
    if edit.entity_type_id == PAYMENT:
        return payments.table.items.get(edit.item_id)
    item = portal.find(*ref)
    if item is None:
        return None
    paid = [one for one in payments.of(ref) if one.values["paid"] == "Y"]
    if edit.action is not Action.PAY:
        return paid[-1] if paid else next(iter(reversed(payments.of(ref))), None)
    due = [one for one in payments.of(ref) if one.values["paid"] != "Y"]
    if due:
        return due[0]
    currency = str(item.values.get("currencyId") or "RUB")
    return payments.create(ref, float(item.values.get("opportunity") or 0), "person", currency=currency)


def typed(portal: PortalState, table: Table, edit: PersonEdit) -> dict[str, Value]:
    """Return what a field becomes into which a person types; a date that is none changes nothing."""
    field = table.names.get(edit.name)
    if field is None or (field.type not in MOMENTS and table.entity_type_id != PAYMENT):
        return {edit.name: edit.value}
    taken, value = received(field, edit.value, portal.zone)
    return {edit.name: value} if taken else {}


def random_payment(portal: PortalState, rng: Random, ref: Ref) -> PersonEdit:
    """Return something that happens to an item's payments, or to the date that stands in the item."""
    day = iso(portal.clock() - rng.randrange(90 * 86400), portal.zone)
    fields = [one.name for one in portal.table(ref[0]).fields if one.custom and one.type in MOMENTS]
    action = rng.choice((Action.PAY, Action.PAY, Action.UNPAY, Action.DELETE_PAYMENT, Action.SET_FIELD))
    if action is Action.SET_FIELD and not fields:
        action = Action.PAY
    name = rng.choice(fields) if action is Action.SET_FIELD else "comments"
    return PersonEdit(action=action, entity_type_id=ref[0], item_id=ref[1], value=day, name=name)
