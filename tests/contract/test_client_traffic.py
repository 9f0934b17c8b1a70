"""Every request that leaves is counted once, by how it ended, and so is each of its commands."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest
from tests.contract.test_client_commands import LIVE, connected, get, portal_with, rename

from b24syncd.errors import B24SyncError
from b24syncd.portal.pace.limits import Limits
from b24syncd.portal.wire.commands import Command
from b24syncd.portal.wire.traffic import CommandOutcome, RequestOutcome
from b24syncd.simulator.faults import Fault, Kind


async def test_what_was_answered_and_what_was_refused_of_it() -> None:
    slow = Limits(per_second=0.01)  # so that all of them still count
    async with connected(portal_with(3), slow) as client:
        await client.read([get(1)], priority=LIVE)
        await client.read([get(1), get(2), get(999)], priority=LIVE)
        assert client.traffic.requests == {RequestOutcome.ANSWERED: sum(client.traffic.fill.values())}
        assert client.traffic.fill.total() == client.requests_sent
        assert client.traffic.commands == {
            ("crm.item.get", CommandOutcome.ANSWERED): 3,
            ("crm.item.get", CommandOutcome.REFUSED): 1,
        }
        assert client.levels().requests == client.requests_sent
        assert 0 < client.levels().operating["crm.item.get"] < 0.1


@pytest.mark.parametrize(
    ("kind", "request_outcome", "command_outcome"),
    [
        (Kind.RESET, RequestOutcome.UNKNOWN, CommandOutcome.UNKNOWN),
        (Kind.ERROR_500, RequestOutcome.UNKNOWN, CommandOutcome.UNKNOWN),
        (Kind.ERROR_503, RequestOutcome.REQUEST_LIMIT, CommandOutcome.DEFERRED),
        (Kind.OVERLOAD, RequestOutcome.PORTAL_BLOCKED, CommandOutcome.DEFERRED),
    ],
)
async def test_a_request_that_failed(
    kind: Kind, request_outcome: RequestOutcome, command_outcome: CommandOutcome
) -> None:
    portal = portal_with(1)
    async with connected(portal) as client:
        await client.read([get(1)], priority=LIVE)
        portal.faults.add(Fault(kind=kind))
        with suppress(B24SyncError):
            await client.write([rename(1, "Ivan")], priority=LIVE)
        assert client.traffic.requests == {RequestOutcome.ANSWERED: 1, request_outcome: 1}
        assert client.traffic.commands["crm.item.update", command_outcome] == 1
        assert (client.levels().pace < 1) is (kind is Kind.ERROR_503)


async def test_one_that_never_left_is_not_counted_and_one_that_was_given_up_is() -> None:
    portal = portal_with(1)

    async def too_late() -> None:
        raise B24SyncError

    arrived = asyncio.Event()

    def announced(_: object) -> bool:
        arrived.set()
        return True

    async with connected(portal) as client:
        await client.read([get(1)], priority=LIVE)
        with suppress(B24SyncError):
            await client.write([rename(1, "Ivan")], priority=LIVE, before_send=too_late)
        assert client.traffic.requests == {RequestOutcome.ANSWERED: 1}
        portal.faults.add(Fault(kind=Kind.HANG, match=announced))
        task = asyncio.create_task(client.write([Command("profile", {})], priority=LIVE))
        await arrived.wait()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        assert client.traffic.requests[RequestOutcome.CUT_OFF] == 1
        assert client.traffic.commands["profile", CommandOutcome.UNKNOWN] == 1
