"""What stays on the disk after a run does not hold the webhook's secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.simulator.faults import Fault, Kind

if TYPE_CHECKING:
    from tests.engine.world import World


def secret_of(webhook: str) -> str:
    return webhook.rstrip("/").rpartition("/")[2]


def hidden(webhook: str) -> str:
    return webhook.replace(secret_of(webhook), "***")


async def test_no_file_of_the_state_holds_the_secret(world: World) -> None:
    webhook = world.server.webhook_url
    world.fill(1, contacts=30)
    world.portal.faults.add(
        Fault(kind=Kind.RESET, match="crm.item.update", when="after"),
        Fault(kind=Kind.COMMAND_ERROR, match="crm.item.update", nth=3, code="ACCESS_DENIED", description=webhook),
    )
    await world.backfill()
    assert [entry.detail for entry in world.given_up()] == [f"ACCESS_DENIED: {hidden(webhook)}"]
    held = b"".join(path.read_bytes() for path in world.state.parent.iterdir())
    assert secret_of(webhook).encode() not in held
