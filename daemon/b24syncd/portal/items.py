"""CRM items: reading by id, and witnessed writes of contact points."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.snapshots import Snapshot

from .commands import Answered, Command, Refused, Unknown
from .replies import UnexpectedReply, parse_time
from .unseen import denied
from .vocabulary import UNIVERSAL, id_of
from .writes import Read, Written
from .written_rows import send_units

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from b24syncd.clock import Clock
    from b24syncd.domain.states import AnySnapshot
    from b24syncd.errors import Rejected

    from .client import PortalClient
    from .commands import Priority
    from .vocabulary import Row, Vocabulary, Words
    from .writes import Write, WriteOutcome

PAGE_SIZE = 50
"""Rows in a page of a list method (docs: api-reference/crm/universal/crm-item-list.md, "start")."""


def snapshots_in(
    result: object, entity_type: EntityType, read_at: float, vocabulary: Vocabulary = UNIVERSAL
) -> tuple[Snapshot, ...]:
    """Parse the result of a list of items that are shown with their contact points."""
    words = vocabulary.of(entity_type)
    return tuple(_snapshot(words, row, entity_type, read_at) for row in words.rows_of(result))


def by_ids(words: Words, ids: Sequence[int], select: Sequence[str]) -> Command:
    """Return the command that lists items by their ids, at most a page of them."""
    params = {"filter": {f"@{words.id}": list(ids)}, "order": {words.id: "ASC"}, "start": -1}
    return Command(words.list_method, {**words.fixed(select), **params})


class Items:
    """Reads and writes items; never retries a write."""

    def __init__(self, client: PortalClient, clock: Clock, vocabulary: Vocabulary = UNIVERSAL) -> None:
        """Speak through `client` in the words of `vocabulary`; `clock` stamps the snapshots."""
        self._client = client
        self._clock = clock
        self._vocabulary = vocabulary
        self._unit = vocabulary.of(EntityType.CONTACT).unit

    async def read(self, refs: Iterable[EntityRef], *, priority: Priority) -> Read:
        """Read items by id; those that are gone are left out."""
        ordered = sorted(set(refs), key=lambda ref: (ref.type.type_id, ref.id))
        commands: list[tuple[Command, tuple[EntityRef, ...]]] = []
        for entity_type, of_type in groupby(ordered, key=lambda ref: ref.type):
            group = tuple(of_type)
            words = self._vocabulary.of(entity_type)
            for first in range(0, len(group), PAGE_SIZE):
                chunk = group[first : first + PAGE_SIZE]
                commands.append((by_ids(words, [ref.id for ref in chunk], words.with_points), chunk))
        read_at = self._clock.monotonic()
        outcomes = await self._client.read([command for command, _ in commands], priority=priority)
        found: dict[EntityRef, Snapshot] = {}
        refused: dict[EntityRef, Rejected] = {}
        for outcome, (_, chunk) in zip(outcomes, commands, strict=True):
            if isinstance(outcome, Answered):
                for snapshot in snapshots_in(outcome.result, chunk[0].type, read_at, self._vocabulary):
                    found[snapshot.ref] = snapshot
            elif isinstance(outcome, Refused):
                refused |= dict.fromkeys(chunk, outcome.rejected)
        unseen = [ref for ref in ordered if ref not in found and ref not in refused]
        return Read(found, refused | await denied(self._client, self._vocabulary, unseen, priority=priority))

    async def renew(self, snapshots: Sequence[AnySnapshot], *, priority: Priority) -> Read:
        """Read items again; those that are gone are left out."""
        return await self.read([snapshot.ref for snapshot in snapshots], priority=priority)

    async def room(self, wanted: int, *, priority: Priority) -> int:
        """Wait until at least one witnessed write fits into the limits; return how many of `wanted` do, at least 1.

        Writes are taken to be of the kind that was written last; `write` defers what does not fit after all.
        """
        return await self._client.write_capacity(self._unit, wanted, priority=priority)

    async def write(
        self,
        writes: Sequence[Write],
        *,
        priority: Priority,
        before_send: Callable[[], Awaitable[None]],
    ) -> tuple[WriteOutcome, ...]:
        """Send one batch of units, each a fresh read directly before its update; outcomes in order.

        The batch halts at the first failing command, so no update runs without its witness. Writes that are too many
        for one batch are deferred. Raises `OutcomeUnknown` when the answer was lost; there must be at least one write.
        """
        words = [self._vocabulary.of(write.ref.type) for write in writes]
        self._unit = words[0].unit
        fields = [of_type.points_fields(write.corrections) for of_type, write in zip(words, writes, strict=True)]
        units = list(zip(words, [write.ref for write in writes], fields, strict=True))
        answers, sent_at = await send_units(
            self._client, self._clock, units, priority=priority, before_send=before_send
        )
        return tuple(
            _written(of_type, write.ref, answer, sent_at) if isinstance(answer, tuple) else answer
            for of_type, write, answer in zip(words, writes, answers, strict=True)
        )


def _written(words: Words, ref: EntityRef, rows: tuple[Row, Row], read_at: float) -> WriteOutcome:
    """Return what a write met and left.

    It is judged by that, so contact points that are only not shown must not pass for deleted ones.
    """
    if not all(words.tells_points(row) for row in rows):
        return Unknown(f"an item of type {ref.type.value} came without its contact points")
    try:
        met, left = (_snapshot(words, row, ref.type, read_at) for row in rows)
    except UnexpectedReply as error:
        return Unknown(str(error))
    return Written(met, left)


def _snapshot(words: Words, row: Row, entity_type: EntityType, read_at: float) -> Snapshot:
    ref = EntityRef(entity_type, id_of(words, row, entity_type))
    return Snapshot(ref, parse_time(row.get(words.changed)), words.points(row), read_at)
