"""Readings of which single commands fail: tried again, the last time alone, and then refused while others go on."""

from __future__ import annotations

from contextlib import asynccontextmanager, suppress
from random import Random
from typing import TYPE_CHECKING

import pytest

from b24syncd.clock import SystemClock
from b24syncd.errors import OutcomeUnknown, RetryLater
from b24syncd.portal.client import PortalClient
from b24syncd.portal.pace.backoff import Backoff
from b24syncd.portal.pace.limits import Limits, VolatileMemory
from b24syncd.portal.wire.commands import Answered, Command, Deferred, Priority, Refused
from b24syncd.settings.webhook import parse_webhook
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.http.server import serve
from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.tables.fields import CONTACT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from b24syncd.portal.wire.commands import Outcome
    from b24syncd.simulator.methods.calls import Call

LIVE = Priority.LIVE
QUICK = Limits(burst=10_000, per_second=2000.0, backoff=Backoff(0.01, 0.05, 0.3, 0.2))
GET = "crm.item.get"


@asynccontextmanager
async def connected(portal: Portal) -> AsyncIterator[PortalClient]:
    async with serve(portal) as server:
        webhook = parse_webhook(server.webhook_url, "portal.webhook")
        random = Random(1)  # noqa: S311 # has to be repeatable
        async with PortalClient(webhook, QUICK, clock=SystemClock(), random=random, memory=VolatileMemory()) as client:
            yield client


def portal_of(number: int) -> Portal:
    portal = Portal(Options(burst=10_000, per_second=2000.0))
    for _ in range(number):
        portal.create(CONTACT, {"name": "Anna"}, [], "generator")
    return portal


def gets(number: int) -> list[Command]:
    return [Command(GET, {"entityTypeId": CONTACT, "id": item_id}) for item_id in range(1, number + 1)]


def failing(code: str, *ids: int, times: int | None = None) -> Fault:
    def matches(call: Call) -> bool:
        return call.method == GET and int(str(call.parameter("id"))) in ids

    return Fault(kind=Kind.COMMAND_ERROR, match=matches, times=times, code=code, description="Oh")


@pytest.mark.parametrize("code", ["", "0", "ERROR_CORE", "internal_error", "INTERNAL_SERVER_ERROR"])
async def test_one_that_always_fails_is_refused_and_the_others_are_answered(code: str) -> None:
    portal = portal_of(5)
    portal.faults.add(failing(code, 3))
    async with connected(portal) as client:
        outcomes = await client.read(gets(5), priority=LIVE)
    assert [type(outcome) for outcome in outcomes] == [Answered, Answered, Refused, Answered, Answered]
    assert portal.history.faults["command_error"] == 3
    assert portal.history.commands[GET] == 5 + 2


@pytest.mark.parametrize("code", ["", "0", "internal_error", "ERROR_UNEXPECTED_ANSWER"])
async def test_what_fails_twice_is_answered_the_third_time(code: str) -> None:
    portal = portal_of(5)
    portal.faults.add(failing(code, 2, times=2))
    async with connected(portal) as client:
        outcomes = await client.read(gets(5), priority=LIVE)
    assert all(isinstance(outcome, Answered) for outcome in outcomes)


async def test_when_many_fail_they_are_not_tried_one_by_one() -> None:
    portal = portal_of(20)
    async with connected(portal) as client:
        for _ in range(3):
            await client.read(gets(20), priority=LIVE)  # what it costs is known by now
        requests = sum(portal.history.requests.values())
        portal.faults.add(failing("", *range(1, 16)))
        outcomes = await client.read(gets(20), priority=LIVE)
    assert sum(isinstance(outcome, Refused) for outcome in outcomes) == 15
    assert sum(portal.history.requests.values()) - requests == 3


async def test_a_documented_refusal_is_believed() -> None:
    portal = portal_of(5)
    portal.faults.add(failing("ACCESS_DENIED", 3))
    async with connected(portal) as client:
        outcomes = await client.read(gets(5), priority=LIVE)
    assert isinstance(outcomes[2], Refused)
    assert portal.history.faults["command_error"] == 1


@pytest.mark.parametrize("times", [2, None])
async def test_a_chain_begins_again_where_its_first_command_fails(times: int | None) -> None:
    portal = portal_of(5)
    async with connected(portal) as client:
        for _ in range(3):
            await client.read(gets(5), priority=LIVE)  # what it costs is known by now
        portal.faults.add(failing("", 1, times=times))
        outcomes = await client.read(gets(2), priority=LIVE, chained=True)
    assert [type(outcome) for outcome in outcomes] == ([Refused] if times is None else [Answered, Answered])


@pytest.mark.parametrize("kind", [Kind.RESET, Kind.ERROR_500, Kind.ERROR_503])
async def test_what_is_sent_once_neither_uses_up_nor_renews_the_patience_of_writes(kind: Kind) -> None:
    async def nothing() -> None:
        pass

    async def once(client: PortalClient) -> Outcome:
        return await client.write_once(Command(GET, gets(1)[0].params), priority=LIVE, before_send=nothing)

    portal = portal_of(1)
    rename = Command("crm.item.update", {"entityTypeId": CONTACT, "id": 1, "fields": {"name": "Vera"}})
    async with connected(portal) as client:
        assert isinstance(await once(client), Answered)
        portal.faults.add(Fault(kind=kind, match=GET, times=30))
        for _ in range(30):
            with pytest.raises((OutcomeUnknown, RetryLater)):
                await once(client)
        portal.faults.add(Fault(kind=Kind.ERROR_503, match="crm.item.update", times=None))
        tried = 0
        with suppress(RetryLater):
            while isinstance((await client.write([rename], priority=LIVE))[0], Deferred):
                tried += 1
                assert isinstance(await once(client), Answered)
                assert tried < 30
    assert tried > 2
