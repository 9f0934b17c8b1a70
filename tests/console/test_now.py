"""The first page and the runs: what is being done, what is asked for, and what a person lets go on."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from tests.console.served import served

from b24syncd.app.console import serve_console
from b24syncd.domain.people import Role
from b24syncd.store import daily
from b24syncd.web.console.chart import HEIGHT, WIDTH, area, bars, ceiling, line
from b24syncd.web.console.daily import DAYS, Daily, days_of
from b24syncd.web.console.pages.now.waiting import waited_for

if TYPE_CHECKING:
    from pathlib import Path

    from tests.console.served import Served

JSON = {"Accept": "application/json"}
NOW = datetime(2026, 11, 29, 12, 30, tzinfo=UTC)


async def test_a_backfill_is_asked_for_narrowed_and_stopped(console: Served) -> None:
    first, second = console.world.add("8 (916) 123-45-67"), console.world.add("8 912 765-43-21")
    anna = await console.signed_in()
    for wrong in (
        {"only": "contact:x"},
        {"limit": "0"},
        {"limit": "²"},
        {"job-none": "1"},
        {"only": "contact:1 " * 101},
    ):
        assert (await anna.post("/backfill", wrong, **JSON)).status == 400, wrong
    assert not console.daemon.commands.open
    await anna.post("/backfill", {"job-phones": "1", "only": f"contact:{second}"}, **JSON)
    for one in console.daemon.commands.open:
        await one.ended.wait()
    assert (console.world.phones(first), console.world.phones(second)) == (["8 (916) 123-45-67"], ["+79127654321"])
    page = await anna.get("/")
    assert "Anna" in page.text
    assert (
        json.loads((await anna.post("/commands/stop", {"number": "1"}, **JSON)).text)["error"]
        == "It has ended already."
    )


async def test_a_run_that_was_stopped_goes_on_by_a_button_that_says_what_it_lifts(tmp_path: Path) -> None:
    async with served(tmp_path) as console:
        console.world.configure(safety__canary=5)
        await console.begin()
        await _stopped_and_gone_on(console)


async def _stopped_and_gone_on(console: Served) -> None:
    world = console.world
    for number in range(30):
        world.add(f"8 (916) 123-45-{number:02}")
    operator, viewer = await console.signed_in(name="Otto"), await console.signed_in(Role.VIEW, "Vera")
    await operator.post("/backfill", {}, **JSON)
    for one in console.daemon.commands.open:
        await one.ended.wait()
    stopped = console.daemon.commands.ended[0].outcome.result  # type: ignore[union-attr] # it finished
    assert stopped["stopped"].startswith("safety.canary")
    page = await operator.get(f"/runs/{stopped['run_id']}")
    assert "(`safety.canary`)" in page.text
    assert f'action="/runs/{stopped["run_id"]}/continue"' in page.text
    assert "/continue" not in (await viewer.get(f"/runs/{stopped['run_id']}")).text
    assert (await viewer.post(f"/runs/{stopped['run_id']}/continue", {})).status == 403
    answer = await operator.post(f"/runs/{stopped['run_id']}/continue", {}, **JSON)
    assert answer.status == 200
    for one in console.daemon.commands.open:
        await one.ended.wait()
    assert world.phones(30) == ["+79161234529"]
    again = await operator.post(f"/runs/{stopped['run_id']}/continue", {}, **JSON)
    assert again.status == 400
    assert "What a person let pass" in (await viewer.get(f"/runs/{stopped['run_id']}")).text


async def test_days_are_counted_once_and_then_what_is_new(console: Served) -> None:
    world, database = console.world, console.daemon.session.database
    anna = await console.signed_in()
    counted = Daily()
    for number in range(2):
        world.add(f"8 (916) 123-45-{number:02}", "123")
        await anna.post("/backfill", {"only": f"contact:{number + 1}"}, **JSON)
        for one in console.daemon.commands.open:
            await one.ended.wait()
        days = await counted.days(database, console.clock.now(), 100.0 * number)
        assert len(days) == DAYS
        assert (days[-1].corrections, days[-1].open_reviews) == (number + 1, number + 1)
    assert await database.read(lambda db: daily.first_since(db, console.clock.now() - timedelta(days=1))) == 0
    ahead = await database.read(lambda db: daily.first_since(db, console.clock.now() + timedelta(days=1)))
    assert ahead >= 1


def test_what_was_opened_before_is_still_open_and_what_ended_is_not() -> None:
    days = days_of({"2026-11-29T05": 3}, {"2026-01-01T00": 5, "2026-11-28T00": 2}, {"2026-11-29T06": 4}, NOW)
    assert [day.open_reviews for day in days[-3:]] == [5, 7, 3]
    assert [day.corrections for day in days[-2:]] == [0, 3]


@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=60))
def test_charts_stay_in_their_frame(values: list[int]) -> None:
    top = ceiling(max(values))
    assert top >= max(values)
    for bar, value in zip(bars(values, top), values, strict=True):
        assert 0 <= bar.x <= bar.x + bar.width <= WIDTH + 0.1
        assert 0 <= bar.y <= HEIGHT
        assert (bar.height > 0) == (value > 0)
    points = [tuple(map(float, point.split(","))) for point in area(values, top).split()]
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)
    assert area(values, top).startswith(line(values, top))


def test_what_is_waited_for_is_told_in_words() -> None:
    told = Counter(map(waited_for, ("changes", "operating time of crm.item.list", "the portal (it is away)", "else")))
    assert told == Counter(
        ("changes at the portal", "the operating time of crm.item.list", "the portal: it is away", "else")
    )


async def test_where_nothing_is_followed_it_does_not_say_so(tmp_path: Path) -> None:
    async with served(tmp_path) as opened:
        alone = asyncio.create_task(serve_console(opened.world.settings, serving=opened.world.serving))
        try:
            async with asyncio.timeout(60):
                await opened.lives.wait()
            told = (await (await opened.signed_in()).get("/")).text
            assert "Nothing is followed here; what people ask for is done." in told
            assert "It follows the portal" not in told
        finally:
            alone.cancel()
            with suppress(asyncio.CancelledError):
                await alone
