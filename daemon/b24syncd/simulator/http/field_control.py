"""Asking what concerns ordinary fields, under `/simulator/`: GET field_mistakes, GET field_truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from b24syncd.simulator.seeds.field_mess import field_mistakes

if TYPE_CHECKING:
    from b24syncd.simulator.portal import Portal


class FieldControl:
    """The routes of one portal."""

    def __init__(self, portal: Portal) -> None:
        """Remember the portal."""
        self._portal = portal

    def add_routes(self, app: web.Application) -> None:
        """Add the routes to the server's application."""
        app.router.add_get("/simulator/field_mistakes", self._mistakes)
        app.router.add_get("/simulator/field_truth", self._truth)

    async def _mistakes(self, _request: web.Request) -> web.Response:
        """Answer the fields that do not hold what is meant."""
        return web.json_response({"mistakes": field_mistakes(self._portal)})

    async def _truth(self, _request: web.Request) -> web.Response:
        """Answer what is meant by messy fields, and what stands in them."""
        rows = []
        for (type_id, item_id), truth in self._portal.field_truth.items():
            item = self._portal.find(type_id, item_id)
            now = {} if item is None else {name: item.value(name) for name in truth}
            rows.append({"entityTypeId": type_id, "id": item_id, "is": now, "must_be": truth})
        return web.json_response({"items": rows})
