"""A form of the console as a browser without scripts has it: its controls, and what it would send."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest_asyncio
from tests.console.served import served
from tests.engine.editing import item_of

from b24syncd.simulator.seeds.cards import furnish
from b24syncd.simulator.tables.fields import SmartType

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import pytest
    from tests.console.served import Served

SMART = SmartType(128, 3, "Equipment")


class _Controls(HTMLParser):
    """Collects what the form of a page sends."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.sent: dict[str, str] = {}
        self.text: list[str] = []
        self._inside = False
        self._area: tuple[str, list[str]] | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = {name: value or "" for name, value in attrs}
        name = own.get("name", "")
        if tag == "form":
            self._inside = "data-edit" in own
        if not self._inside:
            return
        is_off = own.get("type") in {"checkbox", "radio"} and "checked" not in own
        if tag == "input" and name and not is_off:
            self.sent[name] = own.get("value", "")
        elif tag == "textarea":
            self._area = (name, [])
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in own or self._select not in self.sent):
            self.sent[self._select] = own.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area is not None:
            name, parts = self._area
            text = "".join(parts).removeprefix("\n")
            self.sent[name] = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")  # as browsers do
            self._area = None
        elif tag == "select":
            self._select = ""
        elif tag == "form":
            self._inside = False

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area[1].append(data)
        self.text.append(data)


def read(page: str) -> tuple[dict[str, str], str]:
    """Return what the form of a page would send, and all that the page says."""
    controls = _Controls()
    controls.feed(page)
    return controls.sent, " ".join(" ".join(controls.text).split())


async def furnish_console(console: Served) -> None:
    """Give the portal of a console what forms meet; of its deals the third has products."""
    world = console.world
    world.fill(1, contacts=6, companies=3, leads=2)
    for number in range(4):
        item_of(
            world, "deal", title=f"Order {number}", currencyId="RUB", opportunity=10.0, categoryId=0, stageId="NEW",
            assignedById=7,
        )  # fmt: skip
    item_of(world, "type128", title="Machine")
    furnish(world.portal, 1)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    """A console with a portal that has been lived in, for all tests of a file: each works with a card of its own."""
    async with served(tmp_path_factory.mktemp("console"), smart_types=(SMART,)) as opened:
        await furnish_console(opened)
        await opened.begin()
        yield opened
