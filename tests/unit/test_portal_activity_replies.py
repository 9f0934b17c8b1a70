"""Answers about activities, sources and tasks that do not have the documented shape, or have it in PHP's manner."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from b24syncd.domain.bindings import Binding
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.rules import BindingRule, LinkedItem
from b24syncd.portal.activities.replies import parse_activities, parse_bindings
from b24syncd.portal.activities.source_rows import SourceRow, ids_in, sources_of
from b24syncd.portal.activities.tasks import links_of_task, update_task
from b24syncd.portal.wire.commands import Answered, Refused
from b24syncd.portal.wire.phpquery import encode
from b24syncd.portal.wire.replies import UnexpectedReply

ROW = {"ID": "5", "TYPE_ID": "2", "PROVIDER_ID": None, "ASSOCIATED_ENTITY_ID": "7", "DIRECTION": None, "COMPLETED": "N"}
RULE = BindingRule(name="rule", source=EntityType.CONTACT, to=LinkedItem(EntityType.COMPANY))


def test_neighbours_with_the_same_id_are_one_activity() -> None:
    rows = parse_activities([ROW, ROW, {**ROW, "ID": "6"}, ROW])
    assert [row.ref.id for row in rows] == [5, 6, 5]


def test_what_is_not_told_is_nothing_or_never() -> None:
    (row,) = parse_activities([ROW])
    assert row.updated_at == row.activity.created_at == datetime(1970, 1, 1, tzinfo=UTC)
    assert (row.activity.provider, row.activity.direction, row.activity.task_id) == ("", 0, None)


@pytest.mark.parametrize(
    ("provider", "type_id", "task_id"),
    [
        ("CRM_TASKS_TASK", "6", 7),
        ("TASKS", "3", 7),
        (None, "3", 7),
        ("CRM_TASKS_TASK_COMMENT", "6", None),
        ("CRM_TODO", "6", None),
    ],
)
def test_mirrors_of_tasks(provider: str | None, type_id: str, task_id: int | None) -> None:
    (row,) = parse_activities([{**ROW, "PROVIDER_ID": provider, "TYPE_ID": type_id}])
    assert row.activity.task_id == task_id


def test_times_keep_their_offset() -> None:
    changed = {"LAST_UPDATED": "2026-01-02T03:04:05+03:00", "CREATED": "2026-01-02 03:04:05"}
    (row,) = parse_activities([{**ROW, **changed}])
    assert row.updated_at.isoformat() == "2026-01-02T03:04:05+03:00"
    assert row.activity.created_at.tzinfo is UTC


@pytest.mark.parametrize(
    "result", [{}, None, [{}], [None], [{**ROW, "ID": "x"}], [{**ROW, "LAST_UPDATED": "yesterday"}]]
)
def test_no_list_of_activities(result: Any) -> None:  # noqa: ANN401 # JSON as it comes
    with pytest.raises(UnexpectedReply):
        parse_activities(result)


def test_bindings_come_in_ascending_order() -> None:
    result = [{"entityTypeId": "4", "entityId": 2}, {"entityTypeId": 1, "entityId": "9"}]
    assert parse_bindings(result) == (Binding(1, 9), Binding(4, 2))
    assert parse_bindings([]) == ()


@pytest.mark.parametrize("result", [{}, None, [{}], [{"entityTypeId": 1, "entityId": None}], ["1"]])
def test_no_list_of_bindings(result: Any) -> None:  # noqa: ANN401 # JSON as it comes
    with pytest.raises(UnexpectedReply):
        parse_bindings(result)


@pytest.mark.parametrize(
    ("item", "named"),
    [
        ({"id": 1, "companyIds": [3, "2", 0], "companyId": 2}, (3, 2)),
        ({"id": 1, "companyIds": [], "companyId": "2"}, (2,)),
        ({"id": 1, "companyIds": {"1": 4}, "companyId": None}, (4,)),
        ({"id": 1}, ()),
    ],
)
def test_a_contact_names_all_of_its_companies(item: Any, named: tuple[int, ...]) -> None:  # noqa: ANN401 # JSON
    (row,) = sources_of(RULE).parse({"items": [item]}, 0.0)
    assert row == SourceRow(EntityRef(EntityType.CONTACT, 1), tuple(Binding(4, one) for one in named))


@pytest.mark.parametrize("result", [None, {}, {"items": [1]}, {"items": [{}]}, {"items": [{"id": "x"}]}])
def test_no_list_of_items(result: Any) -> None:  # noqa: ANN401 # JSON as it comes
    with pytest.raises(UnexpectedReply):
        sources_of(RULE).parse(result, 0.0)


def test_a_link_that_is_no_id() -> None:
    with pytest.raises(UnexpectedReply):
        ids_in("D_1")


@pytest.mark.parametrize(
    ("result", "links"),
    [
        ({"task": {"id": "1", "ufCrmTask": ["L_1", "C_2"]}}, ("L_1", "C_2")),
        ({"task": {"id": "1", "ufCrmTask": {"1": "L_1"}}}, ("L_1",)),
        ({"task": {"id": "1", "ufCrmTask": False}}, ()),
        ({"task": {"id": "1"}}, None),
        ({"task": []}, None),
        ([], None),
    ],
)
def test_the_links_of_a_task(result: Any, links: tuple[str, ...] | None) -> None:  # noqa: ANN401 # JSON as it comes
    assert links_of_task(Answered(result)) == links
    assert links_of_task(Refused("0", "no")) is None


def test_an_empty_list_of_links_can_be_said_in_a_batch() -> None:
    assert encode(update_task(1, ()).params)
    assert update_task(1, ("L_1",)).params == {"taskId": 1, "fields": {"UF_CRM_TASK": ["L_1"]}}
