"""Custom fields that link items: what an answer's values name."""

from __future__ import annotations

from typing import Any

import pytest

from b24syncd.domain.bindings import Binding
from b24syncd.portal.activities.link_fields import Link, parse_link

COMPANY = Binding(4, 12)


@pytest.mark.parametrize(
    ("settings", "type_id"),
    [
        ({"LEAD": "N", "COMPANY": "Y"}, 4),
        ({"LEAD": None, "COMPANY": "Y", "DEAL": "Y"}, None),
        ({"DYNAMIC_128": "Y", "LEAD": "N"}, 128),
        ({"SMART_INVOICE": "Y"}, 31),
        ({"SHOW_MAP": "Y"}, None),
        ([], None),
    ],
)
def test_the_type_of_bare_ids_is_the_only_one_that_is_allowed(settings: Any, type_id: int | None) -> None:  # noqa: ANN401 # JSON
    about = {"ufCrm_12": {"upperName": "UF_CRM_12", "settings": settings}, "title": {"upperName": "TITLE"}}
    assert parse_link(about, "UF_CRM_12") == Link("ufCrm_12", type_id)


def test_a_field_that_is_not_there_holds_nothing() -> None:
    assert parse_link({"title": {"upperName": "TITLE"}}, "UF_CRM_12") == Link("UF_CRM_12")


@pytest.mark.parametrize(
    ("value", "named"),
    [
        ("12", (COMPANY,)),
        (12, (COMPANY,)),
        (["12", "12", "7"], (COMPANY, Binding(4, 7))),
        ({"1": "CO_12", "3": "D_5"}, (COMPANY, Binding(2, 5))),
        (["T80_6", "nothing", "", None, "0"], (Binding(128, 6),)),
        (None, ()),
        (False, ()),
        ("", ()),
        ([], ()),
    ],
)
def test_values(value: Any, named: tuple[Binding, ...]) -> None:  # noqa: ANN401 # JSON as it comes
    assert Link("ufCrm_12", 4).values(value) == named


def test_a_bare_id_of_an_unknown_type_names_nothing() -> None:
    assert Link("ufCrm_12").values(["12", "CO_12"]) == (COMPANY,)
