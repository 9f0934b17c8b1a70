"""Names of fields, as php modules/crm/lib/service/converter.php translates them."""

from __future__ import annotations

import pytest

from b24syncd.simulator.tables.fields import camel, snake


@pytest.mark.parametrize(
    ("upper", "expected"),
    [
        ("LAST_NAME", "lastName"),
        ("UF_CRM_1720697698689", "ufCrm_1720697698689"),
        ("UF_CRM_2_1639669411830", "ufCrm2_1639669411830"),
        ("UF_CRM_2_1_2", "ufCrm2_12"),
        ("UF_CRM_2_10_20_3", "ufCrm2_10_20_3"),
        ("UF_CRM_PAID_DATE", "ufCrmPaidDate"),
        ("UF_CRM_FIELD1", "ufCrm_FIELD1"),
    ],
)
def test_names_in_camel_case(upper: str, expected: str) -> None:
    assert camel(upper) == expected


@pytest.mark.parametrize(
    ("name", "expected"), [("lastName", "LAST_NAME"), (">id", ">ID"), (">ID", ">_ID"), ("address2", "ADDRESS_2")]
)
def test_names_in_upper_case(name: str, expected: str) -> None:
    assert snake(name) == expected
