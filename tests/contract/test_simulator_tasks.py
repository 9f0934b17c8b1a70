"""Tasks, as docs api-reference/tasks/ describes them, and their mirrors in the CRM."""

from __future__ import annotations

from typing import Any

import pytest

from b24syncd.simulator.people.person import Action, PersonEdit, Trigger
from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.probe import Probe, probing
from b24syncd.simulator.tables.fields import COMPANY, CONTACT, DEAL, LEAD
from b24syncd.simulator.tables.slugs import parse, slug

EPOCH = 1_700_000_000
SCOPES = ("crm", "user_brief", "task")


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.now = float(EPOCH)

    def __call__(self) -> float:
        return self.now


def portal_of(*, scopes: tuple[str, ...] = SCOPES) -> Portal:
    """A portal with three items of each type."""
    portal = Portal(Options(burst=1000, scopes=scopes), clock=Clock())
    for type_id in (LEAD, DEAL, CONTACT, COMPANY) * 3:
        portal.create(type_id, {}, (), "generator")
    return portal


def task(portal: Portal, *links: tuple[int, int], **more: Any) -> int:  # noqa: ANN401 - fields of a task
    values: dict[str, Any] = {"title": "Call back", "responsibleId": 1, "createdBy": 1}
    return portal.tasks.create(values | more, links, "generator").id


async def links(probe: Probe, task_id: int = 1) -> Any:  # noqa: ANN401 - a list, or false
    return (await probe.call("tasks.task.get", taskId=task_id, select=["UF_CRM_TASK"])).result["task"]["ufCrmTask"]


async def link(probe: Probe, *slugs: str, task_id: int = 1) -> Any:  # noqa: ANN401 - the body of an answer
    return (await probe.call("tasks.task.update", taskId=task_id, fields={"UF_CRM_TASK": slugs})).body


def mirror(portal: Portal, task_id: int = 1) -> list[str] | None:
    activity = portal.tasks.mirror_of(portal.tasks.rows[task_id])
    return None if activity is None else [slug(ref) for ref in activity.bindings]


@pytest.mark.parametrize(
    ("text", "ref"),
    [
        ("L_4", (1, 4)),
        ("D_1", (2, 1)),
        ("c_2", (3, 2)),
        (" CO_3 ", (4, 3)),
        ("SI_7", (31, 7)),
        ("T80_6", (128, 6)),
        ("Tb1_29", (177, 29)),
        ("X_1", None),
        ("L_0", None),
        ("12", None),
    ],
)
def test_short_forms(text: str, ref: tuple[int, int] | None) -> None:
    assert parse(text) == ref
    if ref is not None:
        assert parse(slug(ref)) == ref


async def test_without_the_scope_there_are_no_tasks() -> None:
    async with probing(portal_of(scopes=("crm",))) as probe:
        reply = await probe.call("tasks.task.list")
        assert (reply.status, reply.body["error"]) == (401, "insufficient_scope")
        assert (await probe.batch({"t": "tasks.task.list"}))["result_error"]["t"]["error"] == "insufficient_scope"


async def test_a_task_is_added_and_mirrored() -> None:
    portal = portal_of()
    async with probing(portal) as probe:
        fields = {"TITLE": "Call back", "RESPONSIBLE_ID": 1, "UF_CRM_TASK": ["CO_1", "L_1", "nonsense"]}
        added = (await probe.call("tasks.task.add", fields=fields)).result["task"]
        assert (added["id"], added["title"], added["status"], added["responsible"]["id"]) == (
            "1",
            "Call back",
            "2",
            "1",
        )
        assert "ufCrmTask" not in added
        assert await links(probe) == ["CO_1", "L_1"]
        (row,) = (await probe.call("crm.activity.list", filter={"ASSOCIATED_ENTITY_ID": 1})).result
        assert (row["PROVIDER_ID"], row["PROVIDER_TYPE_ID"], row["TYPE_ID"]) == ("CRM_TASKS_TASK", "TASKS_TASK", "6")
        assert (row["SUBJECT"], row["OWNER_TYPE_ID"], row["OWNER_ID"]) == ("Call back", "4", "1")
        bare = (await probe.call("tasks.task.add", fields={"TITLE": "Alone", "RESPONSIBLE_ID": 1})).result["task"]
        assert await links(probe, int(bare["id"])) is False
        assert mirror(portal, 2) is None


async def test_get_and_list() -> None:
    portal = portal_of()
    for number in range(60):
        task(portal, *([(LEAD, 1)] if number % 2 else [(DEAL, 1), (COMPANY, 2)]), title=f"T{number}")
    async with probing(portal) as probe:
        got = (await probe.call("tasks.task.get", taskId=1)).result["task"]
        assert (got["createdDate"], got["closedDate"], got["taskControl"]) == ("2023-11-15T01:13:20+03:00", None, "N")
        assert (got["group"], got["action"]["edit"], "ufCrmTask" in got) == ([], True, False)
        assert (await probe.call("tasks.task.get", taskId=999)).result == []
        body = (await probe.call("tasks.task.list", select=["TITLE", "STATUS", "UF_CRM_TASK"])).body
        assert (len(body["result"]["tasks"]), body["total"], body["next"]) == (50, 60, 50)
        first = {"id": "60", "title": "T59", "status": "2", "ufCrmTask": ["L_1"], "group": [], "subStatus": "2"}
        assert body["result"]["tasks"][0] == first
        for filter_, number in (
            ({"UF_CRM_TASK": "CO_2"}, 30),
            ({"=UF_CRM_TASK": ["L_1", "D_1"]}, 60),
            ({"UF_CRM_TASK": "L_2"}, 0),
            ({">ID": 50, "UF_CRM_TASK": ["L_1"]}, 5),
            ({"<=ID": 10, "!TITLE": "T0"}, 9),
            ({"REAL_STATUS": 5}, 0),
            ({">=CHANGED_DATE": "2023-11-15T01:13:21+03:00"}, 0),
        ):
            assert (await probe.call("tasks.task.list", filter=filter_)).body["total"] == number
        body = (await probe.call("tasks.task.list", order={"ID": "asc"}, start=-1)).body
        assert (body["result"]["tasks"][0]["id"], "total" in body) == ("1", False)


@pytest.mark.parametrize(
    ("method", "parameters", "code", "description"),
    [
        ("get", {}, "100", "CTaskItem All parameters in the constructor must have real class type (internal error)"),
        ("get", {"taskId": "x"}, "0", "wrong task id"),
        (
            "get",
            {"taskId": 1, "select": ""},
            "100",
            "Invalid value {} to match with parameter {select}. Should be value of type array. (internal error)",
        ),
        ("list", {"order": {"NOPE": "asc"}}, "0", "Invalid sorting key (internal error)"),
        ("update", {"taskId": 1}, "100", "Could not find value for parameter {fields} (internal error)"),
        ("update", {"taskId": 1, "fields": {}}, "100", "Could not find value for parameter {fields} (internal error)"),
        ("update", {"taskId": 9, "fields": {"TITLE": "x"}}, "0", "Action on the task is not allowed (internal error)"),
        ("update", {"taskId": 2, "fields": {"TITLE": "x"}}, "0", "Action on the task is not allowed (internal error)"),
        ("update", {"taskId": 1, "fields": {"STATUS": 77}}, "ERROR_CORE", "Invalid status<br>"),
        ("add", {"fields": {"RESPONSIBLE_ID": 1}}, "ERROR_CORE", "Task title is not specified<br>"),
        ("add", {"fields": {"TITLE": "x"}}, "ERROR_CORE", "Responsible person not specified<br>"),
    ],
)
async def test_what_is_refused(method: str, parameters: dict[str, Any], code: str, description: str) -> None:
    portal = portal_of()
    task(portal)
    portal.frozen.add((1000, task(portal)))
    async with probing(portal) as probe:
        reply = await probe.call(f"tasks.task.{method}", **parameters)
        assert (reply.status, reply.body) == (400, {"error": code, "error_description": description})


async def test_the_mirror_comes_follows_and_goes_with_the_links() -> None:
    portal = portal_of()
    task(portal)
    async with probing(portal) as probe:
        portal.clock.now += 5  # type: ignore[attr-defined] # the clock of this test
        assert (await link(probe, "L_1", "D_1"))["result"]["task"]["changedDate"] == "2023-11-15T01:13:25+03:00"
        assert mirror(portal) == ["L_1", "D_1"]
        await link(probe, "L_1", "CO_2")
        assert (mirror(portal), await links(probe)) == (["L_1", "CO_2"], ["L_1", "CO_2"])
        fields = {"TITLE": "New", "STATUS": 5}
        done = (await probe.call("tasks.task.update", taskId=1, fields=fields)).result["task"]
        assert (done["status"], done["closedDate"]) == ("5", "2023-11-15T01:13:25+03:00")
        (row,) = (await probe.call("crm.activity.list", filter={"COMPLETED": "Y"})).result
        assert (row["SUBJECT"], row["STATUS"]) == ("New", "2")
        assert mirror(portal) == ["L_1", "CO_2"]
        await probe.call("tasks.task.update", taskId=1, fields={"UF_CRM_TASK": ""})
        assert (mirror(portal), await links(probe), portal.activities.rows) == (None, False, {})
        edits = [(edit.before, edit.after) for edit in portal.history.edits_of(1000, 1)]
        assert edits == [("", "L_1,D_1"), ("L_1,D_1", "L_1,CO_2"), ("L_1,CO_2", "")]


async def test_a_list_without_the_target_is_a_breach() -> None:
    portal = portal_of()
    task(portal, (LEAD, 1), (DEAL, 1))
    portal.activities.watch.expect((LEAD, 1), (COMPANY, 1))
    async with probing(portal) as probe:
        await link(probe, "CO_1", "D_1", "L_1")
        await link(probe, "CO_1", "D_1")
        assert portal.history.breaches == []
        portal.tasks.change(portal.tasks.rows[1], {}, [(LEAD, 1), (DEAL, 1)], "person")
        await link(probe, "D_1")
        assert [breach.refs for breach in portal.history.breaches] == ["L_1"]


async def test_what_is_rebound_at_a_mirror_goes_back_into_the_task() -> None:
    portal = portal_of()
    task(portal, (LEAD, 1))
    async with probing(portal) as probe:
        await probe.call("crm.activity.binding.add", activityId=1, entityTypeId=COMPANY, entityId=1)
        assert await links(probe) == ["L_1", "CO_1"]
        portal.frozen.add((1000, 1))
        # the rights of the task do not reach the mirror: both go apart, and no answer tells
        reply = await probe.call("crm.activity.binding.delete", activityId=1, entityTypeId=LEAD, entityId=1)
        assert reply.result is True
        assert (mirror(portal), await links(probe)) == (["CO_1"], ["L_1", "CO_1"])


async def test_a_mirror_of_old_is_set_back_by_its_task() -> None:
    portal = portal_of()
    values: dict[str, Any] = {"title": "Old", "responsibleId": 1, "createdBy": 1}
    portal.tasks.create(values, [(COMPANY, 1), (LEAD, 1)], "generator", old_mirror=True)
    async with probing(portal) as probe:
        (row,) = (await probe.call("crm.activity.list")).result
        assert (row["TYPE_ID"], row["PROVIDER_ID"], row["OWNER_TYPE_ID"]) == ("3", "TASKS", "1")
        await probe.call("crm.activity.binding.add", activityId=1, entityTypeId=DEAL, entityId=1)
        assert (mirror(portal), await links(probe)) == (["L_1", "CO_1", "D_1"], ["CO_1", "L_1"])
        await probe.call("tasks.task.update", taskId=1, fields={"TITLE": "Older"})
        assert mirror(portal) == ["L_1", "CO_1"]
        await link(probe, "D_1")
        assert mirror(portal) == ["D_1"]


async def test_what_is_done_at_a_mirror_is_done_in_the_task() -> None:
    portal = portal_of()
    task(portal, (LEAD, 1))
    async with probing(portal) as probe:
        await probe.call("crm.activity.update", id=1, fields={"COMPLETED": "Y", "SUBJECT": "Done"})
        assert (portal.tasks.rows[1].values["status"], portal.tasks.rows[1].values["title"]) == (5, "Done")
        await probe.call("crm.activity.update", id=1, fields={"COMPLETED": "N"})
        assert portal.tasks.rows[1].values["status"] == 2
        await probe.call("crm.activity.delete", id=1)
        assert (await links(probe), portal.tasks.rows[1].links) == (False, [])


async def test_a_person_links_tasks_meanwhile() -> None:
    portal = portal_of()
    task(portal, (LEAD, 1))
    edit = PersonEdit(action=Action.SET_LINKS, entity_type_id=1000, item_id=1, value="L_2,D_2")
    portal.person.plan(Trigger(method="tasks.task.get", moment="after", entity_type_id=1000, item_id=1), edit)
    async with probing(portal) as probe:
        assert await links(probe) == ["L_1"]
        assert await links(probe) == ["L_2", "D_2"]
        assert mirror(portal) == ["L_2", "D_2"]
        assert (await probe.control("GET", "tasks"))["tasks"] == [{"id": 1, "links": "L_2,D_2"}]
        missing = PersonEdit(action=Action.SET_LINKS, entity_type_id=1000, item_id=9, value="")
        assert portal.person.edit(missing) is False


async def test_a_task_that_goes_takes_its_mirror_along() -> None:
    portal = portal_of()
    linked, alone = task(portal, (LEAD, 1)), task(portal)
    for task_id in (linked, alone):
        portal.tasks.remove(portal.tasks.rows[task_id], "person")
    assert (portal.tasks.rows, portal.activities.rows) == ({}, {})
