"""Very long and hostile values: every page shows their beginning as text, and how much more there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest_asyncio
from tests.console.form_page import office, read
from tests.engine.editing import item_of, value

from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.plans import Review
from b24syncd.domain.reasons import Reason
from b24syncd.store import reviews

if TYPE_CHECKING:
    import sqlite_utils
    from tests.console.served import Served

__all__ = ["office"]

HOSTILE = "<script>harmed=1</script>'\"><img src=x onerror=harmed=1>\u202egnp.exe =1+1 \x00{{7*7}} %(x)s\n"
LONG = (HOSTILE * 2000)[:100_000]
MOST = 60_000
"""Characters of a page with a few of them."""


@pytest_asyncio.fixture(loop_scope="session")
async def told(office: Served) -> Served:
    """A console whose journal and reviews hold such values."""
    anna, ref = await office.signed_in(), item_of(office.world, "deal", title="Order")
    form, _ = read((await anna.get(f"/items/deal/{ref.id}/edit")).text)
    text = LONG.replace("\x00", "")
    answer = await anna.post(f"/items/deal/{ref.id}/edit", form | {"f:ufCrmLines:0": text, "f:ufCrmRegion:0": "North"})
    assert answer.status == 200
    assert len(str(value(office.world, ref, "ufCrmLines"))) > 90_000
    now = office.clock.now()

    def ask(db: sqlite_utils.Database) -> None:
        for number in range(3):
            item = EntityRef(EntityType.CONTACT, 7000 + number)
            asked = Review(item, "phones", 1, LONG, Reason.NOT_A_PHONE, f"+7 {LONG}" if number else None)
            reviews.replace_for_item(db, item, ("phones",), [asked], now=now)

    await office.daemon.session.database.write(ask)
    return office


async def test_pages_stay_short_and_everything_on_them_is_text(told: Served) -> None:
    anna = await told.signed_in()
    ref = EntityRef.parse("contact:7001")
    (deal,) = {entry for entry in (await anna.get("/journal?job=edits")).text.split('"') if entry.startswith("/items/")}
    pages = (
        "/journal",
        "/journal?job=edits&text=%3Cscript",
        deal,
        "/reviews",
        "/reviews?value=%3Cscript",
        "/reviews/all/accept?item=contact:7001",
        "/reviews/all/dismiss",
        f"/items/contact/{ref.id}",
        "/runs/1",
        "/items",
    )
    for path in pages:
        answer = await anna.get(path)
        assert answer.status == 200, path
        assert len(answer.text) < MOST, path
        for forbidden in ("<script>harmed", "<img src=x", "\u202e", "\x00"):
            assert forbidden not in answer.text, (path, forbidden)
    shown = (await anna.get("/reviews")).text
    assert "more characters" in shown
    ahead = await anna.post("/undo/preview", {"item": deal.removeprefix("/items/").replace("/", ":")})
    assert ahead.status == 200
    assert len(ahead.text) < MOST
    assert "<script>harmed" not in ahead.text
