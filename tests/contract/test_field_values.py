"""Values of fields as the portal answers and takes them, by both kinds of methods."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from b24syncd.domain.entities import EntityType
from b24syncd.domain.values import Choice, same_value
from b24syncd.portal.fields.descriptions import ItemField, parse_fields
from b24syncd.portal.fields.values import parse_value
from b24syncd.portal.wire.commands import Answered, Command, Priority, Refused
from b24syncd.portal.wire.replies import UnexpectedReply
from b24syncd.simulator.tables.fields import DEAL, CustomField, FieldType

from .test_field_check import FIELDS, connected, world

if TYPE_CHECKING:
    from b24syncd.domain.values import Value
    from b24syncd.portal.client import PortalClient

LIVE = Priority.LIVE
COUNT = CustomField(DEAL, "UF_CRM_COUNT", "Count", FieldType.INTEGER)
PAGE = CustomField(DEAL, "UF_CRM_PAGE", "Page", FieldType.URL)
MSK = timezone(timedelta(hours=3))

VALUES: list[tuple[str, Value]] = [
    ("UF_CRM_CITY", "Москва"),
    ("UF_CRM_CITY", "0"),
    ("UF_CRM_CITY", "две\nстроки"),
    ("TITLE", "Сделка $result[x]"),
    ("UF_CRM_WEIGHT", Decimal("1.5")),
    ("UF_CRM_WEIGHT", Decimal(100)),
    ("UF_CRM_COUNT", Decimal(7)),
    ("UF_CRM_YES", True),
    ("UF_CRM_YES", False),
    ("UF_CRM_DAY", date(2026, 1, 31)),
    ("UF_CRM_DAY", date(2026, 7, 1)),
    ("UF_CRM_HOUR", datetime(2026, 1, 31, 9, 30, tzinfo=MSK)),
    ("UF_CRM_SIZE", Choice("1021")),
    ("UF_CRM_FROM", Choice("CALL")),
    ("SOURCE_ID", Choice("EMAIL")),
    ("STAGE_ID", Choice("PREPARATION")),
    ("UF_CRM_PRICE", "100|RUB"),
    ("UF_CRM_PAGE", "https://example.com"),
    ("UF_CRM_NOTES", ("a", "б")),
    ("UF_CRM_SIZES", (Choice("1030"), Choice("1031"))),
    ("OPENED", False),
]
EMPTIED = ["UF_CRM_CITY", "UF_CRM_WEIGHT", "UF_CRM_DAY", "UF_CRM_HOUR", "UF_CRM_SIZE", "UF_CRM_FROM", "SOURCE_ID"]


async def asked(client: PortalClient, method: str, params: dict[str, object]) -> Any:  # noqa: ANN401 # JSON as it came
    send = client.write if method.endswith("update") else client.read
    (outcome,) = await send([Command(method, params)], priority=LIVE)
    assert isinstance(outcome, Answered), outcome
    return outcome


async def fields(client: PortalClient, *, is_classic: bool) -> dict[str, ItemField]:
    params: dict[str, object] = {} if is_classic else {"entityTypeId": DEAL}
    told = await asked(client, "crm.deal.fields" if is_classic else "crm.item.fields", params)
    return {field.upper_name: field for field in parse_fields(EntityType.DEAL, told, is_classic=is_classic)}


async def written_and_read(client: PortalClient, name: str, value: Value, *, is_classic: bool) -> Value:
    field = (await fields(client, is_classic=is_classic))[name]
    own = field.upper_name if is_classic else field.name
    sent = {own: field.sent(value)}
    target: dict[str, object] = {"id": 1} if is_classic else {"entityTypeId": DEAL, "id": 1}
    kind = "deal" if is_classic else "item"
    await asked(client, f"crm.{kind}.update", {**target, "fields": sent})
    told = (await asked(client, f"crm.{kind}.get", target)).result
    return field.parse((told if is_classic else told["item"])[own])


@pytest.mark.parametrize("is_classic", [False, True])
async def test_a_value_comes_back_as_it_was_written(is_classic: bool) -> None:  # noqa: FBT001 # a parameter of the test
    portal = world(custom_fields=(*FIELDS, COUNT, PAGE))
    portal.create(DEAL, {"title": "x", "opened": "Y", "categoryId": 0, "stageId": "NEW"}, (), "person")
    async with connected(portal) as client:
        for name, value in VALUES:
            found = await written_and_read(client, name, value, is_classic=is_classic)
            assert same_value(found, value), (name, found, value)
        for name in EMPTIED:
            assert await written_and_read(client, name, None, is_classic=is_classic) is None, name


@pytest.mark.parametrize("is_classic", [False, True])
async def test_a_text_that_is_too_long_is_refused(is_classic: bool) -> None:  # noqa: FBT001 # a parameter of the test
    portal = world(checks_user_fields=True)
    portal.create(DEAL, {"title": "x", "categoryId": 0}, (), "person")
    name = "UF_CRM_SHORT" if is_classic else "ufCrmShort"
    target: dict[str, object] = {"id": 1} if is_classic else {"entityTypeId": DEAL, "id": 1}
    async with connected(portal) as client:
        method = "crm.deal.update" if is_classic else "crm.item.update"
        command = Command(method, {**target, "fields": {name: "too long"}})
        (outcome,) = await client.write([command], priority=LIVE)
    assert isinstance(outcome, Refused)
    assert portal.history.saves == 0


def field(kind: str, *, is_multiple: bool = False) -> ItemField:
    return ItemField("x", "X", "x", kind, is_multiple=is_multiple)


@pytest.mark.parametrize(
    ("kind", "answered", "value"),
    [
        ("string", None, None),
        ("string", False, None),
        ("string", 7, "7"),
        ("string", "\ud800", "?"),
        ("double", "", None),
        ("double", "1.50", Decimal("1.5")),
        ("boolean", 1, True),
        ("boolean", "0", False),
        ("boolean", "", None),
        ("char", "Y", True),
        ("enumeration", 0, None),
        ("enumeration", 45, Choice("45")),
        ("crm_status", "", None),
        ("datetime", "2026-01-31T09:00:00+00:00", datetime(2026, 1, 31, 9, tzinfo=UTC)),
    ],
)
def test_what_portals_answer(kind: str, answered: object, value: Value) -> None:
    assert parse_value(field(kind), answered) == value


@pytest.mark.parametrize(
    ("answered", "value"),
    [
        ([], None),
        (False, None),
        (None, None),
        ("", None),
        (["a", None, ""], ("a",)),
        ({"3": "a", "5": "b"}, ("a", "b")),
    ],
)
def test_what_portals_answer_for_several_values(answered: object, value: Value) -> None:
    assert parse_value(field("string", is_multiple=True), answered) == value


@pytest.mark.parametrize(
    ("kind", "answered"),
    [
        *(
            ("string", []),
            ("string", {"a": 1}),
            ("double", "much"),
            ("boolean", "maybe"),
            ("date", 5),
            ("date", "soon"),
        ),
        *(("datetime", "2026-01-31T09:00:00"), ("enumeration", []), ("crm", "D_1")),
    ],
)
def test_what_is_no_value_is_not_read_as_one(kind: str, answered: object) -> None:
    with pytest.raises(UnexpectedReply):
        parse_value(field(kind), answered)
