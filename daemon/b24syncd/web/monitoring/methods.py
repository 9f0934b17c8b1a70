"""The methods of the portal that are called by their names in metrics; whatever else there was is one name together."""

from __future__ import annotations

from typing import Final

OTHER: Final = "other"

_ACTIVITIES: Final = (
    *(f"crm.activity.{name}" for name in ("list", "binding.add", "binding.delete", "binding.list", "binding.move")),
    *(f"tasks.task.{name}" for name in ("get", "list", "update")),
)
_CLASSIC: Final = tuple(
    f"crm.{entity_type}.{name}"
    for entity_type in ("lead", "deal", "contact", "company")
    for name in ("fields", "get", "list", "update")
)
_FIELDS: Final = ("crm.lead.userfield.add", "crm.deal.userfield.add", "crm.status.list", "crm.type.list")
_ITEMS: Final = tuple(f"crm.item.{name}" for name in ("add", "fields", "get", "list", "update"))
_FORMS: Final = (
    *("crm.category.list", "crm.currency.list", "crm.item.details.configuration.get", "crm.item.productrow.list"),
    *("user.get", "user.search"),
)
_PAYMENTS: Final = ("crm.item.payment.list", "crm.orderentity.list", "sale.order.list", "sale.payment.list")
_OF_THE_PORTAL: Final = (
    "batch",
    "profile",
    "scope",
    "server.time",
    "crm.duplicate.findbycomm",
    "crm.settings.mode.get",
    "im.notify.personal.add",
    "im.user.get",
)

KNOWN: Final = frozenset((*_ACTIVITIES, *_CLASSIC, *_FIELDS, *_FORMS, *_ITEMS, *_PAYMENTS, *_OF_THE_PORTAL))


def label_of(method: str) -> str:
    """Return the name by which metrics call a method."""
    return method if method in KNOWN else OTHER
