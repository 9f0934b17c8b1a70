"""Whether people with any eyes and hands can use a page, as far as axe-core sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from axe_playwright_python.async_playwright import Axe

if TYPE_CHECKING:
    from playwright.async_api import Page

_GRAVE = {"serious", "critical"}


async def assert_accessible(page: Page, *, only: str | None = None) -> None:
    """Hold that axe-core finds nothing serious on a page as it is now, perhaps by one of its rules alone."""
    options: dict[str, object] = {"resultTypes": ["violations"]}
    found = await Axe().run(page, options=options | ({} if only is None else {"runOnly": [only]}))
    grave = [one for one in found.response["violations"] if one["impact"] in _GRAVE]
    assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in grave] == []
