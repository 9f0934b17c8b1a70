"""The kinds of subjects that the engine knows, items and activities, each made of its parts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from b24syncd.domain.binding_judge import BindingsJudge
from b24syncd.domain.bindings import Binding
from b24syncd.domain.conditions import ConditionKind
from b24syncd.domain.entities import EntityType
from b24syncd.domain.snapshots import Parts
from b24syncd.feeders.bindings import ActivityFeed, RuleFeed
from b24syncd.feeders.items import ItemFeed
from b24syncd.feeders.listed import listed
from b24syncd.feeders.pages import Page
from b24syncd.feeders.payments import PaidFeed, SaleFeed
from b24syncd.jobs.catalogue import Subject, binding_rules_in, field_rules_in, phone_rules_in
from b24syncd.jobs.shared_points import proves
from b24syncd.portal.activities.sources import ListedSources, Sources
from b24syncd.portal.activities.subjects import Activities
from b24syncd.portal.dates.filters import DateFilters
from b24syncd.portal.item_rows import Wanted
from b24syncd.portal.items import Items
from b24syncd.portal.payments.sales import Sales
from b24syncd.portal.shown_points import ShownPoints
from b24syncd.portal.wire.commands import Priority
from b24syncd.portal.writes import Read

from .planning import Planner
from .subjects import Kind, LookedUp, Requirement

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence

    from b24syncd.domain.entities import EntityRef
    from b24syncd.domain.item_judge import ItemJudge
    from b24syncd.domain.rules import BindingRule
    from b24syncd.feeders.pages import Feed
    from b24syncd.jobs.catalogue import Job
    from b24syncd.portal.before import KnowsBefore
    from b24syncd.portal.client import PortalClient
    from b24syncd.portal.item_rows import WantedField
    from b24syncd.portal.words.vocabulary import Vocabulary

    from .planning import Guard

_WITH_POINTS = (EntityType.LEAD, EntityType.CONTACT, EntityType.COMPANY)
_ITEM_PAGES_UNDER_WAY = 2
_ACTIVITIES = (EntityType.ACTIVITY,)
_ACTIVITY_PAGES_UNDER_WAY = 1
"""An activity may hang on items of two pages."""


@dataclass(frozen=True, slots=True)
class AtPortal:
    """The portal as a run works with it: the words, what was done `before`, and what is known of how it answers.

    `sweep_hours` is how often everything is looked at, whatever changed.
    """

    client: PortalClient
    vocabulary: Vocabulary
    before: KnowsBefore
    judge: ItemJudge
    sweep_hours: float


@dataclass(frozen=True, slots=True)
class Work:
    """What a run works on: its jobs within what `guard` allows, and the fields of each type that they read or write.

    Fields that are `promised`, by type and name, are still to be created. `left_out` are jobs that take no part though
    they are enabled, with their types; `requirements` tell what jobs need of the portal. Fields of `edits` are read
    besides, for what people changed in them is to be judged or taken back.
    """

    jobs: tuple[Job, ...]
    guard: Guard
    fields: Mapping[EntityType, tuple[WantedField, ...]] = field(default_factory=dict)
    promised: frozenset[tuple[EntityType, str]] = frozenset()
    left_out: Mapping[str, frozenset[EntityType]] = field(default_factory=dict)
    requirements: tuple[Requirement, ...] = ()
    edits: Mapping[EntityType, tuple[WantedField, ...]] = field(default_factory=dict)

    @property
    def titles(self) -> dict[str, dict[str, str]]:
        """What people call these fields, by name, of each type."""
        types = dict.fromkeys((*self.fields, *self.edits))
        of_types = {one: (*self.fields.get(one, ()), *self.edits.get(one, ())) for one in types}
        return {one.value: {each.name: each.title for each in of_type} for one, of_type in of_types.items()}

    def on(self, subject: Subject) -> tuple[Job, ...]:
        """Return the jobs that plan for a kind of subjects."""
        return tuple(job for job in self.jobs if job.subject is subject)


def kinds_for(portal: AtPortal, work: Work) -> tuple[Kind, ...]:
    """Return every kind of subjects; one that no job is for is not fed, but what was left open of it is judged."""
    kinds = (_items(portal, work), _activities(portal, work))
    return tuple(replace(kind, vocabulary=portal.vocabulary) for kind in kinds)


@dataclass(frozen=True, slots=True)
class Listed:
    """The kind of the activities that a person listed moves for, and the pages of these."""

    kind: Kind
    activities: Activities
    pages: Callable[[], AsyncIterator[Page]]


def listed_for(
    client: PortalClient, moves: Mapping[Binding, tuple[BindingRule, ...]], job: Job, guard: Guard
) -> Listed:
    """Return what works through a list: the items that activities leave, each with the rules of its lines."""
    sources = ListedSources(client, moves)
    activities = Activities(client, client.clock, sources)

    async def lookup(refs: Sequence[EntityRef], *, priority: Priority) -> LookedUp:
        return _looked(refs, await activities.read(refs, priority=priority))

    kind = Kind(
        _ACTIVITIES,
        activities,
        BindingsJudge(),
        Planner((job,), guard),
        (),
        lookup,
        _ACTIVITY_PAGES_UNDER_WAY,
        only_settles=True,
    )
    return Listed(kind, activities, partial(listed, activities, sources, moves, priority=Priority.BACKFILL))


def _looked(named: Sequence[EntityRef], read: Read) -> LookedUp:
    """Return what was read of named items and what hangs on them; those that are neither found nor refused are gone."""
    missing = tuple(ref for ref in named if ref not in read.found and ref not in read.refused)
    return LookedUp(Page(tuple(read.found.values()), refused=read.refused), frozenset(named), missing)


def _items(portal: AtPortal, work: Work) -> Kind:
    """Return the kind of all items: a type is read with everything that any job needs of it, by one feed of its own.

    Types that have contact points are read with them whatever the jobs are, so that what was left open is judged.
    """
    planner = Planner(work.on(Subject.ITEMS), work.guard)
    needs = {entity_type: planner.needs(entity_type) for entity_type in planner.entity_types}
    needs |= {entity_type: needs.get(entity_type, Parts()) | Parts(points=True) for entity_type in _WITH_POINTS}
    for entity_type, edited in work.edits.items():
        needs[entity_type] = needs.get(entity_type, Parts()) | Parts(fields=frozenset(one.name for one in edited))
    wanted = {entity_type: _wanted(entity_type, parts, work) for entity_type, parts in needs.items()}
    client, types = portal.client, tuple(needs)
    items = Items(client, client.clock, wanted, portal.vocabulary, portal.before)
    sales = Sales(client, sweep_hours=portal.sweep_hours)

    async def lookup(refs: Sequence[EntityRef], *, priority: Priority) -> LookedUp:
        named = [ref for ref in refs if ref.type in types]
        return _looked(named, await items.read(named, priority=priority))

    paying = _paying(planner)
    kind = Kind(
        types,
        items,
        portal.judge,
        planner,
        tuple(_item_feeds(portal, planner, items, sales, paying)),
        lookup,
        _ITEM_PAGES_UNDER_WAY,
        left_out=_left_out(work, types),
        lacks=dict.fromkeys(paying, lambda: sales.lack),
        phone_rules=phone_rules_in(work.jobs),
    )
    return replace(kind, requirements=(*_shown_points(portal, planner), *work.requirements))


def _wanted(entity_type: EntityType, parts: Parts, work: Work) -> Wanted:
    known = {one.name: one for one in (*work.edits.get(entity_type, ()), *work.fields.get(entity_type, ()))}
    fields = tuple(one for one in known.values() if one.name in parts.fields)
    promised = frozenset(name for kind, name in work.promised if kind is entity_type)
    return Wanted(parts.points, parts.payments, fields, promised, field_rules_in(work.jobs, entity_type))


def _paying(planner: Planner) -> dict[str, tuple[EntityType, ...]]:
    """Return the jobs that need payments, with the types of which they do."""
    found = {
        job.name: tuple(entity_type for entity_type in job.rules.entities if job.needs(entity_type).payments)
        for job in planner.jobs
    }
    return {name: types for name, types in found.items() if types}


def _item_feeds(
    portal: AtPortal, planner: Planner, items: Items, sales: Sales, paying: Mapping[str, tuple[EntityType, ...]]
) -> Iterator[Feed]:
    """Yield one walking feed for each type, and one for each job of payments that tells what was paid for lately."""
    client, words = portal.client, portal.vocabulary
    dates = DateFilters(client, words)
    paid = {entity_type: job for job, types in paying.items() for entity_type in types}
    for entity_type in planner.entity_types:
        job = paid.get(entity_type)
        if job is None:
            yield ItemFeed(client, client.clock, dates, items, words, entity_type)
        else:
            alone = planner.names_for(entity_type) == (job,)
            yield PaidFeed(client, client.clock, dates, items, words, job, entity_type, tells_all=not alone)
    for job, types in paying.items():
        yield SaleFeed(client, items, sales, job, frozenset(types))


def _shown_points(portal: AtPortal, planner: Planner) -> Iterator[Requirement]:
    jobs = [job for job in planner.jobs if any(job.needs(entity_type).points for entity_type in job.rules.entities)]
    types = tuple(dict.fromkeys(entity_type for job in jobs for entity_type in job.rules.entities))
    if jobs:
        shown = ShownPoints(portal.client, portal.vocabulary, types, priority=Priority.LIVE)
        yield Requirement(tuple(job.name for job in jobs), shown, kind=ConditionKind.SETTINGS_INVALID)


def _left_out(work: Work, types: Sequence[EntityType]) -> dict[str, frozenset[EntityType]]:
    own = {name: of_job.intersection(types) for name, of_job in work.left_out.items()}
    return {name: of_job for name, of_job in own.items() if of_job}


def _activities(portal: AtPortal, work: Work) -> Kind:
    client = portal.client
    dates = DateFilters(client)  # rules are written in the words of the universal methods
    planner = Planner(work.on(Subject.ACTIVITIES), work.guard)
    rules_by_job = binding_rules_in(work.jobs)
    rules = [(name, rule) for name, of_job in rules_by_job.items() for rule in of_job.rules]
    region = next((of_job.region for of_job in rules_by_job.values()), None)
    sources = Sources(client, client.clock, [rule for _, rule in rules], partial(proves, region=region))
    activities = Activities(client, client.clock, sources, portal.before)

    async def lookup(refs: Sequence[EntityRef], *, priority: Priority) -> LookedUp:
        if not rules:
            return LookedUp(Page(()))
        named = [ref for ref in refs if ref.type is EntityType.ACTIVITY]
        items = [ref for ref in refs if ref.type in {rule.source for _, rule in rules}]
        read = await activities.read(named, priority=priority)
        known = await sources.of([Binding.of(ref) for ref in items], priority=priority)
        bound = await activities.bound_to(known, priority=priority)
        looked = _looked(named, Read({**read.found, **bound.found}, {**read.refused, **bound.refused}))
        return replace(looked, of_concern=frozenset({*named, *items}))

    feeds: list[Feed] = [RuleFeed(client, client.clock, dates, sources, activities, name, rule) for name, rule in rules]
    if rules:
        feeds.append(ActivityFeed(client, dates, activities))
    return Kind(
        _ACTIVITIES,
        activities,
        BindingsJudge(),
        planner,
        tuple(feeds),
        lookup,
        _ACTIVITY_PAGES_UNDER_WAY,
        left_out=_left_out(work, _ACTIVITIES),
        lacks=dict.fromkeys(rules_by_job, lambda: activities.lack),
    )
