"""Payment dates: the fields that they are written into, which are found, proved to be those of before, or made."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from b24syncd.engine.subjects import Requirement
from b24syncd.errors import CredentialsRefused
from b24syncd.portal.payments.check import CheckedPayments, check_payments, recheck_payments
from b24syncd.portal.payments.date_fields import prove_may_add
from b24syncd.portal.payments.known_fields import known_fields, require_known_fields
from b24syncd.portal.wire.commands import Priority

from .protocol import Passed

if TYPE_CHECKING:
    from b24syncd.domain.payment_settings import PaymentSettings
    from b24syncd.engine.checks import NotFitting
    from b24syncd.errors import Problem

    from .protocol import Asking


async def payments(name: str, written: PaymentSettings, asking: Asking) -> Passed | NotFitting:
    """See `Preflight`. Who does not create a field, but lets one be promised, learns whether the real run may.

    Raises `FieldChanged` for a field that was there before and is not any more.
    """
    try:
        checked = await _checked(written, asking)
        if isinstance(checked, CheckedPayments) and not asking.create:
            for entity_type, promised in checked.missing.items():
                await prove_may_add(asking.client, entity_type, promised.title, priority=Priority.LIVE)
    except CredentialsRefused as error:
        return error
    if not isinstance(checked, CheckedPayments):
        return checked
    fields = {**checked.fields, **checked.missing}
    still_there = partial(recheck_payments, asking.client, checked, priority=Priority.LIVE)
    return Passed(
        checked.rules,
        {entity_type: (field,) for entity_type, field in fields.items()},
        frozenset((entity_type, field.upper_name) for entity_type, field in fields.items()),
        frozenset((entity_type, field.name) for entity_type, field in checked.missing.items()),
        (Requirement((name,), still_there, stops_walks=True),),
        known_fields(checked),
    )


async def _checked(written: PaymentSettings, asking: Asking) -> CheckedPayments | tuple[Problem, ...]:
    """Look for the fields, and create those that are missing; never in the place of one that was there before."""
    before, client = asking.remembered, asking.client
    checked = await check_payments(client, written, priority=Priority.LIVE, create=asking.create and not before)
    if before:
        require_known_fields(before, checked, written)
        if asking.create and isinstance(checked, CheckedPayments) and checked.missing:
            return await check_payments(client, written, priority=Priority.LIVE)
    return checked
