"""Sources: the items whose activities rules are for, with where these may go."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from b24syncd.domain.activities import Source
from b24syncd.domain.bindings import Binding
from b24syncd.domain.rules import ListedItem
from b24syncd.portal.paging import PAGE_SIZE, Listing, Walker
from b24syncd.portal.wire.commands import Answered, Command, Refused

from .destinations import Targets
from .link_fields import LinkFields
from .rule_dates import RuleDates
from .source_rows import SourceRow, narrowed, needs_link, sources_of, where_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from b24syncd.clock import Clock
    from b24syncd.domain.activities import Offer
    from b24syncd.domain.rules import BindingRule
    from b24syncd.domain.snapshots import ContactPoint
    from b24syncd.portal.client import PortalClient
    from b24syncd.portal.wire.commands import Priority

_LONGEST_STRETCH = 4
"""Pages in a stretch of items: all their activities are read before the first is written, and must not grow old."""

_Met = list[tuple["BindingRule", SourceRow]]
"""Rules and the items that meet them, in the rules' order."""


class Sources:
    """Finds the sources of rules; what a rule is for is the portal's own judgement, by the rule's filter."""

    def __init__(
        self,
        client: PortalClient,
        clock: Clock,
        rules: Sequence[BindingRule],
        proves: Callable[[ContactPoint], bool] | None = None,
    ) -> None:
        """Ask through `client` for what `rules` are for, in their order; `proves` tells which points are shared."""
        self._client = client
        self._clock = clock
        self._rules = tuple(rules)
        self._links = LinkFields(client)
        self._dates = RuleDates(client)
        self._targets = Targets(client, proves)

    async def walk(
        self,
        rule: BindingRule,
        *,
        priority: Priority,
        conditions: Mapping[str, object] | None = None,
        highest_id: int | None = None,
    ) -> Walker[SourceRow]:
        """Walk the items that meet a rule, and `conditions` besides; its rows are to be resolved."""
        return Walker(
            self._client,
            await self._listing(rule, priority),
            priority=priority,
            conditions=narrowed(await self._where(rule, priority), conditions),
            highest_id=highest_id,
            longest=_LONGEST_STRETCH,
        )

    async def resolve(
        self, rule: BindingRule, rows: Sequence[SourceRow], *, priority: Priority
    ) -> dict[Binding, Source]:
        """Return the sources of a walk's rows, with the offers of this and of all other rules that they meet."""
        walked = {Binding.of(row.ref): row for row in rows}
        others = [other for other in self._rules if other is not rule]
        found = await self._meeting(others, walked, priority)
        met: _Met = []
        for one in self._rules:
            met += [(rule, row) for row in rows] if one is rule else [pair for pair in found if pair[0] is one]
        return await self._sources(met, priority)

    async def of(self, bindings: Collection[Binding], *, priority: Priority) -> dict[Binding, Source]:
        """Return those of the bindings that are items which meet any rule, with the offers of all that they meet.

        Raises `Rejected` when the portal refuses a rule's type or filter.
        """
        return await self._sources(await self._meeting(self._rules, bindings, priority), priority)

    async def _meeting(self, rules: Sequence[BindingRule], bindings: Collection[Binding], priority: Priority) -> _Met:
        """Return which of the items meet which rules, in the order of the rules."""
        asked: list[tuple[BindingRule, Listing[SourceRow], Command]] = []
        for rule in rules:
            ids = sorted(binding.id for binding in bindings if binding.type_id == rule.source.type_id)
            if not ids:
                continue
            listing, where = await self._listing(rule, priority), await self._where(rule, priority)
            for first in range(0, len(ids), PAGE_SIZE):
                conditions = narrowed(where, {"@id": ids[first : first + PAGE_SIZE]})
                asked.append((rule, listing, listing.page(conditions, 0)))
        if not asked:
            return []
        outcomes = await self._client.read([command for _, _, command in asked], priority=priority)
        met: _Met = []
        for (rule, listing, _), outcome in zip(asked, outcomes, strict=True):
            if isinstance(outcome, Refused):
                raise outcome.rejected
            if isinstance(outcome, Answered):
                met += [(rule, row) for row in listing.parse(outcome.result, 0.0)]
        return met

    async def _where(self, rule: BindingRule, priority: Priority) -> dict[str, object]:
        return await self._dates.shifted(rule.source, where_of(rule), priority=priority)

    async def _listing(self, rule: BindingRule, priority: Priority) -> Listing[SourceRow]:
        name = needs_link(rule)
        link = await self._links.find(rule.source, name, priority=priority) if name else None
        return sources_of(rule, link)

    async def _sources(self, met: _Met, priority: Priority) -> dict[Binding, Source]:
        offers: defaultdict[Binding, list[Offer]] = defaultdict(list)
        rows: dict[Binding, SourceRow] = {}
        for (_, row), offer in zip(met, await self._targets.offers(met, priority=priority), strict=True):
            binding = Binding.of(row.ref)
            offers[binding].append(offer)
            if row.points or binding not in rows:
                rows[binding] = row
        return {binding: Source(binding, tuple(offers[binding]), row.points) for binding, row in rows.items()}


class ListedSources:
    """The sources of a list that a person wrote: each item with the rules made of its lines."""

    def __init__(self, client: PortalClient, moves: Mapping[Binding, tuple[BindingRule, ...]]) -> None:
        """Take the `moves`: which items' activities go where, by rules whose destination is one listed item."""
        self._moves = dict(moves)
        self._targets = Targets(client)

    async def of(self, bindings: Collection[Binding], *, priority: Priority) -> dict[Binding, Source]:
        """Return those of the bindings that the list names; whether its targets are there is looked up."""
        listed = [(binding, rule) for binding in bindings for rule in self._moves.get(binding, ())]
        asked = [(rule, (rule.to.target,) if isinstance(rule.to, ListedItem) else (), (), False) for _, rule in listed]
        offers: defaultdict[Binding, list[Offer]] = defaultdict(list)
        for (binding, _), offer in zip(listed, await self._targets.checked(asked, priority=priority), strict=True):
            offers[binding].append(offer)
        return {binding: Source(binding, tuple(of_one)) for binding, of_one in offers.items()}
