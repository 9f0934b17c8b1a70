"""What one would write in an hour on `fast-bitrix24`: list everything, plan with our planners, write what differs.

No journal, no witness, no resuming, no reviews kept. Arguments: a JSON object with `webhook`, `dry`,
`requests_per_second`, `operating_seconds`, `operating_window_seconds`. Tells at its end what it did, as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fast_bitrix24 import BitrixAsync, srh  # type: ignore[import-untyped]

from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.rules import EmailRules, PhoneRules
from b24syncd.domain.snapshots import ContactPoint, PointKind, Snapshot
from b24syncd.jobs import emails, phones
from b24syncd.portal.words.universal import multifields

KINDS = {kind.value for kind in PointKind}
NEVER = datetime(2000, 1, 1, tzinfo=UTC)
PHONES, EMAILS = PhoneRules(region="RU"), EmailRules()


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    webhook: str
    dry: bool
    requests_per_second: float
    operating_seconds: float
    operating_window_seconds: float


def planned_update(entity_type: EntityType, item: dict[str, Any]) -> dict[str, Any] | None:
    ref = EntityRef(entity_type, item["id"])
    points = tuple(
        ContactPoint(int(entry["id"]), PointKind(entry["typeId"]), entry["value"], entry["valueType"])
        for entry in item.get("fm") or ()
        if entry["typeId"] in KINDS
    )
    snapshot = Snapshot(ref, NEVER, points)
    corrections = (phones.plan(snapshot, PHONES) + emails.plan(snapshot, EMAILS)).corrections
    if not corrections:
        return None
    return {"entityTypeId": entity_type.type_id, "id": ref.id, "fields": {"fm": multifields(corrections)}}


async def run(arguments: Arguments) -> dict[str, int | str]:
    client = BitrixAsync(arguments.webhook, verbose=False, requests_per_second=float(arguments.requests_per_second))
    # the client takes the period for a constant and the limit for whole seconds
    srh.BITRIX_MEASUREMENT_PERIOD = arguments.operating_window_seconds
    client.srh.operating_time_limit = arguments.operating_seconds
    read = written = 0
    for entity_type in PHONES.entities:
        params = {"entityTypeId": entity_type.type_id, "select": ["*"]}
        items = await client.get_all("crm.item.list", params)
        read += len(items)
        updates = [update for item in items if (update := planned_update(entity_type, item)) is not None]
        written += len(updates)
        if updates and not arguments.dry:
            try:
                await client.call("crm.item.update", updates)
            except Exception as error:  # noqa: BLE001 # whatever the library raises ends the script
                return {"read": read, "corrected": written, "error": f"{type(error).__name__}: {str(error)[:120]}"}
    return {"read": read, "corrected": written}


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # the library's advice on `select: ["*"]`, without which there is no `fm`
    sys.stdout.write(json.dumps(asyncio.run(run(Arguments(**json.loads(sys.argv[1]))))) + "\n")
