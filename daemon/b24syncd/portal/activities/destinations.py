"""Where rules may send the activities of items: the items that these name or share a contact point with.

All of a page's items are resolved together: one batch of searches, one of checks that what they name is there.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from b24syncd.domain.activities import Candidate, Offer
from b24syncd.domain.bindings import Binding
from b24syncd.domain.entities import EntityType
from b24syncd.domain.rules import LinkedItem, SharedContactPoint
from b24syncd.portal.item_rows import snapshots_in
from b24syncd.portal.paging import PAGE_SIZE
from b24syncd.portal.wire.commands import Answered, Command, Outcome, Refused
from b24syncd.portal.wire.replies import UnexpectedReply

from .duplicates import MOST_FOUND, ids_found, search_for
from .source_rows import ids_in, read_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from b24syncd.domain.rules import BindingRule
    from b24syncd.domain.snapshots import ContactPoint
    from b24syncd.portal.client import PortalClient
    from b24syncd.portal.wire.commands import Priority

    from .source_rows import SourceRow

_CONVERTED = frozenset({EntityType.DEAL, EntityType.CONTACT, EntityType.COMPANY})
"""What a lead is converted into; these tell by `leadId` from which."""


@dataclass(slots=True)
class _Wanted:
    """One offer in the making: what may be a target, to be checked (`named`) or known to be there (`known`)."""

    rule: BindingRule
    row: SourceRow
    named: list[Binding] = field(default_factory=list)
    known: list[Binding] = field(default_factory=list)
    is_full: bool = False


class Targets:
    """Finds the targets of rules."""

    def __init__(self, client: PortalClient, proves: Callable[[ContactPoint], bool] | None = None) -> None:
        """Ask through `client`; contact points that prove nothing are not searched for."""
        self._client = client
        self._proves = proves

    async def offers(self, met: Iterable[tuple[BindingRule, SourceRow]], *, priority: Priority) -> tuple[Offer, ...]:
        """Return an offer for each pair of a rule and an item that meets it, in their order."""
        wanted = [_Wanted(rule, row, list(row.named)) for rule, row in met]
        await self._search(wanted, priority)
        return await self.checked(
            [(one.rule, tuple(one.named), tuple(one.known), one.is_full) for one in wanted], priority=priority
        )

    async def checked(
        self,
        asked: Sequence[tuple[BindingRule, tuple[Binding, ...], tuple[Binding, ...], bool]],
        *,
        priority: Priority,
    ) -> tuple[Offer, ...]:
        """Return offers whose named targets were looked up; given as (rule, named, known to be there, is full)."""
        plain = {binding for rule, named, _, _ in asked if not _by_points(rule) for binding in named}
        with_points = {binding for rule, named, _, _ in asked if _by_points(rule) for binding in named}
        there = await self._look_up(plain - with_points, with_points, priority)
        offers = []
        for rule, named, known, is_full in asked:
            found = [Candidate(binding, there[binding]) for binding in named if binding in there]
            missing = tuple(binding for binding in named if binding not in there)
            offers.append(Offer(rule, (*found, *map(Candidate, known)), missing, is_full))
        return tuple(offers)

    async def _search(self, wanted: Sequence[_Wanted], priority: Priority) -> None:
        """Find what the items do not name themselves: what leads were converted into, who shares a contact point."""
        leads: defaultdict[EntityType, defaultdict[int, list[_Wanted]]] = defaultdict(lambda: defaultdict(list))
        searches: list[tuple[_Wanted, EntityType, Command]] = []
        for one in wanted:
            match one.rule.to:
                case SharedContactPoint(type=target):
                    # A filler has more hits than the search tells, and hides those that count.
                    points = filter(self._proves, one.row.points) if self._proves else one.row.points
                    searches.extend((one, target, command) for command in search_for(points, target))
                case LinkedItem(type=target) if (
                    not one.named and one.row.ref.type is EntityType.LEAD and target in _CONVERTED
                ):
                    leads[target][one.row.ref.id].append(one)
        pages = [
            _Reverse(target, chunk, askers) for target, askers in leads.items() for chunk in _chunks(sorted(askers))
        ]
        while pages or searches:
            commands = [page.command() for page in pages] + [command for _, _, command in searches]
            outcomes = await self._client.read(commands, priority=priority)
            for (one, target, _), outcome in zip(searches, outcomes[len(pages) :], strict=True):
                _note_found(one, target, outcome)
            unfinished = [page.read_in(outcome) for page, outcome in zip(pages, outcomes, strict=False)]
            pages = [page for page, goes_on in zip(pages, unfinished, strict=True) if goes_on]
            searches = []

    async def _look_up(
        self, plain: Iterable[Binding], with_points: Iterable[Binding], priority: Priority
    ) -> dict[Binding, tuple[ContactPoint, ...]]:
        """Return those that the portal shows, with their contact points where these are wanted."""
        asked = [(type_id, chunk, ["id"]) for type_id, chunk in _by_type(plain)]
        asked += [(type_id, chunk, ["*"]) for type_id, chunk in _by_type(with_points)]
        commands = [
            Command(
                "crm.item.list",
                {
                    "entityTypeId": type_id,
                    "select": select,
                    "filter": {"@id": chunk},
                    "order": {"id": "ASC"},
                    "start": -1,
                },
            )
            for type_id, chunk, select in asked
        ]
        there: dict[Binding, tuple[ContactPoint, ...]] = {}
        if not commands:
            return there
        outcomes = await self._client.read(commands, priority=priority)
        for (type_id, _, select), outcome in zip(asked, outcomes, strict=True):
            if not isinstance(outcome, Answered):
                continue  # a type that is gone, or not to be read: its items are not shown
            if select == ["*"]:
                items = snapshots_in(outcome.result, EntityType.from_type_id(type_id), 0.0)
                there |= {Binding.of(item.ref): item.entries for item in items}
            else:
                ids = (item_id for row in read_rows(outcome.result) for item_id in ids_in(row.get("id")))
                there |= {Binding(type_id, item_id): () for item_id in ids}
        return there


@dataclass(slots=True)
class _Reverse:
    """The list of those items of one type that some leads were converted into."""

    target: EntityType
    leads: list[int]
    askers: dict[int, list[_Wanted]]
    last_id: int = 0

    def command(self) -> Command:
        """Return the command for the next page."""
        return Command(
            "crm.item.list",
            {
                "entityTypeId": self.target.type_id,
                "select": ["id", "leadId"],
                "filter": {"@leadId": self.leads, ">id": self.last_id},
                "order": {"id": "ASC"},
                "start": -1,
            },
        )

    def read_in(self, outcome: Outcome) -> bool:
        """Take in a page; return whether there may be another."""
        rows = read_rows(_answer(outcome))
        for row in rows:
            (item_id, *_) = ids_in(row.get("id")) or (0,)
            if item_id <= self.last_id:
                message = f"crm.item.list of {self.target.value} answered ids out of order"
                raise UnexpectedReply(message)
            self.last_id = item_id
            for lead_id in ids_in(row.get("leadId")):
                for one in self.askers.get(lead_id, ()):
                    one.known.append(Binding(self.target.type_id, item_id))
        return len(rows) == PAGE_SIZE


def _note_found(one: _Wanted, target: EntityType, outcome: Outcome) -> None:
    ids = ids_found(_answer(outcome), target)
    one.is_full = one.is_full or len(ids) >= MOST_FOUND
    found = (Binding(target.type_id, item_id) for item_id in ids)
    one.named.extend(binding for binding in found if binding not in one.named and binding != Binding.of(one.row.ref))


def _answer(outcome: Outcome) -> object:
    if isinstance(outcome, Refused):
        raise outcome.rejected
    return outcome.result if isinstance(outcome, Answered) else None


def _by_points(rule: BindingRule) -> bool:
    return isinstance(rule.to, SharedContactPoint)


def _by_type(bindings: Iterable[Binding]) -> list[tuple[int, list[int]]]:
    """Return the ids of each type, a page at a time."""
    ids: defaultdict[int, list[int]] = defaultdict(list)
    for binding in sorted(bindings):
        ids[binding.type_id].append(binding.id)
    return [(type_id, chunk) for type_id, of_type in ids.items() for chunk in _chunks(of_type)]


def _chunks(ids: list[int]) -> list[list[int]]:
    return [ids[first : first + PAGE_SIZE] for first in range(0, len(ids), PAGE_SIZE)]
