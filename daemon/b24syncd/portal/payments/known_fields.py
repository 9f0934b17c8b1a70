"""The fields that a job wrote into before: whether they are still the same, before another one takes their place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.errors import FieldChanged

from .check import CheckedPayments

if TYPE_CHECKING:
    from collections.abc import Mapping

    from b24syncd.domain.entities import EntityType
    from b24syncd.domain.payment_settings import PaymentSettings
    from b24syncd.errors import Problem

_CURE = "look at the portal's fields, or go on with --continue"


def known_fields(checked: CheckedPayments) -> dict[str, str]:
    """Return each field as it is remembered: its code and type, by the entity type and what the settings call it."""
    return {
        _key(entity_type, title): f"{field.upper_name} ({'datetime' if field.holds_instant else 'date'})"
        for entity_type, title in checked.rules.fields
        if (field := checked.fields.get(entity_type)) is not None
    }


def require_known_fields(
    before: Mapping[str, str], checked: CheckedPayments | tuple[Problem, ...], settings: PaymentSettings
) -> None:
    """Raise `FieldChanged` where a field that was there before is gone, of another type, or another one.

    One that the settings call otherwise now is not meant.
    """
    if not isinstance(checked, CheckedPayments):
        titles = {title for _, title in settings.fields}
        if any(key.partition("/")[2] in titles for key in before):
            message = f"the field that payment_dates wrote into before is not there as it was: {checked[0]}; {_CURE}"
            raise FieldChanged(message)
        return
    now = known_fields(checked)
    for entity_type, title in checked.rules.fields:
        key = _key(entity_type, title)
        if key in before and now.get(key) != before[key]:
            is_now = f"is now {now[key]}" if key in now else "is gone"
            told = f"the field {title!r} of a {entity_type.value}, {before[key]} when payment_dates wrote into it"
            message = f"{told}, {is_now}; {_CURE}"
            raise FieldChanged(message)


def _key(entity_type: EntityType, title: str) -> str:
    return f"{entity_type.value}/{title}"
