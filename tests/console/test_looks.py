"""How every page looks: to people with any eyes and hands, on a wide screen and on a phone, light and dark."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect
from tests.console.accessible import assert_accessible

from b24syncd.web.console.language import FOLDER
from b24syncd.web.console.table import OPEN, TABLE

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import BrowserContext, Page, ViewportSize
    from tests.console.served import Served

    from b24syncd.web.console.routes import AnyRoute

ROUTES: tuple[AnyRoute, ...] = (*TABLE, *OPEN)
ADDRESSES = sorted(
    {one.path for one in ROUTES if one.method == "GET" and "{" not in one.path} - {"/events", "/reviews/export"}
)
WIDE: ViewportSize = {"width": 1200, "height": 900}
PHONE: ViewportSize = {"width": 360, "height": 740}
HOSTILE = "<script>harmed=1</script>'\"><img src=x onerror=harmed=1>"


@pytest.mark.parametrize("sheet", sorted((FOLDER.parent / "static").glob("*.css")), ids=lambda path: path.name)
def test_a_stylesheet_closes_what_it_opens(sheet: Path) -> None:
    text = sheet.read_text(encoding="utf-8")
    assert text.count("{") == text.count("}")


async def test_everybody_can_use_every_page_however_it_is_shown(page: Page, console: Served) -> None:
    for address in (*ADDRESSES, "/items/contact/1", "/nothing"):
        await page.set_viewport_size(WIDE)
        await page.goto(console.url + address)
        await page.emulate_media(color_scheme="light")
        await assert_accessible(page)
        await page.emulate_media(color_scheme="dark")
        await assert_accessible(page, only="color-contrast")
        await page.set_viewport_size(PHONE)
        assert await page.evaluate("document.scrollingElement.scrollWidth - innerWidth") <= 0, address


async def test_whoever_has_only_keys_goes_everywhere(page: Page) -> None:
    await page.keyboard.press("Tab")
    await expect(page.get_by_text("To the content")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("main")).to_be_focused()
    await page.goto(page.url.partition("#")[0] + "people")
    await page.get_by_role("button", name="Revoke").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).not_to_be_visible()
    await expect(page.get_by_role("button", name="Revoke")).to_be_focused()


async def test_an_invitation_from_the_console_lets_a_colleague_in(
    page: Page, context: BrowserContext, console: Served
) -> None:
    await page.goto(f"{console.url}/people")
    await page.get_by_label("Name", exact=True).fill("Boris")
    await page.get_by_text("decide reviews", exact=False).click()
    await page.get_by_role("button", name="Make an invitation").click()
    link = await page.get_by_label("The link").input_value()
    assert context.browser is not None
    other = await context.browser.new_context(locale="ru-RU")
    colleague = await other.new_page()
    await colleague.goto(link)
    await colleague.get_by_role("button", name="Войти").click()
    await expect(colleague.get_by_role("navigation").get_by_text("Сейчас")).to_be_visible()
    await expect(colleague.get_by_role("navigation").get_by_text("Люди")).to_have_count(0)
    await page.goto(f"{console.url}/people")
    await page.get_by_role("row", name="Boris").get_by_role("button", name="Revoke").click()
    await page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    await expect(page.get_by_text("Boris may not come in any more.")).to_be_visible()
    await expect(colleague.get_by_role("heading", name="Нужно войти")).to_be_visible()
    await other.close()


async def test_hostile_names_stay_text(page: Page, console: Served) -> None:
    await console.invitation(HOSTILE)
    await page.goto(f"{console.url}/people")
    await expect(page.get_by_role("cell").get_by_text(HOSTILE, exact=True)).to_be_visible()
    assert await page.evaluate("window.harmed") is None
