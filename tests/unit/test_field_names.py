"""One name for a field, whichever methods it is read and written with."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b24syncd.domain.entities import EntityType
from b24syncd.domain.field_names import classic_name, universal_name
from b24syncd.simulator.tables.fields import camel, fields_of

TYPES = (EntityType.LEAD, EntityType.DEAL, EntityType.CONTACT, EntityType.COMPANY)


@pytest.mark.parametrize("entity_type", TYPES)
def test_fields_of_both_kinds_of_methods_have_the_name_of_the_universal_ones(entity_type: EntityType) -> None:
    both = [field for field in fields_of(entity_type.type_id) if field.in_items and field.in_classic]
    assert len(both) > 15
    for field in both:
        assert universal_name(entity_type, field.classic) == field.name
        assert {classic_name(entity_type, name) for name in (field.upper, field.classic)} == {field.classic}
        assert universal_name(entity_type, field.name) == field.name


@given(st.from_regex(r"UF_CRM_([0-9]{1,5}_)?[A-Z0-9]{1,4}(_[A-Z0-9]{1,3}){0,3}", fullmatch=True))
def test_custom_fields_are_called_as_the_portal_calls_them(code: str) -> None:
    assert universal_name(EntityType.DEAL, code) == camel(code)


@pytest.mark.parametrize(
    ("classic", "name"),
    [
        ("UF_CRM_CITY", "ufCrmCity"),
        ("UF_CRM_TWO_WORDS", "ufCrmTwoWords"),
        ("UF_CRM_1700000000", "ufCrm_1700000000"),
        ("UF_CRM_5_1700000000", "ufCrm5_1700000000"),
        ("UF_CRM_5_1_2", "ufCrm5_12"),  # of two underscores in a row of digits one is taken for the other's digit
        ("UF_CRM_5_CITY", "ufCrm5City"),
        ("UF_CRM_CITY2", "ufCrm_CITY2"),
        ("UF_CRM5_CITY", "ufCrm5_CITY"),
        ("UF_DEPARTMENT2", "ufDEPARTMENT2"),
        ("UF_CRM_A__B", "UF_CRM_A__B"),
        ("UF_CRM_A_", "UF_CRM_A_"),
        ("ufCrm_CITY2", "ufCrm_CITY2"),
        ("", ""),
    ],
)
def test_custom_fields(classic: str, name: str) -> None:
    assert universal_name(EntityType.DEAL, classic) == name


def test_types_without_classic_methods_have_one_name() -> None:
    assert universal_name(EntityType("type128"), "TITLE") == "TITLE"
