"""The field is renamed, retyped or deleted while the daemon runs: this job rests, the others go on, and it resumes."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs
from tests.engine.paying import (
    ABOUT,
    CODE,
    DAY,
    PAYMENTS,
    SHOP,
    TITLE,
    UNIVERSAL,
    assert_unbroken,
    date_paid,
    day_of,
    deal,
    mistakes,
    pay,
    rounds,
    shown,
)
from tests.engine.ruling import rule_by, typing

from b24syncd.errors import Rejected, SafetyStop
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.people.person import Action, PersonEdit, Trigger
from b24syncd.simulator.tables.fields import DEAL
from b24syncd.simulator.tables.user_fields import LABELS, every_language

if TYPE_CHECKING:
    from collections.abc import MutableMapping, Sequence

    from tests.engine.paying import MakeWorld
    from tests.engine.world import World

OPTIONS = {"time_zone": "Europe/Moscow", "custom_fields": (DAY,)} | SHOP
RESTING = "what payment_dates needs"


def rename(world: World, title: str) -> None:
    own = world.portal.user_fields.find(DEAL, CODE)
    assert own is not None
    world.portal.user_fields.rename(own, title)


def delete(world: World) -> None:
    own = world.portal.user_fields.find(DEAL, CODE)
    assert own is not None
    world.portal.user_fields.delete(own)


def make(world: World, kind: str = "date") -> None:
    world.portal.user_fields.add(DEAL, CODE, kind, {}, {label: every_language(TITLE, "") for label in LABELS})


def lose(world: World, how: str) -> None:
    if how == "renamed":
        rename(world, "Something else")
        return
    delete(world)
    if how == "retyped":
        make(world, "string")


def bring_back(world: World, how: str) -> None:
    if how == "renamed":
        rename(world, TITLE)
        return
    if how == "retyped":
        delete(world)
    make(world)


def warnings(logs: Sequence[MutableMapping[str, Any]]) -> list[str]:
    return [str(line["detail"]) for line in logs if line["log_level"] == "warning" and line.get("feed") == RESTING]


@pytest.mark.parametrize("how", ["renamed", "retyped", "deleted"])
async def test_the_job_rests_and_resumes_while_phones_go_on(make_world: MakeWorld, how: str) -> None:
    world = await make_world(**OPTIONS)
    one, contact = deal(world), world.add("+79161234567")
    first = pay(world, one)
    date_paid(world, others=True)
    await world.backfill()
    assert shown(world, one) == day_of(world, first)
    with capture_logs() as logs:
        async with world.following() as task:
            await rounds(world, 1)
            lose(world, how)
            await rounds(world, 2)
            assert len(warnings(logs)) == 1
            asked = world.portal.history.commands[PAYMENTS]
            written = world.portal.history.commands[UNIVERSAL]
            second = pay(world, one, days_ago=0)
            await rounds(world, 2)
            assert (world.portal.history.commands[PAYMENTS], world.portal.history.commands[UNIVERSAL]) == (
                asked,
                written,
            )
            world.portal.person.edit(world.change(contact, "8 (916) 765-43-21"))
            await world.until(lambda: world.phones(contact) == ["+79167654321"])
            assert len(warnings(logs)) == 1
            bring_back(world, how)
            if how == "renamed":
                await world.until(lambda: shown(world, one) == day_of(world, second))
            else:  # all its values went with it, and an emptied field is a person's to decide
                await world.until(world.reviews)
                assert world.reviews()[0].suggestion == day_of(world, second)
            assert not task.done()
    assert len(warnings(logs)) == 1
    assert TITLE in warnings(logs)[0]
    assert_unbroken(world, repeated=True)


async def test_a_field_that_is_lost_between_the_look_and_the_write(make_world: MakeWorld) -> None:
    """An unknown field is passed over without an error; nothing is told as done, and nothing is given up."""
    world = await make_world(**OPTIONS)
    one = deal(world)
    date_paid(world)
    await world.backfill()
    with capture_logs() as logs:
        async with world.following() as task:
            await rounds(world, 1)
            vanish = Trigger(method="crm.item.get", entity_type_id=DEAL, item_id=one)
            world.portal.watchers.append(Vanishing(world, vanish))
            payment = pay(world, one, days_ago=0)
            await world.until(lambda: world.portal.user_fields.find(DEAL, CODE) is None)
            await rounds(world, 3)
            assert not task.done()
            assert len(warnings(logs)) == 1
            make(world)
            await world.until(lambda: shown(world, one) == day_of(world, payment))
    assert not world.given_up()
    assert world.outcomes()["done"] == 1
    assert mistakes(world) == []


class Vanishing:
    """Deletes the field before the first command that fits."""

    def __init__(self, world: World, trigger: Trigger) -> None:
        self.world, self.trigger, self.done = world, trigger, False

    def before(self, call: Any) -> None:  # noqa: ANN401 # a command
        if not self.done and self.trigger.fits(call, "before"):
            self.done = True
            delete(self.world)

    def after(self, _: Any) -> None:  # noqa: ANN401 # a command
        return


async def test_a_resting_job_with_work_left_does_not_hurry_the_others(make_world: MakeWorld) -> None:
    """Its queue is due and stays so; rounds come at their interval all the same."""
    world = await make_world(**OPTIONS)
    one = deal(world)
    date_paid(world, others=True)
    await world.backfill()
    world.configure(changes__interval_seconds=1.0)
    async with world.following():
        await rounds(world, 1)
        world.portal.faults.add(Fault(kind=Kind.RESET, when="after", match=UNIVERSAL))
        payment = pay(world, one, days_ago=0)
        await world.until(lambda: world.portal.history.faults)
        delete(world)
        asked = world.portal.history.commands
        resting = asked[ABOUT]
        soon = world.portal.clock() + 4.0
        await world.until(lambda: world.portal.clock() > soon)
        assert asked[ABOUT] - resting <= 7
        make(world)
        await world.until(lambda: shown(world, one) == day_of(world, payment))
    assert_unbroken(world, repeated=True)


async def test_a_walk_that_loses_its_field_goes_on_when_it_is_back(make_world: MakeWorld) -> None:
    world = await make_world(**OPTIONS)
    for _ in range(120):
        pay(world, deal(world))
    date_paid(world)
    world.portal.watchers.append(Vanishing(world, Trigger(method="crm.item.get")))
    with suppress(Rejected):
        await world.backfill()
    assert world.outcomes()["done"] == 0
    make(world)
    await world.backfill()
    assert mistakes(world) == []


async def test_another_field_of_that_title_is_not_taken_without_asking(make_world: MakeWorld) -> None:
    world = await make_world(**OPTIONS)
    one = deal(world)
    date_paid(world)
    await world.backfill()
    with capture_logs() as logs:
        async with world.following():
            await rounds(world, 1)
            delete(world)
            labels = {label: every_language(TITLE, "") for label in LABELS}
            world.portal.user_fields.add(DEAL, "UF_CRM_NEW", "date", {}, labels)
            pay(world, one, days_ago=0)
            world.portal.person.edit(
                PersonEdit(action=Action.SET_FIELD, entity_type_id=DEAL, item_id=one, name="title", value="Another")
            )
            await rounds(world, 3)
    assert shown(world, one, "ufCrmNew") is None
    (warning,) = warnings(logs)
    assert "start again" in warning
    with pytest.raises(SafetyStop, match="--continue"):
        await world.backfill()
    await world.backfill(goes_on=True)
    assert shown(world, one, "ufCrmNew") is not None


async def test_what_a_job_left_open_is_judged_before_it_works_again(make_world: MakeWorld) -> None:
    """Another job goes on with the deal meanwhile, and its page is polled again once the field is back."""
    world = await make_world(**OPTIONS)
    one = deal(world)
    date_paid(world, others=True)
    rule_by(world, {"entity": "deal", "field": "title", "trim": True}, others=True)
    await world.backfill()
    async with world.following():
        await rounds(world, 1)
        world.portal.faults.add(Fault(kind=Kind.RESET, when="after", match=UNIVERSAL))
        first = pay(world, one, days_ago=3)
        await world.until(lambda: world.portal.history.faults)
        rename(world, "Something else")
        world.portal.person.edit(typing(one, "title", " Another ", DEAL))
        await world.until(lambda: world.outcomes() == {"intent": 1, "done": 1})
        assert title(world, one) == "Another"
        assert shown(world, one) == day_of(world, first)
        await rounds(world, 2)
        second = pay(world, one, days_ago=0)
        rename(world, TITLE)
        await world.until(lambda: shown(world, one) == day_of(world, second))
        await rounds(world, 1)
    assert world.outcomes() == {"unverified": 1, "done": 2}


def title(world: World, deal_id: int) -> str | None:
    found = world.portal.find(DEAL, deal_id)
    return None if found is None else str(found.value("title"))
