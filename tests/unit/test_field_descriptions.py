"""Which field a title or a code means."""

from __future__ import annotations

import pytest

from b24syncd.domain.entities import EntityType
from b24syncd.errors import Problem
from b24syncd.portal.fields.descriptions import parse_fields
from b24syncd.portal.wire.commands import Answered

ABOUT = {
    "stageId": {"type": "crm_status", "title": "Stage", "upperName": "STAGE_ID"},
    "createdTime": {"type": "datetime", "title": "Created", "upperName": "CREATED_TIME"},
    "ufCrm_1": {"type": "string", "title": "DATE_MODIFY", "upperName": "UF_CRM_1"},
    "updatedTime": {"type": "datetime", "title": "Modified", "upperName": "UPDATED_TIME"},
}


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("Stage", "stageId"),
        ("STAGE_ID", "stageId"),
        ("STATUS_ID", "stageId"),  # as the classic methods call it
        ("DATE_CREATE", "createdTime"),
        ("DATE_MODIFY", "ufCrm_1"),  # a title comes first
        ("STATUS_IDS", None),
    ],
)
def test_a_field_is_named_by_its_title_or_by_its_code_in_either_kind_of_methods(wanted: str, name: str | None) -> None:
    fields = parse_fields(EntityType.LEAD, Answered({"fields": ABOUT}), is_classic=False)
    found = fields.find(wanted, "field")
    assert (None if isinstance(found, Problem) else found.name) == name
