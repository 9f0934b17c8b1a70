"""Keyset pages by id, several chained in one batch where that saves requests.

Pages go by `>id` in the order of ids with `start=-1`: no counting, and no page is skewed by items that come or go
(docs: settings/performance/huge-data.md). A walk over what changed since an instant goes by id as well: however many
items share one second of `updatedTime`, each is met exactly once.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from .commands import Answered, Command, Outcome, Priority, Refused
from .items import PAGE_SIZE
from .phpquery import Reference
from .replies import UnexpectedReply, parse_list

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from b24syncd.clock import Clock
    from b24syncd.domain.entities import EntityType
    from b24syncd.domain.snapshots import Snapshot
    from b24syncd.errors import Rejected

    from .client import PortalClient

_FIRST_CHAIN, _LONGEST_CHAIN = 1, 50
_FIRST_CHAIN_UP_TO = 8
"""Where the highest id is known; ids may be sparse, so fewer pages may be there than it allows."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Neighbouring items in the order of their ids; `is_last` when nothing follows them."""

    snapshots: tuple[Snapshot, ...]
    is_last: bool


class Walker:
    """Walks the items of one type in the order of ids; each call reads one stretch with one request.

    The number of chained pages starts small and doubles, and no more are chained than there can be up to `highest_id`
    where that is known, so that a small portal is not asked for pages that it does not have.
    """

    def __init__(  # noqa: PLR0913 # what a walk is, by name
        self,
        client: PortalClient,
        clock: Clock,
        entity_type: EntityType,
        *,
        priority: Priority,
        conditions: Mapping[str, object] | None = None,
        highest_id: int | None = None,
    ) -> None:
        """Walk what meets `conditions`, a filter in Bitrix24's own syntax (all items by default).

        Items above `highest_id`, which came meanwhile, are met as well.
        """
        self._client = client
        self._clock = clock
        self._entity_type = entity_type
        self._priority = priority
        self._conditions = dict(conditions or {})
        self._highest_id = highest_id
        self._pages = _FIRST_CHAIN if highest_id is None else _FIRST_CHAIN_UP_TO

    async def after(self, last_id: int) -> Stretch:
        """Read the next stretch of items with ids above `last_id`; raise `Rejected` when the portal refuses."""
        commands = [self._page(last_id)]
        for index in range(1, self._pages_after(last_id)):
            previous = Reference(f"$result[c{index - 1}][items][{PAGE_SIZE - 1}][id]")
            commands.append(self._page(previous))
        read_at = self._clock.monotonic()
        outcomes = await self._client.read(commands, priority=self._priority, chained=len(commands) > 1)
        self._pages = min(self._pages * 2, _LONGEST_CHAIN)

        snapshots: list[Snapshot] = []
        for index, outcome in enumerate(outcomes):
            if isinstance(outcome, Refused):
                if index == 0:
                    raise outcome.rejected
                break
            if not isinstance(outcome, Answered):
                break
            page = self._parse(outcome, last_id, read_at)
            if page is None:
                if index == 0:
                    message = f"crm.item.list of {self._entity_type.value} answered ids out of order"
                    raise UnexpectedReply(message)
                break
            snapshots.extend(page)
            if len(page) < PAGE_SIZE:
                # whatever follows a short page was asked for with a reference that does not resolve
                return Stretch(tuple(snapshots), is_last=True)
            last_id = page[-1].ref.id
        return Stretch(tuple(snapshots), is_last=False)

    def _pages_after(self, last_id: int) -> int:
        if self._highest_id is None:
            return self._pages
        return max(1, min(self._pages, ceil((self._highest_id - last_id) / PAGE_SIZE)))

    def _page(self, last_id: int | Reference) -> Command:
        params = {
            "entityTypeId": self._entity_type.type_id,
            "select": ["*"],
            "filter": {**self._conditions, ">id": last_id},
            "order": {"id": "ASC"},
            "start": -1,
        }
        return Command("crm.item.list", params)

    def _parse(self, outcome: Answered, last_id: int, read_at: float) -> tuple[Snapshot, ...] | None:
        """Return the page, or None for one whose ids do not all exceed `last_id`, in ascending order."""
        page = parse_list(outcome.result, self._entity_type, read_at)
        for snapshot in page:
            if snapshot.ref.id <= last_id:
                return None
            last_id = snapshot.ref.id
        return page


async def highest_ids(
    client: PortalClient, entity_types: Sequence[EntityType], *, priority: Priority
) -> dict[EntityType, int | Rejected]:
    """Return the highest id of each entity type (0 where there is no item), or why the portal does not show the type.

    A type that the user may not read is listed as empty, without an error; only its fields are refused
    (php: modules/crm/lib/controller/item.php, `getItemsFilteredByPermissions`). So an empty list is asked about.
    """
    outcomes = await client.read([_last_of(entity_type) for entity_type in entity_types], priority=priority)
    highest = dict(zip(entity_types, outcomes, strict=True))
    empty = [kind for kind, outcome in highest.items() if isinstance(outcome, Answered) and not _first_id(outcome)]
    fields = [Command("crm.item.fields", {"entityTypeId": entity_type.type_id}) for entity_type in empty]
    answers = await client.read(fields, priority=priority) if fields else ()
    highest |= {kind: answer for kind, answer in zip(empty, answers, strict=True) if _denies(answer)}
    return {
        entity_type: outcome.rejected if isinstance(outcome, Refused) else _first_id(outcome)
        for entity_type, outcome in highest.items()
    }


def _denies(answer: Outcome) -> bool:
    return isinstance(answer, Refused) and answer.code.upper() != "ERROR_METHOD_NOT_FOUND"


def _last_of(entity_type: EntityType) -> Command:
    params = {"entityTypeId": entity_type.type_id, "select": ["id"], "order": {"id": "DESC"}, "start": -1}
    return Command("crm.item.list", params)


def _first_id(outcome: Outcome) -> int:
    items = outcome.result.get("items") if isinstance(outcome, Answered) and isinstance(outcome.result, dict) else None
    return int(items[0]["id"]) if items else 0
