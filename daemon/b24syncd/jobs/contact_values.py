"""Which canonical values a raw one says, whatever job asks: what an undo must not lose."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from b24syncd.domain.rules import EmailRules, PhoneRules
from b24syncd.domain.snapshots import PointKind

from . import email_addresses, emails, phone_numbers, phones

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from b24syncd.domain.rules import Rules


def says(rules: Mapping[str, Rules], region: str | None) -> Callable[[PointKind, str], frozenset[str]]:
    """Return what reads contact points by the rules of the jobs, or by those of a region where a job is off."""
    of_phones = rules.get(phones.NAME) or (PhoneRules(region=region) if region is not None else None)
    of_emails = rules.get(emails.NAME, EmailRules())

    def read(kind: PointKind, value: str) -> frozenset[str]:
        values: tuple[str, ...] = ()
        if kind is PointKind.PHONE and isinstance(of_phones, PhoneRules):
            values = phone_numbers.values_of(value, replace(of_phones, split=True))
        elif kind is PointKind.EMAIL and isinstance(of_emails, EmailRules):
            values = email_addresses.read(value, replace(of_emails, split=True)).values
        return frozenset(values)

    return read
