"""What one would write in an hour on `fast-bitrix24`; tells at its end what it did, as JSON."""

from __future__ import annotations

import asyncio
import json
import sys
import warnings
from typing import Any

from fast_bitrix24 import BitrixAsync, srh  # type: ignore[import-untyped]
from tests.bench.plain_work import PAYMENT_FIELD, TYPES, Arguments, ends_of, fields_of_deal, fields_of_points

_BATCH = 50
_DEAL = 2


class Script:
    """Reads with `get_all`, writes with `call`, which fills batches."""

    def __init__(self, arguments: Arguments) -> None:
        self.dry = arguments.dry
        self.read = self.written = 0
        self.client = BitrixAsync(
            arguments.webhook,
            verbose=False,
            request_pool_size=arguments.burst,
            requests_per_second=float(arguments.requests_per_second),
        )
        # the client takes the period for a constant and the limit for whole seconds
        srh.BITRIX_MEASUREMENT_PERIOD = arguments.operating_window_seconds
        self.client.srh.operating_time_limit = arguments.operating_seconds

    async def items(self, work: str) -> None:
        for entity_type in TYPES[work]:
            params = {"entityTypeId": entity_type.type_id, "select": ["*"]}
            rows = await self._all("crm.item.list", params)
            planned = [(row["id"], fields_of_points(entity_type, row)) for row in rows]
            await self._update(entity_type.type_id, planned)

    async def deals(self) -> None:
        select = ["id", "opportunity", "currencyId", PAYMENT_FIELD]
        rows = await self._all("crm.item.list", {"entityTypeId": _DEAL, "select": select})
        query = f"crm.item.payment.list?entityTypeId={_DEAL}&entityId="
        answers = await self._called({str(row["id"]): f"{query}{row['id']}" for row in rows})
        await self._update(_DEAL, [(row["id"], fields_of_deal(row, answers[str(row["id"])])) for row in rows])

    async def activities(self) -> None:
        params = {"filter": {"STATUS_ID": "CONVERTED"}, "select": ["ID", "COMPANY_ID"]}
        leads = await self.client.get_all("crm.lead.list", params)
        companies = {int(row["ID"]): int(row["COMPANY_ID"] or 0) for row in leads}
        select = ["ID", "OWNER_ID", "OWNER_TYPE_ID", "PROVIDER_ID"]
        rows = await self._all("crm.activity.list", {"select": select})
        asked = {row["ID"]: f"crm.activity.binding.list?activityId={row['ID']}" for row in rows}
        bound = await self._called(asked)
        moves = [ends for row in rows if (ends := ends_of(row, bound[row["ID"]], companies)) is not None]
        self.written += len(moves)
        for method, end in (("add", 0), ("delete", 1)):
            called = [one for move in moves if (one := move[end]) is not None]
            if called and not self.dry:
                await self.client.call(f"crm.activity.binding.{method}", called)

    async def _all(self, method: str, params: dict[str, Any]) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = await self.client.get_all(method, params)
        self.read += len(rows)
        return rows

    async def _called(self, commands: dict[str, str]) -> dict[str, Any]:
        names = list(commands)
        answers: dict[str, Any] = {}
        for first in range(0, len(names), _BATCH):
            batch = {name: commands[name] for name in names[first : first + _BATCH]}
            answers |= await self.client.call_batch({"halt": 0, "cmd": batch})
        return answers

    async def _update(self, type_id: int, planned: list[tuple[int, dict[str, Any] | None]]) -> None:
        updates = [
            {"entityTypeId": type_id, "id": number, "fields": fields}
            for number, fields in planned
            if fields is not None
        ]
        self.written += len(updates)
        if updates and not self.dry:
            await self.client.call("crm.item.update", updates)


async def run(arguments: Arguments) -> dict[str, int | str]:
    script = Script(arguments)
    works = {"deals": script.deals, "activities": script.activities}
    error: dict[str, str] = {}
    try:
        await (works[arguments.work]() if arguments.work in works else script.items(arguments.work))
    except Exception as caught:  # noqa: BLE001 # whatever the library raises ends the script
        error = {"error": f"{type(caught).__name__}: {str(caught)[:120]}"}
    return {"read": script.read, "corrected": script.written, **error}


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # the library's advice on `select: ["*"]`, without which there is no `fm`
    sys.stdout.write(json.dumps(asyncio.run(run(Arguments(**json.loads(sys.argv[1]))))) + "\n")
