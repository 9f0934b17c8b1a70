"""Coming in by an invitation, in a browser: once, and for as long as one is let in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.async_api import expect

from b24syncd.domain.people import Role

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page
    from tests.console.served import Served


async def test_an_invitation_lets_in_once(context: BrowserContext, console: Served) -> None:
    link = await console.invitation("Anna <b>Kim</b>", Role.VIEW)
    page = await context.new_page()
    await page.goto(link)
    assert "#" not in page.url  # nothing is left of the key in the address or the history
    await page.get_by_role("button", name="Come in").click()
    await expect(page.get_by_text("Well", exact=False).first).to_be_visible()
    await expect(page.get_by_text("Anna <b>Kim</b>")).to_be_visible()
    [cookie] = await context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
    other = await context.browser.new_context()  # type: ignore[union-attr] # it has one
    second = await other.new_page()
    await second.goto(link)
    await second.get_by_role("button", name="Come in").click()
    await expect(second.get_by_text("used already")).to_be_visible()
    await other.close()


async def test_what_a_revoked_person_looks_at_ends_at_once(page: Page, console: Served) -> None:
    await expect(page.locator("[data-live]")).to_be_visible()
    await console.revoke()
    await expect(page.get_by_text("You are not signed in")).to_be_visible()


async def test_the_language_is_the_browsers_and_can_be_changed(page: Page) -> None:
    await expect(page.get_by_role("navigation").get_by_text("Now")).to_be_visible()
    await page.get_by_role("button", name="Русский").click()
    await expect(page.get_by_role("navigation").get_by_text("Сейчас")).to_be_visible()
    await page.get_by_role("button", name="English").click()
    await expect(page.get_by_role("navigation").get_by_text("Now")).to_be_visible()


async def test_who_goes_out_is_out(page: Page, console: Served) -> None:
    await page.get_by_text("Anna").click()
    await page.get_by_role("button", name="Sign out").click()
    await page.goto(console.url)
    await expect(page.get_by_text("You are not signed in")).to_be_visible()
