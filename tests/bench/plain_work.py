"""What both plain scripts do between reading and writing: only their libraries differ.

They plan with our planners, from lists alone. No journal, no witness, no resuming, no reviews kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from b24syncd.domain.corrections import SetField
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.payments import Payments
from b24syncd.domain.rules import EmailRules, FoundField, PaymentRules, PhoneRules
from b24syncd.domain.snapshots import ContactPoint, PointKind, Snapshot
from b24syncd.jobs import payment_dates
from b24syncd.jobs.emails import planner as emails
from b24syncd.jobs.phones import planner as phones
from b24syncd.portal.payments.replies import parse_amount, parse_date, parse_payments
from b24syncd.portal.words.universal import multifields

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PHONES, EMAILS = PhoneRules(region="RU"), EmailRules()
TYPES = {"items": PHONES.entities, "contacts": (EntityType.CONTACT,)}
"""The types of items whose contact points are corrected, by the name of the work."""

PAYMENT_FIELD = "ufCrm_1721244707107"
_DEAL = EntityType.DEAL
_PAYMENTS = PaymentRules(
    fields=((_DEAL, "Payment date"),), found={_DEAL: FoundField(PAYMENT_FIELD, holds_instant=False)}
)
_KINDS = {kind.value for kind in PointKind}
_NEVER = datetime(2000, 1, 1, tzinfo=UTC)
_LEAD, _COMPANY = 1, 4
_MIRRORS = "CRM_TASKS_TASK"
"""Begins the names of what mirrors tasks: it follows the links of its task."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """What a script is told, as JSON, in its only argument."""

    webhook: str
    work: str
    dry: bool
    requests_per_second: float
    burst: int
    operating_seconds: float
    operating_window_seconds: float


def points_of(entries: Iterable[Mapping[str, Any]]) -> tuple[ContactPoint, ...]:
    """Return contact points from rows of multifields."""
    return tuple(
        ContactPoint(int(entry["id"]), PointKind(entry["typeId"]), entry["value"], entry["valueType"])
        for entry in entries
        if entry["typeId"] in _KINDS
    )


def fields_of_points(entity_type: EntityType, row: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the fields of an update that corrects an item's contact points; None where nothing is to be done."""
    snapshot = Snapshot(EntityRef(entity_type, row["id"]), _NEVER, points_of(row.get("fm") or ()))
    corrections = (phones.plan(snapshot, PHONES) + emails.plan(snapshot, EMAILS)).corrections
    return {"fm": multifields(corrections)} if corrections else None


def fields_of_deal(row: Mapping[str, Any], answer: object) -> dict[str, Any] | None:
    """Return the fields of an update that shows when a deal was paid, by the answer to `crm.item.payment.list`."""
    price = (parse_amount(row["opportunity"]), row["currencyId"] or "")
    there = parse_date(row[PAYMENT_FIELD], holds_instant=False)
    snapshot = Snapshot(
        EntityRef(_DEAL, row["id"]),
        _NEVER,
        fields={PAYMENT_FIELD: there},
        payments=Payments(*price, parse_payments(answer)),
    )
    corrections = payment_dates.plan(snapshot, _PAYMENTS).corrections
    wanted = {one.field: one.after for one in corrections if isinstance(one, SetField)}
    return {name: "" if value is None else str(value) for name, value in wanted.items()} or None


Ends = tuple[dict[str, int] | None, dict[str, int]]


def ends_of(activity: Mapping[str, Any], bound: Any, companies: Mapping[int, int]) -> Ends | None:  # noqa: ANN401 # JSON
    """Return the parameters that bind an activity of a converted lead to its company, and those that unbind it.

    Where it is bound there already, it is only unbound.
    """
    lead = int(activity["OWNER_ID"])
    is_ours = int(activity["OWNER_TYPE_ID"]) == _LEAD and companies.get(lead)
    if not is_ours or str(activity["PROVIDER_ID"]).startswith(_MIRRORS):
        return None
    on, off = (_COMPANY, companies[lead]), (_LEAD, lead)
    first, then = (
        {"activityId": int(activity["ID"]), "entityTypeId": kind, "entityId": number} for kind, number in (on, off)
    )
    is_there = any((int(one["entityTypeId"]), int(one["entityId"])) == on for one in bound)
    return None if is_there else first, then
