"""Subjects: what the engine keeps right, one by one. CRM items with their contact points, activities with bindings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

    from b24syncd.domain.entities import EntityRef
    from b24syncd.domain.states import AnySnapshot
    from b24syncd.portal.commands import Priority
    from b24syncd.portal.writes import Read, Write, WriteOutcome


class Subjects(Protocol):
    """One kind of subjects at the portal; writes are witnessed and never retried."""

    async def read(self, refs: Iterable[EntityRef], *, priority: Priority) -> Read:
        """Read subjects with everything that planning needs; those that are gone are left out."""

    async def renew(self, snapshots: Sequence[AnySnapshot], *, priority: Priority) -> Mapping[EntityRef, AnySnapshot]:
        """Read again what corrections change; those that are gone are left out."""

    async def room(self, wanted: int, *, priority: Priority) -> int:
        """Wait until at least one witnessed write fits into the limits; return how many of `wanted` do, at least 1."""

    async def write(
        self, writes: Sequence[Write], *, priority: Priority, before_send: Callable[[], Awaitable[None]]
    ) -> tuple[WriteOutcome, ...]:
        """Send one batch of witnessed writes; outcomes in order. Raises `OutcomeUnknown` when the answer was lost."""
