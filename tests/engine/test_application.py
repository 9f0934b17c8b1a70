"""An application in the place of a webhook: its tokens expire, are renewed, lost and revoked while all goes on."""

from __future__ import annotations

import asyncio
import io
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.hidden import CLIENT_SECRET

from b24syncd import app
from b24syncd.app.login import log_in
from b24syncd.domain.conditions import ConditionKind
from b24syncd.errors import CredentialsRefused
from b24syncd.observe.logs import configure_logs
from b24syncd.simulator.faults import Fault, Kind, Request
from b24syncd.simulator.http.oauth_server import TOKEN_METHOD
from b24syncd.store import conditions
from b24syncd.store.reading import open_for_reading

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.engine.world import World


def given_secrets(world: World) -> set[str]:
    """Return everything that the portal ever gave to the application."""
    return {CLIENT_SECRET, *world.portal.applications.given}


def meeting(world: World, kind: Kind, seconds: float) -> asyncio.Event:
    """Let a request for tokens meet a fault; return what is set when it does."""
    met = asyncio.Event()

    def matches(request: Request) -> bool:
        if request.method == TOKEN_METHOD:
            met.set()
        return request.method == TOKEN_METHOD

    world.portal.faults.add(Fault(kind=kind, match=matches, seconds=seconds))
    return met


async def cut_off_while_renewing(world: World, kind: Kind, seconds: float) -> None:
    """Cancel a backfill whose request for tokens meets a fault."""
    met = meeting(world, kind, seconds)
    with world.at_command(6, world.portal.applications.expire):
        task = asyncio.create_task(world.backfill())
        await met.wait()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def standing(world: World) -> set[ConditionKind]:
    with open_for_reading(world.state) as db:
        return {one.kind for one in conditions.standing(db)}


@pytest.mark.parametrize("when", [3, 7, 12])
async def test_a_backfill_goes_on_with_another_token_and_writes_nothing_twice(
    make_world: Callable[..., Awaitable[World]], when: int
) -> None:
    world = await make_world()
    world.fill(1, contacts=40, companies=10, leads=10)
    await world.by_application()
    told = io.StringIO()
    configure_logs("json", "debug", secrets=world.settings.secrets, stream=told)
    with world.at_command(when, world.portal.applications.expire):
        await world.backfill()
    assert world.portal.applications.refreshed == 1
    assert world.outcomes().keys() == {"done"}
    await world.assert_settled()
    found = told.getvalue() + world.state.read_bytes().decode("latin-1")
    assert "token_renewed" in found
    assert not [secret for secret in given_secrets(world) if secret in found]


async def test_a_daemon_renews_its_token_each_time_and_once_for_all(
    make_world: Callable[..., Awaitable[World]],
) -> None:
    world = await make_world()
    await world.by_application()
    applications = world.portal.applications
    async with world.following():
        await world.rounds(1)
        for number in (1, 2, 3):
            applications.expire()
            await world.until(lambda: applications.refreshed == number)  # noqa: B023 # it is awaited here
            await world.rounds(1)
        before = set(applications.tokens)
        await log_in(world.settings, applications.authorize(*_application(world)), clock=world.clock)
        applications.expire(before)
        await world.rounds(1)  # with what the login got, which the daemon was handed
    world.assert_right()
    assert applications.refreshed == 3
    assert world.portal.history.requests[TOKEN_METHOD] == 5  # the logins, and once for each


async def test_a_renewal_whose_answer_is_lost_is_tried_once_more_and_then_a_person_is_asked(
    make_world: Callable[..., Awaitable[World]],
) -> None:
    world = await make_world()
    world.add("8 495 123-45-67")
    await world.by_application()
    world.portal.applications.expire()
    world.portal.faults.add(Fault(kind=Kind.RESET, match=TOKEN_METHOD, when="after"))
    with pytest.raises(CredentialsRefused, match="auth login"):
        await world.backfill()
    assert world.portal.history.requests[TOKEN_METHOD] == 3  # the login, one lost, one refused
    assert standing(world) == {ConditionKind.CREDENTIALS_REFUSED}
    code = world.portal.applications.authorize(*_application(world))
    await log_in(world.settings, code, clock=world.clock)
    await world.backfill()
    await world.assert_settled()
    assert not standing(world)


def _application(world: World) -> tuple[str, int]:
    (client_id,) = world.portal.applications.installed
    return client_id, world.portal.options.user_id


@pytest.mark.parametrize("kind", [Kind.RESET, Kind.HTML])
async def test_an_authorisation_server_that_is_away_is_waited_for(
    make_world: Callable[..., Awaitable[World]], kind: Kind
) -> None:
    world = await make_world()
    world.add("8 495 123-45-67")
    await world.by_application()
    world.portal.applications.expire()
    world.portal.faults.add(Fault(kind=kind, match=TOKEN_METHOD))
    await world.backfill()
    await world.assert_settled()
    assert world.portal.applications.refreshed == 1


async def test_a_process_that_dies_while_its_token_is_renewed_goes_on_where_the_server_has_done_nothing(
    make_world: Callable[..., Awaitable[World]],
) -> None:
    world = await make_world()
    world.fill(2, contacts=30)
    await world.by_application()
    await cut_off_while_renewing(world, Kind.HANG, 10.0)
    await world.backfill()
    await world.assert_settled()


async def test_a_cancelled_process_keeps_the_pair_that_is_on_its_way(
    make_world: Callable[..., Awaitable[World]],
) -> None:
    world = await make_world()
    world.fill(2, contacts=30)
    await world.by_application()
    await cut_off_while_renewing(world, Kind.LATE, 5.0)
    assert world.portal.applications.refreshed == 1
    await world.backfill()
    assert world.portal.applications.refreshed == 1
    await world.assert_settled()


async def test_what_only_looks_takes_the_pair_of_the_daemon_and_renews_it_where_there_is_none(
    make_world: Callable[..., Awaitable[World]],
) -> None:
    world = await make_world()
    world.add("8 495 123-45-67")
    await world.by_application()
    world.portal.applications.expire()
    summary, _ = await world.preview()
    assert (summary.counts["read"], world.portal.applications.refreshed) == (1, 1)
    async with world.following():
        await world.rounds(1)
        world.portal.applications.expire()
        await app.admission(world.settings, world.clock)
        assert world.portal.applications.refreshed == 2
    world.assert_right()


async def test_a_token_that_nobody_knows_any_more_is_renewed(make_world: Callable[..., Awaitable[World]]) -> None:
    """As after a pause of weeks: the refresh token counts for half a year."""
    world = await make_world()
    world.fill(1, contacts=30)
    await world.by_application()
    with world.at_command(8, world.portal.applications.tokens.clear):
        await world.backfill()
    assert world.outcomes().keys() <= {"not_sent", "done"}
    assert world.portal.applications.refreshed == 1
    await world.assert_settled()


async def test_an_application_that_is_taken_away_ends_the_work_with_what_to_do(
    make_world: Callable[..., Awaitable[World]],
) -> None:
    world = await make_world()
    world.fill(1, contacts=30)
    await world.by_application()
    with world.at_command(8, world.portal.applications.installed.clear), pytest.raises(CredentialsRefused):
        await world.backfill()
    assert standing(world) == {ConditionKind.CREDENTIALS_REFUSED}


async def test_a_portal_that_cannot_ask_about_a_token_is_waited_for(
    make_world: Callable[..., Awaitable[World]],
) -> None:
    world = await make_world()
    world.fill(1, contacts=20)
    await world.by_application()

    def lose() -> None:
        world.portal.applications.unjudged = 3

    with world.at_command(4, lose):
        await world.backfill()
    assert world.portal.applications.unjudged == 0
    assert world.outcomes().keys() == {"done"}
    await world.assert_settled()


async def test_a_daemon_that_pauses_for_a_person_renews_the_token_for_who_only_looks(
    make_world: Callable[..., Awaitable[World]],
) -> None:
    world = await make_world()
    world.has_brake = True
    await world.by_application()
    items = [world.add("+74951234567") for _ in range(101)]
    async with world.following() as task:
        await world.rounds(1)
        for item in items:
            assert world.portal.person.edit(world.change(item, "8 (495) 765-43-21"))
        await world.until(lambda: ConditionKind.SAFETY_STOP in standing(world))
        world.portal.applications.expire()
        await app.admission(world.settings, world.clock)
        assert not task.done()
    assert world.portal.applications.refreshed == 1
    assert world.portal.history.saves == 100


async def test_a_single_command_that_is_refused_for_the_age_of_the_token_is_sent_again(
    make_world: Callable[..., Awaitable[World]],
) -> None:
    world = await make_world()
    item = world.add("8 495 123-45-67")
    await world.by_application()
    world.portal.faults.add(Fault(kind=Kind.COMMAND_ERROR, match="crm.item.update", code="expired_token"))
    await world.backfill()
    assert world.phones(item) == ["+74951234567"]
    assert world.portal.history.saves == 1
    assert world.portal.applications.refreshed == 1
    await world.assert_settled()


async def test_new_tokens_that_the_portal_does_not_take_are_renewed_twice_and_then_a_person_is_asked(
    make_world: Callable[..., Awaitable[World]],
) -> None:
    world = await make_world()
    world.add("8 495 123-45-67")
    await world.by_application()
    refused = Fault(kind=Kind.COMMAND_ERROR, match="scope", code="expired_token", times=3)
    world.portal.faults.add(refused)
    await world.backfill()
    assert world.portal.applications.refreshed == 3
    await world.assert_settled()
    world.portal.faults.add(replace(refused, times=None))
    with pytest.raises(CredentialsRefused, match="that the authorisation server has just given"):
        await world.backfill()
    assert world.portal.applications.refreshed == 6
