"""From the portal's JSON to payments, and to what stands in a field of the type date or datetime."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from b24syncd.domain.payments import Payment
from b24syncd.portal.dates.told_times import as_told
from b24syncd.portal.wire.replies import FIRST_YEAR, LAST_YEAR, UnexpectedReply, id_from

if TYPE_CHECKING:
    from datetime import date

    from b24syncd.portal.dates.told_times import Meant

_HALF_A_DAY = timedelta(hours=12)
_PAID = {"Y": True, "N": False}


def parse_payments(result: object, meant: Meant = as_told) -> tuple[Payment, ...]:
    """Parse the result of `crm.item.payment.list`, in the order of ids.

    Docs: api-reference/crm/universal/payment/crm-item-payment-list.md. Nothing is guessed: what cannot be read is no
    payment that was not made. Of a time that the portal tells, `meant` makes that at which it was paid.
    """
    entries = list(result.values()) if isinstance(result, dict) else result
    if not isinstance(entries, list):
        message = "the answer to crm.item.payment.list is no list"
        raise UnexpectedReply(message)
    return tuple(sorted((_payment(entry, meant) for entry in entries), key=_by_id))


def _payment(entry: Any, meant: Meant) -> Payment:  # noqa: ANN401 # JSON as it came
    try:
        payment_id, is_paid, currency = id_from(entry["id"]), _PAID[entry["paid"]], entry["currency"] or ""
        paid_at, amount = entry["datePaid"], parse_amount(entry["sum"])
    except (KeyError, TypeError, ValueError) as error:
        message = "a payment came without a usable id, state, date, sum or currency"
        raise UnexpectedReply(message) from error
    if not isinstance(currency, str):
        message = "a payment came with a currency that is no text"
        raise UnexpectedReply(message)
    return Payment(payment_id, is_paid, None if not paid_at else meant(parse_instant(paid_at)), amount, currency)


def parse_amount(value: object) -> Decimal:
    """Parse an amount of money, a number or a text; nothing is none."""
    if value is None or value == "":
        return Decimal(0)
    try:
        amount = Decimal(str(value)) if isinstance(value, int | float | str) else Decimal("NaN")
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        message = "an amount came that is no number"
        raise UnexpectedReply(message)
    return amount


def parse_instant(value: object) -> datetime:
    """Parse a time with the offset that it was answered with.

    That is the offset of the *server's* zone on that day, whatever zone the user has (php:
    modules/rest/classes/general/rest_util.php, `ConvertDateTime`), and so its date is the portal's day.
    """
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as error:
        message = "a time came that is not in ISO 8601"
        raise UnexpectedReply(message) from error
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        message = "a time came that is none of a calendar"
        raise UnexpectedReply(message)
    if moment.tzinfo is None:
        message = "a time came without an offset"
        raise UnexpectedReply(message)
    return moment


def parse_date(value: object, *, holds_instant: bool) -> date | datetime | None:
    """Return what stands in a field for dates: a day, or an instant; None for nothing.

    A day is answered as its midnight in the portal's zone plus the offset which that zone has *today* (php:
    rest_util.php, `ConvertDate`). That lies within a few hours of the same day's midnight in UTC, wherever the portal
    is and whatever its clocks did since: the nearest one is the day.
    """
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        message = "a field of one date came with something else"
        raise UnexpectedReply(message)
    if holds_instant:
        return parse_instant(value)
    return _day(value)


def _day(text: str) -> date:
    """Return the day of a midnight; people write 31.12.9999 for "without end"."""
    try:
        moment = datetime.fromisoformat(text)
        offset = moment.utcoffset()
        if offset is not None:
            return (moment.replace(tzinfo=None) - offset + _HALF_A_DAY).date()
    except (ValueError, OverflowError):
        pass
    message = "a day came that is none of a calendar, or without an offset"
    raise UnexpectedReply(message)


def _by_id(payment: Payment) -> int:
    return payment.id
