"""`python -m tests.console.screenshots FOLDER`: the pictures that the documents show; with `--all` every page."""

from __future__ import annotations

import asyncio
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, Literal

from playwright.async_api import async_playwright, expect
from tests.console.browser import ARGUMENTS, CHROMIUM
from tests.console.served import served
from tests.engine.editing import item_of

from b24syncd.app.requests import BackfillRequest
from b24syncd.simulator.seeds.cards import furnish

if TYPE_CHECKING:
    from playwright.async_api import Page, ViewportSize
    from tests.console.served import Served

_WIDE: Final[ViewportSize] = {"width": 1280, "height": 800}
_PHONE: Final[ViewportSize] = {"width": 390, "height": 844}
_SECONDS_OF_AN_UPDATE: Final = 0.02
"""Long enough that a picture shows a walk under way."""

_UNDER_WAY: Final = re.compile(r"^\s*[3-9]\d[. ]")
"""The share of a walk in the midst of it."""

_PATIENCE: Final = 120_000.0
"""Milliseconds."""

_PAGES: Final = {
    "now": "/",
    "reviews": "/reviews",
    "card": "/items/contact/1",
    "form": "/items/deal/2/edit",
    "journal": "/journal",
    "runs": "/runs",
    "people": "/people",
}


@dataclass(frozen=True)
class _Picture:
    page: str
    scheme: Literal["light", "dark"] = "light"
    on_phone: bool = False

    @property
    def name(self) -> str:
        return self.page + ("-dark" if self.scheme == "dark" else "") + ("-phone" if self.on_phone else "")


_SHOWN: Final = (_Picture("now"), _Picture("reviews"), _Picture("form"), _Picture("reviews", "dark", on_phone=True))
"""Those of the documents."""

_ALL: Final = tuple(
    _Picture(page, scheme, on_phone) for page in _PAGES for on_phone in (False, True) for scheme in ("light", "dark")
)


async def take(folder: Path, pictures: tuple[_Picture, ...]) -> None:
    """Fill a portal, walk it, and take pictures of it; of the first page while it is walked once more."""
    costs = {"crm.item.update": _SECONDS_OF_AN_UPDATE}
    with TemporaryDirectory() as state:
        async with served(Path(state), costs=costs, real_time=True) as console, async_playwright() as playwright:
            console.world.fill(1, contacts=120, companies=30, leads=60)
            for title in ("Order 16", "Order 17"):
                item_of(console.world, "deal", title=title, opportunity=1500.0, currencyId="RUB", stageId="NEW")
            furnish(console.world.portal, 1)
            await console.begin()
            await _walked(console)
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
            context = await browser.new_context(locale="en-GB", viewport=_WIDE)
            page = await context.new_page()
            await page.goto(await console.invitation("Anna Kim"))
            await page.get_by_role("button", name="Come in").click()
            await page.wait_for_url(f"{console.url}/")
            for picture in pictures:
                if picture.page != "now":
                    await _take(page, console.url, picture, folder)
            console.world.fill(2, contacts=3000)
            asked = await console.daemon.commands.submit(BackfillRequest(by="Anna Kim"))
            for picture in pictures:
                if picture.page == "now":
                    await _take(page, console.url, picture, folder)
            await browser.close()
            console.daemon.commands.interrupt(asked.number)
            await asked.ended.wait()


async def _walked(console: Served) -> None:
    asked = await console.daemon.commands.submit(BackfillRequest())
    await asked.ended.wait()


async def _take(page: Page, url: str, picture: _Picture, folder: Path) -> None:
    await page.set_viewport_size(_PHONE if picture.on_phone else _WIDE)
    await page.emulate_media(color_scheme=picture.scheme)
    await page.goto(url + _PAGES[picture.page])
    if picture.page == "now":
        await expect(page.locator(".work-share").first).to_contain_text(_UNDER_WAY, timeout=_PATIENCE)
    await page.screenshot(path=folder / f"{picture.name}.png")


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    asyncio.run(take(target, _ALL if "--all" in sys.argv[2:] else _SHOWN))
