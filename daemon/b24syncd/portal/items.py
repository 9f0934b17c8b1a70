"""CRM items by the universal methods: reading by id, and witnessed writes of contact points."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from b24syncd.domain.corrections import AddPoint, ChangePoint, Correction, DeletePoint

from .commands import Answered, Command, Deferred, Outcome, Priority, Refused, Unknown
from .replies import UnexpectedReply, parse_item, parse_list
from .writes import NotTried, Read, Write, WriteOutcome, Written

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

    from b24syncd.clock import Clock
    from b24syncd.domain.entities import EntityRef
    from b24syncd.domain.snapshots import Snapshot
    from b24syncd.domain.states import AnySnapshot
    from b24syncd.errors import Rejected

    from .client import PortalClient

PAGE_SIZE = 50
"""Rows in a page of a list method (docs: api-reference/crm/universal/crm-item-list.md, "start")."""

_PAIR = ("crm.item.get", "crm.item.update")


class Items:
    """Reads and writes items; never retries a write."""

    def __init__(self, client: PortalClient, clock: Clock) -> None:
        """Speak through `client`; `clock` stamps the snapshots."""
        self._client = client
        self._clock = clock

    async def read(self, refs: Iterable[EntityRef], *, priority: Priority) -> Read:
        """Read items by id; the portal leaves out those that are gone or that this user may not read."""
        ordered = sorted(set(refs), key=lambda ref: (ref.type.type_id, ref.id))
        commands: list[tuple[Command, tuple[EntityRef, ...]]] = []
        for entity_type, of_type in groupby(ordered, key=lambda ref: ref.type):
            group = tuple(of_type)
            for first in range(0, len(group), PAGE_SIZE):
                chunk = group[first : first + PAGE_SIZE]
                params = {
                    "entityTypeId": entity_type.type_id,
                    "select": ["*"],
                    "filter": {"@id": [ref.id for ref in chunk]},
                    "order": {"id": "ASC"},
                    "start": -1,
                }
                commands.append((Command("crm.item.list", params), chunk))
        read_at = self._clock.monotonic()
        outcomes = await self._client.read([command for command, _ in commands], priority=priority)
        found: dict[EntityRef, Snapshot] = {}
        refused: dict[EntityRef, Rejected] = {}
        for outcome, (_, chunk) in zip(outcomes, commands, strict=True):
            if isinstance(outcome, Answered):
                for snapshot in parse_list(outcome.result, chunk[0].type, read_at):
                    found[snapshot.ref] = snapshot
            elif isinstance(outcome, Refused):
                refused |= dict.fromkeys(chunk, outcome.rejected)
        return Read(found, refused)

    async def renew(self, snapshots: Sequence[AnySnapshot], *, priority: Priority) -> Mapping[EntityRef, AnySnapshot]:
        """Read items again; those that are gone are left out."""
        return (await self.read([snapshot.ref for snapshot in snapshots], priority=priority)).found

    async def room(self, wanted: int, *, priority: Priority) -> int:
        """Wait until at least one witnessed write fits into the limits; return how many of `wanted` do, at least 1."""
        return await self._client.write_capacity(_PAIR, wanted, priority=priority)

    async def write(
        self,
        writes: Sequence[Write],
        *,
        priority: Priority,
        before_send: Callable[[], Awaitable[None]],
    ) -> tuple[WriteOutcome, ...]:
        """Send one batch of pairs, each a fresh read directly before its update; outcomes in order.

        The batch halts at the first failing command, so no update runs without its witness. Raises
        `OutcomeUnknown` when the answer was lost.
        """
        commands = [command for write in writes for command in _pair(write)]
        sent_at = 0.0

        async def stamped() -> None:
            nonlocal sent_at
            await before_send()
            sent_at = self._clock.monotonic()

        outcomes = await self._client.write(commands, priority=priority, before_send=stamped)
        return tuple(
            _outcome_of_pair(write.ref, witness, update, sent_at)
            for write, witness, update in zip(writes, outcomes[::2], outcomes[1::2], strict=True)
        )


def _pair(write: Write) -> tuple[Command, Command]:
    target = {"entityTypeId": write.ref.type.type_id, "id": write.ref.id}
    fields = {"fm": multifields(write.corrections)}
    return Command(_PAIR[0], target), Command(_PAIR[1], {**target, "fields": fields})


def multifields(corrections: Iterable[Correction]) -> dict[str, dict[str, str]]:
    """Return the `fm` map that makes these corrections of contact points.

    Every element names its `typeId`, without which nothing happens and no error comes
    (docs: tutorials/crm/how-to-edit-crm-objects/how-to-change-email-or-phone.md).
    """
    elements: dict[str, dict[str, str]] = {}
    for correction in corrections:
        if not isinstance(correction, ChangePoint | DeletePoint | AddPoint):
            continue
        element = {"typeId": correction.kind.value, "valueType": correction.value_type}
        match correction:
            case ChangePoint():
                elements[str(correction.point_id)] = {**element, "value": correction.after}
            case DeletePoint():
                elements[str(correction.point_id)] = {**element, "value": ""}
            case AddPoint():
                added = sum(key.startswith("n") for key in elements)
                elements[f"n{added}"] = {**element, "value": correction.after}
    return elements


def _outcome_of_pair(ref: EntityRef, witness: Outcome, update: Outcome, read_at: float) -> WriteOutcome:
    if isinstance(witness, Answered) and isinstance(update, Answered):
        try:
            return Written(
                parse_item(witness.result, ref.type, read_at),
                parse_item(update.result, ref.type, read_at),
            )
        except UnexpectedReply as error:
            return Unknown(str(error))
    if isinstance(update, Answered):
        return Unknown("the update was done but its witness was not answered")
    if isinstance(update, Deferred) and not isinstance(witness, Answered | Deferred):
        return witness if isinstance(witness, Refused) else NotTried(witness.reason)
    return update
