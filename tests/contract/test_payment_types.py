"""Titles of smart processes are looked up at the portal; what is no title is told with the nearest."""

from __future__ import annotations

from contextlib import asynccontextmanager
from random import Random
from typing import TYPE_CHECKING

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from b24syncd.clock import SystemClock
from b24syncd.domain.entities import EntityType
from b24syncd.errors import CredentialsRefused, ExitCode, Problem
from b24syncd.portal.client import PortalClient
from b24syncd.portal.pace.limits import Limits, VolatileMemory
from b24syncd.portal.type_names import resolve_types
from b24syncd.portal.wire.commands import Priority
from b24syncd.portal.wire.replies import UnexpectedReply
from b24syncd.settings.webhook import parse_webhook
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.http.server import serve
from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.tables.fields import SmartType

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

KEY = "jobs.payment_dates.entities"
SMART = (
    SmartType(128, 1, "Договоры"),
    SmartType(132, 2, "Contracts"),
    SmartType(140, 3, "Repairs"),
    SmartType(142, 4, "Repairs"),
    SmartType(150, 5, "Notes", payments=False),
)


def world(smart: tuple[SmartType, ...] = SMART, *, administrator: bool = True) -> Portal:
    return Portal(Options(burst=10_000, per_second=2000.0, smart_types=smart, administrator=administrator))


def client_of(address: str) -> PortalClient:
    webhook = parse_webhook(address, "portal.webhook")
    limits = Limits(burst=10_000, per_second=2000.0)
    random = Random(1)  # noqa: S311 # has to be repeatable
    return PortalClient(webhook, limits, clock=SystemClock(), random=random, memory=VolatileMemory())


@asynccontextmanager
async def connected(portal: Portal) -> AsyncIterator[PortalClient]:
    async with serve(portal) as server, client_of(server.webhook_url) as client:
        yield client


async def resolved(portal: Portal, *names: str) -> dict[str, EntityType] | tuple[Problem, ...]:
    async with connected(portal) as client:
        return await resolve_types(client, names, priority=Priority.LIVE)


async def test_names_and_numbers_are_known_without_asking() -> None:
    portal = world(administrator=False)
    types = {"deal": EntityType.DEAL, "smart_invoice": EntityType.SMART_INVOICE, "type140": EntityType("type140")}
    assert await resolved(portal, *types) == types
    assert not portal.history.commands


async def test_titles_are_looked_up() -> None:
    portal = world()
    assert await resolved(portal, "Contracts", "deal", "Договоры") == {
        "deal": EntityType.DEAL,
        "Договоры": EntityType("type128"),
        "Contracts": EntityType("type132"),
    }
    assert portal.history.commands["crm.type.list"] == 1


async def test_all_pages_are_read() -> None:
    portal = world(tuple(SmartType(200 + number, number, f"Process {number}") for number in range(1, 121)))
    assert await resolved(portal, "Process 1", "Process 120") == {
        "Process 1": EntityType("type201"),
        "Process 120": EntityType("type320"),
    }
    assert portal.history.commands["crm.type.list"] == 3


@pytest.mark.parametrize(
    ("title", "message", "cure"),
    [
        ("contracts", "no smart process with this title", 'did you mean "Contracts"?'),
        ("Договора", "no smart process with this title", 'did you mean "Договоры"?'),
        ("deals", "no smart process with this title", 'did you mean "deal"?'),
        ("Zzz", "no smart process with this title", "name one of Договоры, Contracts, Repairs, Notes, deal"),
        ("Repairs", "2 smart processes have this title", "name one of type140, type142"),
        ("Notes", "no products, and so no payments", "switch its products on"),
    ],
)
async def test_a_title_that_means_no_type_is_told_with_its_cure(title: str, message: str, cure: str) -> None:
    found = await resolved(world(), title, "Contracts")
    assert isinstance(found, tuple)
    [problem] = found
    assert (problem.key, problem.value) == (KEY, title)
    assert message in problem.message
    assert cure in problem.cure


async def test_all_titles_are_told_at_once() -> None:
    found = await resolved(world(()), "A", "deal", "B")
    assert isinstance(found, tuple)
    assert [problem.value for problem in found] == ["A", "B"]


async def test_who_may_not_list_types_is_told_what_to_write_instead() -> None:
    with pytest.raises(
        CredentialsRefused, match=r'"Contracts" cannot be looked up.*administrator.*as type128'
    ) as error:
        await resolved(world(administrator=False), "deal", "Contracts")
    assert error.value.exit_code is ExitCode.REFUSED


async def test_a_portal_without_smart_processes_is_told() -> None:
    portal = world()
    portal.faults.add(Fault(kind=Kind.COMMAND_ERROR, match="crm.type.list", code="ERROR_METHOD_NOT_FOUND"))
    found = await resolved(portal, "Contracts")
    assert found == (Problem(KEY, "this portal is too old for smart processes", 'take "Contracts" out'),)


@pytest.mark.parametrize("result", [[], {}, {"types": 3}, {"types": ["x"]}, {"types": [{"title": "Contracts"}]}])
async def test_nothing_is_concluded_from_a_garbled_answer(result: object) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.json_response({"result": result, "time": {"start": 1000.0, "finish": 1000.1, "duration": 0.1}})

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", answer)
    async with TestServer(app) as server, client_of(str(server.make_url("/rest/1/s3cr3tw0rd00/"))) as client:
        with pytest.raises(UnexpectedReply, match=r"crm\.type\.list"):
            await resolve_types(client, ["Contracts"], priority=Priority.LIVE)
