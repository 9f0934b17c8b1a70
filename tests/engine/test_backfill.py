from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.engine.conftest import World


async def test_a_clean_pass(world: World) -> None:
    world.fill(1, contacts=300, companies=80, leads=120)
    summary = await world.backfill()
    assert not summary.interrupted
    assert summary.counts["corrected"] > 100
    assert summary.counts["mended"] == summary.counts["unverified"] == summary.counts["failed"] == 0
    assert set(world.outcomes()) == {"done"}
    await world.assert_settled()
