"""Answers about activities and their items that no portal should give: nothing is concluded from them."""

from __future__ import annotations

from contextlib import asynccontextmanager
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from b24syncd.clock import SystemClock
from b24syncd.domain.activities import Activity, ActivitySnapshot, Bound, Source
from b24syncd.domain.bindings import Binding
from b24syncd.domain.corrections import AddBinding, ChangePoint, Correction
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.rules import BindingRule, LinkedItem, LinkField
from b24syncd.domain.snapshots import PointKind
from b24syncd.errors import Rejected
from b24syncd.portal.activities.replies import parse_activities
from b24syncd.portal.activities.sources import ListedSources, Sources
from b24syncd.portal.activities.subjects import Activities
from b24syncd.portal.client import PortalClient
from b24syncd.portal.pace.limits import Limits, VolatileMemory
from b24syncd.portal.wire.commands import Priority, Unknown
from b24syncd.portal.wire.replies import UnexpectedReply
from b24syncd.portal.writes import Write, WriteOutcome
from b24syncd.settings.webhook import parse_webhook

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from b24syncd.domain.rules import Destination

LIVE = Priority.LIVE
LEAD = Binding(1, 1)
ROW = {"ID": "5", "TYPE_ID": "6", "PROVIDER_ID": "CRM_TASKS_TASK", "ASSOCIATED_ENTITY_ID": "7", "COMPLETED": "N"}
REF = EntityRef(EntityType.ACTIVITY, 5)
BOUND = [{"entityTypeId": 1, "entityId": 1}]


@asynccontextmanager
async def answering(**results: object) -> AsyncIterator[PortalClient]:
    """Answer each method, written with `_`, with the same result, in a batch as well; `None` refuses."""
    known = {name.replace("_", "."): result for name, result in results.items()}

    async def answer(request: web.Request) -> web.Response:
        method = request.path.rpartition("/")[2]
        time = {"start": 1000.0, "finish": 1000.1, "duration": 0.1}
        if method != "batch":
            error = {"error": "ACCESS_DENIED", "error_description": "no"}
            body: dict[str, Any] = error if known[method] is None else {"result": known[method]}
            return web.json_response({**body, "time": time})
        commands = (await request.json())["cmd"]
        result = {key: known[command.partition("?")[0]] for key, command in commands.items()}
        return web.json_response({"result": {"result": result, "result_error": [], "result_time": []}, "time": time})

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}/rest/1/garbled1secret/"
    limits = Limits(burst=10_000, per_second=2000.0)
    random = Random(1)  # noqa: S311 # has to be repeatable
    webhook = parse_webhook(address, "portal.webhook")
    try:
        async with PortalClient(webhook, limits, clock=SystemClock(), random=random, memory=VolatileMemory()) as client:
            yield client
    finally:
        await runner.cleanup()


def activities_of(client: PortalClient) -> Activities:
    return Activities(client, SystemClock(), ListedSources(client, {}))


@pytest.mark.parametrize("rows", [{}, [ROW, {**ROW, "ID": "4"}], [{**ROW, "ID": "0"}]])
async def test_a_list_of_activities_without_order_is_not_walked(rows: object) -> None:
    async with answering(crm_activity_list=rows) as client:
        with pytest.raises(UnexpectedReply):
            await activities_of(client).bound_to({LEAD: Source(LEAD, ())}, priority=LIVE)


async def test_bindings_that_cannot_be_read_hold_up_no_other_activity() -> None:
    row = {**ROW, "PROVIDER_ID": "CRM_EMAIL"}
    unbound = [{"entityTypeId": 0, "entityId": 0}]
    async with answering(crm_activity_list=[row], crm_activity_binding_list=unbound) as client:
        read = await activities_of(client).read([REF], priority=LIVE)
    assert (read.found, [told.code for told in read.refused.values()]) == ({}, ["UNREADABLE"])
    both = [row, {**row, "ID": "6"}]
    async with answering(crm_activity_list=both, crm_activity_binding_list=unbound) as client:
        with pytest.raises(UnexpectedReply, match="none of 2"):
            await activities_of(client).read([REF], priority=LIVE)


async def test_a_task_without_the_field_tells_nothing_of_its_links() -> None:
    tasks = {"tasks": [{"id": "7"}, None]}
    async with answering(
        scope=["crm", "task"], tasks_task_list=tasks, crm_activity_list=[ROW], crm_activity_binding_list=BOUND
    ) as client:
        found = (await activities_of(client).read([REF], priority=LIVE)).found[REF]
    assert found.state == Bound((LEAD,), None)


@pytest.mark.parametrize("task", [{"ufCrmTask": ["L_1"]}, {"id": "seven", "ufCrmTask": []}])
async def test_a_task_without_an_id_is_an_answer_that_is_none(task: object) -> None:
    async with answering(
        scope=["crm", "task"],
        tasks_task_list={"tasks": [task]},
        crm_activity_list=[ROW],
        crm_activity_binding_list=BOUND,
    ) as client:
        with pytest.raises(UnexpectedReply, match="task"):
            await activities_of(client).read([REF], priority=LIVE)


@pytest.mark.parametrize(("told", "links"), [(False, ()), (["L_1"], ("L_1",)), ({"3": "L_1"}, ("L_1",)), ("L_1", None)])
async def test_links_of_a_task_that_are_no_list_are_not_told(told: object, links: tuple[str, ...] | None) -> None:
    async with answering(
        scope=["crm", "task"],
        tasks_task_list={"tasks": [{"id": "7", "ufCrmTask": told}]},
        crm_activity_list=[ROW],
        crm_activity_binding_list=BOUND,
    ) as client:
        found = (await activities_of(client).read([REF], priority=LIVE)).found[REF]
    assert found.state == Bound((LEAD,), links)


async def written(correction: Correction, **results: object) -> WriteOutcome:
    (row,) = parse_activities([ROW])
    activity = Activity("CRM_TODO", 6, 0, completed=False, created_at=row.updated_at)
    snapshot = ActivitySnapshot(REF, row.updated_at, activity, Bound((LEAD,)))

    async def leave() -> None:
        """Leave."""

    async with answering(**{"crm_item_get": {"item": {"id": 1}}, **results}) as client:
        write = Write(snapshot, (correction,))
        (outcome,) = await activities_of(client).write([write], priority=LIVE, before_send=leave)
    return outcome


ADD = AddBinding(REF, "bindings", Binding(4, 1))


@pytest.mark.parametrize(
    ("bindings", "added", "reason"),
    [
        (BOUND, False, "only a part of the write was done"),
        ({}, True, "the answer to crm.activity.binding.list is no list"),
        ([{}], True, "a binding came without a usable type or id"),
    ],
)
async def test_a_write_that_is_not_answered_as_documented_is_unknown(
    bindings: object, added: object, reason: str
) -> None:
    outcome = await written(ADD, crm_activity_binding_list=bindings, crm_activity_binding_add=added)
    assert outcome == Unknown(reason)


@pytest.mark.parametrize("shown", [[], {"item": {"id": 2}}, {"item": []}])
async def test_a_proof_that_shows_something_else_is_none(shown: object) -> None:
    """The portal goes on after it, so the write may have been made."""
    results = {"crm_activity_binding_list": BOUND, "crm_activity_binding_add": True}
    outcome = await written(ADD, crm_item_get=shown, **results)
    assert outcome == Unknown("the write was executed without the proof that its target is there")


async def test_contact_points_are_no_corrections_of_activities() -> None:
    change = ChangePoint(REF, "phones", PointKind.PHONE, 1, "WORK", "1", "2")
    with pytest.raises(TypeError, match="ChangePoint is no correction of an activity"):
        await written(change)


def rule(to: Destination) -> BindingRule:
    return BindingRule(name="rule", source=EntityType.LEAD, to=to)


@pytest.mark.parametrize("items", [[{"id": 1}, {"id": 1}], [{"id": None}]])
async def test_a_list_of_what_leads_became_without_order_is_not_walked(items: list[object]) -> None:
    async with answering(crm_item_list={"items": items}) as client:
        sources = Sources(client, SystemClock(), [rule(LinkedItem(EntityType.DEAL))])
        with pytest.raises(UnexpectedReply):
            await sources.of([LEAD], priority=LIVE)


@pytest.mark.parametrize(("fields", "error"), [([], UnexpectedReply), (None, Rejected)])
async def test_fields_that_are_not_told(fields: object, error: type[Exception]) -> None:
    async with answering(crm_item_fields=fields) as client:
        sources = Sources(client, SystemClock(), [rule(LinkField("UF_CRM_CARD"))])
        with pytest.raises(error):
            await sources.of([LEAD], priority=LIVE)
