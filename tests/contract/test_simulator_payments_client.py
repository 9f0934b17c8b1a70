"""The documentation's own way to a payment date, walked by an independent client: b24pysdk."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from b24pysdk import BitrixWebhook, Client  # type: ignore[import-untyped]

from b24syncd.simulator.http.certificates import issue
from b24syncd.simulator.http.server import serve
from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.tables.fields import DEAL

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


async def test_it_sets_the_payment_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    portal = Portal(Options(burst=1000, scopes=("crm", "sale")))
    for _ in range(60):
        portal.create(DEAL, {"opportunity": 15.0, "currencyId": "EUR"}, (), "generator")
        portal.payments.create((DEAL, 1), 15, "generator", currency="EUR", paid=1_745_921_000)
    certificates = issue()
    authority = tmp_path / "authority.pem"
    await asyncio.to_thread(authority.write_bytes, certificates.authority)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority))

    def work(client: Any) -> None:  # noqa: ANN401 - the client has no types
        crm = client.crm
        fields = crm.item.fields(DEAL).response.result["fields"]
        named = (name for name, told in fields.items() if (told["title"], told["type"]) == ("Payment date", "date"))
        name = next(named)
        payments = crm.item.payment.list(entity_type_id=DEAL, entity_id=1).response.result
        date = max(payment["datePaid"] for payment in payments if payment["paid"] == "Y")
        assert date == "2025-04-29T13:03:20+03:00"
        updated = crm.item.update(DEAL, 1, {name: date}).response.result["item"]
        assert updated[name] == "2025-04-29T03:00:00+03:00"
        made = crm.deal.userfield.add({"FIELD_NAME": "PAID_ON", "USER_TYPE_ID": "datetime"}).response.result
        assert crm.deal.userfield.get(made).response.result["FIELD_NAME"] == "UF_CRM_PAID_ON"
        since = {">=datePaid": "2025-04-29T10:03:20Z"}
        listed = client.sale.payment.list(filter=since, order={"id": "asc"}).response.result["payments"]
        assert len(listed) == 50

    async with serve(portal, tls=certificates.context) as server:
        token = f"{portal.options.user_id}/{portal.options.secret}"
        webhook = BitrixWebhook(domain=f"127.0.0.1:{server.port}", webhook_token=token)
        await asyncio.to_thread(work, Client(webhook))
    assert portal.history.command_errors == {}
