"""Batches of witnessed writes: how many fit, in which groups they leave, and how long each group lasted."""

from __future__ import annotations

from collections import defaultdict
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from b24syncd.errors import OutcomeUnknown
from b24syncd.portal.pace.group_sizes import ALONE
from b24syncd.portal.pace.ways import Way, cheapest
from b24syncd.portal.wire.commands import Answered, Deferred

from .grouping import fitting_in, sizes_of
from .written_rows import (
    answers_of,
    before_the_first_repeated,
    commands_of,
    is_unwitnessed,
    left_out,
    may_be_grouped,
    methods_of,
    seconds_lasted,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from b24syncd.clock import Clock
    from b24syncd.domain.entities import EntityRef
    from b24syncd.portal.wire.commands import Command, Outcome, Priority

    from .client import PortalClient
    from .grouping import Member
    from .written_rows import Rows, Unit

    Part = Sequence[Unit]
    """A group, or one unit by itself."""


class _OutdatedError(Exception):
    """A group became too large while its batch waited for its turn; nothing was sent."""


class WitnessedBatches:
    """Writes units in batches that halt at the first failure: in groups where updates are cheap, in pairs otherwise."""

    def __init__(self, client: PortalClient, clock: Clock) -> None:
        """Write through `client`; `clock` tells when a batch left."""
        self._client = client
        self._clock = clock
        self._apart: set[EntityRef] = set()

    async def room(self, ways: Sequence[Part], *, priority: Priority) -> tuple[int, int]:
        """Wait until at least one unit of one of these ways fits into the limits.

        Return which way is the cheapest, and how many of its first units fit, at least 1. Nobody asks for the fields of
        these units.
        """
        governor = self._client.governor
        units = [way[0].words.unit for way in ways]
        alone = await self._client.capacities(units, max(map(len, ways)), priority=priority)
        fits = [
            max(min(number, len(way)), self._in_groups(way, priority)) if number else 0
            for way, number in zip(ways, alone, strict=True)
        ]
        spent = governor.ratios()
        offers = [
            Way(number, governor.cost(unit), max(spent.get(method, 0.0) for method in unit))
            for unit, number in zip(units, fits, strict=True)
        ]
        chosen = cheapest(offers, max(map(len, ways)), governor.prices)
        return chosen, fits[chosen]

    def _in_groups(self, wanted: Part, priority: Priority) -> int:
        members = [self._member(unit) for unit in wanted]
        sizes = self._sizes(wanted, members)
        methods = [method for part in _parts(wanted, sizes) for method in methods_of(part)]
        return fitting_in(sizes, members, self._client.governor.fitting(methods, priority))

    async def send(
        self, units: Part, *, priority: Priority, before_send: Callable[[], Awaitable[None]]
    ) -> tuple[list[Rows], float]:
        """Send units in one batch that halts at the first failure; return the rows before and after, in order.

        No item is in a batch twice: the portal keeps what it has read of an item's contact points until the whole
        batch is answered (php: modules/crm/lib/Service/MultifieldStorage.php), so the second witness would be as old
        as the first. What does not fit into the batch is deferred, and what follows on it. The second value is the
        clock's time directly before the batch left.
        """
        fitting = units[: before_the_first_repeated([unit.ref for unit in units])]
        while True:
            try:
                answered, sent_at = await self._sent(self._composed(fitting, priority), priority, before_send)
            except _OutdatedError:
                continue
            self._learn(answered)
            answers = [rows for part, told in answered for rows in answers_of(part, told)]
            return [*answers, *(Deferred(0.0) for _ in units[len(answers) :])], sent_at

    async def _sent(
        self, parts: Sequence[Part], priority: Priority, before_send: Callable[[], Awaitable[None]]
    ) -> tuple[list[tuple[Part, list[Outcome]]], float]:
        """Send the groups; raise `_OutdatedError` where others were answered meanwhile that lasted too long."""
        sent_at = 0.0

        async def stamped() -> None:
            nonlocal sent_at
            if any(self._is_too_large(part) for part in parts):
                raise _OutdatedError
            await before_send()
            sent_at = self._clock.monotonic()

        commands: list[Command] = []
        for part in parts:
            commands += commands_of(part, at=len(commands))
        try:
            outcomes = iter(await self._client.write(commands, priority=priority, before_send=stamped))
        except OutcomeUnknown:
            self._shrink(parts)
            raise
        return [(part, [next(outcomes) for _ in methods_of(part)]) for part in parts], sent_at

    def _composed(self, units: Part, priority: Priority) -> list[Part]:
        """Return the groups in which units leave, or pairs where the limits let no groups of this size go.

        What is no command of a batch parts it in two requests, and what follows has no list in its own.
        """
        first_odd = next((index for index, unit in enumerate(units) if not unit.fits_into_a_batch), len(units))
        members = [self._member(unit) for unit in units]
        members[first_odd:] = [(None, length) for _, length in members[first_odd:]]
        parts = _parts(units, self._sizes(units, members))
        methods = [method for part in parts for method in methods_of(part)]
        if self._client.governor.fitting(methods, priority) < len(methods):
            return _parts(units, sizes_of([(None, length) for _, length in members], {}))
        return parts

    def _member(self, unit: Unit) -> Member:
        may_be_listed = may_be_grouped(unit.words) and unit.ref not in self._apart
        return unit.ref.type.value if may_be_listed else None, len(unit.words.unit)

    def _sizes(self, units: Part, members: Sequence[Member]) -> tuple[int, ...]:
        first = {kind: unit for (kind, _), unit in zip(members, units, strict=True) if kind is not None}
        return sizes_of(members, {kind: self._most(kind, unit) for kind, unit in first.items()})

    def _most(self, kind: str, unit: Unit) -> int:
        return self._client.group_sizes.most(kind, *self._expected(unit))

    def _is_too_large(self, part: Part) -> bool:
        kind = part[0].ref.type.value
        return len(part) > ALONE and self._client.group_sizes.is_too_large(kind, len(part), *self._expected(part[0]))

    def _expected(self, unit: Unit) -> tuple[float | None, float | None]:
        """Return the seconds that a list takes, and those of an update, where they are known."""
        return self._client.governor.seconds_of(unit.words.list_method), self._client.governor.seconds_of(
            unit.words.unit[1]
        )

    def _learn(self, answered: Iterable[tuple[Part, Sequence[Outcome]]]) -> None:
        """Take in how long everything lasted, and what goes in a pair next: what its list did not witness."""
        lasted = defaultdict[str, list[tuple[int, float | None]]](list)
        for part, outcomes in answered:
            self._apart.difference_update(unit.ref for unit in part if len(part) == ALONE)
            if is_unwitnessed(part, outcomes):
                missing = left_out(part, outcomes)
                self._apart |= missing or {unit.ref for unit in part}
                if len(missing) in (0, len(part)):
                    self._shrink([part])
            done = sum(isinstance(outcome, Answered) for outcome in outcomes[-len(part) :])
            if done and may_be_grouped(part[0].words):
                lasted[part[0].ref.type.value].append((done, seconds_lasted(outcomes)))
        for kind, some in lasted.items():
            self._client.group_sizes.learn(kind, some)

    def _shrink(self, parts: Iterable[Part]) -> None:
        for part in parts:
            if len(part) > ALONE:
                self._client.group_sizes.lose(part[0].ref.type.value, len(part))


def _parts(units: Part, sizes: Sequence[int]) -> list[Part]:
    ends = [0, *accumulate(sizes)]
    return [units[first:end] for first, end in pairwise(ends)]
