"""What the client makes of commands, against the simulated portal."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from tests.simulated_time import simulated

from b24syncd.clock import SystemClock
from b24syncd.errors import OutcomeUnknown, RetryLater
from b24syncd.portal.client import PortalClient
from b24syncd.portal.pace.backoff import Backoff
from b24syncd.portal.pace.limits import Limits, LimitsState, VolatileMemory
from b24syncd.portal.wire.commands import Answered, Command, Deferred, Priority, Reference, Refused, Unknown
from b24syncd.settings.webhook import parse_webhook
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.http.server import serve
from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.seeds.items import generate
from b24syncd.simulator.tables.fields import CONTACT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.simulated_time import SimulatedTime

LIVE = Priority.LIVE
ROOMY = Limits(burst=10_000, per_second=2000.0, backoff=Backoff(0.01, 0.05, 0.3, 0.2))
PLENTY = Options(burst=10_000, per_second=2000.0)


@asynccontextmanager
async def connected(
    portal: Portal, limits: Limits = ROOMY, memory: VolatileMemory | None = None
) -> AsyncIterator[PortalClient]:
    async with serve(portal) as server:
        webhook = parse_webhook(server.webhook_url, "portal.webhook")
        random = Random(1)  # noqa: S311 # has to be repeatable
        clock = SystemClock()
        async with PortalClient(
            webhook, limits, clock=clock, random=random, memory=memory or VolatileMemory()
        ) as client:
            yield client


def portal_with(contacts: int, options: Options = PLENTY) -> Portal:
    portal = Portal(options)
    generate(portal, 1, contacts=contacts)
    return portal


def get(item_id: int) -> Command:
    return Command("crm.item.get", {"entityTypeId": CONTACT, "id": item_id})


def rename(item_id: int, name: str) -> Command:
    return Command("crm.item.update", {"entityTypeId": CONTACT, "id": item_id, "fields": {"name": name}})


def page(after: int | Reference) -> Command:
    params = {
        "entityTypeId": CONTACT,
        "select": ["id"],
        "filter": {">id": after},
        "order": {"id": "ASC"},
        "start": -1,
    }
    return Command("crm.item.list", params)


def ids(outcome: object) -> list[int]:
    assert isinstance(outcome, Answered)
    result: Any = outcome.result
    return [item["id"] for item in result["items"]]


def name_of(outcome: object) -> str:
    assert isinstance(outcome, Answered)
    result: Any = outcome.result
    return str(result["item"]["name"])


async def rename_for_ever(client: PortalClient) -> None:
    while True:
        await client.write([rename(1, "a")], priority=LIVE)


async def test_many_reads_share_requests_and_come_back_in_order() -> None:
    portal = portal_with(120)
    async with connected(portal) as client:
        with pytest.raises(LookupError):
            client.server_now()
        outcomes = await client.read([get(number) for number in [*range(1, 121), 999]], priority=LIVE)
        assert abs(client.server_now() - portal.clock()) < 1
    assert [isinstance(outcome, Answered) for outcome in outcomes] == [True] * 120 + [False]
    assert isinstance(outcomes[-1], Refused)
    assert outcomes[-1].rejected.code == outcomes[-1].code
    # one command, and twice as many each time, up to a whole batch
    assert portal.history.requests["batch"] <= 7


async def test_one_read_is_a_plain_call_and_no_read_is_none() -> None:
    portal = portal_with(1)
    async with connected(portal) as client:
        assert await client.read([], priority=LIVE) == ()
        (outcome,) = await client.read([Command("scope", {})], priority=LIVE)
    assert isinstance(outcome, Answered)
    assert outcome.timing is not None
    assert dict(portal.history.requests) == {"scope": 1}


async def test_text_that_looks_like_a_reference_arrives_as_it_is() -> None:
    portal = portal_with(3)
    text = "sale $result[c0][item] 50%"
    async with connected(portal) as client:
        outcomes = await client.write([get(1), rename(1, text), get(2)], priority=LIVE)
        assert all(isinstance(outcome, Answered) for outcome in outcomes)
        read = await client.read([get(1), Command("crm.item.get", {**get(2).params, "x": text})], priority=LIVE)
    assert name_of(read[0]) == text
    assert portal.history.requests["batch"] == 0


async def test_chained_pages_follow_each_other_in_one_batch() -> None:
    portal = portal_with(170)
    pages = [page(0)] + [page(Reference(f"$result[c{index}][items][49][id]")) for index in range(2)]
    async with connected(portal) as client:
        shortened = await client.read(pages, priority=LIVE, chained=True)
        assert len(shortened) < len(pages)  # nothing is known of the method yet
        assert ids(shortened[0]) == list(range(1, 51))
        await client.read(pages[:2], priority=LIVE, chained=True)
        outcomes = await client.read(pages, priority=LIVE, chained=True)
    assert [ids(outcome)[0] for outcome in outcomes] == [1, 51, 101]


async def test_a_chain_ends_with_what_is_refused_and_holds_no_plain_calls() -> None:
    portal = portal_with(60)
    portal.faults.add(Fault(kind=Kind.COMMAND_ERROR, match="crm.item.list", nth=3, code="ACCESS_DENIED"))
    async with connected(portal) as client:
        outcomes = await client.read([page(0), page(5)], priority=LIVE, chained=True)
        assert len(outcomes) == 1  # what a page costs is not known yet
        outcomes = await client.read([page(0), page(5), page(6)], priority=LIVE, chained=True)
        assert [type(outcome) for outcome in outcomes] == [Answered, Refused]
        portal.faults.add(Fault(kind=Kind.COMMAND_ERROR, match="crm.item.list", code="ACCESS_DENIED"))
        outcomes = await client.read([page(0), page(5), page(6), page(7)], priority=LIVE, chained=True)
        assert outcomes == (Refused("ACCESS_DENIED", "Internal server error"),)
        unsaid = Command("crm.item.list", {"entityTypeId": 3, "select": []})  # nothing in a query stands for this
        outcomes = await client.read([page(0), unsaid], priority=LIVE, chained=True)
        assert len(outcomes) == 1
        outcomes = await client.read([unsaid, page(0)], priority=LIVE, chained=True)
        assert [type(outcome) for outcome in outcomes] == [Answered]


async def test_a_write_halts_at_the_first_failure() -> None:
    portal = portal_with(3)
    async with connected(portal) as client:
        outcomes = await client.write([rename(1, "a"), rename(999, "b"), rename(2, "c")], priority=LIVE)
    assert name_of(outcomes[0]) == "a"
    assert isinstance(outcomes[1], Refused)
    assert outcomes[2] == Deferred(0.0)
    assert {edit.item_id for edit in portal.history.by_api()} == {1}


async def test_halt_holds_over_plain_calls_too() -> None:
    portal = portal_with(3)
    async with connected(portal) as client:
        commands = [rename(1, "$total[x]"), rename(999, "$total[x]"), rename(2, "c")]
        outcomes = await client.write(commands, priority=LIVE)
    assert [type(outcome) for outcome in outcomes] == [Answered, Refused, Deferred]


@pytest.mark.parametrize(("per_second", "last"), [(0.05, Deferred), (0.5, Answered)])
def test_what_was_read_long_ago_lets_nothing_be_written(per_second: float, last: type) -> None:
    async def run(time: SimulatedTime) -> None:
        portal = portal_with(1)
        async with serve(portal) as server:
            webhook = parse_webhook(server.webhook_url, "portal.webhook")
            limits, random = Limits(burst=2, per_second=per_second, share=1.0), Random(1)  # noqa: S311 # repeatable
            async with PortalClient(webhook, limits, clock=time, random=random, memory=VolatileMemory()) as client:
                await client.read([Command("server.time", {})], priority=LIVE)
                commands = [get(1), rename(1, "$total[x]")]
                outcomes = await client.write(commands, priority=LIVE)
                assert [type(outcome) for outcome in outcomes] == [Answered, last]
                # what did not leave is in nobody's way
                (outcome,) = await client.write([rename(1, "a")], priority=LIVE)
                assert name_of(outcome) == "a"

    simulated(run)


async def test_more_than_a_batch_is_refused() -> None:
    async with connected(portal_with(1)) as client:
        with pytest.raises(ValueError, match="51 commands"):
            await client.write([rename(1, "a")] * 51, priority=LIVE)


async def test_before_send_comes_after_all_waiting_and_can_stop_the_request() -> None:
    portal = portal_with(1)
    memory = VolatileMemory()

    async def stop() -> None:
        assert (await memory.load()).send_times
        message = "too old"
        raise ValueError(message)

    async with connected(portal, memory=memory) as client:
        with pytest.raises(ValueError, match="too old"):
            await client.write([rename(1, "a")], priority=LIVE, before_send=stop)
        assert not portal.history.requests
        (outcome,) = await client.write([rename(1, "a")], priority=LIVE)
    assert name_of(outcome) == "a"


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("kind", [Kind.RESET, Kind.TRUNCATED, Kind.HTML, Kind.ERROR_500, Kind.CUT])
async def test_a_lost_answer_to_a_write_is_unknown_and_nothing_is_sent_again(kind: Kind, when: str) -> None:
    portal = portal_with(2)
    portal.faults.add(Fault(kind=kind, when=when, match="crm.item.update"))
    async with connected(portal) as client:
        with pytest.raises(OutcomeUnknown):
            await client.write([rename(1, "a"), rename(2, "b")], priority=LIVE)
        assert portal.history.requests["batch"] == 1
        (outcome,) = await client.write([rename(1, "c")], priority=LIVE)
    assert name_of(outcome) == "c"


async def test_a_hanging_answer_is_unknown_after_the_timeout() -> None:
    portal = portal_with(1)
    portal.faults.add(Fault(kind=Kind.HANG, when="after", match="crm.item.update"))
    async with connected(portal, Limits(burst=100, per_second=100.0, request_timeout_seconds=0.3)) as client:
        with pytest.raises(OutcomeUnknown, match=r"within 0\.3 s"):
            await client.write([rename(1, "a")], priority=LIVE)


async def test_a_lost_answer_among_plain_calls_tells_what_went_before() -> None:
    portal = portal_with(3)
    portal.faults.add(Fault(kind=Kind.RESET, when="after", match="crm.item.update", nth=2))
    async with connected(portal) as client:
        commands = [rename(1, "$total[x]"), rename(2, "$total[x]"), rename(3, "c")]
        outcomes = await client.write(commands, priority=LIVE)
    assert [type(outcome) for outcome in outcomes] == [Answered, Unknown, Deferred]


@pytest.mark.parametrize("kind", [Kind.RESET, Kind.TRUNCATED, Kind.HTML, Kind.ERROR_500, Kind.ERROR_503])
async def test_reads_outlive_passing_faults(kind: Kind) -> None:
    portal = portal_with(3)
    portal.faults.add(Fault(kind=kind, times=2))
    async with connected(portal) as client:
        outcomes = await client.read([get(1), get(2), get(3)], priority=LIVE)
    assert all(isinstance(outcome, Answered) for outcome in outcomes)


@pytest.mark.parametrize("code", ["INTERNAL_SERVER_ERROR", "QUERY_LIMIT_EXCEEDED"])
async def test_reads_outlive_passing_faults_of_single_commands(code: str) -> None:
    portal = portal_with(3)
    portal.faults.add(Fault(kind=Kind.COMMAND_ERROR, match="crm.item.get", times=2, nth=2, code=code))
    async with connected(portal) as client:
        outcomes = await client.read([get(1), get(2), get(3)], priority=LIVE)
        chained = await client.read([get(1), get(2)], priority=LIVE, chained=True)
    assert all(isinstance(outcome, Answered) for outcome in (*outcomes, *chained))


async def test_reads_give_up_when_a_fault_does_not_pass() -> None:
    portal = portal_with(3)
    async with connected(portal) as client:
        await client.read([get(1)], priority=LIVE)
        portal.faults.add(Fault(kind=Kind.HTML, times=None))
        with pytest.raises(RetryLater, match="HTML page"):
            await client.read([get(1)], priority=LIVE)
        with pytest.raises(RetryLater, match="HTML page"):
            await client.read([get(1), get(2)], priority=LIVE, chained=True)


async def test_a_write_that_was_refused_for_its_rate_is_deferred_and_not_for_ever() -> None:
    portal = portal_with(3)
    portal.faults.add(Fault(kind=Kind.ERROR_503, match="crm.item.update", times=None))
    async with connected(portal) as client:
        outcomes = await client.write([rename(1, "a"), rename(2, "b")], priority=LIVE)
        assert all(isinstance(outcome, Deferred) and outcome.delay > 0 for outcome in outcomes)
        with pytest.raises(RetryLater, match="QUERY_LIMIT_EXCEEDED"):
            await rename_for_ever(client)
    assert portal.history.by_api() == []


async def test_a_blocked_method_is_waited_out_by_reads_and_deferred_by_writes() -> None:
    portal = portal_with(3, Options(burst=10_000, per_second=2000.0, operating_seconds=None))
    portal.faults.add(Fault(kind=Kind.ERROR_429, match="crm.item.get", times=2))
    portal.faults.add(Fault(kind=Kind.ERROR_429, match="crm.item.update"))
    limits = Limits(burst=10_000, per_second=2000.0, operating_window_seconds=1.2)
    async with connected(portal, limits) as client:
        outcomes = await client.read([get(1), get(2)], priority=LIVE)
        assert all(isinstance(outcome, Answered) for outcome in outcomes)
        written = await client.write([rename(1, "a"), rename(2, "b")], priority=LIVE)
        assert isinstance(written[0], Deferred)
        assert 0 < written[0].delay <= 0.6
        assert isinstance(written[1], Deferred)


@pytest.mark.parametrize("apart", [False, True])
async def test_a_scaled_operating_limit_binds_and_nothing_is_refused(*, apart: bool) -> None:
    """Also where calls by themselves, which go between the batches, are counted apart from these."""
    costs = {"crm.item.get": 0.02, "crm.item.update": 0.1}
    options = Options(burst=10_000, per_second=2000.0, operating_seconds=2.4, operating_window_seconds=3.0, costs=costs)
    portal = portal_with(40, replace(options, counts_batches_apart=apart))
    memory = VolatileMemory()
    limits = Limits(burst=10_000, per_second=2000.0, operating_seconds=2.4, operating_window_seconds=3.0)
    async with connected(portal, limits, memory) as client:
        done = 0
        while done < 40:
            room = await client.write_capacity(["crm.item.get", "crm.item.update"], 40 - done, priority=LIVE)
            targets = range(done + 1, done + room + 1)
            commands = [command for number in targets for command in (get(number), rename(number, "x"))]
            outcomes = await client.write(commands, priority=LIVE)
            # on a busy machine the room may be gone again by the time that they would leave
            assert all(isinstance(outcome, Answered | Deferred) for outcome in outcomes)
            done += sum(isinstance(outcome, Answered) for outcome in outcomes) // 2
            await client.read([get(1)], priority=LIVE)
    assert not portal.history.limit_errors
    state: LimitsState = await memory.load()
    assert state.costs["crm.item.update"] == pytest.approx(0.1, rel=0.2)
    assert state.operating["crm.item.update"][0] > 0
