"""Filters of rules for fields, judged by the portal itself: which of some items meet which rules.

They are written in the words of the universal methods, whichever items are read and written with.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING

from b24syncd.domain.entities import EntityRef
from b24syncd.observe.logs import get_logger
from b24syncd.portal.activities.rule_dates import RuleDates
from b24syncd.portal.activities.source_rows import ids_in, narrowed, read_rows
from b24syncd.portal.paging import PAGE_SIZE
from b24syncd.portal.wire.commands import Answered, Command, Refused

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from b24syncd.domain.entities import EntityType
    from b24syncd.domain.rules import FieldRule
    from b24syncd.portal.client import PortalClient
    from b24syncd.portal.wire.commands import Priority

log = get_logger()

_Where = tuple[tuple[str, str], ...]


class RuleFilters:
    """Asks which items meet the filters of rules; filters that several rules share are asked about once."""

    def __init__(self, client: PortalClient, rules: Sequence[FieldRule]) -> None:
        """Ask through `client` for those of `rules` that have a filter."""
        self._client = client
        self._dates = RuleDates(client)
        self._rules: defaultdict[EntityType, defaultdict[_Where, list[str]]] = defaultdict(lambda: defaultdict(list))
        self._refused: set[_Where] = set()
        for rule in rules:
            if rule.where:
                self._rules[rule.entity][rule.where].append(rule.name)

    async def met(self, refs: Collection[EntityRef], *, priority: Priority) -> Mapping[EntityRef, frozenset[str]]:
        """Return the names of the rules that items meet; those that meet none are left out.

        Costs a command for each filter and 50 items. A filter that the portal refuses is met by none.
        """
        asked: list[tuple[EntityType, _Where, Command]] = []
        for entity_type, filters in self._rules.items():
            ids = sorted(ref.id for ref in refs if ref.type is entity_type)
            for where in filters if ids else ():
                conditions = {key: json.loads(value) for key, value in where}
                shifted = await self._dates.shifted(entity_type, conditions, priority=priority)
                for first in range(0, len(ids), PAGE_SIZE):
                    chunk = ids[first : first + PAGE_SIZE]
                    asked.append((entity_type, where, _list(entity_type, shifted, chunk)))
        outcomes = await self._client.read([command for _, _, command in asked], priority=priority) if asked else ()
        met: defaultdict[EntityRef, set[str]] = defaultdict(set)
        for (entity_type, where, _), outcome in zip(asked, outcomes, strict=True):
            names = self._rules[entity_type][where]
            if isinstance(outcome, Refused):
                self._tell(where, names, outcome)
            for row in read_rows(outcome.result) if isinstance(outcome, Answered) else ():
                for item_id in ids_in(row.get("id")):
                    met[EntityRef(entity_type, item_id)].update(names)
        return {ref: frozenset(names) for ref, names in met.items()}

    def _tell(self, where: _Where, names: Sequence[str], refused: Refused) -> None:
        if where not in self._refused:
            self._refused.add(where)
            log.warning("filter_refused", job="fields", rules=list(names), error=str(refused.rejected))


def _list(entity_type: EntityType, where: Mapping[str, object], ids: Sequence[int]) -> Command:
    params = {"entityTypeId": entity_type.type_id, "select": ["id"], "filter": narrowed(where, {"@id": list(ids)})}
    return Command("crm.item.list", {**params, "order": {"id": "ASC"}, "start": -1})
