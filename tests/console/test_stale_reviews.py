"""A page of reviews that lies open for long: what it shows is decided, and nothing that came since."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect
from tests.console.test_reviews import asked, remarks, sent, states, until
from tests.engine.editing import there

from b24syncd.domain.entities import EntityRef
from b24syncd.domain.people import Role

if TYPE_CHECKING:
    from playwright.async_api import Page
    from tests.console.served import Served

NEWER = "8 916 765-43-21 звонить Анне"


async def somebody_else_writes(console: Served) -> None:
    """Let another value stand in the first contact, about which the same review asks."""
    (point,) = there(console.world, EntityRef.parse("contact:1")).points.values()
    point.value = NEWER
    await asked(console)
    assert console.world.reviews()[0].value == NEWER


@pytest.mark.parametrize("what", ["accept", "dismiss", "value", "check"])
async def test_what_is_decided_on_an_old_page_concerns_no_newer_value(console: Served, what: str) -> None:
    await asked(console, *remarks(2))
    anna = await console.signed_in(Role.DECIDE)
    page = (await anna.get("/reviews")).text
    first, second = (".".join(found) for found in re.findall(r'data-review="(\d+)" data-stands="(\w+)"', page))
    await somebody_else_writes(console)
    key = {"ids": f"{first},{second}"} if what in {"accept", "dismiss"} else {"id": first, "value": "+74957654321"}
    found = await sent(anna, f"/reviews/{what}", **key)
    if what in {"accept", "dismiss"}:
        told = {str(one["review_id"]): one for one in found["decided"]}
        stale, fresh = told[first.partition(".")[0]], told[second.partition(".")[0]]
        assert (stale["became"], stale["stands"], stale["is_over"]) == ("changed", False, True)
        assert "load the page again" in stale["text"]
        assert fresh["became"] in {"writing", "dismissed"}
        await until(console, lambda: states(console)[1] == f"{what}ed")
    else:
        assert "load the page again" in found["error"]
    assert states(console)[0] == "open"
    assert console.world.phones(1) == [NEWER]


async def test_a_row_says_so_and_can_be_decided_once_the_page_is_loaded_again(page: Page, console: Served) -> None:
    await asked(console, *remarks(1))
    await page.goto(f"{console.url}/reviews")
    await somebody_else_writes(console)
    await page.keyboard.press("a")
    await expect(page.locator(".became")).to_contain_text("load the page again")
    assert console.world.phones(1) == [NEWER]
    await page.reload()
    await page.keyboard.press("a")
    await until(console, lambda: console.world.phones(1) == ["+79167654321"])
