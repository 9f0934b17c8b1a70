"""`python -m tests.console.screenshots FOLDER`: pictures of the console for the documents, to be looked at."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from playwright.async_api import async_playwright
from tests.console.browser import ARGUMENTS, CHROMIUM
from tests.console.served import served

if TYPE_CHECKING:
    from playwright.async_api import Browser, ViewportSize
    from tests.console.served import Served

_WIDE: Final[ViewportSize] = {"width": 1280, "height": 800}
_PHONE: Final[ViewportSize] = {"width": 390, "height": 844}
_PAGES: Final = {
    "now": "/",
    "reviews": "/reviews",
    "card": "/items/contact/1",
    "journal": "/journal",
    "runs": "/runs",
    "people": "/people",
}


async def take(folder: Path) -> None:
    """Fill a portal, walk it, and take a picture of each page: wide, dark, and on a phone."""
    with TemporaryDirectory() as state:
        async with served(Path(state)) as console, async_playwright() as playwright:
            console.world.fill(1, contacts=120, companies=30, leads=60)
            await console.begin()
            await console.world.backfill()
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
            await _take_all(browser, console, folder)
            await browser.close()


async def _take_all(browser: Browser, console: Served, folder: Path) -> None:
    context = await browser.new_context(locale="en-GB", viewport=_WIDE, device_scale_factor=2)
    page = await context.new_page()
    await page.goto(await console.invitation("Anna Kim"))
    await page.get_by_role("button", name="Come in").click()
    await page.wait_for_url(f"{console.url}/")
    for name, address in _PAGES.items():
        await page.set_viewport_size(_WIDE)
        await page.emulate_media(color_scheme="light")
        await page.goto(console.url + address)
        await page.screenshot(path=folder / f"{name}.png")
        await page.emulate_media(color_scheme="dark")
        await page.screenshot(path=folder / f"{name}-dark.png")
        await page.emulate_media(color_scheme="light")
        await page.set_viewport_size(_PHONE)
        await page.screenshot(path=folder / f"{name}-phone.png")


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    asyncio.run(take(target))
