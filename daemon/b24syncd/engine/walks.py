"""What a walk through the whole portal begins with: what of it was settled before, and which feeds go side by side."""

from __future__ import annotations

from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from b24syncd.errors import Rejected
from b24syncd.feeders import scan
from b24syncd.portal.paging import highest_ids
from b24syncd.portal.wire.commands import Priority
from b24syncd.store import cursors

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping, Sequence

    import sqlite_utils

    from b24syncd.engine.writing.lane import Lane
    from b24syncd.feeders.pages import Feed, Page
    from b24syncd.portal.client import PortalClient
    from b24syncd.portal.words.vocabulary import Vocabulary

    Walked = tuple[Lane, Feed]


@dataclass(frozen=True, slots=True)
class Resumed:
    """What a resumed backfill has to know: when it first began (server time), and how far polling reads back."""

    began_server_time: float
    overlap_seconds: float


def side_by_side(feeds: Sequence[Walked], vocabulary: Vocabulary) -> Iterator[list[Walked]]:
    """Yield feeds in the groups that are walked in turns: neighbours whose updates have budgets of their own.

    One after the other they would leave those of the others unused.
    """

    def key(walked: tuple[int, Walked]) -> tuple[Lane, int]:
        number, (lane, feed) = walked
        return lane, -1 if vocabulary.beside(feed.entity_type) is not None else number

    for _, group in groupby(enumerate(feeds), key):
        yield [walked for _, walked in group]


def settled_ids(db: sqlite_utils.Database, highest_ids: Mapping[str, int]) -> dict[str, float]:
    """Return up to which id each feed was settled before."""
    found = {name: cursors.get(db, scan.cursor_name(name)) for name in highest_ids}
    return {
        name: highest_ids[name] if scan.is_finished(position) else scan.position_after(position)
        for name, position in found.items()
    }


async def shown(
    client: PortalClient, vocabulary: Vocabulary, feed: Feed, pages: AsyncIterator[Page], highest_id: float
) -> AsyncIterator[Page]:
    """Yield the pages of a walk; raise `Rejected` where it would end because its type is not shown any more.

    Without the right to read it a type is listed as empty, as if all up to the highest id that was known were deleted.
    """
    async for page in pages:
        if _ends_below(page, highest_id):
            kind = feed.entity_type
            found = await highest_ids(client, [kind], priority=Priority.BACKFILL, vocabulary=vocabulary)
            if isinstance(answer := found[kind], Rejected):
                raise answer
        yield page


def _ends_below(page: Page, highest_id: float) -> bool:
    if page.move is None or page.span is None or page.span.present:
        return False
    position = page.move.position
    return scan.is_finished(position) and scan.position_after(position) < highest_id


class Turns:
    """The pages of several walks, one of each in turn; `of` is the walk that was in hand when something failed."""

    def __init__(self, walks: Mapping[str, AsyncIterator[Page]]) -> None:
        """Take turns in this order."""
        self._left = deque(walks.items())
        self.feeds = len(walks)
        self.of = next(iter(walks), "")

    async def next(self) -> tuple[str, Page] | None:
        """Return the next page and whose it is; None at the end of all."""
        while self._left:
            name, pages = self._left.popleft()
            with self.working_on(name):
                page = await anext(pages, None)
            if page is not None:
                self._left.append((name, pages))
                return name, page
        return None

    @contextmanager
    def working_on(self, name: str) -> Iterator[None]:
        """Take note of whose work was refused."""
        try:
            yield
        except Rejected:
            self.of = name
            raise
