"""The kinds of subjects that the engine knows, each made of its parts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from b24syncd.domain.binding_judge import BindingsJudge
from b24syncd.domain.bindings import Binding
from b24syncd.domain.entities import EntityType
from b24syncd.domain.field_judge import FieldsJudge
from b24syncd.domain.rules import BindingRules, EmailRules, PaymentRules, PhoneRules
from b24syncd.feeders.bindings import ActivityFeed, RuleFeed
from b24syncd.feeders.items import ItemFeed
from b24syncd.feeders.listed import listed
from b24syncd.feeders.pages import Page
from b24syncd.feeders.payments import PaidFeed, SaleFeed
from b24syncd.jobs.shared_points import proves
from b24syncd.portal.activities import Activities
from b24syncd.portal.commands import Priority
from b24syncd.portal.dates import DateFilters
from b24syncd.portal.item_rows import POINTS_ONLY, Wanted
from b24syncd.portal.items import Items
from b24syncd.portal.sales import Sales
from b24syncd.portal.shown_points import ShownPoints
from b24syncd.portal.sources import ListedSources, Sources
from b24syncd.portal.writes import Read

from .planning import Planner
from .subjects import Kind, Looked

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

    from b24syncd.clock import Clock
    from b24syncd.domain.entities import EntityRef
    from b24syncd.domain.points_judge import PointsJudge
    from b24syncd.domain.rules import BindingRule, Rules
    from b24syncd.feeders.pages import Feed
    from b24syncd.jobs.catalogue import Job
    from b24syncd.portal.before import KnowsBefore
    from b24syncd.portal.client import PortalClient
    from b24syncd.portal.date_fields import DateField
    from b24syncd.portal.vocabulary import Vocabulary

    from .planning import Guard
    from .subjects import Check

_ITEMS = (EntityType.LEAD, EntityType.CONTACT, EntityType.COMPANY)
_ITEM_PAGES_UNDER_WAY = 2
_PAID_PAGES_UNDER_WAY = 2
_ACTIVITIES = (EntityType.ACTIVITY,)
_ACTIVITY_PAGES_UNDER_WAY = 1
"""An activity may hang on items of two pages, and no two writes of it may be under way at once."""


@dataclass(frozen=True, slots=True)
class Fields:
    """The field for the date of payment of each type; those of the `promised` types are still to be created."""

    by_type: Mapping[EntityType, DateField]
    promised: frozenset[EntityType] = frozenset()


def kinds_for(  # noqa: PLR0913 # everything comes together here
    client: PortalClient,
    clock: Clock,
    jobs: Sequence[Job],
    guard: Guard,
    before: KnowsBefore,
    *,
    vocabulary: Vocabulary,
    fields: Fields | None,
    check: Check | None,
    sweep_hours: float,
    left_out: Sequence[Rules] = (),
    points_judge: PointsJudge,
) -> tuple[Kind, ...]:
    """Return every kind of subjects; one that no job is for is not fed, but what was left open of it is judged.

    Without `fields` there is nothing to tell items with payments by, so they are no kind; `check` tells whether these
    fields are still there. `sweep_hours` is how often everything is looked at, whatever changed. What waits in the
    queue for jobs that are `left_out` of this run, though enabled, is left to them. `points_judge` has learnt of this
    portal before.
    """
    items = _items(client, clock, jobs, guard, vocabulary, points_judge)
    activities = _activities(client, clock, jobs, guard, before)
    kinds = [
        replace(items, only_settles=any(isinstance(rules, PhoneRules | EmailRules) for rules in left_out)),
        replace(activities, only_settles=any(isinstance(rules, BindingRules) for rules in left_out)),
    ]
    if fields is not None:
        paid = _paid(client, clock, jobs, guard, before, vocabulary, fields, Sales(client, sweep_hours=sweep_hours))
        kinds.append(replace(paid, check=check))
    return tuple(replace(kind, vocabulary=vocabulary) for kind in kinds)


@dataclass(frozen=True, slots=True)
class Listed:
    """The kind of the activities that a person listed moves for, and the pages of these."""

    kind: Kind
    activities: Activities
    pages: Callable[[], AsyncIterator[Page]]


def listed_for(
    client: PortalClient, clock: Clock, moves: Mapping[Binding, tuple[BindingRule, ...]], job: Job, guard: Guard
) -> Listed:
    """Return what works through a list: the items that activities leave, each with the rules of its lines."""
    sources = ListedSources(client, moves)
    activities = Activities(client, clock, sources)

    async def look_at(refs: Sequence[EntityRef], *, priority: Priority) -> Looked:
        return _looked(refs, await activities.read(refs, priority=priority))

    kind = Kind(
        _ACTIVITIES,
        activities,
        BindingsJudge(),
        Planner((job,), guard),
        (),
        look_at,
        _ACTIVITY_PAGES_UNDER_WAY,
        only_settles=True,
    )
    return Listed(kind, activities, partial(listed, activities, sources, moves, priority=Priority.BACKFILL))


def _looked(named: Sequence[EntityRef], read: Read) -> Looked:
    """Return what was read of named items and what hangs on them; those that are neither found nor refused are gone."""
    missing = tuple(ref for ref in named if ref not in read.found and ref not in read.refused)
    return Looked(Page(tuple(read.found.values()), refused=read.refused), frozenset(named), missing)


def _items(  # noqa: PLR0913, PLR0917 # everything comes together here
    client: PortalClient,
    clock: Clock,
    jobs: Sequence[Job],
    guard: Guard,
    vocabulary: Vocabulary,
    judge: PointsJudge,
) -> Kind:
    planner = Planner([job for job in jobs if isinstance(job.rules, PhoneRules | EmailRules)], guard)
    items = Items(client, clock, dict.fromkeys(_ITEMS, POINTS_ONLY), vocabulary)
    dates = DateFilters(client, vocabulary)

    async def look_at(refs: Sequence[EntityRef], *, priority: Priority) -> Looked:
        named = [ref for ref in refs if ref.type in _ITEMS]
        return _looked(named, await items.read(named, priority=priority))

    feeds = tuple(
        ItemFeed(client, clock, dates, items, vocabulary, entity_type) for entity_type in planner.entity_types
    )
    shown = ShownPoints(client, vocabulary, planner.entity_types, priority=Priority.LIVE)
    phones = next((job.rules for job in jobs if isinstance(job.rules, PhoneRules)), None)
    kind = Kind(_ITEMS, items, judge, planner, feeds, look_at, _ITEM_PAGES_UNDER_WAY, phone_rules=phones)
    return replace(kind, prerequisite=shown if feeds else None)


def _activities(client: PortalClient, clock: Clock, jobs: Sequence[Job], guard: Guard, before: KnowsBefore) -> Kind:
    dates = DateFilters(client)  # rules are written in the words of the universal methods
    planner = Planner([job for job in jobs if isinstance(job.rules, BindingRules)], guard)
    rules = [(job.name, rule) for job in jobs if isinstance(job.rules, BindingRules) for rule in job.rules.rules]
    region = next((job.rules.region for job in jobs if isinstance(job.rules, BindingRules)), None)
    sources = Sources(client, clock, [rule for _, rule in rules], partial(proves, region=region))
    activities = Activities(client, clock, sources, before)

    async def look_at(refs: Sequence[EntityRef], *, priority: Priority) -> Looked:
        if not rules:
            return Looked(Page(()))
        named = [ref for ref in refs if ref.type is EntityType.ACTIVITY]
        items = [ref for ref in refs if ref.type in {rule.source for _, rule in rules}]
        read = await activities.read(named, priority=priority)
        known = await sources.of([Binding.of(ref) for ref in items], priority=priority)
        bound = await activities.bound_to(known, priority=priority)
        looked = _looked(named, Read({**read.found, **bound.found}, {**read.refused, **bound.refused}))
        return replace(looked, of_concern=frozenset({*named, *items}))

    feeds: list[Feed] = [RuleFeed(client, clock, dates, sources, activities, job, rule) for job, rule in rules]
    if rules:
        feeds.append(ActivityFeed(client, dates, activities))
    judge, under_way = BindingsJudge(), _ACTIVITY_PAGES_UNDER_WAY
    kind = Kind(_ACTIVITIES, activities, judge, planner, tuple(feeds), look_at, under_way, recall=activities.recall)
    return replace(kind, lack=lambda: activities.lack)


def _paid(  # noqa: PLR0913, PLR0917 # everything comes together here
    client: PortalClient,
    clock: Clock,
    jobs: Sequence[Job],
    guard: Guard,
    before: KnowsBefore,
    vocabulary: Vocabulary,
    fields: Fields,
    sales: Sales,
) -> Kind:
    planner = Planner([job for job in jobs if isinstance(job.rules, PaymentRules)], guard)
    wanted = {
        entity_type: Wanted(
            payments=True,
            fields=(field,),
            promised=frozenset({field.name} if entity_type in fields.promised else ()),
        )
        for entity_type, field in fields.by_type.items()
    }
    items = Items(client, clock, wanted, vocabulary, before)
    dates = DateFilters(client, vocabulary)
    types = tuple(fields.by_type)

    async def look_at(refs: Sequence[EntityRef], *, priority: Priority) -> Looked:
        named = [ref for ref in refs if ref.type in types]
        return _looked(named, await items.read(named, priority=priority))

    feeds: list[Feed] = []
    for job in planner.job_names:
        feeds += [PaidFeed(client, clock, dates, items, vocabulary, job, entity_type) for entity_type in types]
        feeds.append(SaleFeed(client, items, sales, job, frozenset(types)))
    kind = Kind(types, items, FieldsJudge(), planner, tuple(feeds), look_at, _PAID_PAGES_UNDER_WAY, recall=items.recall)
    return replace(kind, lack=lambda: sales.lack)
