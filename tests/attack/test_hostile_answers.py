"""Mutated answers: no crash, no hang, no write that an undisturbed run would not make, and a clean run afterwards."""

from __future__ import annotations

import asyncio
import resource
from collections import Counter
from contextlib import suppress
from random import Random
from typing import TYPE_CHECKING

import pytest
from tests.attack.attacked import KINDS, assert_unharmed, attacked, held, undisturbed, wrote
from tests.attack.mutations import Mutated, giants, of_bytes, of_shape
from tests.simulated_time import simulated
from tests.variants import IS_LONG, some

from b24syncd.errors import B24SyncError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.attack.liar import Twist
    from tests.simulated_time import SimulatedTime

    Record = Callable[[str, object], None]

PORTALS, RUNS = (40, 8) if IS_LONG else (4, 4)
AT_ONCE = 2
MOST_GROWN = 400
"""MiB; the test itself holds the large answers several times, the bomb unpacked alone would be 300."""
SHARES = (0.1, 0.3, 0.6)


def twisted(rng: Random, share: float) -> Twist:
    """Mutate this share of all answers."""

    def twist(_method: str, body: bytes) -> Mutated | None:
        if rng.random() >= share:
            return None
        return of_shape(rng, body) if rng.random() < 0.8 else of_bytes(rng, body)

    return twist


async def survive(kind: str, seed: int, folder: Path, total: Counter[str], time: SimulatedTime) -> None:
    """Let runs meet mutated answers, then one honest ones; compare with a portal that nothing happened to."""
    right, end = await undisturbed(kind, seed, folder / "undisturbed", time)
    rng = Random(f"{kind} {seed}")  # noqa: S311 # has to be repeatable
    async with attacked(kind, seed, folder / "disturbed", time) as (world, liar):
        for number in range(RUNS):
            liar.twist = twisted(rng, SHARES[number % len(SHARES)])
            try:
                summary = await world.backfill(seconds=4000.0)
            except B24SyncError as error:
                total[f"exit {int(error.exit_code)}"] += 1
            else:
                total["exit 6" if summary.counts["failed"] else "exit 0"] += 1
            assert wrote(world) <= right, (number, wrote(world) - right)
        liar.twist = None
        for _ in range(2):
            await world.backfill(seconds=4000.0)
        assert held(world) == end
        assert wrote(world) == right
        assert_unharmed(world, kind)
        assert world.outcomes()["intent"] == 0
        saves = world.portal.history.saves
        await world.backfill(seconds=4000.0)
        assert world.portal.history.saves == saves
        total.update(liar.kinds)
        total["answers"] += liar.answers


@pytest.mark.parametrize("first", range(0, PORTALS, AT_ONCE))
@pytest.mark.parametrize("kind", KINDS)
def test_mutated_answers_do_no_harm(kind: str, first: int, tmp_path: Path, record_property: Record) -> None:
    total: Counter[str] = Counter()

    async def campaign(time: SimulatedTime) -> None:
        async with asyncio.TaskGroup() as group:
            for seed in range(first, first + AT_ONCE):
                group.create_task(survive(kind, seed, tmp_path / str(seed), total, time))

    simulated(campaign)
    record_property("figures", dict(total))
    assert sum(total.values()) > total["answers"]


@pytest.mark.parametrize("kind", some(["points", "bindings"]))
def test_answers_that_are_too_much_for_anybody_do_no_harm(kind: str, tmp_path: Path, record_property: Record) -> None:
    total: Counter[str] = Counter()

    async def campaign(time: SimulatedTime) -> None:
        right, end = await undisturbed(kind, 1, tmp_path / "undisturbed", time)
        async with attacked(kind, 1, tmp_path / "disturbed", time) as (world, liar):
            waiting: list[Mutated] = []

            def twist(_method: str, body: bytes) -> Mutated | None:
                if liar.answers == 1:
                    waiting.extend(giants(body))
                return waiting.pop() if waiting and liar.answers % 2 == 0 else None

            liar.twist = twist
            for _ in range(6):
                with suppress(B24SyncError):
                    await world.backfill(seconds=4000.0)
            assert liar.kinds.total() == len(giants(b"{}"))
            await world.backfill(seconds=4000.0)
            assert (held(world), wrote(world)) == (end, right)
            assert_unharmed(world, kind)
            total.update(liar.kinds)

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    simulated(campaign)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    assert grown < MOST_GROWN
    record_property("figures", dict(total))
