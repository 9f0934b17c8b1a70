"""Asking and making what concerns payments, under `/simulator/`.

POST payments holds `{"entityTypeId": 2, "id": 5, "sum": 100, "currency": "RUB", "paid": "2025-04-29T13:03:20+03:00"}`
(`paid` may be absent). GET payments (`entityTypeId` and `id` narrow), payment_mistakes (`field`, `pick`,
`entityTypeId`; `keep=1`: what is unpaid again is not cleared).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from b24syncd.simulator.judges.payments import payment_mistakes
from b24syncd.simulator.tables.fields import DEAL
from b24syncd.simulator.tables.payment_truth import PICKS
from b24syncd.simulator.tables.values import iso, moment

if TYPE_CHECKING:
    from b24syncd.simulator.portal import Portal
    from b24syncd.simulator.tables.model import Item


class PaymentControl:
    """The routes of one portal."""

    def __init__(self, portal: Portal) -> None:
        """Remember the portal."""
        self._portal = portal

    def add_routes(self, app: web.Application) -> None:
        """Add the routes to the server's application."""
        app.router.add_post("/simulator/payments", self._create)
        app.router.add_get("/simulator/payments", self._payments)
        app.router.add_get("/simulator/payment_mistakes", self._mistakes)

    async def _create(self, request: web.Request) -> web.Response:
        """Add a payment to an item, as a person does."""
        body = await request.json()
        ref = int(body["entityTypeId"]), int(body["id"])
        if self._portal.find(*ref) is None:
            raise web.HTTPBadRequest(text="there is no such item")
        paid = moment(body["paid"], self._portal.zone) if "paid" in body else None
        currency = str(body.get("currency", "RUB"))
        payment = self._portal.payments.create(ref, float(body["sum"]), "person", currency=currency, paid=paid)
        return web.json_response({"id": payment.id})

    async def _payments(self, request: web.Request) -> web.Response:
        query, payments = request.query, self._portal.payments
        rows: list[Item] = list(payments.table)
        if "id" in query:
            rows = payments.of((int(query.get("entityTypeId", DEAL)), int(query["id"])))
        return web.json_response({"payments": [self._brief(payment) for payment in rows]})

    async def _mistakes(self, request: web.Request) -> web.Response:
        """Answer the items whose field does not hold what their payments say."""
        query = request.query
        pick = query.get("pick", "last")
        if pick not in PICKS:
            raise web.HTTPBadRequest(text=f"pick is one of {', '.join(PICKS)}")
        found = payment_mistakes(
            self._portal,
            query["field"],
            pick,
            entity_type_id=int(query.get("entityTypeId", DEAL)),
            clear_when_unpaid="keep" not in query,
        )
        return web.json_response({"mistakes": found})

    def _brief(self, payment: Item) -> dict[str, Any]:
        owner, paid = self._portal.payments.owner(payment), payment.values.get("datePaid")
        return {
            "id": payment.id,
            "owner": list(owner) if owner else None,
            "order": payment.values["orderId"],
            "sum": payment.values["sum"],
            "currency": payment.values["currency"],
            "paid": payment.values["paid"] == "Y",
            "date": None if paid is None else iso(int(paid), self._portal.zone),
        }
