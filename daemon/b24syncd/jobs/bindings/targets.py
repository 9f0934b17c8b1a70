"""Where a rule sends the activities of an item: to one target, or to a person who has to decide."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from b24syncd.domain.entities import EntityRef
from b24syncd.domain.plans import Review
from b24syncd.domain.reasons import Reason
from b24syncd.domain.rules import ActivityStatus, LinkedItem, LinkField, ListedItem, SharedContactPoint
from b24syncd.jobs.shared_points import share_a_point

if TYPE_CHECKING:
    from collections.abc import Iterable

    from b24syncd.domain.activities import Activity, Offer, Source
    from b24syncd.domain.bindings import Binding
    from b24syncd.domain.rules import ActivityFilter, BindingRule


def applies(rule: BindingRule, ref: EntityRef, activity: Activity) -> bool:
    """Tell whether a rule is for this activity."""
    if isinstance(rule.to, ListedItem) and rule.to.activity_id not in {None, ref.id}:
        return False
    return _accepts(rule.activities, activity)


def _accepts(wanted: ActivityFilter, activity: Activity) -> bool:
    return (
        (not wanted.providers or activity.provider in wanted.providers)
        and (not wanted.types or activity.type_id in wanted.types)
        and wanted.direction in {None, activity.direction}
        and wanted.status in {ActivityStatus.ANY, _status(activity)}
        and (wanted.created_since is None or activity.created_at.astimezone(UTC).date() >= wanted.created_since)
    )


def _status(activity: Activity) -> ActivityStatus:
    return ActivityStatus.COMPLETED if activity.completed else ActivityStatus.OPEN


def choose(source: Source, offer: Offer, *, job: str, region: str | None) -> Binding | Review:
    """Return the one target of a rule, or a review that is the same for every activity of the source.

    What the portal names but does not show counts as a possible target too: of several, only a person knows the right.
    """
    found = _found(source, offer, region)
    missing = sorted(set(offer.missing) - {source.binding})
    if offer.is_full:
        return _review(source, offer.rule, job, Reason.TOO_MANY_MATCHES)
    if len(found) == 1 and not missing:
        return found[0]
    if found:
        return _review(source, offer.rule, job, Reason.SEVERAL_TARGETS, suggestion=_listed(found))
    if missing:
        return _review(source, offer.rule, job, Reason.MISSING_TARGET, named=_listed(missing))
    return _review(source, offer.rule, job, Reason.NO_TARGET)


def _found(source: Source, offer: Offer, region: str | None) -> list[Binding]:
    """Return the candidates that count, in ascending order: the same whatever order the portal answers in."""
    must_share = isinstance(offer.rule.to, SharedContactPoint)
    return sorted(
        {
            candidate.binding
            for candidate in offer.found
            if candidate.binding != source.binding
            and (not must_share or share_a_point(source.points, candidate.points, region))
        }
    )


def _review(  # noqa: PLR0913 # what a review says, by name
    source: Source,
    rule: BindingRule,
    job: str,
    reason: Reason,
    *,
    named: str | None = None,
    suggestion: str | None = None,
) -> Review:
    ref = EntityRef(rule.source, source.binding.id)
    value = f"rule “{rule.name}”: {named or _destination(rule)}"
    return Review(ref, job, rule.review_id, value, reason, suggestion)


def _destination(rule: BindingRule) -> str:
    match rule.to:
        case LinkedItem(type=entity_type):
            return entity_type.value
        case LinkField(name=name):
            return name
        case SharedContactPoint(type=entity_type):
            return f"{entity_type.value} with the same phone or e-mail"
        case ListedItem(target=target):
            return str(target)


def _listed(bindings: Iterable[Binding]) -> str:
    return ", ".join(map(str, bindings))
