"""`config check` proves that notices can go out, and sends none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.engine.telling import SCOPES, tell

from b24syncd.app.notify_check import prove_user

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.engine.world import World

    MakeWorld = Callable[..., Coroutine[None, None, World]]


@pytest.mark.parametrize(
    ("scopes", "user", "problem"),
    [
        (SCOPES, 2, None),
        (SCOPES, 404, "the portal has no active user with this id"),
        (("crm",), 2, "the webhook has no permission 'im'"),
    ],
)
async def test_the_scope_and_the_user_are_proved(
    make_world: MakeWorld, scopes: tuple[str, ...], user: int, problem: str | None
) -> None:
    world = await make_world(scopes=scopes)
    tell(world, user=user)
    proof = await prove_user(world.settings, world.clock)
    assert [one.message for one in proof.problems] == ([] if problem is None else [problem])
    assert proof.unproved == ""
    assert world.portal.notifications == []
    assert not world.state.exists()


async def test_what_is_missing_is_missing_to_the_application(make_world: MakeWorld) -> None:
    world = await make_world(scopes=("crm",))
    await world.by_application()
    tell(world)
    proof = await prove_user(world.settings, world.clock)
    assert [(one.message, "the application →" in (one.cure or "")) for one in proof.problems] == [
        ("the application has no permission 'im'", True)
    ]


async def test_a_portal_that_is_away_proves_nothing_and_is_no_problem_of_the_configuration(world: World) -> None:
    tell(world)
    await world.server.leave()
    proof = await prove_user(world.settings, world.clock)
    assert proof.problems == ()
    assert "Connect" in proof.unproved
