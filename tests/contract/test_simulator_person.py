"""The scripted person: edits at exact places between two commands."""

from __future__ import annotations

import pytest

from b24syncd.simulator.judges.items import lost_values
from b24syncd.simulator.people.person import Action, Habit, PersonEdit, Trigger
from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.probe import probing
from b24syncd.simulator.seeds.items import generate
from b24syncd.simulator.tables.model import PointChange

GET = "crm.item.get?entityTypeId=3&id="


class Clock:
    """A clock that stands still until it is set."""

    now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


def portal_of(count: int = 2, *, keeps_points: bool = True) -> Portal:
    portal = Portal(Options(burst=1000, keeps_points=keeps_points), clock=Clock())
    for number in range(count):
        portal.create(3, {}, [PointChange(None, "PHONE", "WORK", f"old{number}")], "generator")
    return portal


def edit(action: Action = Action.CHANGE, **more: object) -> PersonEdit:
    fields = {"entity_type_id": 3, "item_id": 1, "value": "edited"} | more
    return PersonEdit(action=action, **fields)  # type: ignore[arg-type] # the table's fields vary


def update(value: str) -> str:
    return f"crm.item.update?entityTypeId=3&id=1&fields[fm][1][typeId]=PHONE&fields[fm][1][value]={value}"


async def test_an_edit_between_two_commands_of_a_batch() -> None:
    portal = portal_of()
    portal.person.plan(Trigger(method="crm.item.get", moment="after", entity_type_id=3, item_id=1), edit())
    async with probing(portal) as probe:
        answer = await probe.batch({"g2": f"{GET}2", "w": f"{GET}1", "u": update("new"), "again": f"{GET}1"})
        values = {key: part["item"]["fm"][0]["value"] for key, part in answer["result"].items()}
        assert values == {"g2": "old1", "w": "old0", "u": "new", "again": "new"}
        log = [(entry.who, entry.before, entry.after) for entry in portal.history.edits_of(3, 1)]
        assert log == [("generator", None, "old0"), ("person", "old0", "edited"), ("api", "edited", "new")]
        assert portal.history.values_ever(3, 1) == {"old0", "edited", "new"}


@pytest.mark.parametrize(
    ("trigger", "seen"),
    [
        (Trigger(), ["edited", "edited", "edited"]),
        (Trigger(position=1), ["old0", "edited", "edited"]),
        (Trigger(method="crm.item.get", nth=2), ["old0", "edited", "edited"]),
        (Trigger(method="crm.item.get", nth=2, moment="after"), ["old0", "old0", "edited"]),
        (Trigger(method="crm.contact.get", item_id=1), ["old0", "old0", "edited"]),
        (Trigger(entity_type_id=4), ["old0", "old0", "old0"]),
        (Trigger(at=1_700_000_001.0), ["old0", "old0", "old0"]),
        (Trigger(at=1_700_000_000.0), ["edited", "edited", "edited"]),
    ],
)
async def test_moments(trigger: Trigger, seen: list[str]) -> None:
    portal = portal_of(keeps_points=False)
    portal.person.plan(trigger, edit())
    async with probing(portal) as probe:
        cmd = {"a": f"{GET}1", "b": f"{GET}1", "c": "crm.contact.get?id=1", "t": "server.time", "l": "crm.status.list"}
        answer = (await probe.batch(cmd))["result"]
        universal = [answer[key]["item"]["fm"][0]["value"] for key in "ab"]
        assert [*universal, answer["c"]["PHONE"][0]["VALUE"]] == seen


async def test_everything_a_person_can_do() -> None:
    portal = portal_of()
    person = portal.person
    assert person.edit(edit(Action.ADD, type_id="EMAIL", value="a@b.ru"))
    assert person.edit(edit(Action.SET_FIELD, name="name", value="Anna"))
    assert person.edit(edit(Action.CHANGE, point_id=1, value_type="HOME"))
    assert person.edit(edit(Action.DELETE, type_id="EMAIL"))
    assert not person.edit(edit(Action.DELETE, type_id="EMAIL"))
    assert not person.edit(edit(Action.CHANGE, point_id=77))
    assert person.edit(edit(Action.DELETE_ITEM))
    assert not person.edit(edit())
    assert portal.find(3, 1) is None
    assert portal.history.person_edits == 5
    assert [entry.after for entry in portal.history.edits_of(3, 1)][-1] is None


async def test_a_change_may_be_committed_late() -> None:
    portal = portal_of()
    assert portal.person.edit(edit(late=90.5))
    assert portal.table(3).by_updated == [(1_699_999_909, 1), (1_700_000_000, 2)]


async def test_a_random_person_repeats_herself_with_the_same_seed() -> None:
    async def run() -> list[tuple[str, str | None]]:
        portal = Portal(Options(burst=1000), clock=Clock())
        generate(portal, 5, contacts=30)
        portal.person.take_habit(Habit(seed=3, probability=0.5, most=20))
        async with probing(portal) as probe:
            for number in range(1, 31):
                await probe.batch({"a": f"{GET}{number}", "b": f"{GET}{number}"})
        assert 15 <= portal.history.person_edits <= 20
        assert lost_values(portal) == []
        portal.person.clear()
        everything = [edit for edits in portal.history.edits.values() for edit in edits]
        return [(edit.name, edit.after) for edit in everything if edit.who == "person"]

    assert await run() == await run()


async def test_what_rest_writes_twice_is_noticed() -> None:
    portal = portal_of()
    async with probing(portal) as probe:
        await probe.batch({"a": update("new"), "b": update("old0"), "c": update("new")})
        assert [entry.after for entry in portal.history.repeated_writes()] == ["new"]
        assert len(portal.history.by_api()) == 3
