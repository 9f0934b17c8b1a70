"""The console: over HTTP, and in a real browser where there is one (Debian's chromium)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import async_playwright, expect
from pytest_asyncio import is_async_test
from tests.console.browser import ARGUMENTS, CHROMIUM
from tests.console.served import served

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, BrowserContext, Page
    from tests.console.served import Served

IS_REQUIRED = os.environ.get("BROWSER_TESTS") == "required"

_FOLDER = Path(__file__).parent
_LEFT_OUT = "NO BROWSER TESTS: there is no chromium here (apt-get install chromium), so nobody looked at the console"
_PATIENCE = 60_000
"""Milliseconds; only so that nothing waits for ever."""

expect.set_options(timeout=_PATIENCE)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let all tests here share one loop, and so one browser; leave out those for a browser where there is none."""
    ours = [item for item in items if item.path.is_relative_to(_FOLDER)]
    for item in ours:
        if is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
    if CHROMIUM is not None:
        return
    without = [item for item in ours if "browser" in getattr(item, "fixturenames", ())]
    if without and IS_REQUIRED:
        raise pytest.UsageError(_LEFT_OUT)
    config.hook.pytest_deselected(items=without)
    items[:] = [item for item in items if item not in without]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say aloud that something was not looked at."""
    if CHROMIUM is None:
        terminalreporter.section(_LEFT_OUT, red=True, bold=True)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """The browser, one for each process of tests."""
    async with async_playwright() as playwright:
        chromium = playwright.chromium
        launched = await chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS), headless=True)
        yield launched
        await launched.close()


@pytest_asyncio.fixture(loop_scope="session")
async def console(tmp_path: Path) -> AsyncIterator[Served]:
    """A console with a daemon that follows an empty portal."""
    async with served(tmp_path) as opened:
        await opened.begin()
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A browser as somebody else has it: no cookies, nothing kept. What it complains about fails the test."""
    complaints: list[str] = []
    opened = await browser.new_context(
        locale="en-GB", timezone_id="Europe/Berlin", viewport={"width": 1200, "height": 900}
    )
    opened.set_default_timeout(_PATIENCE)
    opened.on("weberror", lambda error: complaints.append(str(error.error)))
    opened.on("console", lambda line: complaints.append(line.text) if _is_broken(line.text) else None)
    yield opened
    await opened.close()
    assert complaints == []


def _is_broken(line: str) -> bool:
    """Tell whether a line of the browser's console says that a page breaks its own policy."""
    return "Content Security Policy" in line or "Content-Security-Policy" in line


@pytest_asyncio.fixture(loop_scope="session")
async def page(context: BrowserContext, console: Served) -> Page:
    """A page of somebody who was invited and may do everything."""
    opened = await context.new_page()
    await opened.goto(await console.invitation())
    await opened.get_by_role("button", name="Come in").click()
    await opened.wait_for_url(f"{console.url}/")
    return opened
