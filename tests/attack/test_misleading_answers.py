"""Answers to updates that are well formed and tell of something else: what was done counts as not known."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.attack.attacked import assert_unharmed, attacked
from tests.attack.mutations import Mutated
from tests.simulated_time import simulated

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.simulated_time import SimulatedTime


def without_points(row: dict[str, Any]) -> None:
    for name in ("fm", "hasPhone", "hasEmail"):
        del row[name]


def hiding_points(row: dict[str, Any]) -> None:
    del row["fm"]


def of_another(row: dict[str, Any]) -> None:
    row["id"] += 1000


@pytest.mark.parametrize("mislead", [without_points, hiding_points, of_another])
def test_what_tells_of_something_else_proves_nothing(mislead: Callable[[dict[str, Any]], None], tmp_path: Path) -> None:
    def twist(_method: str, body: bytes) -> Mutated | None:
        answer = json.loads(body)
        results = answer["result"].get("result") if isinstance(answer["result"], dict) else None
        rows = [one["item"] for one in results.values() if "item" in one] if isinstance(results, dict) else []
        for row in rows:
            mislead(row)
        return Mutated("misleading", json.dumps(answer).encode()) if rows else None

    async def campaign(time: SimulatedTime) -> None:
        async with attacked("points", 1, tmp_path / "world", time) as (world, liar):
            liar.twist = twist
            await world.backfill(seconds=4000.0)
            assert liar.kinds["misleading"] > 0
            assert set(world.outcomes()) == {"unverified"}
            assert_unharmed(world, "points")

    simulated(campaign)
