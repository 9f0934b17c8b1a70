"""Activities, rules and items to build the examples of the job `bindings` from."""

from __future__ import annotations

from datetime import UTC, datetime

from b24syncd.domain.activities import Activity, ActivitySnapshot, Bound, Candidate, Offer, Source
from b24syncd.domain.bindings import Binding
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.rules import ActivityFilter, BindingRule, LinkedItem, RebindMode

CALL = EntityRef(EntityType.ACTIVITY, 9)
LEAD, OTHER_LEAD, THIRD_LEAD = Binding(1, 1), Binding(1, 2), Binding(1, 3)
DEAL, CONTACT, COMPANY, OTHER_COMPANY = Binding(2, 6), Binding(3, 7), Binding(4, 5), Binding(4, 8)
CREATED = datetime(2026, 3, 1, 22, 30, tzinfo=UTC)


def rule(name: str = "leads", **changes: object) -> BindingRule:
    """Return a rule that moves from leads to companies."""
    wanted: dict[str, object] = {"source": EntityType.LEAD, "to": LinkedItem(EntityType.COMPANY), **changes}
    return BindingRule(name=name, **wanted)  # type: ignore[arg-type] # a test names only what it is about


MOVE = rule()
COPY = rule("copies", mode=RebindMode.COPY)


def offer(which: BindingRule, *found: Binding, missing: tuple[Binding, ...] = (), is_full: bool = False) -> Offer:
    """Return what a rule offers, with candidates that need no proof."""
    return Offer(which, tuple(map(Candidate, found)), missing, is_full)


def source(binding: Binding, *offers: Offer) -> Source:
    """Return an item with these offers."""
    return Source(binding, offers)


def moving(binding: Binding, target: Binding) -> Source:
    """Return an item whose activities move to another."""
    return source(binding, offer(MOVE, target))


def copying(binding: Binding, target: Binding) -> Source:
    """Return an item whose activities are bound to another as well."""
    return source(binding, offer(COPY, target))


def snapshot(
    *bound: Binding,
    sources: tuple[Source, ...] = (),
    links: tuple[str, ...] | None = None,
    task_id: int | None = None,
    activity: Activity | None = None,
) -> ActivitySnapshot:
    """Return an activity as it was read, by default a completed incoming call."""
    what = activity or Activity("VOXIMPLANT_CALL", 2, 1, completed=True, created_at=CREATED, task_id=task_id)
    return ActivitySnapshot(CALL, CREATED, what, Bound(tuple(sorted(bound)), links), sources)


def only(**wanted: object) -> BindingRule:
    """Return a rule for some activities only."""
    return rule(activities=ActivityFilter(**wanted))  # type: ignore[arg-type] # a test names only what it is about
