"""Asking and scripting what concerns activities and tasks, under `/simulator/`.

POST holds `{"activity_id": 7, "readers": 2, "seconds": 5}`; GET activities (`id` narrows), tasks, misplaced (`target`,
`story`, `copy=1`, `tasks=1`), moves (the list that a split of leads asks for).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from aiohttp import web

from b24syncd.simulator.judges.items import misplaced
from b24syncd.simulator.tables.holds import Hold
from b24syncd.simulator.tables.slugs import slug, slugs

if TYPE_CHECKING:
    from b24syncd.simulator.portal import Portal
    from b24syncd.simulator.tables.activities import Activity
    from b24syncd.simulator.tables.binding_truth import Story


class ActivityControl:
    """The routes of one portal."""

    def __init__(self, portal: Portal) -> None:
        """Remember the portal."""
        self._portal = portal

    def add_routes(self, app: web.Application) -> None:
        """Add the routes to the server's application."""
        app.router.add_post("/simulator/holds", self._hold)
        app.router.add_get("/simulator/activities", self._activities)
        app.router.add_get("/simulator/tasks", self._tasks)
        app.router.add_get("/simulator/misplaced", self._misplaced)
        app.router.add_get("/simulator/moves", self._moves)

    async def _hold(self, request: web.Request) -> web.Response:
        """Let the next writes of one activity's bindings meet between their reads and their writes."""
        fields = await request.json()
        try:
            self._portal.activities.holds.plan(Hold(**fields))
        except TypeError as error:
            raise web.HTTPBadRequest(text=str(error)) from error
        return web.json_response({})

    async def _activities(self, request: web.Request) -> web.Response:
        rows = self._portal.activities.rows
        if "id" in request.query:
            one = rows.get(int(request.query["id"]))
            return web.json_response({"activity": _brief(one) if one else None})
        return web.json_response({"activities": [_brief(activity) for activity in rows.values()]})

    async def _tasks(self, _request: web.Request) -> web.Response:
        tasks = self._portal.tasks.rows.values()
        return web.json_response({"tasks": [{"id": task.id, "links": slugs(task.links)} for task in tasks]})

    async def _misplaced(self, request: web.Request) -> web.Response:
        """Answer the activities that are not where a rule sends them."""
        query = request.query
        story = cast("Story", query.get("story", "converted"))
        found = misplaced(self._portal, query["target"], story, copy="copy" in query, tasks="tasks" in query)
        return web.json_response({"misplaced": found})

    async def _moves(self, _request: web.Request) -> web.Response:
        moves = [
            {"activity": truth.activity_id, "from": slug(truth.source), "to": slug(truth.targets["lead"])}
            for truth in self._portal.binding_truth
            if truth.story == "split" and truth.targets
        ]
        return web.json_response({"moves": moves})


def _brief(activity: Activity) -> dict[str, Any]:
    return {
        "id": activity.id,
        "updated": activity.updated,
        "owner": slug(activity.owner),
        "bindings": slugs(activity.bindings),
        "provider": activity.values.get("providerId"),
        "task": activity.task_id,
    }
