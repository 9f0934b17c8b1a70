"""Activities, tasks and duplicates as an independent client sees them: b24pysdk."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from b24pysdk import BitrixWebhook, Client  # type: ignore[import-untyped]
from b24pysdk.errors import BitrixAPIError  # type: ignore[import-untyped]

from b24syncd.simulator.http.certificates import issue
from b24syncd.simulator.http.server import serve
from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.tables.fields import COMPANY, LEAD
from b24syncd.simulator.tables.model import PointChange

if TYPE_CHECKING:
    from pathlib import Path


async def test_it_rebinds_links_and_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    portal = Portal(Options(burst=1000, scopes=("crm", "task")))
    for type_id in (LEAD, LEAD, COMPANY):
        portal.create(type_id, {}, [PointChange(None, "PHONE", "WORK", "8 916 123-45-67")], "generator")
    portal.activities.create({"typeId": 2, "subject": "Call"}, [(LEAD, 1)], "generator")
    portal.tasks.create({"title": "Call back", "responsibleId": 1}, [(LEAD, 1)], "generator")
    certificates = issue()
    authority = tmp_path / "authority.pem"
    await asyncio.to_thread(authority.write_bytes, certificates.authority)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority))

    def work(client: Any) -> None:  # noqa: ANN401 - the client has no types
        crm = client.crm
        found = crm.duplicate.findbycomm("PHONE", ["+79161234567"], entity_type="COMPANY").response.result
        assert found == {"COMPANY": [1]}
        pairs = [{"OWNER_TYPE_ID": LEAD, "OWNER_ID": 1}]
        listed = crm.activity.list(filter={"BINDINGS": pairs, "TYPE_ID": 2}, select=["ID"]).response.result
        assert listed == [{"ID": "1"}]
        binding = crm.activity.binding
        assert binding.move(1, LEAD, 1, LEAD, 2).response.result is True
        assert binding.add(1, COMPANY, 1).response.result is True
        assert binding.delete(1, LEAD, 2).response.result is True
        assert binding.list(1).response.result == [{"entityTypeId": COMPANY, "entityId": 1}]
        with pytest.raises(BitrixAPIError, match="only one activity-to-entity link"):
            assert binding.delete(1, COMPANY, 1).response
        client.tasks.task.update(1, {"UF_CRM_TASK": ["CO_1"]}).response  # noqa: B018 - asking for it sends it
        task = client.tasks.task.get(1, select=["ID", "UF_CRM_TASK"]).response.result["task"]
        assert task["ufCrmTask"] == ["CO_1"]

    async with serve(portal, tls=certificates.context) as server:
        token = f"{portal.options.user_id}/{portal.options.secret}"
        webhook = BitrixWebhook(domain=f"127.0.0.1:{server.port}", webhook_token=token)
        await asyncio.to_thread(work, Client(webhook))
    assert portal.activities.rows[2].bindings == [(COMPANY, 1)]
