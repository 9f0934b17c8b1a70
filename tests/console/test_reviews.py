"""Reviews in the console: found, decided one by one, by keys, all of a filter, and from a file."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import timedelta
from html import unescape
from typing import TYPE_CHECKING, Any

from playwright.async_api import expect
from tests.console.accessible import assert_accessible
from tests.console.served import served
from tests.engine.rebinding import bound, call, company, lead_of, rule

from b24syncd.app.requests import BackfillRequest
from b24syncd.domain.people import Role
from b24syncd.web.console.pages.reviews.standing import stands_by

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.async_api import Page
    from tests.console.served import Answer, Caller, Served

    from b24syncd.store.stored_reviews import StoredReview

HOSTILE = "<script>harmed=1</script>'\"><img src=x onerror=harmed=1>\u202e8 916"


async def asked(console: Served, *phones: str) -> list[StoredReview]:
    """Add contacts with these phones, and have them looked at; return the reviews, oldest first."""
    for phone in phones:
        console.world.add(phone)
    await (await console.daemon.commands.submit(BackfillRequest())).ended.wait()
    return console.world.reviews()


def shown_as(review: StoredReview) -> str:
    """Return how a page names a review that it shows."""
    return f"{review.id}.{stands_by(review)}"


def remarks(number: int) -> list[str]:
    return [f"8 916 123-45-{each:02} звонить Ивану" for each in range(number)]


def canonical(number: int) -> str:
    return f"+791612345{number:02}"


async def sent(caller: Caller, path: str, **form: object) -> dict[str, Any]:
    """Send a form as the scripts of the page do; return what is answered."""
    answer = await caller.post(path, {name: str(value) for name, value in form.items()}, Accept="application/json")
    found: dict[str, Any] = json.loads(answer.text)
    return found


def values(answer: Answer) -> list[str]:
    """Return the values of a list, in its order."""
    cells = re.findall(r'<td data-label="Value">.*?<bdi class="value">(.*?)</bdi>', answer.text, re.DOTALL)
    return [unescape(cell) for cell in cells]


async def until(console: Served, condition: Callable[[], object]) -> None:
    await console.world.until(condition, seconds=60)


def states(console: Served) -> list[str]:
    return [review.state.value for review in console.world.reviews(all_states=True)]


async def test_reviews_are_found_by_what_they_have_in_common_and_by_their_beginning(console: Served) -> None:
    await asked(console, *remarks(3), "12345", "8 (916) 1")
    anna = await console.signed_in(Role.VIEW)
    everything = await anna.get("/reviews")
    assert values(everything) == [*remarks(3), "12345", "8 (916) 1"]
    assert "data-do=" not in everything.text  # who only looks decides nothing
    assert values(await anna.get("/reviews?value=8+916")) == remarks(3)
    assert values(await anna.get("/reviews?value=8+916&how=exactly")) == []
    assert values(await anna.get("/reviews?value=12345&how=exactly")) == ["12345"]
    assert values(await anna.get("/reviews?reason=contains_text&country=RU")) == remarks(3)
    assert values(await anna.get("/reviews?reason=contains_text&country=DE")) == []
    assert values(await anna.get("/reviews?type=contact&item=contact/2")) == remarks(3)[1:2]
    assert values(await anna.get("/reviews?type=lead")) == []
    assert values(await anna.get("/reviews?state=dismissed")) == []
    for wrong in ("job=faxes", "state=new", "type=person", "item=42"):
        assert (await anna.get(f"/reviews?{wrong}")).status == 400


async def test_a_long_list_goes_on_where_a_page_ends(console: Served) -> None:
    await asked(console, *remarks(60))
    anna = await console.signed_in(Role.VIEW)
    for address in ("/reviews?job=phones", "/reviews?value=8+916"):
        first = await anna.get(address)
        more = re.search(r'rel="next" href="([^"]+)"', first.text)
        assert more is not None
        second = await anna.get(unescape(more[1]))
        assert values(first) + values(second) == remarks(60)
        assert 'rel="next"' not in second.text


async def test_reviews_are_decided_one_by_one(console: Served) -> None:
    reviews = await asked(console, *remarks(4), "12345")
    ids = [shown_as(review) for review in reviews]
    anna = await console.signed_in(Role.DECIDE)
    (told,) = (await sent(anna, "/reviews/accept", ids=ids[0]))["decided"]
    assert (told["became"], told["is_over"]) == ("writing", False)
    check = await sent(anna, "/reviews/check", id=ids[1], value="8 (495) 765-43-21")
    assert check == {"hint": "Will be saved as +74957654321"}
    assert (await sent(anna, "/reviews/check", id=ids[1], value="765-43"))["asks"]
    assert "error" in await sent(anna, "/reviews/value", id=ids[1], value="765-43")
    await sent(anna, "/reviews/value", id=ids[1], value="8 (495) 765-43-21")
    await until(console, lambda: states(console)[:2] == ["accepted"] * 2)
    assert console.world.phones(2) == ["+74957654321"]
    await sent(anna, "/reviews/value", id=ids[4], value="12345-6", as_is="yes")
    await until(console, lambda: states(console)[4] == "dismissed")  # written to the letter, and not asked about again
    assert console.world.phones(5) == ["12345-6"]
    (told,) = (await sent(anna, "/reviews/dismiss", ids=ids[2]))["decided"]
    assert told["became"] == "dismissed"
    (told,) = (await sent(anna, "/reviews/accept", ids=ids[2]))["decided"]
    assert told["became"] == "over"  # it is not open any more, and stays as it is
    (told,) = (await sent(anna, "/reviews/reopen", ids=ids[2]))["decided"]
    assert (told["became"], told["stands"]) == ("reopened", False)
    assert "left alone" in (await sent(anna, "/reviews/exclude", item="contact:4"))["message"]
    assert "contact 4" in (await anna.get("/reviews/excluded")).text
    assert states(console) == ["accepted", "accepted", "open", "closed", "dismissed"]
    assert [review.by for review in console.world.reviews(all_states=True)][:2] == ["Anna", "Anna"]
    assert "looked at again" in (await sent(anna, "/reviews/include", item="contact:4"))["message"]
    await until(console, lambda: states(console)[3] == "open")


async def test_all_of_a_filter_are_decided_at_once_if_they_are_as_many_as_were_seen(console: Served) -> None:
    await asked(console, *remarks(3), "12345", "123")
    anna = await console.signed_in(Role.DECIDE)
    shown = await anna.get("/reviews/all/accept?job=phones")
    assert "What 3 reviews suggest is written" in shown.text
    assert "2 more suggest nothing and stay open" in shown.text
    assert values(shown) == remarks(3)
    assert await sent(anna, "/reviews/all/accept", job="phones", expected=5) == {
        "error": "There are 3 by now: look again."
    }
    await sent(anna, "/reviews/all/accept", job="phones", expected=3)
    await until(console, lambda: states(console) == [*["accepted"] * 3, "open", "open"])
    assert [console.world.phones(one) for one in (1, 2, 3)] == [[canonical(one)] for one in range(3)]
    assert "2 reviews dismissed" in (await sent(anna, "/reviews/all/dismiss", expected=2))["message"]
    assert "error" in await sent(anna, "/reviews/all/reopen", expected=1)
    assert "2 reviews opened again" in (await sent(anna, "/reviews/all/reopen", expected=2))["message"]
    assert (await anna.get("/reviews/all/forget")).status == 404
    alone = await anna.get("/reviews/all/exclude?value=12345")
    assert "The card of 1 review is left alone" in alone.text
    told = await sent(anna, "/reviews/all/exclude", value="12345", expected=1)
    assert "1 card is left alone" in told["message"]
    assert "contact 4" in (await anna.get("/reviews/excluded")).text
    assert states(console)[3:] == ["closed", "open"]


async def test_those_that_come_while_a_person_reads_are_left_for_the_next_time(console: Served) -> None:
    await asked(console, *remarks(3))
    anna = await console.signed_in(Role.DECIDE)
    shown = await anna.get("/reviews/all/accept")
    (seen_at,) = re.findall(r'name="seen_at" value="([^"]*)"', shown.text)
    console.clock.ahead += timedelta(seconds=1)
    await asked(console, remarks(4)[3])
    assert "There are 4 by now" in (await sent(anna, "/reviews/all/accept", expected=3))["error"]
    assert "was not sent" in (await sent(anna, "/reviews/all/accept", expected=3, seen_at="soon"))["error"]
    assert "error" in await sent(anna, "/reviews/all/accept", expected=2, seen_at=seen_at)
    await sent(anna, "/reviews/all/accept", expected=3, seen_at=seen_at)
    await until(console, lambda: states(console) == [*["accepted"] * 3, "open"])


async def test_activities_go_to_the_card_that_is_typed(tmp_path: Path) -> None:
    async with served(tmp_path) as console:
        world = console.world
        lead, target = lead_of(world), company(world)
        activity = call(world, lead)
        world.portal.activities.watch.expect(lead, target)
        world.rebind_by(rule())
        await console.begin()
        (review,) = await asked(console)
        anna = await console.signed_in(Role.DECIDE)
        assert 'data-edits data-starts=""' in (await anna.get("/reviews")).text
        hint = (await sent(anna, "/reviews/check", id=shown_as(review), value=f"company:{target[1]}"))["hint"]
        assert hint == f"All activities of the card go to company:{target[1]}"
        assert "error" in await sent(anna, "/reviews/check", id=shown_as(review), value="company")
        (told,) = (await sent(anna, "/reviews/value", id=shown_as(review), value=f"company:{target[1]}"))["decided"]
        assert told["became"] == "writing"
        await until(console, lambda: bound(world, activity) == {target})


def decided(exported: str, *decisions: tuple[str, str]) -> str:
    """Return an exported list with decisions, as a spreadsheet saves it."""
    rows = list(csv.DictReader(io.StringIO(exported.removeprefix("\ufeff"))))
    file = io.StringIO()
    writer = csv.DictWriter(file, list(rows[0]), delimiter=";")
    writer.writeheader()
    for row, (decision, value) in zip(rows, decisions, strict=False):
        writer.writerow(row | {"decision": decision, "new_value": value})
    return file.getvalue()


async def test_a_file_is_checked_line_by_line_before_anything_is_done(console: Served) -> None:
    await asked(console, *remarks(3), "=1+1")
    anna, boris = await console.signed_in(Role.DECIDE), await console.signed_in(Role.DECIDE, "Boris")
    exported = (await anna.get("/reviews/export?job=phones")).text
    assert "'=1+1" in exported
    sending = {"Origin": anna.url, "X_CSRF_Token": anna.csrf, "Accept": "application/json"}
    await anna.ask(
        "POST",
        "/reviews/import",
        data=decided(exported, ("accept", ""), ("edit", "765"), ("maybe", "")).encode(),
        **sending,
    )
    refused = (await anna.get("/reviews/import")).text
    assert "2 lines are not right" in refused
    assert "Fewer digits than a phone number has" in refused
    assert "This is no decision: maybe." in refused
    assert "error" in await sent(anna, "/reviews/import/carry-out")
    right = decided(exported, ("accept", ""), ("edit", "8 495 765-43-21"), ("", ""), ("dismiss", ""))
    await anna.ask("POST", "/reviews/import", data=right.encode(), **sending)
    assert "Every line is right" in (await anna.get("/reviews/import")).text
    assert "Every line is right" not in (await boris.get("/reviews/import")).text
    assert states(console) == ["open"] * 4
    await sent(anna, "/reviews/import/carry-out")
    await until(console, lambda: states(console) == ["accepted", "accepted", "open", "dismissed"])
    assert "error" in await sent(anna, "/reviews/import/carry-out")  # once


async def test_twenty_reviews_are_decided_by_keys(page: Page, console: Served) -> None:
    await asked(console, *remarks(16), "12345", "123456", "1234", "8 916")
    await page.goto(f"{console.url}/reviews")
    current = page.locator("tr[aria-current]")
    await expect(current).to_contain_text("звонить")
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog")).to_contain_text("accept what is suggested")
    await page.keyboard.press("Escape")
    for key in ("j", "j", "k", "о", "k", "k"):  # on a Russian keyboard, the same key
        await page.keyboard.press("KeyJ" if key == "о" else key)
    for _ in range(14):
        await page.keyboard.press("a")
    await page.keyboard.press("e")
    await page.get_by_label("It is to be").fill("8 495 765-43-21")
    await expect(page.get_by_text("Will be saved as +74957654321")).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog")).not_to_be_visible()
    await page.keyboard.press("x")
    await page.get_by_role("dialog").get_by_role("button", name="Exclude").click()
    await expect(page.get_by_role("dialog")).not_to_be_visible()
    await page.keyboard.press("a")  # it suggests nothing
    await page.get_by_label("It is to be").fill("765")
    await expect(page.get_by_label("Write it to the letter")).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog").get_by_text("Fewer digits than a phone number has")).to_be_visible()
    await page.keyboard.press("Escape")
    for _ in range(4):
        await page.keyboard.press("d")
    await expect(page.get_by_text("All reviews of this page are decided")).to_be_visible()
    await expect(page.locator("tr[data-became=written]")).to_have_count(15)
    await assert_accessible(page)
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Nothing waits for a decision")).to_be_visible()
    assert console.world.phones(14) == [canonical(13)]
    assert states(console) == [*["accepted"] * 15, "closed", *["dismissed"] * 4]


async def test_decisions_are_imported_from_a_file(page: Page, console: Served, tmp_path: Path) -> None:
    await asked(console, *remarks(2))
    anna = await console.signed_in(Role.DECIDE, "Boris")
    file = tmp_path / "decided.csv"
    file.write_text(
        decided((await anna.get("/reviews/export")).text, ("accept", ""), ("dismiss", "")), encoding="utf-8"
    )
    await page.goto(f"{console.url}/reviews")
    await page.get_by_role("link", name="Decisions from a file").click()
    await page.get_by_label("File").set_input_files(file)
    await page.get_by_role("button", name="Check").click()
    await expect(page.get_by_text("Every line is right")).to_be_visible()
    await assert_accessible(page)
    await page.get_by_role("button", name="Carry out").click()
    await expect(page.get_by_text("1 review written")).to_be_visible()
    assert states(console) == ["accepted", "dismissed"]


async def test_hostile_values_stay_text_and_everybody_can_decide_about_them(page: Page, console: Served) -> None:
    await asked(console, HOSTILE, "x" * 100_000, '=HYPERLINK("http://evil.example")', *remarks(2))
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)
        await page.goto(f"{console.url}/reviews")
        await expect(page.get_by_text("<script>harmed=1</script>")).to_be_visible()
        await assert_accessible(page)
        await page.get_by_role("button", name="Other value").first.click()
        await assert_accessible(page)
        await page.keyboard.press("Escape")
        await page.goto(f"{console.url}/reviews/all/dismiss")
        await assert_accessible(page)
    assert await page.evaluate("window.harmed") is None
