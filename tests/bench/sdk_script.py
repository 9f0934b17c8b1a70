"""What one would write in an hour on `b24pysdk`; tells at its end what it did, as JSON."""

from __future__ import annotations

import json
import sys
from typing import Any
from urllib.parse import urlsplit

from b24pysdk import BitrixWebhook, Client  # type: ignore[import-untyped]
from tests.bench.plain_work import PAYMENT_FIELD, TYPES, Arguments, ends_of, fields_of_deal, fields_of_points

_DEAL = 2


class Script:
    """Reads with `as_list_fast`, writes with `call_batches`; the library does not know how fast requests may follow."""

    def __init__(self, arguments: Arguments) -> None:
        address = urlsplit(arguments.webhook)
        token = address.path.removeprefix("/rest/").strip("/")
        self.dry = arguments.dry
        self.read = self.written = 0
        self.client = Client(BitrixWebhook(domain=address.netloc, webhook_token=token))

    def items(self, work: str) -> None:
        for entity_type in TYPES[work]:
            rows = self._all(self.client.crm.item.list(entity_type.type_id, select=["*"]))
            planned = [(row["id"], fields_of_points(entity_type, row)) for row in rows]
            self._update(entity_type.type_id, planned)

    def deals(self) -> None:
        select = ["id", "opportunity", "currencyId", PAYMENT_FIELD]
        rows = self._all(self.client.crm.item.list(_DEAL, select=select))
        methods = self.client.crm.item.payment
        answers = self._called({str(row["id"]): methods.list(_DEAL, row["id"]) for row in rows})
        self._update(_DEAL, [(row["id"], fields_of_deal(row, answers[str(row["id"])])) for row in rows])

    def activities(self) -> None:
        request = self.client.crm.lead.list(filter={"STATUS_ID": "CONVERTED"}, select=["ID", "COMPANY_ID"])
        companies = {int(row["ID"]): int(row["COMPANY_ID"] or 0) for row in request.as_list_fast().result}
        select = ["ID", "OWNER_ID", "OWNER_TYPE_ID", "PROVIDER_ID"]
        rows = self._all(self.client.crm.activity.list(select=select))
        methods = self.client.crm.activity.binding
        bound = self._called({row["ID"]: methods.list(int(row["ID"])) for row in rows})
        moves = [ends for row in rows if (ends := ends_of(row, bound[row["ID"]], companies)) is not None]
        self.written += len(moves)
        for method, end in ((methods.add, 0), (methods.delete, 1)):
            called = [method(*one.values()) for move in moves if (one := move[end]) is not None]
            if called and not self.dry:
                self._called({str(number): request for number, request in enumerate(called)})

    def _all(self, request: Any) -> list[dict[str, Any]]:  # noqa: ANN401 # a request of the library
        rows = list(request.as_list_fast().result)
        self.read += len(rows)
        return rows

    def _update(self, type_id: int, planned: list[tuple[int, dict[str, Any] | None]]) -> None:
        updates = {
            str(number): self.client.crm.item.update(type_id, number, fields)
            for number, fields in planned
            if fields is not None
        }
        self.written += len(updates)
        if updates and not self.dry:
            self._called(updates)

    def _called(self, requests: dict[str, Any]) -> dict[str, Any]:
        answer = self.client.call_batches(requests).response.result
        if answer.result_error:
            raise RuntimeError(json.dumps(next(iter(answer.result_error.values()))))
        return dict(answer.result)


def run(arguments: Arguments) -> dict[str, int | str]:
    script = Script(arguments)
    works = {"deals": script.deals, "activities": script.activities}
    error: dict[str, str] = {}
    try:
        works[arguments.work]() if arguments.work in works else script.items(arguments.work)
    except Exception as caught:  # noqa: BLE001 # whatever the library raises ends the script
        error = {"error": f"{type(caught).__name__}: {str(caught)[:120]}"}
    return {"read": script.read, "corrected": script.written, **error}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run(Arguments(**json.loads(sys.argv[1])))) + "\n")
