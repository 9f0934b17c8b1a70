"""Whether a portal shows the contact points of its items by the methods that are configured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.errors import Problem
from b24syncd.portal.wire.commands import Answered, Command
from b24syncd.portal.wire.replies import PointsHidden, UnexpectedReply

if TYPE_CHECKING:
    from collections.abc import Sequence

    from b24syncd.domain.entities import EntityType
    from b24syncd.portal.wire.commands import Priority
    from b24syncd.portal.words.vocabulary import Vocabulary

    from .client import PortalClient


class ShownPoints:
    """Looks at the first items of each type, until once nothing is hidden; later pages tell by themselves."""

    def __init__(
        self, client: PortalClient, vocabulary: Vocabulary, types: Sequence[EntityType], *, priority: Priority
    ) -> None:
        """Ask through `client` in the words of `vocabulary`."""
        self._client = client
        self._words = [vocabulary.of(entity_type) for entity_type in types]
        self._priority = priority
        self._are_shown = False

    async def __call__(self) -> tuple[Problem, ...]:
        """Return why no item can be corrected: it has phones or e-mails that are not shown."""
        if self._are_shown:
            return ()
        commands = [
            Command(words.list_method, {**words.fixed(words.with_points), "order": {words.id: "ASC"}, "start": -1})
            for words in self._words
        ]
        for words, outcome in zip(self._words, await self._client.read(commands, priority=self._priority), strict=True):
            try:
                for row in words.rows_of(outcome.result) if isinstance(outcome, Answered) else ():
                    words.points(row)
            except PointsHidden as error:
                cure = 'set portal.api = "classic", or bring the portal up to date'
                return (Problem("portal.api", str(error), cure),)
            except UnexpectedReply:
                continue  # whoever works with it tells
        self._are_shown = True
        return ()
