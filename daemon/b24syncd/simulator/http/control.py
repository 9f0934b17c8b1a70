"""Scripting and asking a portal that runs as a process of its own, under `/simulator/`.

POST faults, person, costs, zone; DELETE faults, person; GET state, stats, edits, truth. Bodies are the fields
of `Fault`, `Trigger`, `PersonEdit`, `Habit` by name. It has no authentication: the portal listens on loopback.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TypeVar

from aiohttp import web

from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.judges.items import lost_values, mistakes
from b24syncd.simulator.methods.items import show
from b24syncd.simulator.people.person import Action, Habit, PersonEdit, Trigger

if TYPE_CHECKING:
    from collections.abc import Callable

    from b24syncd.simulator.portal import Portal
    from b24syncd.simulator.tables.history import Edit
    from b24syncd.simulator.tables.model import Item

_Made = TypeVar("_Made")


class Control:
    """The routes of one portal."""

    def __init__(self, portal: Portal) -> None:
        """Remember the portal."""
        self._portal = portal

    def add_routes(self, app: web.Application) -> None:
        """Add the routes to the server's application."""
        app.router.add_post("/simulator/faults", self._add_faults)
        app.router.add_delete("/simulator/faults", self._clear_faults)
        app.router.add_post("/simulator/person", self._plan_person)
        app.router.add_delete("/simulator/person", self._clear_person)
        app.router.add_post("/simulator/costs", self._set_costs)
        app.router.add_post("/simulator/zone", self._move_user)
        app.router.add_get("/simulator/state", self._state)
        app.router.add_get("/simulator/stats", self._stats)
        app.router.add_get("/simulator/edits", self._edits)
        app.router.add_get("/simulator/truth", self._truth)

    async def _add_faults(self, request: web.Request) -> web.Response:
        """Take one fault or a list of them."""
        faults = [_made(_fault, entry) for entry in await _entries(request)]
        self._portal.faults.add(*faults)
        return web.json_response({"added": len(faults)})

    async def _clear_faults(self, _request: web.Request) -> web.Response:
        self._portal.faults.clear()
        return web.json_response({})

    async def _plan_person(self, request: web.Request) -> web.Response:
        """Take `{"edits": […]}` for now, with `"trigger": {…}` for later, or `{"habit": {…}}`; one or a list."""
        done = 0
        for entry in await _entries(request):
            if "habit" in entry:
                self._portal.person.take_habit(_made(Habit, entry["habit"]))
            edits = tuple(_made(_edit, fields) for fields in entry.get("edits", ()))
            if "trigger" in entry:
                self._portal.person.plan(_made(Trigger, entry["trigger"]), *edits)
            else:
                done += sum(self._portal.person.edit(edit) for edit in edits)
        return web.json_response({"done": done})

    async def _clear_person(self, _request: web.Request) -> web.Response:
        self._portal.person.clear()
        return web.json_response({})

    async def _set_costs(self, request: web.Request) -> web.Response:
        """Take `{"crm.item.update": 0.2, …}`, in operating seconds."""
        body = await request.json()
        self._portal.costs.update({str(method): float(seconds) for method, seconds in body.items()})
        return web.json_response(self._portal.costs)

    async def _move_user(self, request: web.Request) -> web.Response:
        """Take `{"user": "Asia/Tokyo"}`, another zone of the webhook's user, or null for the server's."""
        try:
            self._portal.live_in((await request.json()).get("user"))
        except (AttributeError, OSError, ValueError, LookupError, TypeError) as error:
            raise web.HTTPBadRequest(text=str(error)) from error
        return web.json_response({"ahead": self._portal.user.ahead()})

    async def _state(self, request: web.Request) -> web.Response:
        """Answer the counts; with `entityTypeId` the entries of all items; with `id` too that whole item."""
        portal = self._portal
        portal.person.look_at_clock()
        if "entityTypeId" not in request.query:
            counts = {str(type_id): len(table.items) for type_id, table in portal.tables.items()}
            return web.json_response(
                {
                    "items": counts,
                    "activities": len(portal.activities.rows),
                    "tasks": len(portal.tasks.rows),
                    "payments": len(portal.payments.table.items),
                    "frozen": sorted(portal.frozen),
                    "now": portal.clock(),
                }
            )
        table = portal.table(int(request.query["entityTypeId"]))
        if "id" not in request.query:
            return web.json_response({"items": [_brief(item) for item in table]})
        item = table.items.get(int(request.query["id"]))
        return web.json_response({"item": show(portal, table, item) if item else None})

    async def _stats(self, _request: web.Request) -> web.Response:
        """Answer counts, errors of limits, and the highest levels reached."""
        return web.json_response(statistics(self._portal))

    async def _edits(self, request: web.Request) -> web.Response:
        """Answer the log of edits, narrowed by `entityTypeId`, `id`, `who`."""
        query = request.query
        wanted = [
            edit
            for (type_id, item_id), edits in self._portal.history.edits.items()
            if query.get("entityTypeId", str(type_id)) == str(type_id) and query.get("id", str(item_id)) == str(item_id)
            for edit in edits
            if _by(edit, query.get("who"))
        ]
        return web.json_response({"edits": [asdict(edit) for edit in wanted]})

    async def _truth(self, request: web.Request) -> web.Response:
        """Answer what differs from the truth (`types=PHONE,EMAIL` narrows) and what was lost; `entries=1`: all."""
        types = tuple(request.query["types"].split(",")) if "types" in request.query else ()
        answer: dict[str, Any] = {"mistakes": mistakes(self._portal, types), "lost": lost_values(self._portal)}
        if "entries" in request.query:
            answer["entries"] = [asdict(truth) for truths in self._portal.truth.values() for truth in truths]
        return web.json_response(answer)


def statistics(portal: Portal) -> dict[str, Any]:
    """Return everything that was counted, ready for JSON."""
    return {
        **portal.history.summary(),
        "bucket_maximum": portal.requests.maximum,
        "operating_maximum": portal.operating.maximum,
    }


async def _entries(request: web.Request) -> list[dict[str, Any]]:
    body = await request.json()
    return body if isinstance(body, list) else [body]


def _made(make: Callable[..., _Made], fields: dict[str, Any]) -> _Made:
    try:
        return make(**fields)
    except (TypeError, ValueError) as error:
        raise web.HTTPBadRequest(text=str(error)) from error


def _fault(*, kind: str, **fields: Any) -> Fault:  # noqa: ANN401 - the fields of Fault
    return Fault(kind=Kind(kind), **fields)


def _edit(*, action: str, canonical: list[str] | None = None, **fields: Any) -> PersonEdit:  # noqa: ANN401 - its fields
    return PersonEdit(action=Action(action), canonical=None if canonical is None else tuple(canonical), **fields)


def _brief(item: Item) -> dict[str, Any]:
    points = [[point.id, point.type_id, point.value_type, point.value] for point in item.points.values()]
    return {"id": item.id, "updated": item.updated, "points": points}


def _by(edit: Edit, who: str | None) -> bool:
    return who in (None, edit.who)
