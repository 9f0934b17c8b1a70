"""Taking away and giving back while the portal runs, under `/simulator/`: rights, the webhook, the portal itself.

POST rights, webhook, away; GET notifications, what `im.notify.personal.add` left with people.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Protocol, get_args

from aiohttp import web

from b24syncd.simulator.tables.access import OPERATIONS, Away

if TYPE_CHECKING:
    import asyncio

    from b24syncd.simulator.portal import Portal


class _Leave(Protocol):
    async def __call__(self, *, seconds: float | None, kept: asyncio.BaseTransport | None) -> None: ...


class AccessControl:
    """The routes of one portal; `leave` lets its server refuse every connection for so many seconds."""

    def __init__(self, portal: Portal, leave: _Leave) -> None:
        """Remember the portal."""
        self._portal = portal
        self._leave = leave

    def add_routes(self, app: web.Application) -> None:
        """Add the routes to the server's application."""
        app.router.add_post("/simulator/rights", self._set_rights)
        app.router.add_post("/simulator/webhook", self._set_webhook)
        app.router.add_post("/simulator/away", self._go_away)
        app.router.add_get("/simulator/notifications", self._notifications)

    async def _set_rights(self, request: web.Request) -> web.Response:
        """Take what is withdrawn, and with it everything else of its kind back.

        `{"refused": [[3, 42], …]}` may be read but not changed, `{"hidden": …}` may not be read; besides the items'
        types, 6 is an activity, 1000 a task; payments follow their items. `{"withdrawn": {"2": ["read", "update"]}}`
        are rights on whole types: read, add, update, delete; an empty list means all of them. `{"products": false}`
        are products, and with them currencies.
        """
        body, portal = await request.json(), self._portal
        for name, kept in (("refused", portal.frozen), ("hidden", portal.hidden)):
            if name in body:
                kept.clear()
                kept.update((int(type_id), int(item_id)) for type_id, item_id in body[name])
        if "withdrawn" in body:
            wanted = body["withdrawn"]
            if strange := {one for operations in wanted.values() for one in operations} - set(OPERATIONS):
                raise web.HTTPBadRequest(text=f"no such operation: {', '.join(sorted(strange))}")
            portal.access.withdrawn.clear()
            for type_id, operations in wanted.items():
                portal.access.withdraw(int(type_id), *operations)
        portal.access.reads_products = bool(body.get("products", portal.access.reads_products))
        counts = {"refused": len(portal.frozen), "hidden": len(portal.hidden)}
        return web.json_response(counts | {"withdrawn": len(portal.access.withdrawn)})

    async def _set_webhook(self, request: web.Request) -> web.Response:
        """Take `{"scopes": ["crm"]}`, what it opens from now on, or `{"revoked": true}`, and false to give it back."""
        body, access = await request.json(), self._portal.access
        if "scopes" in body:
            access.scopes = tuple(str(scope) for scope in body["scopes"])
        if "revoked" in body:
            access.revoked = bool(body["revoked"])
        return web.json_response({"scopes": access.scopes, "revoked": access.revoked})

    async def _go_away(self, request: web.Request) -> web.Response:
        """Take `{"how": "502"}`, `"page"` (of some other server) or null, for as long as nothing else is said.

        `{"how": "refused", "seconds": 30}` lets nobody connect, nor reach these controls, until so many have passed.
        """
        body = await request.json()
        how = body.get("how")
        if how == "refused":
            answer = web.json_response({"how": how})
            answer.force_close()
            await self._leave(seconds=float(body.get("seconds", 60)), kept=request.transport)
            return answer
        if how is not None and how not in get_args(Away):
            raise web.HTTPBadRequest(text=f"away is one of: refused, {', '.join(get_args(Away))}")
        self._portal.access.away = how
        return web.json_response({"how": how})

    async def _notifications(self, _request: web.Request) -> web.Response:
        return web.json_response({"notifications": [asdict(one) for one in self._portal.notifications]})
