"""The custom fields of a simulated portal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.simulator.tables.fields import SMART_INVOICE, CustomField, FieldType
from b24syncd.simulator.tables.state import CUSTOM_FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from b24syncd.simulator.tables.fields import SmartType

_PAYMENT_FIELD = next(own for own in CUSTOM_FIELDS if own.type is FieldType.DATE)

WITHOUT_PAYMENT_FIELD = tuple(own for own in CUSTOM_FIELDS if own is not _PAYMENT_FIELD)
"""Those of a portal in which nothing has a field for the date of payment."""


def with_payment_fields(smart_types: Iterable[SmartType]) -> Iterator[CustomField]:
    """Yield the fields of a portal in which everything that can be paid has a field for the date."""
    yield from CUSTOM_FIELDS
    title, kind = _PAYMENT_FIELD.title, _PAYMENT_FIELD.type
    yield CustomField(SMART_INVOICE, "UF_CRM_SMART_INVOICE_1721244707107", title, kind)
    for smart in smart_types:
        yield CustomField(smart.entity_type_id, f"UF_CRM_{smart.id}_1721244707107", title, kind)
