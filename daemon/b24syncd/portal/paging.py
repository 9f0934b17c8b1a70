"""Keyset pages by id, several chained in one batch where that saves requests.

Pages go by `>id` in the order of ids with `start=-1`: no counting, and no page is skewed by items that come or go
(docs: settings/performance/huge-data.md). A walk over what changed since an instant goes by id as well: however many
items share one second of `updatedTime`, each is met exactly once.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from b24syncd.portal.wire.commands import Answered, Command, Outcome, Priority, Refused
from b24syncd.portal.wire.phpquery import Reference
from b24syncd.portal.wire.replies import UnexpectedReply, id_from
from b24syncd.portal.words.vocabulary import UNIVERSAL

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from b24syncd.domain.entities import EntityRef, EntityType
    from b24syncd.errors import Rejected
    from b24syncd.portal.words.vocabulary import Vocabulary, Words

    from .client import PortalClient

PAGE_SIZE = 50
"""Rows in a page of a list method (docs: api-reference/crm/universal/crm-item-list.md, "start")."""

LONGEST_STRETCH = 50
"""Pages in a stretch, where nothing else is to be read of its rows."""

_FIRST_CHAIN = 1
_FIRST_CHAIN_UP_TO = 8
"""Where the highest id is known; ids may be sparse, so fewer pages may be there than it allows."""


_SPARE = 0.1
"""Of a page: where the last one will be about full, the next is asked for with it, not in a request of its own."""

_MOST_LOST = 3
"""Of a page: the portal looks for ids first and reads the items then, so what is deleted in between leaves a page
shorter that is not the last (php: modules/crm/lib/Service/Factory.php `getItems`)."""


class Row(Protocol):
    """What a list shows of one item."""

    @property
    def ref(self) -> EntityRef:
        """The item."""


RowT = TypeVar("RowT", bound=Row)
RowT_co = TypeVar("RowT_co", bound=Row, covariant=True)


@dataclass(frozen=True, slots=True)
class Listing(Generic[RowT_co]):
    """A list method that can be walked by id: what every page asks for, how the id is called, and how rows are read.

    `rows` is the path to the rows in the result, in the notation of references: `[items]`, or nothing.
    """

    method: str
    fixed: Mapping[str, object]
    id: str
    rows: str
    parse: Callable[[object, float], tuple[RowT_co, ...]]

    def page(self, conditions: Mapping[str, object], after: int | Reference) -> Command:
        """Return the command for the first page after an id."""
        conditions = {**conditions, f">{self.id}": after}
        return Command(self.method, {**self.fixed, "filter": conditions, "order": {self.id: "ASC"}, "start": -1})

    def last_id_of(self, index: int) -> Reference:
        """Return a reference to the last id of a full page, the answer to a batch's command `index`."""
        return Reference(f"$result[c{index}]{self.rows}[{PAGE_SIZE - 1}][{self.id}]")


@dataclass(frozen=True, slots=True)
class Stretch(Generic[RowT_co]):
    """Neighbouring rows in the order of their ids; `is_last` when nothing follows them."""

    rows: tuple[RowT_co, ...]
    is_last: bool


class Walker(Generic[RowT]):
    """Walks a list in the order of ids; each call reads one stretch with one request.

    The number of chained pages starts small and doubles. Where `highest_id` is known, the rows of the first stretch
    tell how many pages there will be up to it, and these are chained at once: a small portal is not asked for pages
    that it does not have.
    """

    def __init__(  # noqa: PLR0913 # what a walk is, by name
        self,
        client: PortalClient,
        listing: Listing[RowT],
        *,
        priority: Priority,
        conditions: Mapping[str, object] | None = None,
        highest_id: int | None = None,
        longest: int = LONGEST_STRETCH,
    ) -> None:
        """Walk what meets `conditions`, a filter in Bitrix24's own syntax (everything by default).

        What is above `highest_id`, which came meanwhile, is met as well. A stretch has at most `longest` pages.
        """
        self._client = client
        self.clock = client.clock
        self._listing = listing
        self._priority = priority
        self._conditions = dict(conditions or {})
        self._highest_id = highest_id
        self._longest = longest
        self._pages = min(longest, _FIRST_CHAIN if highest_id is None else _FIRST_CHAIN_UP_TO)
        self._ids_of_page: float = PAGE_SIZE

    def begin_with(self, pages: int) -> None:
        """Let the first stretch have so many pages, as far as it may."""
        self._pages = min(self._longest, pages)

    async def after(self, last_id: int) -> Stretch[RowT]:
        """Read the next stretch of rows with ids above `last_id`; raise `Rejected` when the portal refuses."""
        listing = self._listing
        pages = self._pages_after(last_id)
        starts: list[int | Reference] = [last_id, *(listing.last_id_of(index) for index in range(pages - 1))]
        commands = [listing.page(self._conditions, start) for start in starts]
        read_at = self.clock.monotonic()
        outcomes = await self._client.read(commands, priority=self._priority, chained=len(commands) > 1)
        self._pages = self._longest if self._highest_id is not None else min(self._pages * 2, self._longest)

        first_id = last_id
        rows: list[RowT] = []
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
                    message = f"{listing.method} answered ids out of order"
                    raise UnexpectedReply(message)
                break
            rows.extend(page)
            last_id = page[-1].ref.id if page else last_id
            if len(page) < PAGE_SIZE:
                # whatever follows a short page was asked for with a reference that does not resolve
                return Stretch(tuple(rows), is_last=not self._may_go_on(len(page), last_id, is_chained=index > 0))
        if rows:
            self._ids_of_page = PAGE_SIZE * (last_id - first_id) / len(rows)
        return Stretch(tuple(rows), is_last=False)

    def _may_go_on(self, length: int, last_id: int, *, is_chained: bool) -> bool:
        """Tell whether anything may follow a short page; of one that is nearly full the next has to tell.

        So it has of one that is empty behind full ones of its batch, below the highest id: the right to read the type
        may have gone in between, and the list is empty then, without an error.
        """
        is_below = self._highest_id is None or last_id < self._highest_id
        is_doubtful = is_chained and not length and self._highest_id is not None
        return is_below and (is_doubtful or length >= PAGE_SIZE - _MOST_LOST)

    def _pages_after(self, last_id: int) -> int:
        if self._highest_id is None:
            return self._pages
        pages = (self._highest_id - last_id) / self._ids_of_page
        return max(1, min(self._pages, ceil(pages + _SPARE)))

    def _parse(self, outcome: Answered, last_id: int, read_at: float) -> tuple[RowT, ...] | None:
        """Return the page, or None for one whose ids do not all exceed `last_id`, in ascending order."""
        page = self._listing.parse(outcome.result, read_at)
        for row in page:
            if row.ref.id <= last_id:
                return None
            last_id = row.ref.id
        return page


async def highest_ids(
    client: PortalClient,
    entity_types: Sequence[EntityType],
    *,
    priority: Priority,
    vocabulary: Vocabulary = UNIVERSAL,
) -> dict[EntityType, int | Rejected]:
    """Return the highest id of each entity type (0 where there is no item), or why the portal does not show the type.

    A type that the user may not read is listed as empty, without an error; only its fields are refused
    (php: modules/crm/lib/controller/item.php, `getItemsFilteredByPermissions`). So an empty list is asked about.
    """
    words = {entity_type: vocabulary.of(entity_type) for entity_type in entity_types}
    outcomes = await client.read([_last_of(words[entity_type]) for entity_type in entity_types], priority=priority)
    highest = dict(zip(entity_types, outcomes, strict=True))
    empty = [
        kind
        for kind, outcome in highest.items()
        if isinstance(outcome, Answered) and not _first_id(outcome, words[kind])
    ]
    answers = await client.read([words[kind].about() for kind in empty], priority=priority) if empty else ()
    highest |= {kind: answer for kind, answer in zip(empty, answers, strict=True) if _denies(answer)}
    return {
        entity_type: outcome.rejected if isinstance(outcome, Refused) else _first_id(outcome, words[entity_type])
        for entity_type, outcome in highest.items()
    }


def _denies(answer: Outcome) -> bool:
    return isinstance(answer, Refused) and answer.code.upper() != "ERROR_METHOD_NOT_FOUND"


def _last_of(words: Words) -> Command:
    return Command(words.list_method, {**words.fixed([words.id]), "order": {words.id: "DESC"}, "start": -1})


def _first_id(outcome: Outcome, words: Words) -> int:
    rows = words.rows_of(outcome.result) if isinstance(outcome, Answered) else []
    try:
        return id_from(rows[0][words.id]) if rows else 0
    except (KeyError, ValueError) as error:
        message = f"the answer to {words.list_method} has an item without a usable id"
        raise UnexpectedReply(message) from error
