"""Portals that are too old for the universal methods do not show the contact points of their items by these."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs
from tests.engine import ruling
from tests.engine.paying import DAY, date_paid, day_of, deal, pay, shown

from b24syncd.portal.wire.replies import UnexpectedReply
from b24syncd.store import conditions
from b24syncd.store.reading import open_for_reading

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.engine.world import World

    from b24syncd.domain.conditions import Condition


@pytest.fixture
async def world(make_world: Callable[..., object]) -> World:
    """A portal that tells of items only whether they have phones."""
    return await make_world(shows_points=False)  # type: ignore[misc, no-any-return] # it makes worlds


async def test_items_whose_phones_are_not_shown_do_not_pass_for_items_without_any(world: World) -> None:
    world.add()
    world.add("8 916 123-45-67")
    with pytest.raises(UnexpectedReply, match="too old"):
        await world.backfill()
    with pytest.raises(UnexpectedReply, match="too old"):
        await world.preview()


async def test_the_classic_methods_show_them(world: World) -> None:
    item = world.add("8 916 123-45-67")
    world.configure(portal__api="classic")
    await world.backfill()
    assert world.phones(item) == ["+79161234567"]


def standing(world: World) -> tuple[Condition, ...]:
    with open_for_reading(world.state) as db:
        return conditions.standing(db)


async def test_the_daemon_says_so_once_with_the_cure_and_the_others_go_on(make_world: Callable[..., object]) -> None:
    world: World = await make_world(shows_points=False, custom_fields=(DAY,))  # type: ignore[misc] # it makes worlds
    item, one = world.add("8 916 123-45-67"), deal(world)
    date_paid(world, others=True)
    with capture_logs() as logs:
        async with world.following() as task:
            await world.until(lambda: world.portal.history.commands["crm.item.list"] > 4)
            payment = pay(world, one)
            await world.backfill("payment_dates")  # the daemon does it between its rounds
            assert shown(world, one) == day_of(world, payment)
            await world.until(lambda: standing(world))
            assert not task.done()
            (resting,) = standing(world)
    assert resting.about == "phones, emails"
    assert 'portal.api = "classic"' in resting.detail
    assert [line["log_level"] for line in logs if line["event"] == "feed_refused"].count("warning") == 1
    assert "round_failed" not in [line["event"] for line in logs]
    assert world.phones(item) == ["8 916 123-45-67"]


async def test_rules_for_fields_of_items_whose_phones_are_not_shown_go_on(world: World) -> None:
    item = ruling.add(world, phones=["8 916 123-45-67"], name="АННА")
    ruling.rule_by(world, {"entity": "contact", "field": "name", "case": "title"}, others=True)
    async with world.following() as task:
        await world.until(lambda: world.portal.history.commands["crm.item.list"] > 4)
        world.portal.person.edit(ruling.typing(item, "name", "ПЁТР"))
        await world.until(lambda: ruling.shown(world, item, "name") == "Пётр")
        await world.rounds()
        with open_for_reading(world.state) as db:
            (resting,) = conditions.standing(db)
        assert not task.done()
    assert resting.about == "phones, emails"
    assert world.phones(item) == ["8 916 123-45-67"]
    assert world.outcomes() == {"done": 1}
