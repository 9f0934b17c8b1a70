"""Links to cards, as the portal itself makes them."""

from __future__ import annotations

import pytest

from b24syncd.domain.bindings import Binding
from b24syncd.domain.entities import EntityRef
from b24syncd.reports.links import card_url

HOST = "acme.bitrix24.ru"


@pytest.mark.parametrize(
    ("item", "path"),
    [
        ("lead:7", "/crm/lead/details/7/"),
        ("deal:5", "/crm/deal/details/5/"),
        ("contact:42", "/crm/contact/details/42/"),
        ("company:3", "/crm/company/details/3/"),
        ("smart_invoice:9", "/crm/type/31/details/9/"),
        ("type128:6", "/crm/type/128/details/6/"),
        ("activity:900", "/crm/activity/?ID=900&open_view=900"),
    ],
)
def test_an_item_has_a_card(item: str, path: str) -> None:
    assert card_url(HOST, EntityRef.parse(item)) == f"https://{HOST}{path}"


@pytest.mark.parametrize(
    ("owner", "path"),
    [
        ("deal:8", "/crm/deal/details/8/"),
        ("quote:4", "/crm/type/7/details/4/"),
        ("order:4", "/crm/activity/?ID=900&open_view=900"),
    ],
)
def test_an_activity_is_shown_by_its_owner_where_that_has_a_card(owner: str, path: str) -> None:
    found = card_url(HOST, EntityRef.parse("activity:900"), Binding.parse(owner).ref)
    assert found == f"https://{HOST}{path}"
