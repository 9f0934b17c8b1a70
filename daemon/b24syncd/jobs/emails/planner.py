"""The job `emails`: every e-mail address of an item in one canonical form, each in one entry."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from b24syncd.domain.job_names import EMAILS
from b24syncd.domain.snapshots import PointKind
from b24syncd.jobs.contact_points import plan_points
from b24syncd.jobs.reading import PointReader

from .addresses import read, values_of

if TYPE_CHECKING:
    from b24syncd.domain.plans import Plan
    from b24syncd.domain.rules import EmailRules
    from b24syncd.domain.snapshots import Snapshot

NAME = EMAILS


def plan(snapshot: Snapshot, rules: EmailRules) -> Plan:
    """Return the corrections and reviews for the item's e-mail addresses."""
    return plan_points(snapshot, NAME, PointKind.EMAIL, partial(read, rules=rules))


def reader(rules: EmailRules) -> PointReader:
    """Return how these rules let a contact point be read."""
    split = replace(rules, split=True)
    return PointReader(
        PointKind.EMAIL, partial(read, rules=rules), partial(read, rules=split), partial(values_of, rules=split)
    )
