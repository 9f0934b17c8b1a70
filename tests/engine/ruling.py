"""What tests of field rules share: the configuration, items with fields, and what must hold of every run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from b24syncd.domain.corrections import SetField
from b24syncd.jobs.fields.planner import NAME
from b24syncd.simulator.people.person import Action, PersonEdit
from b24syncd.simulator.tables.fields import COMPANY, CONTACT, DEAL, CustomField, FieldType
from b24syncd.simulator.tables.model import PointChange

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from tests.engine.world import World

    MakeWorld = Callable[..., Coroutine[None, None, World]]

CITY, SIZE, NOTES = (
    CustomField(CONTACT, "UF_CRM_CITY", "City"),
    CustomField(CONTACT, "UF_CRM_SIZE", "Size", FieldType.ENUMERATION, items=("Small", "Large")),
    CustomField(CONTACT, "UF_CRM_NOTES", "Notes", multiple=True),
)
ABOUT = CustomField(CONTACT, "UF_CRM_ABOUT", "About", settings={"ROWS": 3})
FIELDS = (CITY, SIZE, NOTES, ABOUT, CustomField(DEAL, "UF_CRM_SHORT", "Short", settings={"MAX_LENGTH": 5}))
CITY_NAME = "ufCrmCity"
WRITES = tuple(f"crm.{kind}.update" for kind in ("item", "lead", "contact", "company", "deal"))
POLISH = {"trim": True, "squeeze": True, "case": "title"}

TEN: tuple[dict[str, Any], ...] = (
    {"entity": "contact", "field": "name", **POLISH},
    {"entity": "contact", "field": "lastName", **POLISH},
    {"entity": "contact", "field": "secondName", "trim": True, "clear": ["-", "нет"]},
    {"entity": "contact", "field": "post", "strip_html": True, "trim": True, "case": "sentence"},
    {"entity": "contact", "field": "About", "trim": True},
    {"entity": "contact", "field": "City", "replace": {"мск": "Москва", "спб": "Санкт-Петербург"}},
    {"entity": "contact", "field": "City", "trim": True, "squeeze": True},
    {"entity": "contact", "field": "Size", "default": "Small"},
    {"entity": "contact", "field": "sourceDescription", "copy_from": "City"},
    {"entity": "contact", "field": "Notes", "trim": True},
)
"""Ten rules for contacts."""

MESSY: dict[str, Any] = {
    "name": " АННА ",
    "lastName": "ВАН  ДЕР БЕРГ",
    "secondName": "-",
    "post": "<b>ГЛАВНЫЙ БУХГАЛТЕР</b>",
    "ufCrmAbout": " позвонить \n",
    CITY_NAME: "мск",
    "ufCrmNotes": " a \nb",
}
RIGHT: dict[str, Any] = {
    "name": "Анна",
    "lastName": "Ван дер Берг",
    "secondName": None,
    "post": "Главный бухгалтер",
    "ufCrmAbout": "позвонить",
    CITY_NAME: "Москва",
    "sourceDescription": "Москва",
    "ufCrmNotes": "a\nb",
}
"""What the ten rules make of it, but for the list of sizes, whose ids the portal chooses."""


def rule_by(world: World, *rules: dict[str, Any], others: bool = False, api: str = "universal") -> None:
    """Let `fields` be enabled with these rules, alone or beside the `others`."""
    named = [{"name": f"rule {number}"} | rule for number, rule in enumerate(rules)]
    world.configure(jobs__fields__rules=json.dumps(named), portal__api=api)
    if not others:
        world.configure(jobs__phones__enabled="false", jobs__emails__enabled="false")


def add(world: World, type_id: int = CONTACT, phones: Sequence[str] = (), **values: Any) -> int:  # noqa: ANN401
    """Add an item that nobody changed for a long time."""
    points = [PointChange(None, "EMAIL" if "@" in value else "PHONE", "WORK", value) for value in phones]
    usual = {DEAL: {"stageId": "NEW", "categoryId": 0}}.get(type_id, {})
    values = {**usual, **values}
    return world.portal.create(type_id, values, points, "generator", int(world.portal.clock()) - 86400).id


def shown(world: World, item_id: int, name: str, type_id: int = CONTACT) -> Any:  # noqa: ANN401 # a field's value
    item = world.portal.find(type_id, item_id)
    return None if item is None else item.value(name)


def all_shown(world: World, item_id: int, names: Sequence[str]) -> dict[str, Any]:
    return {name: shown(world, item_id, name) for name in names}


def typing(item_id: int, name: str, value: str, type_id: int = CONTACT) -> PersonEdit:
    """Return a person's new value of a field."""
    return PersonEdit(action=Action.SET_FIELD, entity_type_id=type_id, item_id=item_id, name=name, value=value)


def updates(world: World) -> int:
    """Count the commands that write items."""
    sent = world.portal.history.commands
    return sum(sent[method] for method in WRITES)


def made(world: World) -> list[SetField]:
    """Return the corrections of rules that the journal tells as made."""
    return [
        entry.correction
        for entry in world.journal()
        if entry.outcome.value in {"done", "unverified"}
        and isinstance(entry.correction, SetField)
        and entry.correction.job == NAME
    ]


def reasons(world: World) -> list[str]:
    return [str(review.reason) for review in world.reviews() if review.job == NAME]


def assert_unbroken(world: World) -> None:
    """Hold what must be true of every run, whatever happened during it."""
    assert world.portal.history.empty_saves == 0
    assert world.portal.history.limit_errors == {}
    assert world.outcomes()["intent"] == 0


async def assert_settled(world: World) -> None:
    """Hold that another walk sends no command that writes."""
    assert_unbroken(world)
    before = updates(world)
    await world.backfill()
    assert updates(world) == before
    assert_unbroken(world)


__all__ = ["COMPANY", "CONTACT", "DEAL"]
