"""`b24syncd portal serve` with payments, as a person tries things on it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

import pytest

if TYPE_CHECKING:
    from tests.acceptance.conftest import Installation
    from tests.acceptance.processes import ServedPortal

FEW = ("--contacts", "0", "--companies", "0", "--leads", "0")


def call(portal: ServedPortal, method: str, **parameters: object) -> Any:  # noqa: ANN401 # whatever is answered
    body = json.dumps(parameters).encode()
    request = Request(f"{portal.webhook}{method}", body, {"Content-Type": "application/json"})  # noqa: S310 # loopback
    with urlopen(request, timeout=300) as response:  # noqa: S310 # loopback
        return json.load(response)["result"]


def titles(portal: ServedPortal, entity_type_id: int) -> list[str]:
    fields = call(portal, "crm.item.fields", entityTypeId=entity_type_id)["fields"]
    return [about["title"] for name, about in fields.items() if name.startswith("ufCrm")]


def test_what_can_be_paid_is_served_with_its_field(home: Installation) -> None:
    portal = home.serve(
        *FEW,
        *("--paid-deals", "20", "--paid-invoices", "4", "--paid-processes", "3", "--payments", "3"),
        *("--smart-process", "Contracts", "--smart-process", "Договоры", "--time-zone", "Europe/Berlin"),
    )
    types = call(portal, "crm.type.list")["types"]
    assert [(one["entityTypeId"], one["title"]) for one in types] == [(128, "Contracts"), (129, "Договоры")]
    assert portal.ask("state")["items"] == {"1": 0, "2": 20, "3": 0, "4": 0, "31": 4, "128": 3, "129": 3}
    assert {tuple(titles(portal, entity_type_id)) for entity_type_id in (2, 31, 128, 129)} == {("Payment date",)}
    payments = portal.ask("payments")["payments"]
    assert len(payments) > 30
    assert {one["date"][-6:] for one in payments if one["date"]} <= {"+01:00", "+02:00"}


def test_the_field_can_be_missing_and_the_right_to_create_it(home: Installation) -> None:
    portal = home.serve(*FEW, "--paid-deals", "2", "--paid-invoices", "1", "--no-payment-field", "--no-administrator")
    assert titles(portal, 2) == []
    assert titles(portal, 31) == []
    with pytest.raises(OSError, match="HTTP Error 400"):
        call(portal, "crm.type.list")


@pytest.mark.parametrize("zone", ["Mars/City", "Europe", "../zone"])
def test_a_zone_that_is_none_is_told(home: Installation, zone: str) -> None:
    ended = home.run("portal", "serve", "--time-zone", zone, code=2)
    assert f"'{zone}' is no time zone; write one such as Europe/Berlin" in ended.err
