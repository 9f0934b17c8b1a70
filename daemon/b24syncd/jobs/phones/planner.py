"""The job `phones`: every phone number of an item in one canonical form, each in one entry."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from b24syncd.domain.job_names import PHONES
from b24syncd.domain.snapshots import PointKind
from b24syncd.jobs.contact_points import plan_points
from b24syncd.jobs.reading import PointReader

from .numbers import read, values_of

if TYPE_CHECKING:
    from b24syncd.domain.plans import Plan
    from b24syncd.domain.rules import PhoneRules
    from b24syncd.domain.snapshots import Snapshot

NAME = PHONES


def plan(snapshot: Snapshot, rules: PhoneRules) -> Plan:
    """Return the corrections and reviews for the item's phones."""
    return plan_points(snapshot, NAME, PointKind.PHONE, partial(read, rules=rules))


def reader(rules: PhoneRules) -> PointReader:
    """Return how these rules let a contact point be read."""
    split = replace(rules, split=True)
    return PointReader(
        PointKind.PHONE, partial(read, rules=rules), partial(read, rules=split), partial(values_of, rules=split)
    )
