"""The first page, the journal, cards and runs, in a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.async_api import expect
from tests.console.accessible import assert_accessible
from tests.console.test_journal import HOSTILE, until_idle

if TYPE_CHECKING:
    from playwright.async_api import Page
    from tests.console.served import Served


async def test_a_backfill_is_begun_followed_and_stopped(page: Page, console: Served) -> None:
    world = console.world
    world.fill(3, contacts=2000)
    await page.get_by_role("button", name="Backfill …").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("phones").check()
    await assert_accessible(page)
    await dialog.get_by_role("button", name="Begin").click()
    work = page.locator(".work", has_text="Backfill")
    await expect(work.get_by_role("progressbar")).to_be_visible()
    await work.get_by_role("button", name="Stop").click()
    await expect(page.locator(".ended-line").first).to_contain_text("Backfill")
    await expect(work).to_have_count(0)
    await assert_accessible(page)
    await page.locator(".ended-line a").first.click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Run")
    await assert_accessible(page)


async def test_what_is_chosen_in_the_journal_is_taken_back(page: Page, console: Served) -> None:
    world = console.world
    number = world.add(f"8 (916) 123-45-67 {HOSTILE}", "8 912 765-43-21")
    await page.get_by_role("button", name="Backfill …").click()
    await page.get_by_role("dialog").get_by_label("Only these cards").fill(f"contact:{number}")
    await page.get_by_role("button", name="Begin").click()
    await expect(page.locator(".ended-line")).to_have_count(1)
    await until_idle(console)
    await page.get_by_role("link", name="Journal").click()
    await assert_accessible(page)
    rows = page.get_by_role("row")
    await expect(rows.filter(has_text="+79127654321")).to_have_count(1)
    await rows.filter(has_text="+79127654321").get_by_role("checkbox").check()
    await page.get_by_role("button", name="Undo what is chosen").click()
    await expect(page.get_by_text("is taken back", exact=True)).to_have_count(1)
    await assert_accessible(page)
    await page.get_by_role("button", name="Take these back").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Run")
    await expect(page.get_by_text("1 correction was taken back.")).to_be_visible()
    assert "8 912 765-43-21" in world.phones(number)
    await page.get_by_role("link", name=f"Contact {number}").first.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"Contact #{number}")
    await assert_accessible(page)
    await page.set_viewport_size({"width": 390, "height": 844})
    for path in ("/", "/journal", f"/items/contact/{number}", "/items", "/runs", "/runs/1"):
        await page.goto(console.url + path)
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


async def test_a_preview_is_browsed_and_carried_out(page: Page, console: Served) -> None:
    world = console.world
    number = world.add(f"8 (916) 123-45-67 {HOSTILE}", "8 912 765-43-21")
    await page.get_by_role("button", name="Preview …").click()
    await page.get_by_role("dialog").get_by_role("button", name="Begin").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("nothing was written")
    await expect(page.get_by_role("row").filter(has_text="+79127654321")).to_have_count(1)
    await assert_accessible(page)
    assert "8 912 765-43-21" in world.phones(number)
    await page.get_by_role("link", name="phones: change").click()
    await page.wait_for_url("**/previews/*?kind=*")  # the page before shows the same row, and the same button
    await expect(page.get_by_role("row").filter(has_text="+79127654321")).to_have_count(1)
    await page.get_by_role("button", name="Carry out …").click()
    await page.get_by_role("button", name="Carry it out").click()
    await expect(page.locator(".ended-line", has_text="Backfill")).to_have_count(1)
    assert "+79127654321" in world.phones(number)
    job = page.locator(".job", has_text="Phones")
    await job.get_by_role("button", name="Pause").click()
    await expect(job.get_by_text("paused")).to_be_visible()
    await job.get_by_role("button", name="Go on").click()
    await expect(job.get_by_text("works")).to_be_visible()
