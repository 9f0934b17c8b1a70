"""The daemon under mutated answers: it goes on or ends with an error of ours, and sets everything right afterwards."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from random import Random
from typing import TYPE_CHECKING

import pytest
from tests.attack.attacked import attacked, undisturbed, wrote
from tests.attack.mutations import Mutated, of_bytes, of_shape
from tests.simulated_time import simulated
from tests.variants import IS_LONG

from b24syncd.errors import B24SyncError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.simulated_time import SimulatedTime

    Record = Callable[[str, object], None]

MUTATED = 300 if IS_LONG else 60
MESSY, CLEAN = "8 (495) 123-45-67", "+74951234567"


@pytest.mark.parametrize("kind", ["points", "classic points"])
def test_the_daemon_survives_mutated_answers(kind: str, tmp_path: Path, record_property: Record) -> None:
    rng = Random(kind)  # noqa: S311 # has to be repeatable
    total: Counter[str] = Counter()

    async def campaign(time: SimulatedTime) -> None:
        right, _ = await undisturbed(kind, 5, tmp_path / "undisturbed", time)
        async with attacked(kind, 5, tmp_path / "disturbed", time) as (world, liar):
            await world.backfill(seconds=4000.0)
            enough = asyncio.Event()

            def twist(_method: str, body: bytes) -> Mutated | None:
                if liar.kinds.total() >= MUTATED:
                    enough.set()
                    return None
                if rng.random() < 0.7:
                    return None
                return of_shape(rng, body) if rng.random() < 0.8 else of_bytes(rng, body)

            liar.twist = twist
            added = [world.add(MESSY) for _ in range(3)]
            while not enough.is_set():
                with suppress(B24SyncError):
                    async with world.following() as task:
                        waiting = asyncio.create_task(enough.wait())
                        await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
                        waiting.cancel()
            await world.backfill(seconds=4000.0)
            assert [world.phones(item) for item in added] == [[CLEAN]] * len(added)
            assert {one for one in wrote(world) if one[:2] not in {(3, item) for item in added}} == right
            total.update(liar.kinds)
            total["answers"] += liar.answers

    simulated(campaign)
    record_property("figures", dict(total))
